"""A team's guardrail: what its members may issue by themselves. Pure; answers with what to change."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Self

from guidance.catalogue import Kind
from provisioning.domain.from_entries import FromEntry
from provisioning.domain.refusals import Breach


class ConsoleAccess(StrEnum):
    """What a console login may do in SES."""

    READ = "read"
    FULL = "full"

    @property
    def words(self) -> str:
        """The same for people."""
        return {"read": "read only", "full": "full rights"}[self]


@dataclass(frozen=True)
class Guardrail:
    """The limits of one team. `longest_lifetime_days` counts from the issue."""

    team: str
    kinds: frozenset[Kind]
    regions: tuple[str, ...]
    from_entries: tuple[FromEntry, ...]
    live_limit: int
    longest_lifetime_days: int
    allows_no_expiry: bool = False
    console_access: ConsoleAccess = ConsoleAccess.READ

    @classmethod
    def of(cls, team: str, limits: Mapping[str, Any]) -> Self:
        """Return the guardrail of `team` that `limits` spell, as the database and the history keep them."""
        return cls(
            team=team,
            kinds=frozenset(map(Kind, limits["kinds"])),
            regions=tuple(limits["regions"]),
            from_entries=tuple(map(FromEntry.parse, limits["from_entries"])),
            live_limit=limits["live_limit"],
            longest_lifetime_days=limits["longest_lifetime_days"],
            allows_no_expiry=limits["allows_no_expiry"],
            console_access=ConsoleAccess(limits.get("console_access", ConsoleAccess.READ)),  # older ones name none
        )

    @classmethod
    def nothing(cls, team: str) -> Self:
        """Return the guardrail under which nothing can be issued: what a team has before it is formed."""
        return cls(team, frozenset(), (), (), live_limit=0, longest_lifetime_days=0)

    @property
    def limits(self) -> dict[str, object]:
        """The limits as JSON, in one order, whatever the order they were typed in."""
        return {
            "kinds": sorted(self.kinds),
            "regions": sorted(self.regions),
            "from_entries": sorted(map(str, self.from_entries)),
            "live_limit": self.live_limit,
            "longest_lifetime_days": self.longest_lifetime_days,
            "allows_no_expiry": self.allows_no_expiry,
            "console_access": self.console_access.value,
        }

    @property
    def lets_nothing_through(self) -> bool:
        """Whether no wish at all lies within it."""
        lasts = self.longest_lifetime_days or self.allows_no_expiry
        sends = self.kinds - {Kind.CONSOLE} and self.regions and self.from_entries
        return not ((sends or Kind.CONSOLE in self.kinds) and self.live_limit and lasts)


@dataclass(frozen=True)
class Wish:
    """What somebody wants to issue. A `lifetime_days` of None means: without an end."""

    kind: Kind
    regions: tuple[str, ...]
    from_entries: tuple[FromEntry, ...]
    lifetime_days: int | None
    options: Mapping[str, Any] = field(default_factory=dict)  # what only its kind has


def days_left(ends: datetime | None, now: datetime) -> int | None:
    """Return how many days something that ends then has from `now` on, a begun one counted; None: it has no end."""
    return None if ends is None else math.ceil((ends - now) / timedelta(days=1))


def breaches(guardrail: Guardrail, wish: Wish, live: int) -> tuple[Breach, ...]:
    """Return what of `wish` lies outside `guardrail`, a sentence each; `live` is how many the team holds already."""
    return (
        *_kind(guardrail, wish),
        *_regions(guardrail, wish),
        *_from_entries(guardrail, wish),
        *_access(guardrail, wish),
        *_lifetime(guardrail, wish),
        *_number(guardrail, live),
    )


def outside(guardrail: Guardrail, held: Wish, place: int) -> tuple[str, ...]:
    """Return in which ways what is `held` lies outside `guardrail`, some words each, such as "in eu-central-1".

    `place` is its number among what the team holds, from 1, oldest first: the newest are those over the limit.
    """
    too_long = "without an end" if held.lifetime_days is None else f"for {held.lifetime_days:,} days"
    over = f"as number {place:,} of at most {guardrail.live_limit:,}"
    return (
        *([] if held.kind in guardrail.kinds else [f"as {Kind(held.kind).label}"]),
        *(f"in {region}" for region in _regions_outside(guardrail, held)),
        *(f"as {entry}" for entry in _entries_outside(guardrail, held)),
        *(["with full rights"] if _access(guardrail, held) else []),
        *([too_long] if _lifetime(guardrail, held) else []),
        *([over] if _number(guardrail, place - 1) else []),
    )


def _kind(guardrail: Guardrail, wish: Wish) -> list[Breach]:
    if wish.kind in guardrail.kinds:
        return []
    return [Breach("team", f"{guardrail.team} may not issue this kind of credential: {wish.kind.label}.")]


def _regions(guardrail: Guardrail, wish: Wish) -> list[Breach]:
    found = _regions_outside(guardrail, wish)
    if not found:
        return []
    allowed = ", ".join(guardrail.regions) or "none"
    return [Breach("regions", f"{', '.join(found)} is outside the regions of {guardrail.team}: {allowed}.")]


def _regions_outside(guardrail: Guardrail, wish: Wish) -> list[str]:
    return [region for region in wish.regions if region not in guardrail.regions]


def _from_entries(guardrail: Guardrail, wish: Wish) -> list[Breach]:
    allowed = ", ".join(map(str, guardrail.from_entries)) or "nothing"
    return [
        Breach("from_addresses", f"{entry} is outside what {guardrail.team} may send as: {allowed}.")
        for entry in _entries_outside(guardrail, wish)
    ]


def _entries_outside(guardrail: Guardrail, wish: Wish) -> list[FromEntry]:
    return [entry for entry in wish.from_entries if not any(limit.contains(entry) for limit in guardrail.from_entries)]


def _access(guardrail: Guardrail, wish: Wish) -> list[Breach]:
    if wish.kind not in guardrail.kinds or wish.options.get("access") != ConsoleAccess.FULL:
        return []  # of a kind that the team may not issue at all, how much of it is no question
    if guardrail.console_access is ConsoleAccess.FULL:
        return []
    return [Breach("access", f"{guardrail.team} may issue console logins that read only.")]


def _lifetime(guardrail: Guardrail, wish: Wish) -> list[Breach]:
    longest = guardrail.longest_lifetime_days
    if wish.lifetime_days is None:
        if guardrail.allows_no_expiry:
            return []
        return [Breach("lifetime_days", f"{guardrail.team} needs an end date: at most {days(longest)}.")]
    if wish.lifetime_days > longest:
        return [Breach("lifetime_days", f"{days(wish.lifetime_days)} is longer than {guardrail.team} may: {longest}.")]
    return []


def days(count: int) -> str:
    """Return so many days in words."""
    return f"{count:,} day{'' if count == 1 else 's'}"


def _number(guardrail: Guardrail, live: int) -> list[Breach]:
    if live < guardrail.live_limit:
        return []
    return [
        Breach(
            "team",
            f"{guardrail.team} holds {live} of {guardrail.live_limit} live credentials. Revoke one that is not needed.",
        )
    ]
