"""A refusal: an answer for a person, in words, with the next step."""

from dataclasses import dataclass, field
from enum import StrEnum


class Reason(StrEnum):
    """Why something was refused; the audit trail keeps this word."""

    NOT_PERMITTED = "not permitted"
    NOT_THERE = "not there"
    OUTSIDE_GUARDRAIL = "outside the guardrail"
    NOT_NOW = "not in this state"
    UNSAFE_SET_UP = "unsafe set-up"
    HISTORY_UNWRITABLE = "history unwritable"
    WRONG_BROWSER = "wrong browser or session"
    TOO_MANY = "too many"
    NOT_FRESH = "not signed in lately"


_STATUS = {
    Reason.NOT_THERE: 404,
    Reason.OUTSIDE_GUARDRAIL: 409,
    Reason.NOT_NOW: 409,
    Reason.UNSAFE_SET_UP: 503,
    Reason.HISTORY_UNWRITABLE: 503,
    Reason.TOO_MANY: 429,
}


@dataclass(frozen=True)
class NextStep:
    """One way on, as a link: `url` is an address of this site."""

    title: str
    text: str
    url: str
    label: str


@dataclass(frozen=True)
class Breach:
    """One thing to change in what was typed: the form field it belongs to, and a sentence."""

    field: str
    text: str
    may_be_approved: bool = False  # whether an administrator can be asked for it as it is


@dataclass(eq=False)
class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not an error
    """Raised where an act may not go on. `created_note` says what became of it; nothing was made unless it says so."""

    why: Reason
    title: str
    reason: str
    next_steps: tuple[NextStep, ...] = ()
    created_note: str = "Nothing was made or changed."
    breaches: tuple[Breach, ...] = ()
    commands: tuple[str, ...] = field(default=())
    recorded: bool = False  # whether the history has it already
    unrecorded: bool = False  # whether the history could not take it
    met_nothing: bool = False  # whether it was given before anything was found: what it is about is only what was typed

    def __str__(self) -> str:
        return f"{self.title}: {self.reason}"

    @property
    def points(self) -> tuple[str, ...]:
        """What is to be changed, as a list; empty where the reason says it."""
        texts = tuple(breach.text for breach in self.breaches)
        return () if texts == (self.reason,) else texts

    @property
    def has_its_own_reason(self) -> bool:
        """Whether the reason says more than the points one after the other."""
        return self.reason != " ".join(self.points)

    @property
    def may_be_approved(self) -> bool:
        """Whether an administrator can be asked for what was refused, as it is."""
        return bool(self.breaches) and all(breach.may_be_approved for breach in self.breaches)

    @property
    def status(self) -> int:
        """The HTTP status of the page that says it."""
        return _STATUS.get(self.why, 403)
