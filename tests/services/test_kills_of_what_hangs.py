"""A revocation that AWS stops because something hangs on the user, killed at each of the calls that take that away."""

import pytest

from provisioning.domain.lifecycle import State
from tests.services.acts import revoke
from tests.services.bad_days import credential, issued
from tests.services.test_kills import MOMENTS, killed  # noqa: F401 - a fixture
from tests.services.test_what_hangs_on_a_user import everything
from tests.services.truth import recover_all

pytestmark = [pytest.mark.kill, pytest.mark.bad_day("kills")]

KNOWN = ("DeleteAccessKey", "DeleteUserPolicy", "DeleteUser")  # the last of them is refused: DeleteConflict
LOOKS = ("GetUser", "ListAccessKeys", "ListUserPolicies", "ListAttachedUserPolicies", "ListMFADevices")
BEHIND = (
    *(*LOOKS, "ListGroupsForUser"),
    *("DeleteAccessKey", "DeleteLoginProfile", "DeactivateMFADevice", "DeleteVirtualMFADevice"),
    *("DeleteUserPolicy", "DetachUserPolicy", "DeleteUser"),
)


def each():
    calls = KNOWN + BEHIND
    for place in range(len(KNOWN) - 1, len(calls)):
        nth = calls[:place].count(calls[place])
        for when in MOMENTS:
            yield pytest.param(calls[place], nth, when, id=f"{calls[place]}-{nth + 1}-{when}")


@pytest.fixture
def about(committed_world, truth):
    truth.stranger()
    made = issued(committed_world)
    everything(truth.root, credential(made).user_name)
    return made


def test_these_are_the_calls(about, truth):
    before = len(truth.sandbox.calls)
    revoke(credential(about))
    assert tuple(name for name, _ in truth.sandbox.calls[before:]) == KNOWN + BEHIND


@pytest.mark.parametrize(("call", "nth", "when"), list(each()))
def test_it_is_killed_there_and_recovery_deletes_the_rest(about, truth, killed, call, nth, when):  # noqa: F811
    killed(call, when, "revoke", about, nth)
    recover_all()
    assert credential(about).state == State.REVOKED
    assert truth.agrees()
