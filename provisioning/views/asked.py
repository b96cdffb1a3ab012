"""What administrators were asked for: the queue, and one request with what it would let through."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import OuterRef, Q, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from provisioning import audit
from provisioning.domain import options
from provisioning.domain.lifecycle import Asking, State
from provisioning.domain.permission import demand, not_there, reaches
from provisioning.domain.roles import Act, Actor, Role
from provisioning.models import AuditEvent, Credential, CredentialRequest
from provisioning.services import approval, identities, requesting
from provisioning.services.asking import LAPSES_AFTER, MOST_ASKED, MOST_OPEN
from provisioning.views.asker import actor_of
from provisioning.views.leaves import leaf_in_time
from provisioning.views.recording import on_record
from provisioning.views.telling import story
from provisioning.views.wishes import Beside, beside_each, parts_of

ROWS = 12
OTHERS = 5  # credentials of the requester that are named
EVENTS = 8
NAMED = 5  # administrators that are named
_ACTS = (Act.REQUEST_ASK, Act.REQUEST_APPROVE, Act.REQUEST_DECLINE, Act.REQUEST_WITHDRAW, Act.REQUEST_LAPSE)
_STATES = [state for state in Asking if state is not Asking.NOT_ASKED]
# What a field of the form is called among the limits of a guardrail.
_LIMITS = {
    "team": "Kinds and number",
    "regions": "Regions",
    "from_addresses": "From addresses",
    "lifetime_days": "Longest lifetime",
}


@require_safe
@on_record(Act.REQUEST_READ)
def listing(request: HttpRequest) -> HttpResponse:
    """Show what was asked for; to administrators first what waits, the oldest first."""
    by, now = actor_of(request), timezone.now()
    demand(by, Act.REQUEST_READ)
    default = Asking.ASKED if by.role is Role.ADMINISTRATOR else ""
    state = request.GET.get("state", default)
    found = CredentialRequest.objects.visible_to(by).in_state(state, now).select_related("team", "person")
    # What AWS did not make is no credential.
    made = Credential.objects.filter(request=OuterRef("pk")).exclude(state=State.FAILED).values("pk")[:1]
    page = leaf_in_time(
        request, found.annotate(issued=Subquery(made)), "asked_at", ROWS, newest_first=state != Asking.ASKED
    )
    states = [(each, each.shown(now)) for each in page.rows]
    beside = _beside([each for each, shown in states if shown is Asking.ASKED], by)
    context = {
        "rows": [(each, shown, beside.get(each.pk)) for each, shown in states],
        "page_obj": page,
        "chosen": state,
        "states": _STATES,
        "is_queue": state == Asking.ASKED,
        "may_ask": reaches(by, Act.REQUEST_ASK),
        "rules": rules(by, now),
    }
    return render(request, "provisioning/requests/list.html", context)


def _beside(waiting: Sequence[CredentialRequest], by: Actor) -> dict[UUID, Beside]:
    """Return what administrators see in the row of what they may have to decide."""
    return beside_each(waiting) if by.role is Role.ADMINISTRATOR and waiting else {}


def rules(by: Actor, now: datetime) -> dict[str, object]:
    """Return by which rules requests are decided, and by whom: those of `by`, if they may ask."""
    return {
        "deciders": approval.deciders(by.person_id, now)[:NAMED] if by.person_id is not None else [],
        "days": LAPSES_AFTER.days,
        "most": MOST_OPEN,
        "most_a_day": MOST_ASKED,
    }


@require_safe
@on_record(Act.REQUEST_READ)
def detail(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Show one request: what it would let through, whose it is, the exact policy, what happened, what can be done."""
    asked = asked_about(request, request_id, Act.REQUEST_READ)
    by, now = actor_of(request), timezone.now()
    state = asked.shown(now)
    credential: Credential | None = getattr(asked, "credential", None)
    is_open = credential is None and state in {Asking.ASKED, Asking.APPROVED}
    events = _events(asked, by)
    carried_on_by = CredentialRequest.objects.filter(carries_on=asked).first() if credential else None
    deciders, not_yet = approval.who_decides(asked, by, now) if state is Asking.ASKED else ([], "")
    outside = requesting.outside(asked, asked.team_holds) if is_open else ()  # type: ignore[attr-defined] # annotated
    may = _may(asked, by, state, deciders) if is_open else {}
    context = {
        "asked": asked,
        "state": state,
        "credential": credential,
        "is_open": is_open,
        "is_issued": credential is not None and credential.state != State.FAILED,
        "outside": [(_LIMITS.get(each.field) or options.label(each.field), each.text) for each in outside],
        "unread": identities.unread(asked.account, asked.regions) if is_open else [],
        "parts": parts_of(asked, events),
        "others": _others(asked, by, now),
        "may": may,
        "not_yet": not_yet if may.get("approve_later") else "",
        "may_ask_again": not is_open
        and carried_on_by is None
        and asked.person_id == by.person_id
        and reaches(by, Act.REQUEST_ASK, asked.target),
        "carried_on_by": carried_on_by,
        "deciders": deciders[:NAMED],
        "story": story(events),
    }
    return render(request, "provisioning/requests/detail.html", context)


