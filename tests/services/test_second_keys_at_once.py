"""Two clicks, or two people, at the keys of one credential at once: one effect."""

from django.utils import timezone

from provisioning.domain.refusals import Reason
from provisioning.gateway.aws import aws
from provisioning.services import retirement, rotation, second_keys
from tests.builders import browser
from tests.services.acts import switched
from tests.services.test_two_at_once import ROUNDS, at_once, truth  # noqa: F401 - a fixture


def test_two_reviews_make_one_second_key(committed_world, truth):  # noqa: F811
    by = committed_world.actor("member")
    for _ in range(ROUNDS):
        credential = committed_world.stored()
        requests = [second_keys.review(credential.pk, (), by=by, now=timezone.now()) for _ in range(2)]
        raised = at_once(
            *(lambda pk=each.pk: rotation.rotate(pk, by=by, browser=browser(), gateway=aws()) for each in requests)
        )
        assert sorted(type(trouble).__name__ for trouble in raised) == ["NoneType", "Refusal"]
        assert credential.keys.count() == 2
    assert truth.agrees()


def test_one_key_is_left_whichever_two_people_retire(committed_world, truth):  # noqa: F811
    member, admin = committed_world.actor("member"), committed_world.actor("admin")
    for _ in range(ROUNDS):
        credential = committed_world.stored()
        switched(credential)
        old, new = credential.keys.values_list("key_id", flat=True)
        raised = at_once(
            lambda pk=credential.pk, key=old: retirement.retire(pk, key, by=member, gateway=aws()),
            lambda pk=credential.pk, key=new: retirement.retire(pk, key, "It leaked.", by=admin, gateway=aws()),
        )
        assert raised.count(None) == 1
        assert [trouble.why for trouble in raised if trouble] == [Reason.NOT_NOW]
        assert credential.keys.in_use().count() == 1
    assert truth.agrees()
