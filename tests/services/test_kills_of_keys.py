"""Processes that are killed between the calls of a rotation, in its recovery, and when nobody took the second key."""

import pytest

from provisioning.domain.lifecycle import Outcome, State
from provisioning.models import Handover
from tests.services.acts import rotate
from tests.services.test_kills import MOMENTS, killed, killed_at, outcomes  # noqa: F401 - fixtures
from tests.services.truth import after_the_lease, recover_all

pytestmark = [pytest.mark.kill, pytest.mark.bad_day("kills")]


def has_come_to_nothing(credential):
    credential.refresh_from_db()
    assert (credential.state, credential.regions, credential.keys.count()) == (State.LIVE, ["eu-central-1"], 1)
    assert outcomes("credential:rotate") == [Outcome.BEGUN, Outcome.FAILED]
    assert Handover.objects.count() == 1
    return True


@pytest.mark.parametrize("still", [("put_policy", "before"), ("create_key", "after")], ids=" ".join)
def test_a_rotation_is_killed_between_its_calls(committed_world, truth, killed_at, still):  # noqa: F811
    credential = committed_world.stored(regions=("eu-central-1",))
    killed_at(still, "rotate", credential.request_id)
    recover_all()
    assert has_come_to_nothing(credential)
    assert truth.agrees()


@pytest.mark.parametrize("when", MOMENTS)
@pytest.mark.parametrize("call", ["ListAccessKeys", "DeleteAccessKey", "PutUserPolicy"])
def test_the_recovery_of_a_rotation_is_killed_too(committed_world, truth, killed, call, when):  # noqa: F811
    credential = committed_world.stored(regions=("eu-central-1",))
    killed("CreateAccessKey", "after", "rotate", credential.request_id)
    killed(call, when, "recover", ahead=5 * 60 + 1)
    recover_all(after_the_lease(times=2))
    assert has_come_to_nothing(credential)
    assert truth.agrees()


@pytest.mark.parametrize("when", MOMENTS)
def test_the_expiry_of_an_unseen_second_key_is_killed_at_its_call(committed_world, truth, killed, nursery, when):  # noqa: F811
    credential = committed_world.stored(regions=("eu-central-1",))
    rotate(credential)
    killed("DeleteAccessKey", when, "expire", credential.request_id)
    recover_all(after_the_lease(times=5))
    assert nursery.begin("expire", credential.request_id, ahead=40 * 60.0).ended() == 0
    credential.refresh_from_db()
    assert (credential.state, credential.keys.kept().count()) == (State.LIVE, 1)
    assert truth.agrees()
