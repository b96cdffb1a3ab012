"""A worker that is killed between two calls while it deletes what has ended."""

import pytest

from provisioning.domain.lifecycle import State
from tests.services.bad_days import NAMED, credential
from tests.services.test_kills import killed_at  # noqa: F401 - a fixture
from tests.services.truth import after_the_lease, recover_all

pytestmark = [pytest.mark.kill, pytest.mark.bad_day("kills")]


@pytest.mark.parametrize("still", [("delete_key", "before"), ("delete_user", "after")], ids=" ".join)
def test_a_sweep_is_killed_between_its_calls(committed_world, truth, killed_at, still):  # noqa: F811
    trial = NAMED["end expired"]
    about = trial.before(committed_world)
    killed_at(still, trial.name, about)
    recover_all(after_the_lease(ahead=trial.ahead))
    assert credential(about).state == State.EXPIRED
    assert truth.agrees()
