"""The shape of a recommendation."""

from dataclasses import dataclass
from enum import StrEnum

from guidance.catalogue import Kind, Link, Part


class Verdict(StrEnum):
    """What may be said of a credential that was not recommended. Label and colour travel with it."""

    DOES_NOT_WORK = "does-not-work"
    NOT_ADVISED = "not-advised"
    SECOND_BEST = "second-best"
    NEVER = "never"

    @property
    def label(self) -> str:
        return {
            Verdict.DOES_NOT_WORK: "Does not work",
            Verdict.NOT_ADVISED: "Not advised",
            Verdict.SECOND_BEST: "Second best",
            Verdict.NEVER: "Never",
        }[self]

    @property
    def tone(self) -> str:
        return {
            Verdict.DOES_NOT_WORK: "off",
            Verdict.NOT_ADVISED: "warn",
            Verdict.SECOND_BEST: "info",
            Verdict.NEVER: "bad",
        }[self]


@dataclass(frozen=True, slots=True)
class Other:
    """A credential that was not recommended, and why."""

    credential: str
    verdict: Verdict
    because: str


@dataclass(frozen=True, slots=True)
class Point:
    """Something to watch out for: what in a few words, then the rest."""

    lead: str
    text: str


@dataclass(frozen=True, slots=True)
class Recommendation:
    """An answer of the wizard. `kind` is the row of the credential table it belongs to.

    `needs_credential` is False where a role does it. `issued_here` says whether this dashboard makes it.
    """

    slug: str
    kind: Kind
    title: str
    because: str
    parts: tuple[Part, ...]
    parts_note: str
    steps: tuple[str, ...]
    others: tuple[Other, ...]
    watch: tuple[Point, ...]
    keep: tuple[str, ...]
    alternative: str
    links: tuple[Link, ...]
    needs_credential: bool = True
    issued_here: bool = False
