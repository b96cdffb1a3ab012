"""Suspending and resuming a credential: the question on GET, the act on POST."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from provisioning.domain.roles import Act
from provisioning.gateway.aws import aws
from provisioning.services import suspension as suspending
from provisioning.views.asker import actor_of
from provisioning.views.credentials import asked_about
from provisioning.views.posting import leading_to, see_other
from provisioning.views.recording import on_record
from provisioning.views.stopped_by import stop_of


@require_http_methods(["GET", "POST"])
@on_record(Act.CREDENTIAL_SUSPEND)
def suspension(request: HttpRequest, credential_id: int) -> HttpResponse:
    """Ask once, saying what will stop; then suspend."""
    if request.method == "POST":
        with leading_to("credential", credential_id):
            suspending.suspend(credential_id, by=actor_of(request), gateway=aws())
        messages.success(request, "Suspended. It sends nothing until it is resumed.")
        return see_other("credential", credential_id=credential_id)
    return _ask(request, credential_id, Act.CREDENTIAL_SUSPEND, "suspend")


@require_http_methods(["GET", "POST"])
@on_record(Act.CREDENTIAL_RESUME)
def resumption(request: HttpRequest, credential_id: int) -> HttpResponse:
    """Ask once, saying what will send again; then resume."""
    if request.method == "POST":
        with leading_to("credential", credential_id):
            suspending.resume(credential_id, by=actor_of(request), gateway=aws())
        messages.success(request, "Resumed. It works again, within seconds everywhere.")
        return see_other("credential", credential_id=credential_id)
    return _ask(request, credential_id, Act.CREDENTIAL_RESUME, "resume")


def _ask(request: HttpRequest, credential_id: int, act: Act, page: str) -> HttpResponse:
    credential = asked_about(request, credential_id, act)
    state = credential.shown_state(timezone.now())
    context = {"credential": credential, "state": state, "stop": stop_of(credential, state)}
    return render(request, f"provisioning/suspensions/{page}.html", context)
