"""Revoking a credential: the question on GET, the act on POST."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from provisioning.domain.lifecycle import ENDED, State, already, move
from provisioning.domain.roles import Act
from provisioning.gateway.aws import aws
from provisioning.gateway.contract import GatewayFault
from provisioning.models import Credential
from provisioning.services import revocation as revoking
from provisioning.services.claiming import Pressed
from provisioning.views.asker import actor_of, never_kept
from provisioning.views.credentials import asked_about
from provisioning.views.posting import say, see_other
from provisioning.views.recording import on_record
from provisioning.views.used_now import foreign_now, used_now


@require_http_methods(["GET", "POST"])
@on_record(Act.CREDENTIAL_REVOKE)
def revocation(request: HttpRequest, credential_id: int) -> HttpResponse:
    """Ask once, saying what will stop; then revoke."""
    by = actor_of(request)
    if request.method == "POST":
        try:
            came = revoking.revoke(credential_id, by=by, gateway=aws())
        except GatewayFault as fault:
            fault.way_on = reverse("credential", args=(credential_id,))
            raise
        state = State.of(Credential.objects.values_list("state", flat=True).get(pk=credential_id))
        if came is Pressed.ALREADY and state in {*ENDED} - {State.REVOKED}:
            messages.info(request, f"It had ended already. {already(state)}")
        else:
            say(request, came, "Revoked. It is of no use to anybody any more.", doing="It is being revoked")
        return see_other("credential", credential_id=credential_id)
    credential = asked_about(request, credential_id, Act.CREDENTIAL_REVOKE)
    move(credential.application, State.of(credential.state), State.REVOKING)
    context = {"credential": credential, "state": credential.shown_state(timezone.now())}
    context |= used_now(credential, by=by) | foreign_now(credential, by=by)
    return never_kept(render(request, "provisioning/revocations/ask.html", context))
