"""Stopping everything of a team or of an address: what it finds, what it suspends, what it resumes again, who may."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from provisioning.domain.from_entries import FromEntry
from provisioning.domain.lifecycle import Outcome, State
from provisioning.domain.refusals import Reason, Refusal
from provisioning.domain.roles import system
from provisioning.gateway.aws import aws
from provisioning.models import AuditEvent, Credential, Stop, Stopped
from provisioning.services import stops, sweeps
from provisioning.services.stops import Scope
from tests.builders import Clock
from tests.services.acts import resume, revoke, suspend
from tests.services.truth import Truth, recover_all

pytestmark = pytest.mark.django_db


@pytest.fixture
def truth(world, aws_account):
    return Truth(aws_account)


@pytest.fixture
def three(world):
    """Two of Newsletter and one of Billing."""
    return (
        world.issued(application="one"),
        world.issued(application="two", from_entries=(FromEntry.parse("*@example.com"),)),
        world.issued("outsider", team=world.billing, from_entries=(FromEntry.parse("bill@billing.example.com"),)),
    )


class Hurried(Clock):
    """Each look at it takes `seconds`, and `at_look` happens at the third."""

    seconds, looks = 5, 0

    def at_look(self):
        pass

    def __call__(self):
        self.now += timedelta(seconds=self.seconds)
        self.looks += 1
        if self.looks == 3:
            self.at_look()
        return self.now


def begin(world, scope, name="admin", **more):
    stop_id = uuid4()
    stops.begin(scope, "They are misused.", stop_id=stop_id, by=world.actor(name), gateway=aws(), **more)
    return Stop.objects.get(pk=stop_id)


def undo(world, stop, name="admin", **more):
    stops.undo(stop.pk, by=world.actor(name), gateway=aws(), **more)


def states():
    return list(Credential.objects.order_by("pk").values_list("state", flat=True))


def sender(text):
    return Scope(sender=FromEntry.parse(text))


LIVE, OFF = State.LIVE, State.SUSPENDED


def test_a_team_is_stopped_and_the_stop_undone(world, truth, three):
    stop = begin(world, Scope(team=world.newsletter))
    assert states() == [OFF, OFF, LIVE]
    assert truth.agrees()
    undo(world, stop)
    assert states() == [LIVE, LIVE, LIVE]
    assert truth.agrees()
    told = AuditEvent.objects.filter(act__in=("stop:begin", "stop:undo")).values_list("act", "outcome", "team_id")
    assert sorted(told) == [(act, "done", world.newsletter.pk) for act in ("stop:begin", "stop:undo")]


@pytest.mark.parametrize(
    ("typed", "stopped"),
    [
        ("digest@example.com", [OFF, OFF, LIVE]),
        ("other@example.com", [LIVE, OFF, LIVE]),
        ("*@example.com", [OFF, OFF, LIVE]),
        ("*@billing.example.com", [LIVE, LIVE, OFF]),
    ],
)
def test_an_address_stops_whatever_may_send_as_it_in_either_direction(world, truth, three, typed, stopped):
    begin(world, sender(typed))
    assert states() == stopped
    assert truth.agrees()


def test_a_member_stops_an_address_in_their_own_teams_alone(world, truth, three):
    world.issued(
        "admin", team=world.billing, application="four", from_entries=(FromEntry.parse("x@billing.example.com"),)
    )
    with pytest.raises(Refusal) as caught:
        begin(world, sender("x@billing.example.com"), "member")
    assert caught.value.title == "There is nothing to stop"
    begin(world, sender("x@billing.example.com"), "outsider")
    assert states() == [LIVE, LIVE, LIVE, OFF]


def test_a_team_that_is_not_theirs_is_refused(world, three):
    with pytest.raises(Refusal) as caught:
        begin(world, Scope(team=world.billing), "member")
    assert caught.value.why is Reason.NOT_PERMITTED
    assert (AuditEvent.objects.first().act, AuditEvent.objects.first().outcome) == ("stop:begin", Outcome.REFUSED)


@pytest.mark.parametrize("name", ["auditor", "outsider"])
def test_who_may_not_cannot_undo(world, three, name):
    stop = begin(world, Scope(team=world.newsletter))
    with pytest.raises(Refusal):
        undo(world, stop, name)
    assert states() == [OFF, OFF, LIVE]


def test_who_began_a_stop_by_address_may_undo_it_and_others_of_the_team_may_not(world, three):
    stop = begin(world, sender("digest@example.com"), "member")
    assert states()[:2] == [OFF, OFF]
    undo(world, stop, "member")
    assert states()[:2] == [LIVE, LIVE]
    theirs = begin(world, sender("digest@example.com"), "admin")
    with pytest.raises(Refusal) as caught:
        undo(world, theirs, "member")
    assert caught.value.why is Reason.NOT_PERMITTED


def test_undo_leaves_alone_what_was_suspended_before_or_by_somebody_since(world, truth, three):
    one, two, _ = three
    suspend(one)
    stop = begin(world, Scope(team=world.newsletter))
    assert stop.stopped.get().credential == two
    resume(two)
    suspend(two)
    undo(world, stop)
    assert states()[:2] == [OFF, OFF]
    assert truth.agrees()


def test_undo_leaves_what_another_stop_in_force_covers_and_says_so(world, three):
    first = begin(world, Scope(team=world.newsletter))
    with pytest.raises(Refusal):
        begin(world, sender("digest@example.com"))
    resume(three[0])
    begin(world, sender("digest@example.com"))
    undo(world, first)
    assert states()[:2] == [OFF, OFF]
    assert "Another stop" in Stopped.objects.get(stop=first, credential=three[1]).trouble


def test_pressing_twice_stops_once(world, three):
    stop_id, by = uuid4(), world.actor("admin")
    for _ in range(2):
        stops.begin(Scope(team=world.newsletter), "Why.", stop_id=stop_id, by=by, gateway=aws())
        stops.undo(stop_id, by=by, gateway=aws())
    assert (
        AuditEvent.objects.filter(act="stop:begin").count() == AuditEvent.objects.filter(act="stop:undo").count() == 1
    )
    assert states() == [LIVE, LIVE, LIVE]


def test_a_request_stops_when_its_time_is_over_and_the_sweep_goes_on(world, truth, three):
    clock = Hurried()
    stop = begin(world, Scope(team=world.newsletter), clock=clock)
    assert states() == [OFF, LIVE, LIVE]
    assert sweeps.run_now("stops", aws()).handled == 1
    assert states() == [OFF, OFF, LIVE]
    assert stop.stopped.exclude(suspended_at=None).count() == 2
    undo(world, stop, clock=clock)
    assert states().count(OFF) == 1
    assert sweeps.run_now("stops", aws()).handled == 1
    assert sweeps.run_now("stops", aws()).handled == 0
    assert states() == [LIVE, LIVE, LIVE]
    assert truth.agrees()


def test_what_aws_refuses_is_said_at_its_row_and_taken_up_again_by_hand(world, truth, aws_account, three):
    aws_account.faults.set("UpdateAccessKey", "error", code="ConcurrentModification", status=409, times=1)
    stop = begin(world, Scope(team=world.newsletter))
    assert states() == [LIVE, OFF, LIVE]
    assert "ConcurrentModification" in stop.stopped.first().trouble
    assert sweeps.run_now("stops", aws()).handled == 0
    stops.try_again(stop.pk, by=world.actor("admin"), gateway=aws())
    assert states() == [OFF, OFF, LIVE]
    assert truth.agrees()


def test_what_aws_did_not_answer_is_finished_by_recovery_as_part_of_the_stop(world, truth, aws_account, three):
    aws_account.faults.set("UpdateAccessKey", "error", status=500, times=3)
    stop = begin(world, Scope(team=world.newsletter))
    aws_account.faults.clear()
    recover_all()
    assert states() == [OFF, OFF, LIVE]
    assert stop.stopped.exclude(suspended_at=None).count() == 2
    undo(world, stop)
    assert states() == [LIVE, LIVE, LIVE]
    assert truth.agrees()


def test_nobody_answers_and_the_rest_waits_for_the_sweep(world, truth, aws_account, three):
    aws_account.faults.set("UpdateAccessKey", "lose_reply", times=3)
    begin(world, Scope(team=world.newsletter))
    assert states() == [LIVE, LIVE, LIVE]
    assert not Stopped.objects.exclude(trouble="").exists()
    aws_account.faults.clear()
    recover_all()
    sweeps.run_now("stops", aws())
    assert states() == [OFF, OFF, LIVE]
    assert truth.agrees()


def test_what_is_gone_by_then_is_no_trouble(world, truth, three):
    stop = begin(world, Scope(team=world.newsletter))
    revoke(three[0])
    undo(world, stop)
    assert states() == [State.REVOKED, LIVE, LIVE]
    assert not Stopped.objects.due().exists()
    assert truth.agrees()


def test_what_is_being_issued_while_a_stop_begins_is_stopped_once_it_is_live(world, three):
    Credential.objects.filter(pk=three[0].pk).update(state=State.ISSUING)
    stop = begin(world, Scope(team=world.newsletter))
    assert stop.stopped.count() == 2
    Credential.objects.filter(pk=three[0].pk).update(state=State.LIVE)
    stops.go_on_all(by=system("stops"), gateway=aws(), clock=timezone.now)
    assert states() == [OFF, OFF, LIVE]
