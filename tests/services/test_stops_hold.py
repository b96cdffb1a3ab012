"""A stop holds: nobody goes on with, undoes or shortens what is not theirs, and what passes exempts nothing."""

import pytest
from django.utils import timezone

from provisioning.domain.lifecycle import Outcome, State
from provisioning.domain.refusals import Reason, Refusal
from provisioning.domain.roles import Act, system
from provisioning.gateway.aws import aws
from provisioning.models import AwsAccount, Claim, Credential, Membership, Person, Standing, Stop
from provisioning.services import people, stops, sweeps
from provisioning.services.stops import Scope
from tests.builders import Clock, open_team
from tests.services.acts import faulted, resume, resume_console, revoke, suspend, transfer
from tests.services.test_opposites import Meanwhile
from tests.services.test_stops import LIVE, OFF, Hurried, begin, sender, states, three, truth, undo
from tests.services.truth import recover_all
from tests.web.visits import signed_in, text

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


def test_what_is_being_resumed_without_an_answer_is_shown_and_stopped_once_it_works(world, truth, aws_account, three):
    suspend(three[0])
    aws_account.faults.set("UpdateAccessKey", "lose_reply")
    with faulted():
        resume(three[0])
    aws_account.faults.clear()
    admin = signed_in(world, "admin")
    assert "Stop 2 credentials" in text(admin.get("/stops/new/", {"team": "newsletter"}))
    stop = begin(world, Scope(team=world.newsletter))
    page = text(admin.get(f"/stops/{stop.pk}/"))
    assert "1 of 2 stopped" in page
    assert "Stopped in part" in page
    assert "What is left goes on by itself" in page
    recover_all()
    assert sweeps.run_now("stops", aws()).handled == 1
    assert states() == [OFF, OFF, LIVE]
    assert truth.agrees()
    undo(world, stop)
    assert states() == [LIVE, LIVE, LIVE]
    assert truth.agrees()


@pytest.mark.parametrize(("turn", "method"), [(resume, "set_key_status"), (resume_console, "create_login")])
def test_what_another_browser_is_just_resuming_is_stopped_once_that_has_ended(world, truth, turn, method):
    one = world.issued() if turn is resume else world.console_login()
    suspend(one)
    turn(one, gateway=Meanwhile(method, lambda: begin(world, Scope(team=world.newsletter))))
    assert states() == [LIVE]
    assert sweeps.run_now("stops", aws()).handled == 1
    assert states() == [OFF]
    assert truth.agrees()


def test_a_revocation_that_comes_to_nothing_gives_nothing_back_to_a_team_that_was_stopped(world, truth, aws_account):
    one = world.issued()
    aws_account.faults.set("DeleteAccessKey", "error", code="ConcurrentModification", status=409, times=20)
    with faulted():
        revoke(one, gateway=Meanwhile("delete_key", lambda: begin(world, Scope(team=world.newsletter))))
    aws_account.faults.clear()
    assert states() == [LIVE]
    assert sweeps.run_now("stops", aws()).handled == 1
    assert states() == [OFF]
    assert truth.agrees()


def test_what_is_revoked_before_it_could_be_suspended_leaves_no_stop_in_part(world, truth):
    one = world.issued()
    revoke(one, gateway=Meanwhile("delete_key", lambda: begin(world, Scope(team=world.newsletter))))
    assert states() == [State.REVOKED]
    found = Stop.objects.with_progress(world.actor("admin")).get()
    assert (found.found, found.suspended) == (0, 0)
    assert truth.agrees()


def test_a_stop_that_begins_between_the_look_and_the_claim_of_an_undoing_is_heeded(world, truth, three):
    stop = begin(world, Scope(team=world.newsletter))
    again = {"team": world.newsletter, "reason": "Again.", "by": world.people["admin"], "at": timezone.now()}

    class Late(Clock):
        looks = 0

        def __call__(self):
            self.looks += 1
            if self.looks == 4:  # it was not covered a moment ago
                Stop.objects.create(**again)
            return self.now

    undo(world, stop, clock=Late())
    assert states() == [OFF, OFF, LIVE]
    assert set(stop.stopped.values_list("trouble", flat=True)) == {stops._COVERED}
    assert Claim.objects.filter(act=Act.CREDENTIAL_RESUME, outcome=Outcome.DONE).count() == 0
    assert truth.agrees()
