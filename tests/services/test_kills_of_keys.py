"""Processes that are killed while they make, retire, let work again or delete one key of a credential that stays."""

import pytest

from provisioning.domain.lifecycle import Outcome, State
from provisioning.models import Handover
from tests.builders import browser
from tests.services.acts import retire, rotate, stored, switched
from tests.services.test_kills import MOMENTS, killed, killed_at, outcomes  # noqa: F401 - fixtures
from tests.services.truth import after_the_lease, recover, recover_all

pytestmark = pytest.mark.kill
FIFTEEN_DAYS = 15 * 24 * 60 * 60.0


def has_come_to_nothing(credential):
    credential.refresh_from_db()
    assert (credential.state, credential.regions, credential.keys.count()) == (State.LIVE, ["eu-central-1"], 1)
    assert outcomes("credential:rotate") == [Outcome.BEGUN, Outcome.FAILED]
    assert Handover.objects.count() == 1
    return True


@pytest.mark.parametrize("when", MOMENTS)
@pytest.mark.parametrize("call", ["PutUserPolicy", "CreateAccessKey"])
def test_a_rotation_is_killed_at_a_call(committed_world, truth, killed, call, when):  # noqa: F811
    truth.stranger()
    credential = committed_world.issued(regions=("eu-central-1",))
    killed(call, when, "rotate", credential.pk)
    assert recover(after_the_lease(times=0)) == 0, "the lease still held"
    recover_all()
    assert has_come_to_nothing(credential)
    assert truth.agrees()


@pytest.mark.parametrize("still", [("put_policy", "before"), ("create_key", "after")], ids=" ".join)
def test_a_rotation_is_killed_between_its_calls(committed_world, truth, killed_at, still):  # noqa: F811
    credential = committed_world.issued(regions=("eu-central-1",))
    killed_at(still, "rotate", credential.pk)
    recover_all()
    assert has_come_to_nothing(credential)
    assert truth.agrees()


@pytest.mark.parametrize("when", MOMENTS)
@pytest.mark.parametrize("call", ["ListAccessKeys", "DeleteAccessKey", "PutUserPolicy"])
def test_the_recovery_of_a_rotation_is_killed_too(committed_world, truth, killed, call, when):  # noqa: F811
    credential = committed_world.issued(regions=("eu-central-1",))
    killed("CreateAccessKey", "after", "rotate", credential.pk)
    killed(call, when, "recover", ahead=5 * 60 + 1)
    recover_all(after_the_lease(times=2))
    assert has_come_to_nothing(credential)
    assert truth.agrees()


@pytest.mark.parametrize("when", MOMENTS)
@pytest.mark.parametrize("act", ["retire", "reactivate"])
def test_a_key_that_stops_or_works_again_is_killed_at_its_call(committed_world, truth, killed, act, when):  # noqa: F811
    credential = committed_world.issued(regions=("eu-central-1",))
    switched(credential)
    if act == "reactivate":
        retire(credential)
    killed("UpdateAccessKey", when, act, credential.pk)
    recover_all()
    assert credential.keys.first().is_in_use is (act == "reactivate")
    assert outcomes(f"credential:{act}") == [Outcome.BEGUN, Outcome.DONE]
    assert truth.agrees()


@pytest.mark.parametrize("when", MOMENTS)
def test_the_deletion_of_a_retired_key_is_killed_at_its_call(committed_world, truth, killed, when):  # noqa: F811
    credential = committed_world.issued(regions=("eu-central-1",))
    switched(credential)
    retire(credential)
    killed("DeleteAccessKey", when, "keys", credential.pk, ahead=FIFTEEN_DAYS)
    recover_all(after_the_lease(times=15 * 24 * 12 + 2))
    assert credential.keys.first().deleted_at is not None
    assert outcomes("key:delete") == [Outcome.BEGUN, Outcome.DONE]
    assert truth.agrees()


@pytest.mark.parametrize("when", MOMENTS)
def test_the_expiry_of_an_unseen_second_key_is_killed_at_its_call(committed_world, truth, killed, nursery, when):  # noqa: F811
    ours = browser()
    credential = committed_world.issued(regions=("eu-central-1",), shown_in=ours)
    stored(credential.request_id, shown_in=ours)
    rotate(credential)
    killed("DeleteAccessKey", when, "expire", ahead=17 * 60.0)
    recover_all(after_the_lease(times=5))
    assert nursery.begin("expire", ahead=40 * 60.0).ended() == 0
    credential.refresh_from_db()
    assert (credential.state, credential.keys.kept().count()) == (State.LIVE, 1)
    assert truth.agrees()
