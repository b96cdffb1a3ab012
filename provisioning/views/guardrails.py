"""Guardrails: typed, tried out, saved; and a second administrator's word for a wider one."""

import re

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from provisioning.domain.permission import demand
from provisioning.domain.refusals import NextStep, Reason, Refusal
from provisioning.domain.roles import Act, Actor
from provisioning.forms.teams import GuardrailForm
from provisioning.models import Team
from provisioning.services import dry_run, guardrails, widening
from provisioning.views import typed
from provisioning.views.asker import actor_of
from provisioning.views.posting import CHANGE, see_other
from provisioning.views.recording import on_record
from provisioning.views.teams import seen, what_changed
from provisioning.views.ways import ways_on

REVIEWED = "as_it_was"  # what the review's own form adds
SHOWN = 12  # widenings that wait


@require_http_methods(["GET", "POST"])
@on_record(Act.GUARDRAIL_CHANGE)
def guardrail(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the form; a POST shows what it would do, a POST of that page saves it."""
    by = actor_of(request)
    demand(by, Act.GUARDRAIL_CHANGE)
    team = seen(slug, by)
    form = GuardrailForm(request.POST) if request.method == "POST" else GuardrailForm.showing(team.guardrail)
    typed.show(typed.take_up(request), form)
    if not form.is_valid() or CHANGE in request.POST:
        context = {"team": team, "form": form}
        return render(request, "provisioning/guardrails/form.html", context, status=form.status)
    if REVIEWED not in request.POST:
        return _review(request, team, form, by)
    try:
        after = form.guardrail(team.name)
        guardrails.change(slug, after, as_it_was=request.POST[REVIEWED], by=by, now=timezone.now())
    except Refusal as refusal:
        if refusal.why is not Reason.NOT_NOW:
            raise
        return _review(request, seen(slug, by), form, by, refusal)
    messages.success(request, f"The guardrail of {team.name} is saved.")
    return see_other("team", slug=slug)


def _review(
    request: HttpRequest, team: Team, form: GuardrailForm, by: Actor, refusal: Refusal | None = None
) -> HttpResponse:
    tried = dry_run.try_out(team, form.guardrail(team.name), by=by, now=timezone.now())
    answers = [(name, value) for name in form.fields for value in request.POST.getlist(name)]
    context = {"team": team, "answers": answers, "tried": tried, "refusal": refusal}
    status = refusal.status if refusal else 200
    return render(request, "provisioning/guardrails/review.html", context, status=status)


@require_http_methods(["GET", "POST"])
@on_record(Act.GUARDRAIL_CONFIRM)
def confirmation(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the widenings that wait, before and after; agree to those that were shown."""
    by, now = actor_of(request), timezone.now()
    demand(by, Act.GUARDRAIL_CONFIRM)
    team = seen(slug, by)
    if request.method == "POST":
        shown = [int(each) for each in request.POST.getlist("change") if re.fullmatch("[0-9]{1,18}", each)]
        with ways_on(_back_to(team)):
            agreed = guardrails.confirm(slug, shown, by=by, now=now)
        done = f"You have agreed: {team.name} may be issued in again." if agreed else "Nothing waits any more."
        messages.success(request, done)
        return see_other("team", slug=slug)
    waiting = list(widening.waiting_in(team, now)[:SHOWN])
    is_theirs = any(change.by_id != by.person_id for change in waiting)
    agrees_from = widening.agrees_from(by, now)
    context = {
        "team": team,
        "waiting": [
            (f"Change {number} by {change.by.email}", change, what_changed(team, change))
            for number, change in enumerate(waiting, 1)
        ],
        "may_agree": is_theirs and agrees_from is None,
        "agrees_from": agrees_from if is_theirs else None,
        "others": widening.who_may_agree(waiting, now) if agrees_from else [],
    }
    return render(request, "provisioning/guardrails/confirmation.html", context)


def _back_to(team: Team) -> NextStep:
    where = reverse("team", args=(team.slug,))
    return NextStep("See who is waited for", "The team's page shows what waits, and since when.", where, team.name)
