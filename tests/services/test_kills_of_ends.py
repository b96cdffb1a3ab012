"""Processes that are killed while they move the end of a credential, or delete what has ended: recovery finishes it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from provisioning.domain.lifecycle import Outcome, State
from tests.services.acts import end_expired
from tests.services.test_kills import DELETING, MOMENTS, killed, killed_at, outcomes  # noqa: F401 - fixtures
from tests.services.truth import after_the_lease, recover, recover_all

pytestmark = pytest.mark.kill
DAY = timedelta(days=1)
PAST_THE_GRACE = 12 * DAY


@pytest.mark.parametrize("when", MOMENTS)
@pytest.mark.parametrize("call", ["GetUser", "PutUserPolicy"])
def test_an_extension_is_killed_at_its_calls(committed_world, truth, killed, call, when):  # noqa: F811
    truth.stranger()
    credential = committed_world.issued(lifetime_days=30)
    killed(call, when, "extend", credential.pk)
    assert recover(after_the_lease(times=0)) == 0, "the lease still held"
    recover_all()
    credential.refresh_from_db()
    assert credential.expires_at > timezone.now() + 119 * DAY
    assert outcomes("credential:extend") == [Outcome.BEGUN, Outcome.DONE]
    assert truth.agrees()


@pytest.mark.parametrize("when", MOMENTS)
@pytest.mark.parametrize("call", DELETING)
def test_a_sweep_of_what_has_expired_is_killed_at_each_call(committed_world, truth, killed, call, when):  # noqa: F811
    truth.stranger()
    first, second = (committed_world.issued(application=name, lifetime_days=10) for name in ("first", "second"))
    killed(call, when, "end expired", ahead=PAST_THE_GRACE.total_seconds())
    clock = after_the_lease()
    clock.now += PAST_THE_GRACE
    recover_all(clock)
    end_expired(clock)
    for credential in (first, second):
        credential.refresh_from_db()
        assert credential.state == State.EXPIRED
    assert outcomes("credential:revoke").count(Outcome.DONE) == 2
    assert truth.agrees()


@pytest.mark.parametrize("still", [("delete_key", "before"), ("delete_user", "after")], ids=" ".join)
def test_a_sweep_is_killed_between_its_calls(committed_world, truth, killed_at, still):  # noqa: F811
    credential = committed_world.issued(lifetime_days=10)
    killed_at(still, "end expired", ahead=PAST_THE_GRACE.total_seconds())
    clock = after_the_lease()
    clock.now += PAST_THE_GRACE
    recover_all(clock)
    credential.refresh_from_db()
    assert credential.state == State.EXPIRED
    assert truth.agrees()
