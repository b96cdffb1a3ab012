"""The closed lists of states, each with its label and tone, and the moves between them."""

from datetime import datetime
from enum import StrEnum
from typing import Self

from provisioning.domain.refusals import Reason, Refusal


class Labelled(StrEnum):
    """A state that carries its label and tone (info, good, warn, bad, off, pause) with it."""

    label: str
    tone: str

    def __new__(cls, value: str, label: str, tone: str) -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        member.tone = tone
        return member

    @classmethod
    def of(cls, value: str) -> Self:
        """Return the member whose value was stored as `value`."""
        return cls(value)  # type: ignore[call-arg] # looking up takes the value alone


class State(Labelled):
    """Where a credential stands in its life."""

    ISSUING = "issuing", "Being issued", "info"
    LIVE = "live", "Live", "good"
    SUSPENDED = "suspended", "Suspended", "pause"
    EXPIRED = "expired", "Expired", "off"
    REVOKING = "revoking", "Being revoked", "warn"
    REVOKED = "revoked", "Revoked", "off"
    UNCLAIMED = "unclaimed", "Unclaimed", "off"
    FAILED = "failed", "Not issued", "bad"
    UNRESOLVED = "unresolved", "Unresolved", "warn"


class Outcome(Labelled):
    """How an act ended, or that it has begun."""

    BEGUN = "begun", "Begun", "info"
    DONE = "done", "Done", "good"
    FAILED = "failed", "Failed", "bad"
    REFUSED = "refused", "Refused", "warn"
    UNKNOWN = "unknown", "No answer yet", "warn"


class Login(Labelled):
    """What trying an SMTP sign-in has shown so far, for one region."""

    UNTRIED = "untried", "Not verified", "off"
    PROPAGATING = "propagating", "Propagating", "info"
    VERIFIED = "verified", "Sign-in verified", "good"
    UNREACHABLE = "unreachable", "Unreachable", "warn"
    STUCK = "stuck", "Stuck", "bad"


class Seal(Labelled):
    """How far a hand-over has gone. The ciphertext exists in OPEN and SEEN only."""

    OPEN = "open", "Waiting to be looked at", "info"
    SEEN = "seen", "Looked at", "good"
    BURNT = "burnt", "Gone for good", "off"
    EXPIRING = "expiring", "Time is over", "warn"


class Delivery(Labelled):
    """How far a notice has come."""

    WAITING = "waiting", "Waiting", "info"
    RETRIED = "retried", "Tried again", "warn"
    SENT = "sent", "Sent", "good"
    NOT_SENT = "not-sent", "Not sent", "bad"


class Asking(Labelled):
    """How far a request outside the guardrail has come."""

    NOT_ASKED = "not asked", "Not asked for", "off"
    ASKED = "asked", "Waiting for a decision", "info"
    APPROVED = "approved", "Approved", "good"
    DECLINED = "declined", "Declined", "bad"
    WITHDRAWN = "withdrawn", "Withdrawn", "off"
    LAPSED = "lapsed", "Lapsed", "off"


# UNRESOLVED is read off a claim, never stored; EXPIRED off a date, until a sweep has deleted the user and stores it.
STORED = (
    State.ISSUING,
    State.LIVE,
    State.SUSPENDED,
    State.REVOKING,
    State.REVOKED,
    State.UNCLAIMED,
    State.EXPIRED,
    State.FAILED,
)
# What still counts against a team's limit: AWS holds, or may hold, a user for it.
HOLDING = (State.ISSUING, State.LIVE, State.SUSPENDED, State.REVOKING)
# What has been issued and stays until somebody revokes it.
STAYING = (State.LIVE, State.SUSPENDED)
# What was issued and is gone: nothing of it is left in AWS.
ENDED = (State.REVOKED, State.UNCLAIMED, State.EXPIRED)

_MOVES: dict[State, tuple[State, ...]] = {
    State.ISSUING: (State.LIVE, State.FAILED),
    State.LIVE: (State.SUSPENDED, State.REVOKING),
    State.SUSPENDED: (State.LIVE, State.REVOKING),
    State.REVOKING: (State.REVOKING, State.LIVE, State.SUSPENDED, State.REVOKED, State.UNCLAIMED, State.EXPIRED),
    State.REVOKED: (),
    State.UNCLAIMED: (),
    State.EXPIRED: (),
    State.FAILED: (),
}

_ALREADY: dict[State, str] = {
    State.ISSUING: "It is still being issued.",
    State.REVOKED: "It has been revoked already.",
    State.UNCLAIMED: "Nobody had looked at its secret when its hand-over ended, so it was revoked.",
    State.EXPIRED: "Its time is over: AWS has ended it, and its IAM user is deleted.",
    State.FAILED: "It was never issued: the attempt was undone.",
    State.REVOKING: "It is being revoked already.",
    State.SUSPENDED: "It is suspended: its key is inactive, so it sends nothing until it is resumed.",
}


def already(present: State) -> str:
    """Return in words how a credential stands that may not move on."""
    return _ALREADY.get(present, f"It is {present.label.lower()}.")


def move(name: str, present: State, to: State) -> State:
    """Return `to` if a credential called `name` may move there from `present`; raise a `Refusal` if not."""
    if to in _MOVES[present]:
        return to
    raise Refusal(
        why=Reason.NOT_NOW,
        title=f"{name} is {present.label.lower()}",
        reason=_ALREADY.get(present, f"A credential that is {present.label.lower()} cannot become {to.label.lower()}."),
        created_note="Nothing was changed.",
    )


def shown(stored: State, expires_at: datetime | None, *, unresolved: bool, now: datetime) -> State:
    """Return the state to show: AWS ends an expired credential by itself, whatever the books say."""
    if stored in STAYING and expires_at is not None and expires_at <= now:
        return State.EXPIRED
    if unresolved and stored in HOLDING:
        return State.UNRESOLVED
    return stored
