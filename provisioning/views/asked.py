"""What administrators were asked for: the queue, and one request with what it would let through."""

from collections.abc import Sequence
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from provisioning import audit
from provisioning.domain.lifecycle import Asking, State
from provisioning.domain.permission import demand, not_there, reaches
from provisioning.domain.roles import Act, Actor, Role
from provisioning.models import AuditEvent, Credential, CredentialRequest, Person
from provisioning.services import approval, asking, identities, requesting
from provisioning.services.asking import LAPSES_AFTER, MOST_ASKED, MOST_OPEN
from provisioning.views.asker import actor_of
from provisioning.views.leaves import leaf_in_time
from provisioning.views.recording import on_record
from provisioning.views.telling import Told, story

ROWS = 25
OTHERS = 5  # credentials of the requester that are named
EVENTS = 8
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
    page = leaf_in_time(request, found, "asked_at", ROWS, newest_first=state != Asking.ASKED)
    issued = _issued(page.rows)
    context = {
        "rows": [(each, each.shown(now), issued.get(each.pk)) for each in page.rows],
        "page_obj": page,
        "chosen": state,
        "states": _STATES,
        "is_queue": state == Asking.ASKED,
        "may_ask": reaches(by, Act.REQUEST_ASK),
        "rules": rules(by),
    }
    return render(request, "provisioning/requests/list.html", context)


def _issued(rows: Sequence[CredentialRequest]) -> dict[UUID, int]:
    """Return which of `rows` are used, each with its credential; what AWS did not make is none."""
    made = Credential.objects.filter(request__in=rows).exclude(state=State.FAILED)
    return dict(made.values_list("request", "pk"))


def rules(by: Actor) -> dict[str, object]:
    """Return by which rules requests are decided, and by how many people."""
    administrators = Person.objects.administrators().count()
    return {
        "administrators": administrators,
        "alone": administrators == 1 and by.role is Role.ADMINISTRATOR,
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
    credential = Credential.objects.filter(request=asked).first()
    is_open = credential is None and state in {Asking.ASKED, Asking.APPROVED}
    carried_on_by = CredentialRequest.objects.filter(carries_on=asked).first() if credential else None
    context = {
        "asked": asked,
        "state": state,
        "credential": credential,
        "is_open": is_open,
        "is_issued": credential is not None and credential.state != State.FAILED,
        "outside": [(_LIMITS.get(each.field, "Options"), each.text) for each in requesting.outside(asked)],
        "unread": identities.unread(asked.account, asked.regions),
        "options": _options(asked),
        "others": _others(asked, by),
        "may": _may(asked, by, state) if is_open else {},
        "may_ask_again": not is_open
        and carried_on_by is None
        and asked.person_id == by.person_id
        and reaches(by, Act.REQUEST_ASK, asked.target),
        "carried_on_by": carried_on_by,
        "deciders": approval.deciders(asked.person_id, now),
        "story": _story(asked, by),
    }
    return render(request, "provisioning/requests/detail.html", context)


def asked_about(request: HttpRequest, request_id: UUID, act: Act) -> CredentialRequest:
    """Return the request if the asker may do `act` to it."""
    by = actor_of(request)
    with audit.refusals_recorded(act, asking.named(request_id, by=by), by=by, at=timezone.now()):
        demand(by, act)
        found = CredentialRequest.objects.visible_to(by).select_related("team", "person", "account", "decided_by")
        asked = found.filter(pk=request_id).first()
        if asked is None:
            raise not_there("request")
        demand(by, act, asked.target)
    return asked


def _may(asked: CredentialRequest, by: Actor, state: Asking) -> dict[str, bool]:
    """Return what the page of an open request offers to `by`."""
    own = asked.person_id == by.person_id
    return {
        "approve": state is Asking.ASKED and not own and reaches(by, Act.REQUEST_APPROVE, asked.target),
        "decline": not own and reaches(by, Act.REQUEST_DECLINE, asked.target),
        "withdraw": reaches(by, Act.REQUEST_WITHDRAW, asked.target),
        "issue": state is Asking.APPROVED and reaches(by, Act.CREDENTIAL_ISSUE, asked.target),
    }


def _options(asked: CredentialRequest) -> list[tuple[str, str]]:
    """Return what only its kind has, as names and words."""
    return [
        (name.replace("_", " ").capitalize(), ", ".join(map(str, value)) if isinstance(value, list) else str(value))
        for name, value in asked.options.items()
        if value
    ]


def _others(asked: CredentialRequest, by: Actor) -> dict[str, object]:
    """Return what whoever asked holds already, as far as `by` may see it."""
    held = Credential.objects.visible_to(by).holding().filter(owner=asked.person_id).exclude(request=asked)
    first = held.select_related("team").order_by("-pk")[:OTHERS]
    return {"count": held.count(), "first": first, "may_read_person": reaches(by, Act.PERSON_READ)}


def _story(asked: CredentialRequest, by: Actor) -> list[Told]:
    """Return what happened to the request; its events name it in their text."""
    events = AuditEvent.objects.visible_to(by).filter(
        act__in=_ACTS, team_id=asked.team_id, subject=asked.application, at__gte=asked.asked_at
    )
    return story(events.filter(outcome="done", text__contains=str(asked.pk))[:EVENTS])
