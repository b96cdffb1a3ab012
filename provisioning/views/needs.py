"""What needs somebody now: hand-overs that wait for them, acts without an answer, ends that are near. Worst first."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from provisioning.domain.lifecycle import Login, Seal, State
from provisioning.domain.roles import Actor
from provisioning.models import Credential, Handover, SmtpLogin
from provisioning.models.handover import OPEN_FOR

SOON = timedelta(days=14)
SHOWN = 6


@dataclass(frozen=True)
class Need:
    """One thing to do: how urgent (a tone and a word), what, and where it is done."""

    tone: str
    word: str
    title: str
    text: str
    href: str
    label: str


def needs_of(by: Actor, now: datetime) -> list[Need]:
    """Return what needs `by` now: their own open hand-overs, then what is wrong or ends soon where they may see it."""
    return [*_handovers(by, now), *_credentials(by, now)]


def _handovers(by: Actor, now: datetime) -> list[Need]:
    open_now = Handover.objects.sealed().filter(person=by.person_id, made_at__gt=now - OPEN_FOR)
    return [_waiting(handover, now) for handover in open_now.select_related("request")[:SHOWN]]


def _waiting(handover: Handover, now: datetime) -> Need:
    minutes = max(1, int((handover.open_until - now).total_seconds() // 60))
    left = f"{minutes} minute{'' if minutes == 1 else 's'}"
    seen = handover.state == Seal.SEEN
    return Need(
        tone="info",
        word="Open",
        title=f"{handover.request.application}: {'confirm that it is stored' if seen else 'store it now'}",
        text=f"{left} left, in the browser that issued it."
        + ("" if seen else " Unseen, it is revoked when the time is over."),
        href=reverse("handover", args=(handover.pk,)),
        label="Open",
    )


def _credentials(by: Actor, now: datetime) -> list[Need]:
    stuck = SmtpLogin.objects.filter(key__credential=OuterRef("pk"), key__deleted_at=None, state=Login.STUCK)
    found = Credential.objects.visible_to(by).with_unresolved().holding().annotate(is_stuck=Exists(stuck))
    pressing = found.filter(
        Q(is_unresolved=True) | Q(is_stuck=True) | Q(state=State.SUSPENDED) | Q(expires_at__lte=now + SOON)
    )
    needs = [_pressing(credential, now) for credential in pressing.order_by("expires_at", "-pk")[:SHOWN]]
    return sorted(needs, key=lambda need: ("bad", "warn", "pause", "off").index(need.tone))


def _pressing(credential: Credential, now: datetime) -> Need:
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
    return Need(tone, word, title, text, reverse("credential", args=(credential.pk,)), "Look into it")
