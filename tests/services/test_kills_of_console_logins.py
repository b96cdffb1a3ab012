"""Processes that are killed at each call of a console login's life, and what recovery makes of what is left."""

import pytest

from provisioning.domain.lifecycle import Outcome, Seal, State
from provisioning.models import Credential, Handover
from tests.builders import CONSOLE
from tests.services.acts import suspend
from tests.services.test_kills import MOMENTS, PAST_THE_HANDOVER, killed, outcomes  # noqa: F401 - fixtures
from tests.services.truth import after_the_lease, recover_all

pytestmark = pytest.mark.kill
SUSPENDING = ("PutUserPolicy", "DeleteLoginProfile")
RESUMING = ("CreateLoginProfile", "DeleteUserPolicy")


@pytest.fixture
def credential(committed_world, truth) -> Credential:
    truth.stranger()
    return committed_world.console_login()


@pytest.fixture
def suspended(credential) -> Credential:
    suspend(credential)
    return credential


def stands(credential, state):
    credential.refresh_from_db()
    return credential.state == state


@pytest.mark.parametrize("when", MOMENTS)
def test_issuing_is_killed_at_its_password(committed_world, truth, killed, when):  # noqa: F811
    truth.stranger()
    committed_world.newsletter.kinds = ["console"]
    committed_world.newsletter.save()
    request = committed_world.reviewed(**CONSOLE)
    killed("CreateLoginProfile", when, "issue", request.pk)
    recover_all()
    assert stands(request.credential, State.FAILED)
    assert not Handover.objects.exists()
    assert truth.agrees()


@pytest.mark.parametrize("when", MOMENTS)
@pytest.mark.parametrize("call", SUSPENDING)
def test_suspending_is_killed_at_a_call_and_finished(credential, truth, killed, call, when):  # noqa: F811
    killed(call, when, "suspend", credential.pk)
    recover_all()
    assert stands(credential, State.SUSPENDED)
    assert truth.agrees()


@pytest.mark.parametrize("when", MOMENTS)
@pytest.mark.parametrize("call", RESUMING)
def test_resuming_is_killed_at_a_call_and_undone(suspended, truth, killed, call, when):  # noqa: F811
    killed(call, when, "resume_console", suspended.pk)
    recover_all()
    assert stands(suspended, State.SUSPENDED)
    assert outcomes("credential:resume") == [Outcome.BEGUN, Outcome.FAILED]
    assert not Handover.objects.filter(state=Seal.OPEN).exists()
    assert truth.agrees()


@pytest.mark.parametrize("when", MOMENTS)
@pytest.mark.parametrize("call", SUSPENDING)
def test_the_undoing_of_a_resumption_is_killed_too(suspended, truth, killed, call, when):  # noqa: F811
    killed("DeleteUserPolicy", "after", "resume_console", suspended.pk)
    killed(call, when, "recover", ahead=5 * 60 + 1)
    recover_all(after_the_lease(times=2))
    assert stands(suspended, State.SUSPENDED)
    assert truth.agrees()


@pytest.mark.parametrize("when", MOMENTS)
@pytest.mark.parametrize("call", ["DeleteLoginProfile", "DeleteUserPolicy", "DeleteUser"])
def test_revoking_is_killed_at_a_call_and_finished(credential, truth, killed, call, when):  # noqa: F811
    killed(call, when, "revoke", credential.pk)
    recover_all()
    assert stands(credential, State.REVOKED)
    assert truth.agrees()


@pytest.mark.parametrize("when", MOMENTS)
def test_revoking_a_suspended_one_is_killed_and_finished(suspended, truth, killed, when):  # noqa: F811
    killed("DeleteUserPolicy", when, "revoke", suspended.pk)
    recover_all()
    assert stands(suspended, State.REVOKED)
    assert truth.agrees()


@pytest.mark.parametrize("when", MOMENTS)
def test_taking_back_a_password_that_nobody_looked_at_is_killed(suspended, truth, killed, nursery, when):  # noqa: F811
    assert nursery.begin("resume_console", suspended.pk).ended() == 0
    killed("DeleteLoginProfile", when, "expire", ahead=PAST_THE_HANDOVER)
    recover_all(after_the_lease(times=6))
    assert stands(suspended, State.SUSPENDED)
    assert truth.agrees()
