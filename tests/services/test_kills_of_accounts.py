"""Processes that are killed while they act in another account: at its door, and at each call behind it."""

from dataclasses import replace

import pytest

from provisioning.domain.lifecycle import Outcome, State
from provisioning.models import Credential, Handover
from tests.services.acts import issue
from tests.services.bad_days import TRIALS
from tests.services.elsewhere import CONSOLE_BOUNDARY_THERE, TruthThere, ready
from tests.services.test_kills import MOMENTS, cut, each_call, killed, outcomes  # noqa: F401 - a fixture
from tests.services.truth import Truth, after_the_lease, recover, recover_all

pytestmark = [pytest.mark.kill, pytest.mark.bad_day("kills")]


@pytest.fixture
def there(committed_world, aws_account):
    return ready(committed_world, aws_account, console_boundary_arn=CONSOLE_BOUNDARY_THERE)


@pytest.fixture
def truth(aws_account):
    return TruthThere(aws_account)


def has_failed(request):
    assert Credential.objects.with_unresolved().get(request=request).state == State.FAILED
    assert outcomes("credential:issue") == [Outcome.BEGUN, Outcome.FAILED]
    assert not Handover.objects.filter(pk=request.pk).exists()
    return True


@pytest.mark.parametrize("when", MOMENTS)
def test_issuing_is_killed_at_the_door_and_nothing_was_begun(committed_world, there, truth, killed, when):  # noqa: F811
    request = committed_world.reviewed(account_id=there.pk)
    killed("AssumeRole", when, "issue", request.pk)
    assert not Credential.objects.exists()
    assert recover(after_the_lease()) == 0
    assert truth.agrees()
    issue(request)  # the review still holds
    assert truth.agrees()


@pytest.mark.parametrize("when", MOMENTS)
@pytest.mark.parametrize("call", ["CreateUser", "PutUserPolicy", "CreateAccessKey"])
def test_issuing_is_killed_at_a_call(committed_world, aws_account, there, truth, killed, call, when):  # noqa: F811
    truth.stranger()
    request = committed_world.reviewed(account_id=there.pk)
    killed(call, when, "issue", request.pk)
    assert recover(after_the_lease(times=0)) == 0, "the lease still held"
    recover_all()
    assert has_failed(request)
    assert truth.agrees()
    assert Truth(aws_account).users() == {}


@pytest.mark.parametrize("when", MOMENTS)
def test_a_recovery_is_killed_at_the_door_and_comes_again(committed_world, there, truth, killed, when):  # noqa: F811
    request = committed_world.reviewed(account_id=there.pk)
    killed("CreateUser", "after", "issue", request.pk)
    killed("AssumeRole", when, "recover", ahead=5 * 60 + 1)
    recover_all(after_the_lease(times=2))
    assert has_failed(request)
    assert truth.agrees()


@pytest.mark.parametrize(("trial", "call", "nth", "when"), each_call(TRIALS, ["after"]))
def test_it_is_killed_there_at_a_call(
    committed_world,
    aws_account,
    there,
    truth,
    killed,  # noqa: F811
    trial,
    call,
    nth,
    when,
):
    world = replace(committed_world, account_id=there.pk)
    cut(world, truth, killed, trial, call, nth, when)
    assert Truth(aws_account).users() == {}
