"""Comparing two guardrails: what changes, and whether anything becomes allowed that was not. Pure."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass

from guidance.catalogue import Kind
from provisioning.domain.guardrails import ConsoleAccess, Guardrail, days


@dataclass(frozen=True)
class Difference:
    """One limit that changes, both values in words, and whether it allows something that was not allowed."""

    limit: str
    before: str
    after: str
    widens: bool

    def __str__(self) -> str:
        return f"{self.limit}: {self.before} before, {self.after} now"


def differences(before: Guardrail, after: Guardrail) -> tuple[Difference, ...]:
    """Return what is not the same in both, limit by limit."""
    every = (
        Difference("Kinds", _kinds(before), _kinds(after), not after.kinds <= before.kinds),
        Difference("Regions", _words(before.regions), _words(after.regions), not {*after.regions} <= {*before.regions}),
        Difference(
            "From entries", _words(before.from_entries), _words(after.from_entries), _sends_as_more(before, after)
        ),
        Difference(
            "Live credentials",
            f"at most {before.live_limit:,}",
            f"at most {after.live_limit:,}",
            after.live_limit > before.live_limit,
        ),
        Difference(
            "Longest lifetime",
            days(before.longest_lifetime_days),
            days(after.longest_lifetime_days),
            after.longest_lifetime_days > before.longest_lifetime_days,
        ),
        Difference(
            "Life without an end",
            _allowed(before.allows_no_expiry),
            _allowed(after.allows_no_expiry),
            after.allows_no_expiry > before.allows_no_expiry,
        ),
        Difference(
            "Console logins",
            before.console_access.words,
            after.console_access.words,
            after.console_access is ConsoleAccess.FULL,
        ),
    )
    return tuple(each for each in every if each.before != each.after)


def is_widening(before: Guardrail, after: Guardrail) -> bool:
    """Return whether `after` allows, in any limit, something that `before` did not."""
    return any(each.widens for each in differences(before, after))


def fingerprint(guardrail: Guardrail) -> str:
    """Return what tells these limits from any others: whoever saves says with it which they had before them."""
    return hashlib.sha256(json.dumps(guardrail.limits, sort_keys=True).encode()).hexdigest()


def _sends_as_more(before: Guardrail, after: Guardrail) -> bool:
    return any(not any(old.contains(entry) for old in before.from_entries) for entry in after.from_entries)


def _kinds(guardrail: Guardrail) -> str:
    return _words(Kind(kind).label for kind in guardrail.kinds)


def _words(values: Iterable[object]) -> str:
    return ", ".join(sorted(map(str, values))) or "none"


def _allowed(allows: bool) -> str:  # noqa: FBT001 - a limit, put into words
    return "allowed" if allows else "not allowed"
