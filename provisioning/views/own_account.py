"""What somebody is here themselves, and the sessions they can end."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from provisioning.domain.refusals import NextStep
from provisioning.domain.roles import Act
from provisioning.services import sessions
from provisioning.views.asker import actor_of, person_of
from provisioning.views.people import role_of, shown, teams_of
from provisioning.views.posting import see_other
from provisioning.views.recording import on_record
from provisioning.views.ways import ways_on


@require_safe
def own_account(request: HttpRequest) -> HttpResponse:
    """Show who one is here, and where to change what one can change."""
    person = shown(person_of(request).pk)
    context = {
        "person": person,
        "role": role_of(person),
        "teams": teams_of(person),
        "sessions": sessions.count(person.pk, now=timezone.now()),
    }
    return render(request, "provisioning/people/own_account.html", context)


def _list() -> NextStep:
    where = reverse("usersessions_list")
    return NextStep("See where you are signed in", "The list has one line for each browser.", where, "Sessions")


@require_http_methods(["GET", "POST"])
@on_record(Act.SESSION_END)
def session_end(request: HttpRequest, session_id: int) -> HttpResponse:
    """End one session of one's own; the one that asks is ended by signing out."""
    if request.method != "POST":
        return redirect("usersessions_list")
    by = actor_of(request)
    with ways_on(_list()):
        session = sessions.own(session_id, by=by)
    if session.session_key == request.session.session_key:
        return see_other("account_logout")
    sessions.end([session], by=by, now=timezone.now())
    messages.success(request, "That session is ended.")
    return see_other("usersessions_list")
