"""The history, as a list and as a file."""

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from provisioning.domain.lifecycle import Outcome
from provisioning.domain.permission import demand
from provisioning.domain.roles import Act, Actor
from provisioning.forms.filters import HistoryFilter
from provisioning.models import AuditEvent
from provisioning.models.audit_event import AuditEventQuerySet
from provisioning.views.asker import actor_of
from provisioning.views.exports import as_csv
from provisioning.views.leaves import leaf
from provisioning.views.recording import on_record
from provisioning.views.telling import acts_by_noun, tell, who

ROWS = 12
COLUMNS = (
    "sequence", "time (UTC)", "actor", "role", "act", "outcome", "subject", "credential", "request", "hash", "event",
)  # fmt: skip


@require_safe
@on_record(Act.HISTORY_READ)
def listing(request: HttpRequest) -> HttpResponse:
    """Show a page of events, newest first."""
    by = actor_of(request)
    demand(by, Act.HISTORY_READ)
    page = leaf(request, _wanted(request, by), ROWS, AuditEventQuerySet.cut)
    context = {
        "page_obj": page,
        "told": tell(page.rows),
        "acts": acts_by_noun(),
        "outcomes": list(Outcome),
        "chosen": request.GET,
    }
    return render(request, "provisioning/history/list.html", context)


@require_safe
@on_record(Act.HISTORY_READ)
def listing_csv(request: HttpRequest) -> StreamingHttpResponse:
    """Answer with every event that the asker may see, with the text that its hash covers."""
    by = actor_of(request)
    demand(by, Act.HISTORY_READ)
    rows = (
        (
            event.sequence, event.at, who(event), event.actor_role, event.act, event.outcome, event.subject,
            event.credential_id, event.request_id, event.hash, event.text,
        )
        for event in _wanted(request, by).iterator(chunk_size=1000)
    )  # fmt: skip
    return as_csv("history.csv", COLUMNS, rows)


def _wanted(request: HttpRequest, by: Actor) -> AuditEventQuerySet:
    found = AuditEvent.objects.visible_to(by)
    form = HistoryFilter(request.GET)
    form.is_valid()
    wanted = form.cleaned_data
    if words := wanted.get("q"):
        found = found.naming(words)
    if act := wanted.get("act"):
        found = found.filter(act=act)
    if outcome := wanted.get("outcome"):
        found = found.filter(outcome=outcome)
    if credential := wanted.get("credential"):
        found = found.filter(credential_id=credential)
    return found
