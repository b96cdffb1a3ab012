"""Stops: those there were, what a new one would stop, how far one is, and its undoing."""

from collections.abc import Mapping, Sequence
from uuid import UUID, uuid4

from django.contrib import messages
from django.db.models import Exists
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from provisioning.domain.permission import demand, not_there, reaches
from provisioning.domain.roles import Act
from provisioning.forms.changes import ScopeForm, StopForm
from provisioning.gateway.aws import aws
from provisioning.models import Credential, Stop, Stopped, Team
from provisioning.services import stops
from provisioning.services.last_uses import Seen, last_uses
from provisioning.services.stops import Scope
from provisioning.views import typed
from provisioning.views.asker import actor_of
from provisioning.views.leaves import leaf, leaf_in_time
from provisioning.views.posting import REVIEWABLE, see_other
from provisioning.views.recording import on_record

ROWS = 25


@require_safe
@on_record(Act.CREDENTIAL_READ)
def listing(request: HttpRequest) -> HttpResponse:
    """Show a page of stops, newest first, and how far each is."""
    by = actor_of(request)
    demand(by, Act.CREDENTIAL_READ)
    found = Stop.objects.visible_to(by).with_progress(by).select_related("team", "by", "undone_by")
    page = leaf_in_time(request, found, "at", ROWS, newest_first=True)
    context = {"stops": page.rows, "page_obj": page, "may_stop": reaches(by, Act.STOP_BEGIN)}
    return render(request, "provisioning/stops/list.html", context)


@require_http_methods(["GET", "POST"])
@on_record(Act.STOP_BEGIN)
def new(request: HttpRequest) -> HttpResponse:
    """Ask what to stop, show what that is, and begin it on POST."""
    by = actor_of(request)
    demand(by, Act.STOP_BEGIN)
    kept = typed.take_up(request)
    told = request.POST if request.method == "POST" else {name: kept[name][-1] for name in kept} or request.GET
    scoping = ScopeForm(told if "team" in told or "sender" in told else None)
    scoping.offer(Team.objects.where_may(by, Act.STOP_BEGIN))
    if not scoping.is_valid():
        status = REVIEWABLE if scoping.is_bound or request.method == "POST" else 200
        return render(request, "provisioning/stops/scope.html", {"form": scoping}, status=status)
    scope = scoping.scope()
    form = StopForm(request.POST if request.method == "POST" else None, initial={"stop": uuid4()})
    typed.show(kept, form)
    if request.method == "POST" and form.is_valid():
        stop_id = form.cleaned_data["stop"]
        stops.begin(scope, form.cleaned_data["reason"], stop_id=stop_id, by=by, gateway=aws())
        return see_other("stop", stop_id=stop_id)
    return _preview(request, scope, form)


def _preview(request: HttpRequest, scope: Scope, form: StopForm) -> HttpResponse:
    """Show what would stop, and when AWS last saw what is shown of it used; a form with mistakes asks nobody again."""
    by, now = actor_of(request), timezone.now()
    found = stops.found(scope, by=by, now=now)
    shown = list(found.select_related("team", "owner", "account")[:ROWS])
    count = found.count()
    button = f"Stop {count} credential{'' if count == 1 else 's'}"
    said = last_uses(shown, by=by, gateway=aws(), now=now) if request.method == "GET" else {}
    context = {"scope": scope, "form": form, "count": count, "button": button, **_rows(shown, said)}
    return render(request, "provisioning/stops/new.html", context, status=REVIEWABLE if form.errors else 200)


def _rows(shown: Sequence[Credential], said: Mapping[int, Seen]) -> dict[str, object]:
    """Return the rows of the credentials that a page names; of what AWS has not `said`, its report speaks."""
    rows = [(each, said.get(each.pk)) for each in shown]
    return {"rows": rows, "asked": bool(said), "reported": len(said) < len(rows)}


@require_http_methods(["GET", "POST"])
@on_record(Act.CREDENTIAL_READ)
def stop(request: HttpRequest, stop_id: UUID) -> HttpResponse:
    """Show how far a stop is; a POST goes on with it."""
    by = actor_of(request)
    if request.method == "POST":
        stops.try_again(stop_id, by=by, gateway=aws())
        return see_other("stop", stop_id=stop_id)
    demand(by, Act.CREDENTIAL_READ)
    found = Stop.objects.visible_to(by).with_progress(by).select_related("team", "by", "undone_by")
    stop = found.filter(pk=stop_id).first()
    if stop is None:
        raise not_there("stop")
    whole = Stopped.objects.filter(stop=stop)
    states = {"due": whole.due(), "troubled": whole.exclude(trouble=""), "busy": whole.awaited()}
    found_out = Stop.objects.filter(pk=stop.pk).values_list(*(Exists(rows) for rows in states.values())).get()
    left = dict(zip(states, found_out, strict=True))
    rows = Stopped.objects.visible_to(by).filter(stop=stop).select_related("credential__team", "credential__owner")
    page = leaf(request, rows, ROWS)
    now = timezone.now()
    context = {
        "stop": stop,
        "rows": [(row, row.credential.shown_state(now)) for row in page.rows],
        "page_obj": page,
        "may_undo": stop.undone_at is None
        and reaches(by, Act.STOP_UNDO, stop.target_for(by))
        and not stop.stopped.unfinished().beyond(by).exists(),
        "may_go_on": reaches(by, Act.STOP_BEGIN, stop.target_for(by)) and (left["due"] or left["troubled"]),
        "left": left,
    }
    return render(request, "provisioning/stops/detail.html", context)


@require_http_methods(["GET", "POST"])
@on_record(Act.STOP_UNDO)
def undo(request: HttpRequest, stop_id: UUID) -> HttpResponse:
    """Ask once, saying what will send again; then undo."""
    by = actor_of(request)
    if request.method == "POST":
        stops.undo(stop_id, by=by, gateway=aws())
        messages.success(request, "The stop is undone.")
        return see_other("stop", stop_id=stop_id)
    stop = stops.own(stop_id, Act.STOP_UNDO, by=by)
    resumes = stop.stopped.filter(resumed_at=None, credential__state="suspended").exclude(suspended_at=None)
    shown = resumes.select_related(*(f"credential__{each}" for each in ("team", "owner", "account")))[:ROWS]
    context = {"stop": stop, "count": resumes.count(), **_rows([each.credential for each in shown], {})}
    return render(request, "provisioning/stops/undo.html", context)
