"""What needs somebody now: hand-overs that wait for them, acts without an answer, ends that are near. Worst first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Case, Exists, OuterRef, Q, Subquery, Value, When
from django.urls import reverse

from provisioning.domain.lifecycle import Login, Seal, State
from provisioning.domain.roles import Actor
from provisioning.models import Credential, Handover, SmtpLogin
from provisioning.models.credential import CredentialQuerySet
from provisioning.models.handover import OPEN_FOR

SOON = timedelta(days=14)
SHOWN = 6
_WORST_FIRST = ("info", "bad", "warn", "pause", "off")  # what is open now has minutes


@dataclass(frozen=True)
class Need:
    """One thing to do: how urgent (a tone and a word), what, and where it is done, if there is a page for it."""

    tone: str
    word: str
    title: str
    text: str
    href: str = ""
    label: str = "Look into it"


def worst_first(needs: Iterable[Need]) -> list[Need]:
    """Return `needs` in the order in which they should be done."""
    return sorted(needs, key=lambda need: _WORST_FIRST.index(need.tone))


def needs_of(by: Actor, now: datetime) -> list[Need]:
    """Return what needs `by` now: their own open hand-overs, then what is wrong, ends soon or is stopped."""
    return worst_first(_need(credential, now) for credential in _pressing(by, now)[:SHOWN])


def _pressing(by: Actor, now: datetime) -> CredentialQuerySet:
    """Return the credentials that need somebody, each with its hand-over where that is `by`'s and open."""
    stuck = SmtpLogin.objects.filter(key__credential=OuterRef("pk"), key__deleted_at=None, state=Login.STUCK)
    opened = Handover.objects.sealed().filter(
        request=OuterRef("request"), person=by.person_id, made_at__gt=now - OPEN_FOR
    )
    found = Credential.objects.visible_to(by).with_unresolved().holding()
    weighed = found.annotate(is_stuck=Exists(stuck), seal=Subquery(opened.values("state")[:1])).annotate(
        weight=Case(
            When(seal__isnull=False, then=Value(0)),
            When(Q(is_unresolved=True) | Q(is_stuck=True), then=Value(1)),
            When(state=State.SUSPENDED, then=Value(3)),
            When(expires_at__lte=now + SOON, then=Value(2)),
        )
    )
    return weighed.exclude(weight=None).order_by("weight", "expires_at", "-pk").select_related("request__handover")


def _need(credential: Credential, now: datetime) -> Need:
    if credential.seal:  # type: ignore[attr-defined] # annotated above
        return _waiting(credential, credential.request.handover, now)
    name, state = credential.application, credential.shown_state(now)
    days = (credential.expires_at - now).days if credential.expires_at else 0
    near = "today" if days < 1 else "tomorrow" if days == 1 else f"in {days} days"
    tone, word, title, text = (
        ("bad", "Unresolved", f"{name}: AWS has not answered", "Recovery looks at AWS within minutes and settles it.")
        if state is State.UNRESOLVED
        else (
            "pause",
            "Suspended",
            f"{name} is suspended",
            "It sends nothing. Resume it, or revoke it if nobody misses it.",
        )
        if state is State.SUSPENDED
        else ("bad", "Stuck", f"{name}: its sign-in fails", "The key does not work. Revoke it, and issue another.")
        if credential.is_stuck  # type: ignore[attr-defined] # annotated above
        else ("off", "Expired", f"{name} has expired", "AWS refuses its mail. Revoke it when nobody misses it.")
        if state is State.EXPIRED
        else ("warn", "Soon", f"{name} ends {near}", "AWS stops it by itself. Issue the next one before.")
    )
    return Need(tone, word, title, text, reverse("credential", args=(credential.pk,)))


def _waiting(credential: Credential, handover: Handover, now: datetime) -> Need:
    minutes = max(1, int((handover.open_until - now).total_seconds() // 60))
    left = f"{minutes} minute{'' if minutes == 1 else 's'}"
    seen = handover.state == Seal.SEEN
    return Need(
        tone="info",
        word="Open",
        title=f"{credential.application}: {'confirm that it is stored' if seen else 'store it now'}",
        text=f"{left} left, in the browser that issued it."
        + ("" if seen else " Unseen, it is revoked when the time is over."),
        href=reverse("handover", args=(handover.pk,)),
        label="Open",
    )
