"""Processes that are killed while they change a credential that stays: recovery finishes what was begun."""

import pytest

from provisioning.domain.lifecycle import Outcome, State
from provisioning.gateway.aws import aws
from provisioning.models import AuditEvent, Claim, Stop
from provisioning.services import sweeps
from tests.builders import open_team
from tests.services.acts import suspend
from tests.services.test_kills import MOMENTS, killed, killed_at, outcomes  # noqa: F401 - fixtures
from tests.services.truth import after_the_lease, recover, recover_all

pytestmark = pytest.mark.kill
CALLS = {
    "suspend": "UpdateAccessKey",
    "resume": "UpdateAccessKey",
    "readdress": "PutUserPolicy",
    "transfer": "TagUser",
}


def is_finished(credential, act):
    """Whether the books have the change, told with its beginning and its end (at both teams, if it is a transfer)."""
    credential.refresh_from_db()
    wanted = {
        "suspend": lambda: credential.state == State.SUSPENDED,
        "resume": lambda: credential.state == State.LIVE,
        "readdress": lambda: credential.from_entries == ["news@example.com"],
        "transfer": lambda: credential.team == open_team(),
    }[act]()
    events = [Outcome.BEGUN, Outcome.DONE]
    assert set(outcomes(f"credential:{act}")) == set(events)
    teams = AuditEvent.objects.filter(act=f"credential:{act}", outcome="done").values_list("team_id", flat=True)
    assert len(set(teams)) == len(teams) == (2 if act == "transfer" else 1)
    return wanted


@pytest.mark.parametrize("when", MOMENTS)
@pytest.mark.parametrize("act", CALLS)
def test_a_change_is_killed_at_its_call(committed_world, truth, killed, act, when):  # noqa: F811
    truth.stranger()
    open_team()
    credential = committed_world.issued()
    if act == "resume":
        suspend(credential)
    killed(CALLS[act], when, act, credential.pk)
    assert recover(after_the_lease(times=0)) == 0, "the lease still held"
    recover_all()
    assert is_finished(credential, act)
    assert truth.agrees()


@pytest.mark.parametrize("still", [("set_key_status", "before"), ("set_key_status", "after")], ids=" ".join)
def test_a_change_is_killed_between_its_calls(committed_world, truth, killed_at, still):  # noqa: F811
    credential = committed_world.issued()
    killed_at(still, "suspend", credential.pk)
    recover_all()
    assert is_finished(credential, "suspend")
    assert truth.agrees()


def test_a_recovery_of_a_change_is_killed_too(committed_world, truth, killed):  # noqa: F811
    credential = committed_world.issued()
    killed("UpdateAccessKey", "before", "suspend", credential.pk)
    killed("UpdateAccessKey", "after", "recover", ahead=5 * 60 + 1)
    recover_all(after_the_lease(times=2))
    assert is_finished(credential, "suspend")
    assert truth.agrees()


def test_a_stop_that_was_killed_goes_on_by_itself(committed_world, truth, killed):  # noqa: F811
    first, second = committed_world.issued(), committed_world.issued(application="second")
    killed("UpdateAccessKey", "after", "stop", first.pk)
    sweeps.run_now("stops", aws())
    recover_all()
    for credential in (first, second):
        credential.refresh_from_db()
        assert credential.state == State.SUSPENDED
    assert Stop.objects.get().stopped.exclude(suspended_at=None).count() == 2
    assert not Claim.objects.open().exists()
    assert truth.agrees()