def asked_about(request: HttpRequest, request_id: UUID, act: Act) -> CredentialRequest:
    """Return the request if the asker may do `act` to it."""
    by = actor_of(request)
    found = CredentialRequest.objects.visible_to(by).annotate(
        team_holds=Credential.objects.holding().filter(team=OuterRef("team")).number()
    )
    joined = found.select_related("team", "person", "account", "decided_by", "credential")
    asked = joined.filter(pk=request_id).first()
    subject = audit.Subject(asked.application, team=asked.team) if asked else audit.Subject(f"request {request_id}")
    with audit.refusals_recorded(act, subject, by=by, at=timezone.now()):
        demand(by, act)
        if asked is None:
            raise not_there("request")
        demand(by, act, asked.target)
    return asked


def _may(asked: CredentialRequest, by: Actor, state: Asking, deciders: Sequence[str]) -> dict[str, bool]:
    """Return what the page of an open request offers to `by`."""
    own = asked.person_id == by.person_id
    decides = state is Asking.ASKED and not own and reaches(by, Act.REQUEST_APPROVE, asked.target)
    return {
        "approve": decides and by.name in deciders,
        "approve_later": decides and by.name not in deciders,
        "decline": not own and reaches(by, Act.REQUEST_DECLINE, asked.target),
        "withdraw": reaches(by, Act.REQUEST_WITHDRAW, asked.target),
        "issue": state is Asking.APPROVED and reaches(by, Act.CREDENTIAL_ISSUE, asked.target),
    }


def _others(asked: CredentialRequest, by: Actor, now: datetime) -> dict[str, object]:
    """Return what whoever asked holds already, as far as `by` may see it."""
    held = Credential.objects.visible_to(by).holding().filter(owner=asked.person_id).exclude(request=asked)
    first = held.with_unresolved().annotate(all=held.number()).select_related("team").order_by("-pk")[:OTHERS]
    shown = [(each, each.shown_state(now)) for each in first]
    count: int = shown[0][0].all if shown else 0  # type: ignore[attr-defined] # annotated above
    return {"count": count, "first": shown, "may_read_person": reaches(by, Act.PERSON_READ)}


def _events(asked: CredentialRequest, by: Actor) -> list[AuditEvent]:
    """Return what happened to the request, and to the one that it carries on; the events name them in their text."""
    first, named = asked, Q(text__contains=str(asked.pk))
    while first.carries_on is not None:
        first = first.carries_on
        named |= Q(text__contains=str(first.pk))
    events = AuditEvent.objects.visible_to(by).filter(
        act__in=_ACTS, team_id=asked.team_id, subject=asked.application, at__gte=asked.asked_at
    )
    return list(events.filter(named, outcome="done")[:EVENTS])
