"""Suspending and resuming a credential: the question on GET, the act on POST."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from guidance.catalogue import Kind
from provisioning.domain.lifecycle import State, move
from provisioning.domain.roles import Act
from provisioning.gateway.aws import aws
from provisioning.models import Credential
from provisioning.services import console_resumption, renewals
from provisioning.services import suspension as suspending
from provisioning.views.asker import actor_of, mint_key, never_kept
from provisioning.views.credentials import asked_about
from provisioning.views.posting import leading_to, say, see_other
from provisioning.views.recording import on_record
from provisioning.views.reviews import review_page
from provisioning.views.stopped_by import stop_of
from provisioning.views.used_now import foreign_password_now, used_now

_LEADS_TO = {Act.CREDENTIAL_SUSPEND: State.SUSPENDED, Act.CREDENTIAL_RESUME: State.LIVE}


@require_http_methods(["GET", "POST"])
@on_record(Act.CREDENTIAL_SUSPEND)
def suspension(request: HttpRequest, credential_id: int) -> HttpResponse:
    """Ask once, saying what will stop; then suspend."""
    if request.method == "POST":
        with leading_to("credential", credential_id):
            came = suspending.suspend(credential_id, by=actor_of(request), gateway=aws())
        say(request, came, "Suspended. It is of no use to anybody until it is resumed.", doing="It is being suspended")
        return see_other("credential", credential_id=credential_id)
    return _ask(request, credential_id, Act.CREDENTIAL_SUSPEND, "suspend")


@require_http_methods(["GET", "POST"])
@on_record(Act.CREDENTIAL_RESUME)
def resumption(request: HttpRequest, credential_id: int) -> HttpResponse:
    """Ask once, saying what will work again; then resume, or review the new password of a console login."""
    if request.method == "POST" and Credential.objects.filter(pk=credential_id, kind=Kind.CONSOLE).exists():
        return _review(request, credential_id)
    if request.method == "POST":
        with leading_to("credential", credential_id):
            came = suspending.resume(credential_id, by=actor_of(request), gateway=aws())
        say(request, came, "Resumed. It works again, within seconds everywhere.", doing="It is being resumed")
        return see_other("credential", credential_id=credential_id)
    return _ask(request, credential_id, Act.CREDENTIAL_RESUME, "resume")


def _review(request: HttpRequest, credential_id: int) -> HttpResponse:
    prepared = console_resumption.prepare(credential_id, by=actor_of(request), now=timezone.now())
    template, context = review_page(prepared)
    if prepared.renews is not None:
        context |= used_now(prepared.renews, by=actor_of(request))
    response = render(request, template, context)
    mint_key(response, request, prepared.pk)
    return never_kept(response)


def _ask(request: HttpRequest, credential_id: int, act: Act, page: str) -> HttpResponse:
    credential = asked_about(request, credential_id, act)
    move(credential.application, State.of(credential.state), _LEADS_TO[act])
    state = credential.shown_state(timezone.now())
    context = {"credential": credential, "state": state, "stop": stop_of(credential, state)}
    context["keys_in_use"] = credential.keys.in_use().count()
    context |= used_now(credential, by=actor_of(request))
    if act is Act.CREDENTIAL_SUSPEND:
        context |= foreign_password_now(credential, by=actor_of(request))
    elif credential.kind == Kind.CONSOLE:
        context["withheld"] = renewals.why_not(credential, by=actor_of(request), now=timezone.now())
    return never_kept(render(request, f"provisioning/suspensions/{page}.html", context))
