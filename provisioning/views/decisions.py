"""Requests at home: how many wait for an administrator, and what was decided of one's own."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from provisioning.domain.lifecycle import Asking
from provisioning.domain.permission import reaches
from provisioning.domain.roles import Act, Actor
from provisioning.models import CredentialRequest
from provisioning.models.credential_request import CredentialRequestQuerySet
from provisioning.services import approval
from provisioning.views.needs import Need

LATELY = timedelta(days=7)
COUNTED = 100
_SHOWN = 3


def decisions(by: Actor, now: datetime) -> Iterator[Need]:
    """Give what `by` has to decide, and what was decided of theirs; at most one query."""
    decides = reaches(by, Act.REQUEST_APPROVE)
    if not decides and not reaches(by, Act.REQUEST_ASK):
        return
    found = list(_concerning(by, now))
    own = [each for each in found if each.person_id == by.person_id]
    if decides:
        yield from _to_decide(len(found) - len(own))
        if any(each.asking == Asking.ASKED and not each.is_heard for each in own):  # type: ignore[attr-defined] # annotated
            text = "Nobody approves their own, and no other administrator's word counts yet. Invite a second one."
            yield Need("warn", "Alone", "Nobody can approve your request", text, reverse("invitations"), "Invite")
    yield from _decided(own)


def _concerning(by: Actor, now: datetime) -> CredentialRequestQuerySet:
    waits = Q(asking=Asking.ASKED, lapses_at__gt=now)
    too_early = Exists(approval.brought_lately(now).filter(person=OuterRef("person"), invited_by=by.person_id))
    usable = Q(asking=Asking.APPROVED, lapses_at__gt=now)
    told = Q(asking=Asking.DECLINED, decided_at__gt=now - LATELY)
    own = Q(person=by.person_id) & (waits | usable | told)
    found = CredentialRequest.objects.filter(own | waits & ~too_early if reaches(by, Act.REQUEST_APPROVE) else own)
    heard = Exists(approval.deciding(by.person_id or 0, now))  # whether anybody can approve what is their own
    return found.annotate(is_heard=heard).select_related("decided_by").order_by("-asked_at")[:COUNTED]


def _to_decide(others: int) -> Iterator[Need]:
    if others:
        title = "One request waits for you" if others == 1 else f"{others} requests wait for you"
        text = "Somebody asks for what lies outside a guardrail."
        yield Need("warn", "Decide", title, text, reverse("requests"), "Read" if others > 1 else "Read it")


def _decided(own: Sequence[CredentialRequest]) -> Iterator[Need]:
    for each in [each for each in own if each.asking != Asking.ASKED][:_SHOWN]:
        where, name = reverse("request", args=(each.pk,)), each.application
        if each.asking == Asking.APPROVED:
            text = f"Review and issue it until {each.lapses_at:%-d %b}, then it lapses."
            yield Need("good", "Approved", f"{name} is approved", text, where, "Issue it")
        else:
            yield Need("off", "Declined", f"{name} is declined", f"{each.decided_by} says why.", where, "Read it")
