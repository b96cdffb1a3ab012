"""Memberships: adding somebody to a team, and taking somebody out after one question."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from provisioning.domain.permission import demand, not_there
from provisioning.domain.roles import Act
from provisioning.forms.teams import MemberForm
from provisioning.models import Person
from provisioning.services import memberships
from provisioning.views import typed
from provisioning.views.asker import actor_of
from provisioning.views.posting import see_other
from provisioning.views.recording import on_record
from provisioning.views.teams import seen

NAMED = 12  # credentials that the question names


@require_http_methods(["GET", "POST"])
@on_record(Act.MEMBERSHIP_ADD)
def members(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask whom to add; add them."""
    by, now = actor_of(request), timezone.now()
    demand(by, Act.MEMBERSHIP_ADD)
    team = seen(slug, by)
    form = MemberForm(request.POST if request.method == "POST" else None)
    typed.show(typed.take_up(request), form)
    if form.carry_out(lambda wanted: memberships.add(slug, wanted["email"], by=by, now=now)):
        messages.success(request, f"{form.cleaned_data['email']} is in {team.name}.")
        return see_other("team", slug=slug)
    return render(request, "provisioning/memberships/new.html", {"form": form, "team": team}, status=form.status)


@require_http_methods(["GET", "POST"])
@on_record(Act.MEMBERSHIP_REMOVE)
def removal(request: HttpRequest, slug: str, person_id: int) -> HttpResponse:
    """Ask once, saying what stays with the team; then take the person out."""
    by = actor_of(request)
    demand(by, Act.MEMBERSHIP_REMOVE)
    team = seen(slug, by)
    if request.method == "POST":
        person = memberships.remove(slug, person_id, by=by, now=timezone.now())
        messages.success(request, f"{person.email} is out of {team.name}.")
        return see_other("team", slug=slug)
    found = Person.objects.filter(pk=person_id, memberships__team=team).first()
    if found is None:
        raise not_there("member")
    held = memberships.left_behind(team, found)
    context = {"team": team, "person": found, "held": held[:NAMED], "more": len(held) > NAMED}
    return render(request, "provisioning/memberships/removal.html", context)
