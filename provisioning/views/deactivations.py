"""Deactivating and reactivating somebody: the question on GET, the act on POST."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from provisioning.domain.permission import demand
from provisioning.domain.roles import Act
from provisioning.models import Credential, Handover
from provisioning.services import people as changing
from provisioning.views.asker import actor_of
from provisioning.views.people import back_to, role_of, shown
from provisioning.views.posting import see_other
from provisioning.views.recording import on_record
from provisioning.views.ways import ways_on


@require_http_methods(["GET", "POST"])
@on_record(Act.PERSON_DEACTIVATE)
def deactivation(request: HttpRequest, person_id: int) -> HttpResponse:
    """Ask once, saying what ends and what stays; then deactivate."""
    by = actor_of(request)
    demand(by, Act.PERSON_DEACTIVATE)
    person = shown(person_id)
    if request.method == "POST":
        with ways_on(back_to(person_id)):
            changing.deactivate(person_id, by=by, now=timezone.now())
        messages.success(request, f"{person.email} is deactivated: signed out everywhere, and let in no more.")
        return see_other("person", person_id=person_id)
    context = {
        "person": person,
        "role": role_of(person),
        "credentials": Credential.objects.holding().filter(owner=person).count(),
        "handovers": Handover.objects.sealed().filter(person=person).count(),
    }
    return render(request, "provisioning/people/deactivation.html", context)


@require_http_methods(["GET", "POST"])
@on_record(Act.PERSON_REACTIVATE)
def reactivation(request: HttpRequest, person_id: int) -> HttpResponse:
    """Ask once, saying as what they come back; then reactivate."""
    by = actor_of(request)
    demand(by, Act.PERSON_REACTIVATE)
    person = shown(person_id)
    if request.method == "POST":
        with ways_on(back_to(person_id)):
            changing.reactivate(person_id, by=by, now=timezone.now())
        messages.success(request, f"{person.email} may sign in again.")
        return see_other("person", person_id=person_id)
    return render(request, "provisioning/people/reactivation.html", {"person": person, "role": role_of(person)})
