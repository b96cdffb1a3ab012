"""A stop holds: nobody goes on with, undoes or shortens what is not theirs, and what passes exempts nothing."""

import pytest
from django.utils import timezone

from provisioning.domain.refusals import Reason, Refusal
from provisioning.domain.roles import Act, system
from provisioning.gateway.aws import aws
from provisioning.models import AwsAccount, Claim, Credential, Membership, Person, Standing, Stop
from provisioning.services import people, stops, sweeps
from provisioning.services.stops import Scope
from tests.builders import open_team
from tests.services.acts import revoke, transfer
from tests.services.test_stops import LIVE, OFF, Hurried, begin, sender, states, three, truth, undo

__all__ = ("three", "truth")  # fixtures
pytestmark = pytest.mark.django_db


def test_the_id_of_somebody_elses_stop_continues_nothing(world, three):
    stop = begin(world, Scope(team=world.newsletter), clock=Hurried())
    before = states()
    for name, scope in (("outsider", Scope(team=world.billing)), ("member", Scope(team=world.newsletter))):
        with pytest.raises(Refusal) as caught:
            stops.begin(scope, "x", stop_id=stop.pk, by=world.actor(name), gateway=aws())
        assert caught.value.why is Reason.NOT_THERE
    assert states() == before
    assert not stop.stopped.exclude(trouble="").exists()


def test_who_has_left_teams_goes_on_with_their_stop_where_they_still_are(world, three):
    Membership.objects.create(team=world.billing, person=world.people["member"])
    stop = begin(world, sender("*@example.com"), "member", clock=Hurried())
    Credential.objects.filter(pk=three[1].pk).update(team=world.billing)
    Membership.objects.get(team=world.billing, person=world.people["member"]).delete()
    stops.try_again(stop.pk, by=world.actor("member"), gateway=aws())
    assert states() == [OFF, LIVE, LIVE]
    assert sweeps.run_now("stops", aws()).handled == 1


def ex_administrator(world):
    """The one who was an administrator, and is a member of Billing now."""
    Person.objects.create(email="other@example.com", standing=Standing.ADMINISTRATOR)
    person = people.change_standing(world.people["admin"].pk, Standing.NONE, by=system("test"), now=timezone.now())
    Membership.objects.filter(person=person).delete()
    Membership.objects.create(person=person, team=world.billing)
    return person.as_actor(is_fresh=True)


def test_who_no_longer_has_its_teams_cannot_undo_their_own_stop(world, truth, three):
    stop = begin(world, sender("*@example.com"))
    by = ex_administrator(world)
    for ask in (lambda: stops.undo(stop.pk, by=by, gateway=aws()), lambda: stops.own(stop.pk, Act.STOP_UNDO, by=by)):
        with pytest.raises(Refusal) as caught:
            ask()
        assert caught.value.title == "It reaches further than you do"
    assert states() == [OFF, OFF, LIVE]
    for credential in three[:2]:
        revoke(credential)
    stops.undo(stop.pk, by=by, gateway=aws())  # nothing is left that would send again
    assert truth.agrees()


def test_what_went_to_another_team_is_not_resumed_by_the_first(world, truth, three):
    stop = begin(world, Scope(team=world.newsletter), "member")
    transfer(three[0], open_team())
    with pytest.raises(Refusal) as caught:
        undo(world, stop, "member")
    assert caught.value.why is Reason.NOT_PERMITTED
    undo(world, stop)
    assert states() == [LIVE, LIVE, LIVE]
    assert truth.agrees()


def test_what_became_busy_meanwhile_is_stopped_once_it_is_not(world, truth, three):
    claims, clock = Claim.objects.filter(credential=three[0]), Hurried()
    clock.at_look = lambda: claims.update(settled_at=None)
    clock.seconds = 0
    stop = begin(world, Scope(team=world.newsletter), clock=clock)
    assert states() == [LIVE, OFF, LIVE]
    assert not stop.stopped.exclude(trouble="").exists()
    claims.update(settled_at=timezone.now())
    assert sweeps.run_now("stops", aws()).handled == 1
    assert states() == [OFF, OFF, LIVE]
    assert truth.agrees()


def test_a_set_up_that_is_not_safe_exempts_nothing_for_good(world, truth, three):
    principal = AwsAccount.objects.get().principal_arn
    AwsAccount.objects.update(principal_arn="arn:aws:iam::999999999999:user/another")
    stop = begin(world, Scope(team=world.newsletter))
    assert states() == [LIVE, LIVE, LIVE]
    assert not stop.stopped.exclude(trouble="").exists()
    AwsAccount.objects.update(principal_arn=principal)
    assert sweeps.run_now("stops", aws()).handled == 2
    assert states() == [OFF, OFF, LIVE]
    assert truth.agrees()


def test_a_stop_that_begins_during_an_undoing_is_heeded(world, three):
    stop = begin(world, Scope(team=world.newsletter))
    clock = Hurried()
    clock.at_look = lambda: Stop.objects.create(
        team=world.newsletter, reason="Again.", by=world.people["admin"], at=clock.now
    )
    clock.seconds = 0
    undo(world, stop, clock=clock)
    assert states() == [OFF, OFF, LIVE]
