"""Changing what somebody is: the question on GET, the act on POST."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from provisioning.domain.permission import demand
from provisioning.domain.roles import Act
from provisioning.forms.people import StandingForm
from provisioning.models import Standing
from provisioning.services import people as changing
from provisioning.views import typed
from provisioning.views.asker import actor_of
from provisioning.views.people import back_to, role_of, shown, teams_of
from provisioning.views.posting import see_other
from provisioning.views.recording import on_record
from provisioning.views.ways import ways_on


@require_http_methods(["GET", "POST"])
@on_record(Act.PERSON_CHANGE)
def standing(request: HttpRequest, person_id: int) -> HttpResponse:
    """Ask what they are to be, saying what goes with it; then change it."""
    by = actor_of(request)
    demand(by, Act.PERSON_CHANGE)
    person = shown(person_id)
    form = StandingForm(request.POST if request.method == "POST" else None, initial={"standing": person.standing})
    typed.show(typed.take_up(request), form)
    if form.is_valid():
        wanted = Standing(form.cleaned_data["standing"])
        with ways_on(back_to(person_id)):
            changing.change_standing(person_id, wanted, by=by, now=timezone.now())
        messages.success(request, f"{person.email} is now: {role_of(shown(person_id)).lower()}.")
        # Whoever has just ceased to be an administrator may not see people any more.
        return see_other("home") if person_id == by.person_id else see_other("person", person_id=person_id)
    context = {"person": person, "form": form, "role": role_of(person), "teams": teams_of(person)}
    status = 422 if form.is_bound else 200
    return render(request, "provisioning/people/standing.html", context, status=status)
