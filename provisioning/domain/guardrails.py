"""A team's guardrail: what its members may issue by themselves. Pure; answers with what to change."""

from dataclasses import dataclass

from guidance.catalogue import Kind
from provisioning.domain.from_entries import FromEntry
from provisioning.domain.refusals import Breach


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


@dataclass(frozen=True)
class Wish:
    """What somebody wants to issue. A `lifetime_days` of None means: without an end."""

    kind: Kind
    regions: tuple[str, ...]
    from_entries: tuple[FromEntry, ...]
    lifetime_days: int | None


def breaches(guardrail: Guardrail, wish: Wish, live: int) -> tuple[Breach, ...]:
    """Return what of `wish` lies outside `guardrail`, a sentence each; `live` is how many the team holds already."""
    return (
        *_kind(guardrail, wish),
        *_regions(guardrail, wish),
        *_from_entries(guardrail, wish),
        *_lifetime(guardrail, wish),
        *_number(guardrail, live),
    )


def _kind(guardrail: Guardrail, wish: Wish) -> list[Breach]:
    if wish.kind in guardrail.kinds:
        return []
    return [Breach("team", f"{guardrail.team} may not issue this kind of credential.")]


def _regions(guardrail: Guardrail, wish: Wish) -> list[Breach]:
    outside = [region for region in wish.regions if region not in guardrail.regions]
    if not outside:
        return []
    allowed = ", ".join(guardrail.regions)
    return [Breach("regions", f"{', '.join(outside)} is outside the regions of {guardrail.team}: {allowed}.")]


def _from_entries(guardrail: Guardrail, wish: Wish) -> list[Breach]:
    allowed = ", ".join(map(str, guardrail.from_entries))
    return [
        Breach("from_addresses", f"{entry} is outside what {guardrail.team} may send as: {allowed}.")
        for entry in wish.from_entries
        if not any(limit.contains(entry) for limit in guardrail.from_entries)
    ]


def _lifetime(guardrail: Guardrail, wish: Wish) -> list[Breach]:
    longest = guardrail.longest_lifetime_days
    if wish.lifetime_days is None:
        if guardrail.allows_no_expiry:
            return []
        return [Breach("lifetime_days", f"{guardrail.team} needs an end date: at most {longest} days.")]
    if wish.lifetime_days > longest:
        return [Breach("lifetime_days", f"{wish.lifetime_days} days is longer than {guardrail.team} may: {longest}.")]
    return []


def _number(guardrail: Guardrail, live: int) -> list[Breach]:
    if live < guardrail.live_limit:
        return []
    return [
        Breach(
            "team",
            f"{guardrail.team} holds {live} of {guardrail.live_limit} live credentials. Revoke one that is not needed.",
        )
    ]
