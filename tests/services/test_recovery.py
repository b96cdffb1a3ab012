"""Recovery and the end of hand-overs: what sweeps settle, and what they leave alone."""

from datetime import timedelta

import pytest
from django.utils import timezone

from provisioning.domain.lifecycle import Outcome, Seal, State
from provisioning.domain.naming import ACT_TAG
from provisioning.domain.refusals import Refusal
from provisioning.domain.roles import system
from provisioning.gateway.aws import aws
from provisioning.models import Claim, Credential, Handover, SweepRun
from provisioning.services import handover, recovery, sweeps
from tests.builders import Clock, browser
from tests.services.acts import expire, faulted, in_a_minute, issue
from tests.services.truth import Truth, after_the_lease, recover, recover_all

pytestmark = pytest.mark.django_db


@pytest.fixture
def truth(world, aws_account):
    return Truth(aws_account)


@pytest.fixture
def unanswered(world, aws_account):
    """An issue whose first call got no answer, though AWS did it."""
    request = world.reviewed()
    aws_account.faults.set("CreateUser", "lose_reply", times=1)
    with faulted():
        issue(request)
    aws_account.faults.clear()
    return request


def test_what_got_no_answer_is_undone_by_its_tag(truth, unanswered):
    assert truth.users()[unanswered.user_name].tags[ACT_TAG] == str(unanswered.pk)
    recover_all()
    assert truth.agrees()
    assert unanswered.credential.claims.get().outcome == Outcome.FAILED


def test_not_there_counts_when_seen_twice_a_minute_apart(world, truth, aws_account):
    request = world.reviewed()
    aws_account.faults.set("CreateUser", "error", code="ServiceFailure", status=500, times=20)
    with faulted():
        issue(request)
    aws_account.faults.clear()
    clock = Clock(timezone.now() + timedelta(seconds=1))
    assert recover(clock) == 0
    clock.now += timedelta(seconds=59)
    assert recover(clock) == 0
    clock.now += timedelta(seconds=2)
    assert recover(clock) == 1
    assert truth.agrees()


def test_a_user_of_that_name_that_is_not_ours_is_left_alone(world, truth, aws_account):
    request = world.reviewed()
    aws_account.faults.set("CreateUser", "error", code="ServiceFailure", status=500, times=20)
    with faulted():
        issue(request)
    aws_account.faults.clear()
    truth.stranger(request.user_name)
    recover_all()
    assert truth.agrees()


def test_while_aws_is_down_recovery_waits_longer_each_time(unanswered, aws_account):
    aws_account.faults.set("GetUser", "error", code="ServiceFailure", status=500, times=1000)
    clock = after_the_lease()
    waits = []
    for _ in range(3):
        recover(clock)
        claim = Claim.objects.get()
        waits.append(claim.lease_until - clock.now)
        clock.now = claim.lease_until
    assert waits == sorted(waits)
    assert waits[0] >= timedelta(seconds=60)
    assert waits[-1] <= timedelta(minutes=10)


def test_only_the_system_recovers(world):
    with pytest.raises(Refusal):
        recovery.recover_interrupted(by=world.actor("admin"), gateway=aws(), clock=timezone.now)


def test_a_secret_that_nobody_looked_at_has_its_credential_revoked(world, truth):
    credential = issue(world.reviewed())
    assert expire(in_a_minute(15.5)) == 0, "the sixteenth minute is a grace"
    assert expire(in_a_minute(16.1)) == 1
    credential.refresh_from_db()
    assert credential.state == State.UNCLAIMED
    sealed = Handover.objects.get()
    assert (sealed.state, bytes(sealed.sealed)) == (Seal.BURNT, b"")
    assert truth.agrees()


def test_where_nobody_answers_the_rest_stays_marked_and_the_run_says_so(world, truth, aws_account):
    for number in (1, 2, 3):
        world.issued(application=f"app-{number}")
    aws_account.faults.set("DeleteAccessKey", "lose_reply")
    with faulted():
        expire(in_a_minute(16.1))
    aws_account.faults.clear()
    assert sorted(Credential.objects.values_list("state", flat=True)) == [State.LIVE, State.LIVE, State.REVOKING]
    assert set(Handover.objects.values_list("state", flat=True)) == {Seal.EXPIRING}
    expire(in_a_minute(17.1))
    recover_all(after_the_lease(ahead=timedelta(minutes=18)))
    expire(in_a_minute(40))
    assert set(Credential.objects.values_list("state", flat=True)) == {State.UNCLAIMED}
    assert set(Handover.objects.values_list("state", flat=True)) == {Seal.BURNT}
    assert truth.agrees()


def test_a_secret_that_was_seen_is_wiped_and_its_credential_lives(world):
    ours = browser()
    credential = issue(world.reviewed(), shown_in=ours)
    handover.look(credential.request_id, by=world.actor("member"), browser=ours, now=timezone.now())
    assert expire(in_a_minute(16.1)) == 1
    credential.refresh_from_db()
    assert credential.state == State.LIVE
    sealed = Handover.objects.get()
    assert (sealed.state, bytes(sealed.sealed)) == (Seal.BURNT, b"")


EVERY_MINUTE = ["recovery", "handovers", "refusals", "stops", "expiry", "notices"]


def test_a_sweep_is_run_once_for_each_due_minute(world):
    clock = Clock(timezone.now().replace(hour=10, minute=7, second=30))
    assert [run.sweep for run in sweeps.run_due(aws(), clock)] == EVERY_MINUTE
    assert sweeps.run_due(aws(), clock) == []
    clock.now += timedelta(minutes=8)
    assert "account" in [run.sweep for run in sweeps.run_due(aws(), clock)]


def test_a_sweep_that_meets_trouble_says_so_and_the_others_run(world, aws_account):
    aws_account.faults.set("GetCallerIdentity", "error", code="ServiceFailure", status=500, times=100)
    clock = Clock(timezone.now().replace(hour=10, minute=15))
    runs = {run.sweep: run.trouble for run in sweeps.run_due(aws(), clock)}
    assert "ServiceFailure" in runs["account"]
    assert runs["handovers"] == ""
    assert SweepRun.objects.filter(ended_at=None).count() == 0


def test_system_is_the_actor_of_what_a_sweep_did(world, truth, unanswered):
    recover_all()
    event = unanswered.credential.claims.get()
    assert event.actor_name == "member@example.com"
    assert system("recovery").person_id is None
