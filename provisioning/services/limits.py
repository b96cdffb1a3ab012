"""Judging a credential that stays: as if it were issued now in its own place, or by what was approved for it."""

from datetime import datetime
from typing import Any, TypedDict, Unpack

from guidance.catalogue import Kind
from provisioning.domain import guardrails, narrowing
from provisioning.domain.from_entries import FromEntry
from provisioning.domain.guardrails import Wish
from provisioning.domain.refusals import Breach
from provisioning.models import Credential, CredentialRequest
from provisioning.services import approved
from provisioning.services.clock import MOMENT


class Changes(TypedDict, total=False):
    """What of it would be otherwise, in the words of its row."""

    regions: Any
    from_entries: Any
    expires_at: datetime | None


def breaches(credential: Credential, *, now: datetime, **changes: Unpack[Changes]) -> tuple[Breach, ...]:
    """Return every limit that it would break, as it is or with `changes`, if it were issued now in its own place.

    None within what an administrator approved for this very credential, as narrow as they left it.
    """
    ends = changes.get("expires_at", credential.expires_at)
    wish = Wish(
        Kind(credential.kind),
        tuple(changes.get("regions", credential.regions)),
        tuple(map(FromEntry.parse, changes.get("from_entries", credential.from_entries))),
        guardrails.days_left(ends, now),
        credential.options,
    )
    others = Credential.objects.holding().filter(team=credential.team_id).exclude(pk=credential.pk).count()
    found = guardrails.breaches(credential.team.guardrail, wish, others)
    granted = approved.granted(credential) if found else None
    if granted is None or granted.team_id != credential.team_id:
        return found
    if _covers(granted, wish, ends):
        return ()
    return (*found, Breach(found[0].field, _as_far_as(granted)))


def breaches_of_more(
    credential: Credential, field: str, *, now: datetime, **more: Unpack[Changes]
) -> tuple[Breach, ...]:
    """Return beside `field` why it may not get `more`, if so: whatever is added has the whole of it judged."""
    found = breaches(credential, now=now, **more)
    if not found:
        return ()
    way = f"{credential.application} keeps what it has. For more than that, ask an administrator for a new credential."
    return (*(Breach(field, breach.text) for breach in found), Breach(field, way))


def _covers(granted: CredentialRequest, wish: Wish, ends: datetime | None) -> bool:
    """Return whether `wish` is no more than was approved; its end counts from the issue, so it is a moment."""
    if granted.expires_at is not None and (ends is None or ends > granted.expires_at):
        return False
    limit = Wish(wish.kind, granted.wish.regions, granted.wish.from_entries, wish.lifetime_days, granted.wish.options)
    return not narrowing.beyond(limit, wish)


def _as_far_as(granted: CredentialRequest) -> str:
    who = granted.decided_by.email if granted.decided_by else "An administrator"
    what = f"{' and '.join(granted.from_entries)} in {' and '.join(granted.regions)}, " if granted.from_entries else ""
    until = f"until {granted.expires_at:{MOMENT}}" if granted.expires_at else "without an end"
    return f"{who} approved it for {what}{until}, and no more."
