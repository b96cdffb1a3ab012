"""Describing a second key: what will be made beside the first, and whether there is room for it."""

from collections.abc import Sequence
from datetime import datetime

from guidance.catalogue import Kind
from provisioning import audit
from provisioning.domain.from_entries import FromEntry
from provisioning.domain.guardrails import Wish
from provisioning.domain.lifecycle import Seal, State
from provisioning.domain.permission import demand, not_there
from provisioning.domain.refusals import Breach, Reason, Refusal
from provisioning.domain.roles import Act, Actor
from provisioning.models import Credential, CredentialRequest, Handover
from provisioning.services import approved, identities, limits, renewals, requesting
from provisioning.services.amending import about

PLACES = 2  # as many keys a user may have, whether they work or not
NOTHING = "Nothing was changed: the key that is there works as before."


def review(credential_id: int, added: Sequence[str], *, by: Actor, now: datetime) -> CredentialRequest:
    """Return the review of a second key that works in the regions `added`, too; it is kept for an hour."""
    found = Credential.objects.visible_to(by).with_unresolved().select_related("team", "account", "request")
    credential = found.filter(pk=credential_id).first()
    subject = about(credential, credential_id)
    with audit.refusals_recorded(Act.CREDENTIAL_ROTATE, subject, by=by, at=now):
        demand(by, Act.CREDENTIAL_ROTATE)
        if credential is None:
            raise not_there("credential")
        demand(by, Act.CREDENTIAL_ROTATE, credential.target)
        require_room(credential, now)
        regions = list(dict.fromkeys([*credential.regions, *added]))
        require_allowed(credential, regions, by=by, now=now)
        return renewals.reviewed(credential, regions=regions, by=by, now=now)


def require_live(credential: Credential, now: datetime) -> None:
    """Raise a `Refusal` unless the credential is live and of a kind that has keys."""
    state, name = credential.shown_state(now), credential.application
    if state is not State.LIVE:
        raise Refusal(
            why=Reason.NOT_NOW,
            title=f"{name} is {state.label.lower()}",
            reason="Only a live credential gets a second key."
            + (" Resume it first." if state is State.SUSPENDED else ""),
            created_note="Nothing was changed.",
        )
    if credential.kind == Kind.CONSOLE:
        raise Refusal(
            why=Reason.NOT_NOW,
            title=f"{name} has no key",
            reason="It is a console login: whoever signs in changes its password there.",
            created_note="Nothing was changed.",
        )


def require_room(credential: Credential, now: datetime) -> None:
    """Raise a `Refusal` unless it is live, its secret is stored, and one of its user's two places for a key is free."""
    require_live(credential, now)
    if credential.keys.kept().count() >= PLACES:
        raise Refusal(
            why=Reason.NOT_NOW,
            title=f"{credential.application} has two keys already",
            reason="AWS lets a user have two, and inactive ones count. Choose which of them goes, then rotate again.",
            created_note=NOTHING,
        )
    require_stored(credential, now)


def require_stored(credential: Credential, now: datetime) -> None:
    """Raise a `Refusal` unless the credential is live and nothing of it is still to be handed over."""
    require_live(credential, now)
    # Unseen, it takes what it hands over with it: of a first one that is every key.
    waiting = credential.handovers.exclude(state=Seal.BURNT).filter(key__deleted_at=None).select_related("person")
    handover = waiting.first()
    if handover is not None:
        raise _not_stored(credential, handover, now)


def _not_stored(credential: Credential, handover: Handover, now: datetime) -> Refusal:
    if handover.is_open(now):
        until = f"{handover.open_until:%H:%M} UTC"
        reason = (
            f"{handover.person} has until {until} to store its secret and to confirm it. Rotate after that. If nobody "
            "looks at the secret until then, what was made for it is deleted."
        )
    else:
        reason = (
            f"{handover.person} did not confirm in time that its secret is stored. If nobody has looked at it, what "
            "was made for it is deleted within minutes. Come back then."
        )
    return Refusal(
        why=Reason.NOT_NOW,
        title=f"{credential.application} is still being handed over",
        reason=reason,
        created_note=NOTHING,
    )


def require_allowed(credential: Credential, regions: Sequence[str], *, by: Actor, now: datetime) -> None:
    """Raise a `Refusal` unless `by` may be handed the secret, or naming what speaks against regions that are new.

    Without any of these nothing of what it has is judged again.
    """
    renewals.require_may_have(credential, by=by, now=now)
    added = tuple(region for region in regions if region not in credential.regions)
    if not added:
        return
    wish = Wish(
        Kind(credential.kind), added, tuple(map(FromEntry.parse, credential.from_entries)), None, credential.options
    )
    found = limits.breaches_of_more(credential, "regions", now=now, regions=regions)
    found = (*found, *requesting.never_breaches(credential.account, wish))
    found = (*found, *requesting.size_breaches(requesting.policy_of(credential, regions=regions)))
    found = found or identities.breaches(credential.account, wish)
    if found:
        raise Refusal(
            why=Reason.OUTSIDE_GUARDRAIL,
            title="Not within the limits",
            reason=" ".join(breach.text for breach in found),
            breaches=tuple(Breach("regions", breach.text) for breach in found),
            created_note=f"{NOTHING} What you chose is kept.",
        )


def why_no_more_regions(credential: Credential, offered: Sequence[str], *, now: datetime) -> str:
    """Return in words why none of `offered`, regions of its team, can be added; "" if one of them can, or none is."""
    granted = approved.granted(credential)
    likeliest = [region for region in offered if granted is None or region in granted.regions] or offered
    if not likeliest:
        return ""
    more = [*credential.regions, likeliest[0]]
    return " ".join(breach.text for breach in limits.breaches_of_more(credential, "regions", now=now, regions=more))


def adds_regions(request: CredentialRequest, credential: Credential) -> bool:
    """Return whether the review adds regions, so that the policy has to change first."""
    return list(request.regions) != list(credential.regions)
