"""Processes that are really killed, before and after each call of each act, and what recovery makes of what is left."""

from datetime import timedelta

import pytest

from provisioning.domain.lifecycle import Outcome, Seal, State
from provisioning.models import AuditEvent, Claim, Handover
from provisioning.models.claim import LEASE
from tests.services.acts import faulted, issue
from tests.services.truth import after_the_lease, recover, recover_all

pytestmark = pytest.mark.kill

MOMENTS = ("before", "after")
ISSUING = ("CreateUser", "PutUserPolicy", "CreateAccessKey")
DELETING = ("DeleteAccessKey", "DeleteUserPolicy", "DeleteUser")
UNDOING = ("GetUser", "ListAccessKeys", "DeleteAccessKey", "DeleteUserPolicy", "DeleteUser")
PAST_THE_HANDOVER = 17 * 60


@pytest.fixture
def killed(nursery, aws_account):
    """Begin an act in a process of its own, and kill it while AWS holds its call."""

    def kill(call, when, what, about=None, **more):
        aws_account.faults.set(call, "hold", when=when, times=1)
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


def has_failed(request):
    request.credential.refresh_from_db()
    assert request.credential.state == State.FAILED
    assert outcomes("credential:issue") == [Outcome.BEGUN, Outcome.FAILED]
    assert not Handover.objects.filter(pk=request.pk).exists()
    return True


@pytest.mark.parametrize("when", MOMENTS)
@pytest.mark.parametrize("call", ISSUING)
def test_issuing_is_killed_at_a_call(committed_world, truth, killed, call, when):
    truth.stranger()
    request = committed_world.reviewed()
    killed(call, when, "issue", request.pk)
    assert recover(after_the_lease(times=0)) == 0, "the lease still held"
    recover_all()
    assert has_failed(request)
    assert truth.agrees()


@pytest.mark.parametrize("still", [("create_user", "before"), ("create_key", "after")], ids=" ".join)
def test_issuing_is_killed_between_calls(committed_world, truth, killed_at, still):
    truth.stranger()
    request = committed_world.reviewed()
    killed_at(still, "issue", request.pk)
    recover_all()
    assert has_failed(request)
    assert truth.agrees()


def is_gone(credential, ends_as):
    credential.refresh_from_db()
    assert credential.state == ends_as
    assert not credential.keys.filter(deleted_at=None).exists()
    assert outcomes("credential:revoke") == [Outcome.BEGUN, Outcome.DONE]
    return True


@pytest.mark.parametrize("when", MOMENTS)
@pytest.mark.parametrize("call", DELETING)
def test_revoking_is_killed_at_a_call(committed_world, truth, killed, call, when):
    truth.stranger()
    credential, other = committed_world.issued(), committed_world.issued()
    killed(call, when, "revoke", credential.pk)
    recover_all()
    assert is_gone(credential, State.REVOKED)
    other.refresh_from_db()
    assert other.state == State.LIVE
    assert truth.agrees()


@pytest.mark.parametrize("still", [("delete_key", "before"), ("delete_user", "after")], ids=" ".join)
def test_revoking_is_killed_between_calls(committed_world, truth, killed_at, still):
    truth.stranger()
    credential = committed_world.issued()
    killed_at(still, "revoke", credential.pk)
    recover_all()
    assert is_gone(credential, State.REVOKED)
    assert truth.agrees()


@pytest.mark.parametrize("when", MOMENTS)
@pytest.mark.parametrize("call", DELETING)
def test_the_expiry_of_an_unseen_handover_is_killed_at_a_call(committed_world, truth, killed, call, when):
    credential = committed_world.issued()
    killed(call, when, "expire", ahead=PAST_THE_HANDOVER)
    handover = Handover.objects.get(pk=credential.request_id)
    assert (handover.state, bytes(handover.sealed)) == (Seal.EXPIRING, b"")
    clock = after_the_lease()
    clock.now += timedelta(seconds=PAST_THE_HANDOVER)
    recover_all(clock)
    assert is_gone(credential, State.UNCLAIMED)
    assert truth.agrees()


def test_an_expiry_killed_between_wiping_and_revoking_is_taken_up_by_the_next_sweep(
    committed_world, truth, killed_at, nursery
):
    credential = committed_world.issued()
    killed_at(("key_in_use", "before"), "expire", ahead=PAST_THE_HANDOVER)
    assert Handover.objects.get(pk=credential.request_id).state == Seal.EXPIRING
    assert not Claim.objects.open().exists()
    assert nursery.begin("expire", ahead=PAST_THE_HANDOVER + 60).ended() == 0
    assert is_gone(credential, State.UNCLAIMED)
    assert truth.agrees()


@pytest.mark.parametrize("when", MOMENTS)
@pytest.mark.parametrize("call", UNDOING)
def test_recovery_itself_is_killed_at_a_call(committed_world, truth, killed, call, when):
    truth.stranger()
    request = committed_world.reviewed()
    truth.sandbox.faults.set("CreateAccessKey", "lose_reply")
    with faulted():
        issue(request)
    truth.sandbox.faults.clear()
    killed(call, when, "recover", ahead=LEASE.total_seconds())
    recover_all(after_the_lease(times=2))
    request.credential.refresh_from_db()
    assert request.credential.state == State.FAILED
    assert outcomes("credential:issue") == [Outcome.BEGUN, Outcome.UNKNOWN, Outcome.FAILED]
    assert truth.agrees()
