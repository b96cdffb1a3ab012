"""Processes that are killed while recovery takes a resumption back, and when nobody looked at the new password."""

import pytest

from provisioning.domain.lifecycle import Outcome, Seal, State
from provisioning.models import Handover
from provisioning.models.claim import LEASE
from tests.services.bad_days import NAMED, PAST_THE_HANDOVER, credential
from tests.services.test_kills import MOMENTS, killed, outcomes  # noqa: F401 - fixtures
from tests.services.truth import after_the_lease, recover_all

pytestmark = [pytest.mark.kill, pytest.mark.bad_day("kills")]


@pytest.mark.parametrize("when", MOMENTS)
@pytest.mark.parametrize("call", ["PutUserPolicy", "DeleteLoginProfile"])
def test_the_undoing_of_a_resumption_is_killed_too(committed_world, truth, killed, call, when):  # noqa: F811
    about = NAMED["resume-console"].before(committed_world)
    killed("DeleteUserPolicy", "after", "resume-console", about)
    killed(call, when, "recover", ahead=LEASE.total_seconds() + 1)
    recover_all(after_the_lease(times=2))
    assert credential(about).state == State.SUSPENDED
    assert outcomes("credential:resume") == [Outcome.BEGUN, Outcome.FAILED]
    assert not Handover.objects.filter(state=Seal.OPEN).exists()
    assert truth.agrees()


@pytest.mark.parametrize("when", MOMENTS)
def test_taking_back_a_password_that_nobody_looked_at_is_killed(committed_world, truth, killed, nursery, when):  # noqa: F811
    about = NAMED["resume-console"].before(committed_world)
    assert nursery.begin("resume-console", about).ended() == 0
    killed("DeleteLoginProfile", when, "expire", about)
    recover_all(after_the_lease(ahead=PAST_THE_HANDOVER))
    assert credential(about).state == State.SUSPENDED
    assert truth.agrees()


@pytest.mark.parametrize("when", MOMENTS)
def test_revoking_a_suspended_one_is_killed_and_finished(committed_world, truth, killed, when):  # noqa: F811
    about = NAMED["resume-console"].before(committed_world)
    killed("DeleteUserPolicy", when, "revoke-console", about)
    recover_all()
    assert credential(about).state == State.REVOKED
    assert truth.agrees()
