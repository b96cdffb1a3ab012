"""Processes that are really killed, before and after each call of each act, and what recovery makes of what is left."""

import pytest

from provisioning.domain.lifecycle import Outcome, Seal, State
from provisioning.gateway.aws import aws
from provisioning.models import AuditEvent, Claim, Handover, Stop
from provisioning.models.claim import LEASE
from provisioning.services import sweeps
from tests.services.acts import faulted, issue
from tests.services.bad_days import TRIALS, bystander, credential, is_stopped, issued, two_issued
from tests.services.truth import after_the_lease, recover, recover_all

pytestmark = [pytest.mark.kill, pytest.mark.bad_day("kills")]

MOMENTS = ("before", "after")
UNDOING = ("GetUser", "ListAccessKeys", "DeleteAccessKey", "DeleteUserPolicy", "DeleteUser")


def each_call(trials, moments):
    """Every call of every act, the repeats too, with each of the moments at which it may be held."""
    return [
        pytest.param(trial, call, nth, when, id=f"{trial.name}-{call}{f'-{nth + 1}' if nth else ''}-{when}")
        for trial in trials
        for call, nth in [(call, trial.calls[:place].count(call)) for place, call in enumerate(trial.calls)]
        for when in moments
    ]


@pytest.fixture
def killed(nursery, aws_account):
    """Begin an act in a process of its own, and kill it while AWS holds its call."""

    def kill(call, when, what, about=None, nth=0, **more):
        aws_account.faults.set(call, "hold", when=when, times=1, skip=nth)
        victim = nursery.begin(what, about, **more)
        assert aws_account.faults.wait_until_held(operation=call), f"{what} never called {call}"
        victim.kill()
        while aws_account.faults.held():  # AWS notices that nobody waits any more
            pass
        aws_account.faults.clear()

    return kill


@pytest.fixture
def killed_at(nursery):
    """Begin an act in a process of its own, and kill it where it stands between two calls."""

    def kill(still, what, about=None, **more):
        victim = nursery.begin(what, about, still=still, **more)
        assert victim.stands_still()
        victim.kill()

    return kill


def outcomes(act):
    return list(AuditEvent.objects.filter(act=act).order_by("sequence").values_list("outcome", flat=True))


def cut(world, truth, killed, trial, call, nth, when):
    """Kill the act there, let recovery end it, and see that all agrees; return what it was about."""
    truth.stranger()
    about, other = trial.before(world), bystander(world)
    killed(call, when, trial.name, about, nth)
    assert recover(after_the_lease(times=0, ahead=trial.ahead)) == 0, "the lease still held"
    recover_all(after_the_lease(ahead=trial.ahead))
    assert trial.has_recovered(about) == (call not in trial.asks)  # killed at a question, nothing was begun
    assert {outcomes(claim.act)[-1] for claim in Claim.objects.all()} <= {Outcome.DONE, Outcome.FAILED}
    other.refresh_from_db()
    assert other.state == State.LIVE
    assert truth.agrees()
    return about


@pytest.mark.parametrize(("trial", "call", "nth", "when"), each_call(TRIALS, MOMENTS))
def test_it_is_killed_at_a_call(committed_world, truth, killed, trial, call, nth, when):
    about = cut(committed_world, truth, killed, trial, call, nth, when)
    if not trial.makes_user and not trial.is_done(about):
        trial.begin(about)
        assert trial.is_done(about)
        assert truth.agrees()


def test_what_a_killed_issue_leaves_of_its_secret_is_nothing(committed_world, truth, killed):
    request = committed_world.reviewed()
    killed("CreateAccessKey", "after", "issue", request.pk)
    recover_all()
    assert outcomes("credential:issue") == [Outcome.BEGUN, Outcome.FAILED]
    assert not Handover.objects.exists()


def test_a_secret_is_wiped_before_the_expiry_that_is_killed(committed_world, truth, killed):
    about = issued(committed_world)
    killed("DeleteAccessKey", "before", "expire", about)
    handover = Handover.objects.get(pk=about)
    assert (handover.state, bytes(handover.sealed)) == (Seal.EXPIRING, b"")


def test_an_expiry_killed_after_wiping_is_taken_up_by_the_next_sweep(committed_world, truth, killed_at, nursery):
    about = issued(committed_world)
    killed_at(("key_in_use", "before"), "expire", about)
    assert Handover.objects.get(pk=about).state == Seal.EXPIRING
    assert not Claim.objects.open().exists()
    assert nursery.begin("expire", about, ahead=60).ended() == 0
    assert credential(about).state == State.UNCLAIMED
    assert truth.agrees()


@pytest.mark.parametrize("when", MOMENTS)
@pytest.mark.parametrize("call", UNDOING)
def test_recovery_that_undoes_is_killed_at_a_call(committed_world, truth, killed, call, when):
    truth.stranger()
    request = committed_world.reviewed()
    truth.sandbox.faults.set("CreateAccessKey", "lose_reply")
    with faulted():
        issue(request)
    truth.sandbox.faults.clear()
    killed(call, when, "recover", ahead=LEASE.total_seconds())
    recover_all(after_the_lease(times=2))
    assert credential(request.pk).state == State.FAILED
    assert outcomes("credential:issue") == [Outcome.BEGUN, Outcome.UNKNOWN, Outcome.FAILED]
    assert truth.agrees()


def test_recovery_that_finishes_is_killed_too(committed_world, truth, killed):
    about = issued(committed_world)
    killed("UpdateAccessKey", "before", "suspend", about)
    killed("UpdateAccessKey", "after", "recover", ahead=LEASE.total_seconds() + 1)
    recover_all(after_the_lease(times=2))
    assert credential(about).state == State.SUSPENDED
    assert truth.agrees()


def test_a_stop_that_was_killed_goes_on_by_itself(committed_world, truth, killed):
    about = two_issued(committed_world)
    killed("UpdateAccessKey", "after", "stop", about)
    sweeps.run_now("stops", aws())
    recover_all()
    assert is_stopped(credential(about))
    assert Stop.objects.get().stopped.exclude(suspended_at=None).count() == 2
    assert truth.agrees()
