"""The moves between states, and what is read off a date or a claim."""

from datetime import UTC, datetime, timedelta

import pytest

from provisioning.domain.lifecycle import HOLDING, STORED, Login, Outcome, Seal, State, move, shown
from provisioning.domain.refusals import Reason, Refusal

NOW = datetime(2026, 11, 23, 14, 2, tzinfo=UTC)
ALLOWED = {
    (State.ISSUING, State.LIVE),
    (State.ISSUING, State.FAILED),
    (State.LIVE, State.SUSPENDED),
    (State.LIVE, State.REVOKING),
    (State.SUSPENDED, State.LIVE),
    (State.SUSPENDED, State.REVOKING),
    (State.REVOKING, State.REVOKING),
    (State.REVOKING, State.LIVE),
    (State.REVOKING, State.SUSPENDED),
    (State.REVOKING, State.REVOKED),
    (State.REVOKING, State.UNCLAIMED),
    (State.REVOKING, State.EXPIRED),
}


@pytest.mark.parametrize("present", STORED)
@pytest.mark.parametrize("to", list(State))
def test_only_the_moves_written_here_are_made(present, to):
    if (present, to) in ALLOWED:
        assert move("weekly-digest", present, to) is to
        return
    with pytest.raises(Refusal) as caught:
        move("weekly-digest", present, to)
    assert caught.value.why is Reason.NOT_NOW
    assert caught.value.status == 409
    assert "weekly-digest" in caught.value.title
    assert caught.value.reason.endswith(".")


def test_nothing_comes_back_from_an_end():
    ends = {State.REVOKED, State.UNCLAIMED, State.EXPIRED, State.FAILED}
    assert not [present for present, _ in ALLOWED if present in ends]
    assert {to for present, to in ALLOWED if present is State.LIVE} == {State.SUSPENDED, State.REVOKING}


def test_what_has_ended_holds_nothing_in_aws():
    assert set(HOLDING) == set(STORED) - {State.REVOKED, State.UNCLAIMED, State.EXPIRED, State.FAILED}


@pytest.mark.parametrize(
    ("stored", "end", "unresolved", "state"),
    [
        (State.LIVE, None, False, State.LIVE),
        (State.LIVE, timedelta(seconds=1), False, State.LIVE),
        (State.LIVE, timedelta(0), False, State.EXPIRED),
        (State.LIVE, timedelta(days=-1), False, State.EXPIRED),
        (State.LIVE, timedelta(days=-1), True, State.EXPIRED),
        (State.LIVE, timedelta(days=9), True, State.UNRESOLVED),
        (State.SUSPENDED, None, False, State.SUSPENDED),
        (State.SUSPENDED, timedelta(days=9), True, State.UNRESOLVED),
        (State.SUSPENDED, timedelta(0), False, State.EXPIRED),
        (State.ISSUING, timedelta(days=9), True, State.UNRESOLVED),
        (State.REVOKING, timedelta(days=-1), True, State.UNRESOLVED),
        (State.REVOKING, timedelta(days=-1), False, State.REVOKING),
        (State.REVOKED, timedelta(days=-1), True, State.REVOKED),
        (State.FAILED, timedelta(days=-1), True, State.FAILED),
    ],
)
def test_the_shown_state_follows_the_clock_and_the_claim(stored, end, unresolved, state):
    expires_at = None if end is None else NOW + end
    assert shown(stored, expires_at, unresolved=unresolved, now=NOW) is state


@pytest.mark.parametrize("member", [*State, *Outcome, *Login, *Seal])
def test_every_state_carries_its_words_and_tone(member):
    assert member.label
    assert member.tone in {"info", "good", "warn", "bad", "off", "pause"}
    assert str(member) == member.value
