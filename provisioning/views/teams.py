"""Teams: who is in which, what each may issue and holds; forming and renaming them."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from guidance.catalogue import Kind
from provisioning.domain.guardrails import Guardrail
from provisioning.domain.permission import Target, demand, not_there, reaches
from provisioning.domain.roles import Act, Actor
from provisioning.domain.widening import Difference, differences
from provisioning.forms.teams import TeamForm, TeamNameForm
from provisioning.models import Credential, GuardrailChange, Team
from provisioning.services import teams, widening
from provisioning.views import typed
from provisioning.views.asker import actor_of
from provisioning.views.leaves import leaf
from provisioning.views.posting import see_other
from provisioning.views.recording import on_record

ROWS, MEMBERS, HELD, CHANGES = 12, 12, 8, 5
PROPOSED = Guardrail("", frozenset({Kind.SMTP}), (), (), live_limit=5, longest_lifetime_days=180)


@require_safe
@on_record(Act.TEAM_READ)
def listing(request: HttpRequest) -> HttpResponse:
    """Show a page of teams, newest first."""
    by = actor_of(request)
    demand(by, Act.TEAM_READ)
    page = leaf(request, Team.objects.where_may(by, Act.TEAM_READ).with_counts(), ROWS)
    context = {"page_obj": page, "may_form": reaches(by, Act.TEAM_FORM)}
    return render(request, "provisioning/teams/list.html", context)


@require_safe
@on_record(Act.TEAM_READ)
def detail(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one team: its limits, its people, who holds what, and how its guardrail changed."""
    by, now = actor_of(request), timezone.now()
    demand(by, Act.TEAM_READ)
    team = seen(slug, by)
    held = Credential.objects.visible_to(by).with_unresolved().holding().filter(team=team)
    changes = GuardrailChange.objects.filter(team=team).select_related("by", "confirmed_by")[:CHANGES]
    context = {
        "team": team,
        "page_obj": leaf(request, team.memberships.select_related("person"), MEMBERS),
        "held": [
            (credential, credential.shown_state(now)) for credential in held.select_related("owner", "account")[:HELD]
        ],
        "changes": [(change, what_changed(team, change)) for change in changes],
        "waiting": widening.waiting_in(team, now)[:CHANGES],
        "lets_nothing_through": team.guardrail.lets_nothing_through,
        "may_change": reaches(by, Act.GUARDRAIL_CHANGE),
        "may_issue": reaches(by, Act.CREDENTIAL_PREPARE, Target(team.pk, by.person_id)),
        "may_stop": reaches(by, Act.STOP_BEGIN, Target(team.pk, by.person_id)),
    }
    return render(request, "provisioning/teams/detail.html", context)


@require_http_methods(["GET", "POST"])
@on_record(Act.TEAM_FORM)
def new(request: HttpRequest) -> HttpResponse:
    """Show the form of a new team; form it."""
    by, now = actor_of(request), timezone.now()
    demand(by, Act.TEAM_FORM)
    form = TeamForm(request.POST) if request.method == "POST" else TeamForm.showing(PROPOSED)
    typed.show(typed.take_up(request), form)
    if form.carry_out(lambda wanted: teams.form(wanted["slug"], form.guardrail(wanted["name"]), by=by, now=now)):
        messages.success(request, f"{form.cleaned_data['name']} is formed. Now add its members.")
        return see_other("team", slug=form.cleaned_data["slug"])
    return render(request, "provisioning/teams/new.html", {"form": form}, status=form.status)


@require_http_methods(["GET", "POST"])
@on_record(Act.TEAM_RENAME)
def name(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the form of a team's name; rename it."""
    by, now = actor_of(request), timezone.now()
    demand(by, Act.TEAM_RENAME)
    team = seen(slug, by)
    form = TeamNameForm(request.POST) if request.method == "POST" else TeamNameForm(initial={"name": team.name})
    if form.carry_out(lambda wanted: teams.rename(slug, wanted["name"], by=by, now=now)):
        messages.success(request, f"The team is called {form.cleaned_data['name']}.")
        return see_other("team", slug=slug)
    return render(request, "provisioning/teams/name.html", {"form": form, "team": team}, status=form.status)


def seen(slug: str, by: Actor) -> Team:
    """Return the team, with its counts, if `by` may see it; raise a `Refusal` if not."""
    team = Team.objects.where_may(by, Act.TEAM_READ).with_counts().filter(slug=slug).first()
    if team is None:
        raise not_there("team")
    return team


def what_changed(team: Team, change: GuardrailChange) -> tuple[Difference, ...]:
    """Return a kept change limit by limit."""
    return differences(Guardrail.of(team.name, change.before), Guardrail.of(team.name, change.after))
