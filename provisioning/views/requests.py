"""Describe a credential, then read exactly what will be made."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from guidance.catalogue import Kind
from provisioning.domain.permission import demand, reaches
from provisioning.domain.refusals import Refusal
from provisioning.domain.roles import Act, Actor
from provisioning.forms.decisions import ReasonForm
from provisioning.forms.regions import region_choices
from provisioning.forms.requests import FORMS, DescriptionForm
from provisioning.models import Credential, CredentialRequest, RegionReading, Team
from provisioning.services import approval, identities, requesting, set_up
from provisioning.views import reviews, typed
from provisioning.views.asker import actor_of, mint_key, never_kept
from provisioning.views.recording import on_record

PURPOSE = 500  # characters that the form takes
NO_ROLE = "no"  # what the address says once no role can do it
REVIEWABLE = 422  # the status of a form that has something to change


@require_http_methods(["GET", "POST"])
@on_record(Act.CREDENTIAL_PREPARE)
def new(request: HttpRequest) -> HttpResponse:
    """Show the form; a POST that is within limits shows the review, and gives the browser the hand-over's key."""
    by = actor_of(request)
    demand(by, Act.CREDENTIAL_PREPARE)
    if request.method != "POST":
        return _to_fill_in(request, by)
    page = FormPage(by, kind_of(request))
    form = page.form(request.POST)
    if not form.is_valid():
        form.judge(asks=False)
        return page.shown(request, form, REVIEWABLE)
    try:
        prepared = requesting.prepare(form.described(), by=by, now=timezone.now())
    except Refusal as refusal:
        if not refusal.breaches:
            raise
        form.take(refusal)
        return page.shown(request, form, REVIEWABLE, reason=ReasonForm() if refusal.may_be_approved else None)
    return review_page(request, prepared)


def review_page(request: HttpRequest, prepared: CredentialRequest) -> HttpResponse:
    """Show the review, and give the browser the hand-over's key."""
    response = render(request, *reviews.review_page(prepared))
    mint_key(response, request, prepared.pk)
    return never_kept(response)


def _to_fill_in(request: HttpRequest, by: Actor) -> HttpResponse:
    """Show the form, with earlier answers if there are any; for a new access key ask first whether a role would do."""
    before = from_address(request, by)
    return FormPage(by, kind_of(request, before)).opened(request, before)


def as_typed(request: HttpRequest) -> HttpResponse:
    """Show the form with what was typed into it, unjudged."""
    page = FormPage(actor_of(request), kind_of(request), asks="reason" in request.POST)
    form, reason = page.form(), ReasonForm() if page.asks else None
    for each in filter(None, (form, reason)):
        typed.show(dict(request.POST.lists()), each)
    return never_kept(page.shown(request, form, reason=reason))


def kind_of(request: HttpRequest, before: Mapping[str, object] = MappingProxyType({})) -> Kind:
    """Return the kind of credential that earlier answers, the form or the address name; else an SMTP credential."""
    return _named(before.get("kind")) or _named(request.POST.get("kind") or request.GET.get("kind")) or Kind.SMTP


def _named(kind: object) -> Kind | None:
    return next((each for each in FORMS if each == kind), None)


class FormPage:
    """The form with the limits beside it. Where it `asks` an administrator, it offers every region there is."""

    def __init__(self, by: Actor, kind: Kind, *, asks: bool = False) -> None:
        self.by, self.kind, self.asks = by, kind, asks
        self.accounts, self.forms_teams = set_up.in_use(), reaches(by, Act.TEAM_FORM)
        self.teams = list(Team.objects.where_may(by, Act.CREDENTIAL_PREPARE))
        found = RegionReading.objects.filter(account__in=self.accounts).select_related("account")
        self.readings = list(found.order_by("account__role_arn", "region"))

    def form(self, *arguments: object, **named: object) -> DescriptionForm:
        offered = region_choices(
            self.kind, self.teams, self.accounts, identities.production(self.readings), every=self.asks
        )
        return FORMS[self.kind](*arguments, teams=self.teams, accounts=self.accounts, offered=offered, **named)

    def opened(self, request: HttpRequest, before: dict[str, object]) -> HttpResponse:
        """Show the form to be filled in; before a new access key comes whether a role would do."""
        if self.kind is Kind.API and "kind" not in before and request.GET.get("role") != NO_ROLE:
            return self.asking_for_a_role(request)
        return self.shown(request, self.form(initial=before), reason=ReasonForm() if self.asks else None)

    def shown(
        self, request: HttpRequest, form: DescriptionForm, status: int = 200, *, reason: ReasonForm | None = None
    ) -> HttpResponse:
        held = Credential.objects.holding().count_by_team([team.pk for team in self.teams])
        limits = [(team, held.get(team.pk, 0)) for team in self.teams]
        context = {
            "form": form,
            "reason": reason,
            "asks": self.asks,
            "is_alone": reason is not None and self._is_alone(),
            "limits": limits,
            "readings": self.readings,
            "oldest": _oldest(self.readings),
            "forms_teams": self.forms_teams,
            "has_console_boundary": any(account.console_boundary_arn for account in self.accounts),
            "names_accounts": len(self.accounts) > 1,
            **self._kinds(),
        }
        return render(request, "provisioning/requests/new.html", context, status=status)

    def asking_for_a_role(self, request: HttpRequest) -> HttpResponse:
        """Show what is better than a key: the answer lives in the address."""
        onward = request.GET.copy()
        onward["role"] = NO_ROLE
        context = {"onward": f"?{onward.urlencode()}", **self._kinds()}
        return render(request, "provisioning/requests/role.html", context)

    def _is_alone(self) -> bool:
        """Whether nobody could approve what is asked for."""
        return self.by.person_id is not None and not approval.deciders(self.by.person_id, timezone.now())

    def _kinds(self) -> dict[str, object]:
        """Return the kinds that one of the teams may issue, or ask for, and the one that is described here."""
        may = {*FORMS} if self.asks else {kind for team in self.teams for kind in team.kinds}
        kinds = [(kind, kind.label) for kind in FORMS if kind in may or kind is self.kind]
        return {
            "kind": self.kind,
            "kinds": kinds,
            "form_address": reverse("request_new" if self.asks else "credential_new"),
        }


def _oldest(readings: list[RegionReading]) -> datetime | None:
    return min((reading.read_at for reading in readings), default=None)


def from_address(request: HttpRequest, by: Actor) -> dict[str, object]:
    """Return the answers to start with: those of an earlier request of this person, or what the address brings."""
    try:
        return requesting.another_like(requesting.own(UUID(request.GET.get("like", "")), by=by))
    except (Refusal, ValueError):
        return {"purpose": request.GET.get("purpose", "")[:PURPOSE]}
