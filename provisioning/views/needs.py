"""What needs somebody now: hand-overs that wait for them, acts without an answer, ends that are near. Worst first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Case, Exists, FilteredRelation, OuterRef, Q, Value, When
from django.urls import reverse

from guidance.catalogue import Kind
from provisioning.domain.lifecycle import Login, Seal, State
from provisioning.domain.roles import Actor, Role
from provisioning.models import AccessKey, Claim, Credential, Handover, SmtpLogin
from provisioning.models.credential import CredentialQuerySet
from provisioning.models.handover import OPEN_FOR
from provisioning.views.stopped_by import still_stopped

SOON = timedelta(days=14)
SHOWN = 6
_STOPPED = "Read why before you resume it."
_SUSPENDED = "Resume it, or revoke it if nobody misses it."
_USELESS = {False: "It sends nothing.", True: "Nobody can sign in with it."}
_BLOCKED = "Its page names it: remove that in AWS, then revoke again."
_USED = "Find what uses it. Then let the key work again, or delete it."
_STUCK = "Revoke it, and issue another."
_EXPIRED = "Extend it within a day, or its IAM user is deleted."
_ENDS = "Extend it, or issue the next one before."
_NUMBERS = ("Nothing", "One thing", "Two things", "Three things", "Four things", "Five things", "Six things")
_WORST_FIRST = ("info", "bad", "warn", "good", "pause", "off")  # what is open now has minutes


@dataclass(frozen=True)
class Need:
    """One thing to do: how urgent (a tone and a word), what, and where it is done, if there is a page for it."""

    tone: str
    word: str
    title: str
    text: str
    href: str = ""
    label: str = "Look into it"


def things(count: int) -> str:
    """Return how many things, in words while they can be seen at a glance."""
    return _NUMBERS[count] if count < len(_NUMBERS) else f"{count} things"


def needs(count: int) -> str:
    """Return the verb of so many things."""
    return "needs" if count < 2 else "need"


def worst_first(found: Iterable[Need]) -> list[Need]:
    """Return these in the order in which they should be done."""
    return sorted(found, key=lambda need: _WORST_FIRST.index(need.tone))


def needs_of(by: Actor, now: datetime) -> tuple[list[Need], bool]:
    """Return what needs `by` now, and whether there is more than that.

    First their own open hand-overs, then what is wrong, ends soon or is stopped.
    """
    found = [_need(each, by, now) for each in _pressing(by, now)[: SHOWN + 1]]
    return worst_first(found[:SHOWN]), len(found) > SHOWN


def _pressing(by: Actor, now: datetime) -> CredentialQuerySet:
    """Return the credentials that need somebody, each with `by`'s open hand-over, or once for each of these."""
    stuck = SmtpLogin.objects.filter(key__credential=OuterRef("pk"), key__deleted_at=None, state=Login.STUCK)
    used = AccessKey.objects.kept().filter(credential=OuterRef("pk"), used_since_at__isnull=False)
    mine = Q(
        handovers__person=by.person_id,
        handovers__state__in=(Seal.OPEN, Seal.SEEN),
        handovers__made_at__gt=now - OPEN_FOR,
    )
    found = Credential.objects.visible_to(by).with_unresolved().holding()
    stopped = still_stopped().filter(credential=OuterRef("pk"))
    at_work = Claim.objects.open().filter(credential=OuterRef("pk"))
    marked = found.annotate(
        is_blocked=Q(state=State.REVOKING) & ~Exists(at_work),
        is_stuck=Exists(stuck),
        is_stopped=Exists(stopped),
        is_used=Exists(used),
        opened=FilteredRelation("handovers", condition=mine),
    )
    weighed = marked.annotate(
        weight=Case(
            When(opened__isnull=False, then=Value(0)),
            When(Q(is_unresolved=True) | Q(is_stuck=True) | Q(is_blocked=True) | Q(is_used=True), then=Value(1)),
            When(state=State.SUSPENDED, then=Value(3)),
            When(expires_at__lte=now + SOON, then=Value(2)),
        )
    )
    joined = weighed.exclude(weight=None).select_related("opened__request")  # type: ignore[misc] # annotated above
    return joined.order_by("weight", "expires_at", "-pk")


def _need(credential: Credential, by: Actor, now: datetime) -> Need:
    opened: Handover | None = getattr(credential, "opened", None)  # set where there is one
    if opened is not None:
        return _waiting(credential, opened, now)
    name, state = credential.application, credential.shown_state(now)
    days = (credential.expires_at - now).days if credential.expires_at else 0
    near = "today" if days < 1 else "tomorrow" if days == 1 else f"in {days} days"
    tone, word, title, text = (
        ("bad", "Unresolved", f"{name}: AWS has not answered", "Recovery looks at AWS within minutes and settles it.")
        if state is State.UNRESOLVED
        else (
            "bad",
            "Blocked",
            f"{name} is not wholly deleted",
            f"Something hangs on its IAM user that is not the dashboard's to remove.{_advice(by, _BLOCKED)}",
        )
        if credential.is_blocked  # type: ignore[attr-defined] # annotated above
        else ("bad", "Used", f"{name}: a retired key is used", f"Somebody made it active in AWS.{_advice(by, _USED)}")
        if credential.is_used and state is not State.EXPIRED  # type: ignore[attr-defined] # annotated above
        else (
            "pause",
            "Suspended",
            f"{name} is suspended",
            _why_suspended(credential, by),
        )
        if state is State.SUSPENDED
        else ("bad", "Stuck", f"{name}: its sign-in fails", f"The key does not work.{_advice(by, _STUCK)}")
        if credential.is_stuck  # type: ignore[attr-defined] # annotated above
        else ("off", "Expired", f"{name} has expired", f"AWS refuses its mail.{_advice(by, _EXPIRED)}")
        if state is State.EXPIRED
        else ("warn", "Soon", f"{name} ends {near}", f"AWS stops it by itself.{_advice(by, _ENDS)}")
    )
    return Need(tone, word, title, text, reverse("credential", args=(credential.pk,)))


def _why_suspended(credential: Credential, by: Actor) -> str:
    if credential.is_stopped:  # type: ignore[attr-defined] # annotated above
        return f"It was stopped.{_advice(by, _STOPPED)}"
    return f"{_USELESS[credential.kind == Kind.CONSOLE]}{_advice(by, _SUSPENDED)}"


def _advice(by: Actor, what: str) -> str:
    """Return what to do, for those who may do it: auditors change nothing."""
    return "" if by.role is Role.AUDITOR else f" {what}"


def _goes(handover: Handover) -> str:
    """Return what becomes of what nobody looks at."""
    if handover.is_of_second_key:
        return "the new key is deleted"
    return "it is revoked" if handover.request.renews_id is None else "it is suspended again"


def _waiting(credential: Credential, handover: Handover, now: datetime) -> Need:
    minutes = max(1, int((handover.open_until - now).total_seconds() // 60))
    left = f"{minutes} minute{'' if minutes == 1 else 's'}"
    seen = handover.state == Seal.SEEN
    return Need(
        tone="info",
        word="Open",
        title=f"{credential.application}: {'confirm that it is stored' if seen else 'store it now'}",
        text=f"{left} left, in the browser that issued it."
        + ("" if seen else f" Unseen, {_goes(handover)} when the time is over."),
        href=reverse("handover", args=(handover.pk,)),
        label="Open",
    )
