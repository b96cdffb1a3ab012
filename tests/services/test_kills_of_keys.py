"""Processes that are killed while they issue an access key for the API: recovery undoes what was made."""

import pytest

from guidance.catalogue import Kind
from provisioning.domain.lifecycle import State
from tests.services.test_kills import ISSUING, MOMENTS, killed, killed_at  # noqa: F401 - fixtures
from tests.services.truth import after_the_lease, recover, recover_all

pytestmark = pytest.mark.kill


def reviewed(world):
    return world.reviewed(kind=Kind.API, options={"actions": ["SendEmail"]})


@pytest.mark.parametrize("when", MOMENTS)
@pytest.mark.parametrize("call", ISSUING)
def test_issuing_a_key_is_killed_at_a_call(committed_world, truth, killed, call, when):  # noqa: F811
    truth.stranger()
    request = reviewed(committed_world)
    killed(call, when, "issue", request.pk)
    assert recover(after_the_lease(times=0)) == 0, "the lease still held"
    recover_all()
    request.credential.refresh_from_db()
    assert request.credential.state == State.FAILED
    assert truth.agrees()


@pytest.mark.parametrize("still", [("create_user", "before"), ("create_key", "after")], ids=" ".join)
def test_issuing_a_key_is_killed_between_calls(committed_world, truth, killed_at, still):  # noqa: F811
    request = reviewed(committed_world)
    killed_at(still, "issue", request.pk)
    recover_all()
    request.credential.refresh_from_db()
    assert request.credential.state == State.FAILED
    assert truth.agrees()
