"""What is wrong with the house itself, for administrators: the set-up, the sweeps, identities that are gone, limits."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, Min, Q
from django.urls import reverse

from provisioning.domain.from_entries import FromEntry
from provisioning.domain.lifecycle import State
from provisioning.domain.roles import Actor
from provisioning.models import AwsAccount, Credential, GuardrailChange
from provisioning.services.sweep_overview import Overview, overview
from provisioning.views.needs import Need

SHOWN = 4


@dataclass(frozen=True)
class Region:
    """What was last read of one region."""

    name: str
    identities: Sequence[str]
    in_production: bool
    read_at: datetime


@dataclass(frozen=True)
class House:
    """The account, its regions, how many credentials are live, the sweeps; and what of it needs an administrator."""

    account: str
    checked_at: datetime | None
    regions: Sequence[Region]
    live: int
    sweeps: Overview
    needs: Sequence[Need]


@dataclass
class Gone:
    """From entries that no identity of a region covers any more, and the live credentials that send as them."""

    entries: set[str] = field(default_factory=set)
    credentials: int = 0
    first: int = 0


def house(by: Actor, now: datetime) -> House:
    """Return how the house is; four queries, whatever it holds."""
    account, trouble, checked_at, regions = _account()
    # Credentials that send as the same addresses in the same regions are one row.
    alike = Credential.objects.filter(Q(expires_at=None) | Q(expires_at__gt=now), state=State.LIVE).order_by()
    groups = list(alike.values_list("regions", "from_entries").annotate(held=Count("pk"), first=Min("pk")))
    sweeps = overview(by=by, now=now)
    needs = [*_set_up(trouble), *_late(sweeps), *_gone(groups, regions), *_second_words(by, now)]
    return House(account, checked_at, regions, sum(held for _, _, held, _ in groups), sweeps, needs)


def _account() -> tuple[str, str, datetime | None, list[Region]]:
    read = ("readings__region", "readings__identities", "readings__in_production", "readings__read_at")
    rows = list(
        AwsAccount.objects.order_by("pk", "readings__region").values_list("account_id", "trouble", "checked_at", *read)
    )
    if not rows:
        return "", "", None, []
    account, trouble, checked_at = rows[-1][:3]
    return account, trouble, checked_at, [Region(*row[3:]) for row in rows if row[0] == account and row[3]]


def _set_up(trouble: str) -> Iterator[Need]:
    if trouble:
        yield Need("bad", "Set-up", "Nothing can be issued", trouble)


def _late(sweeps: Overview) -> Iterator[Need]:
    where = reverse("sweeps")
    if not sweeps.has_worker:
        yield Need("bad", "Sweeps", "No worker seems to run", "What is due waits: secrets, acts and mail.", where)
    elif sweeps.late:
        several = len(sweeps.late) > 1
        title = f"{', '.join(sweeps.late)}: {'these sweeps are' if several else 'this sweep is'} late"
        yield Need("warn", "Late", title, "A worker runs, but has not begun what is due.", where)


def _gone(groups: Iterable[tuple[list[str], list[str], int, int]], regions: Sequence[Region]) -> Iterator[Need]:
    known = {region.name: region.identities for region in regions}
    found: dict[str, Gone] = defaultdict(Gone)
    for named, entries, held, first in groups:
        for name in named:
            missing = [entry for entry in entries if name in known and not _is_covered(entry, known[name])]
            if missing:
                gone = found[name]
                gone.entries.update(missing)
                gone.credentials += held
                gone.first = min(gone.first or first, first)
    for name, gone in sorted(found.items())[:SHOWN]:
        entry, others = min(gone.entries), len(gone.entries) - 1
        several = f" and {others} more" if others else ""
        sends = "1 live credential sends" if gone.credentials == 1 else f"{gone.credentials:,} live credentials send"
        yield Need(
            "bad",
            "Identity",
            f"{entry}{several}: no verified identity in {name}",
            f"{sends} as this, and SES refuses the mail until the identity is verified again.",
            reverse("credential", args=(gone.first,)),
        )


def _is_covered(entry: str, identities: Iterable[str]) -> bool:
    return any(map(FromEntry.parse(entry).verified_by, identities))


def _second_words(by: Actor, now: datetime) -> Iterator[Need]:
    """Give the wider guardrails of others that wait for a second administrator."""
    for change in GuardrailChange.objects.waiting(now).exclude(by=by.person_id).select_related("team", "by")[:SHOWN]:
        title = f"{change.team.name}: its guardrail was widened"
        text = f"{change.by.email} cannot issue under it until {change.waits_until:%H:%M} UTC, or until you agree."
        yield Need("warn", "Agree", title, text)
