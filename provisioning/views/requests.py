"""Describe a credential, then read exactly what will be made."""

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from guidance.catalogue import Kind
from provisioning.domain.permission import demand
from provisioning.domain.refusals import Refusal
from provisioning.domain.roles import Act, Actor
from provisioning.forms.requests import FORMS, DescriptionForm, region_choices
from provisioning.models import AwsAccount, Credential, RegionReading, Team
from provisioning.services import requesting, set_up
from provisioning.views.asker import actor_of, mint_key, never_kept
from provisioning.views.recording import on_record
from provisioning.views.reviews import review_page

DAYS = 90  # what the form proposes
PURPOSE = 500  # characters that the form takes
REVIEWABLE = 422  # the status of a form that has something to change


@require_http_methods(["GET", "POST"])
@on_record(Act.CREDENTIAL_PREPARE)
def new(request: HttpRequest) -> HttpResponse:
    """Show the form; a POST that is within limits shows the review, and gives the browser the hand-over's key."""
    by = actor_of(request)
    demand(by, Act.CREDENTIAL_PREPARE)
    page = _Page(by, kind_of(request))
    if request.method != "POST":
        return page.shown(request, page.form(initial=_from_address(request, by)))
    form = page.form(request.POST)
    if not form.is_valid():
        return page.shown(request, form, REVIEWABLE)
    try:
        prepared = requesting.prepare(form.described(), by=by, now=timezone.now())
    except Refusal as refusal:
        if not refusal.breaches:
            raise
        form.take(refusal)
        return page.shown(request, form, REVIEWABLE)
    response = render(request, *review_page(prepared))
    mint_key(response, request, prepared.pk)
    return never_kept(response)


def as_typed(request: HttpRequest) -> HttpResponse:
    """Show the form with what was typed into it, unjudged."""
    typed = {name: request.POST.getlist(name) for name in request.POST}
    page = _Page(actor_of(request), kind_of(request))
    kept = {name: values if name == "regions" else values[-1] for name, values in typed.items() if values}
    return never_kept(page.shown(request, page.form(initial=kept)))


def kind_of(request: HttpRequest) -> Kind:
    """Return the kind of credential that the address or the form names; an SMTP credential where it names none."""
    named = request.POST.get("kind") or request.GET.get("kind")
    return next((kind for kind in FORMS if kind == named), Kind.SMTP)


class _Page:
    """The form with the limits beside it."""

    def __init__(self, by: Actor, kind: Kind) -> None:
        self.kind = kind
        self.account: AwsAccount = set_up.account()
        self.teams = list(Team.objects.where_may(by, Act.CREDENTIAL_PREPARE))
        self.readings = list(RegionReading.objects.of(self.account).order_by("region"))

    def form(self, *arguments: object, **named: object) -> DescriptionForm:
        production = {reading.region: reading.in_production for reading in self.readings}
        return FORMS[self.kind](*arguments, teams=self.teams, offered=region_choices(self.teams, production), **named)

    def shown(self, request: HttpRequest, form: DescriptionForm, status: int = 200) -> HttpResponse:
        held = Credential.objects.holding().count_by_team([team.pk for team in self.teams])
        limits = [(team, held.get(team.pk, 0)) for team in self.teams]
        context = {
            "form": form,
            "limits": limits,
            "readings": self.readings,
            "oldest": _oldest(self.readings),
            "account": self.account,
            "others": [(kind, FORMS[kind].title) for kind in FORMS if kind is not self.kind],
        }
        return render(request, "provisioning/requests/new.html", context, status=status)


def _oldest(readings: list[RegionReading]) -> datetime | None:
    return min((reading.read_at for reading in readings), default=None)


def _from_address(request: HttpRequest, by: Actor) -> dict[str, object]:
    """Return the answers to start with: those of an earlier request of this person, or what the address brings."""
    try:
        return requesting.another_like(requesting.own(UUID(request.GET.get("like", "")), by=by))
    except (Refusal, ValueError):
        return {"lifetime_days": DAYS, "purpose": request.GET.get("purpose", "")[:PURPOSE]}
