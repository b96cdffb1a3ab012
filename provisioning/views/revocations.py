"""Revoking a credential: the question on GET, the act on POST."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from provisioning.domain.permission import demand, not_there
from provisioning.domain.roles import Act
from provisioning.gateway.aws import aws
from provisioning.gateway.contract import GatewayFault
from provisioning.models import Credential
from provisioning.services import revocation as revoking
from provisioning.views.asker import actor_of
from provisioning.views.posting import see_other
from provisioning.views.recording import on_record


@require_http_methods(["GET", "POST"])
@on_record(Act.CREDENTIAL_REVOKE)
def revocation(request: HttpRequest, credential_id: int) -> HttpResponse:
    """Ask once, saying what will stop; then revoke."""
    by = actor_of(request)
    if request.method == "POST":
        try:
            revoking.revoke(credential_id, by=by, gateway=aws())
        except GatewayFault as fault:
            fault.way_on = reverse("credential", args=(credential_id,))
            raise
        messages.success(request, "Revoked. It sends nothing any more.")
        return see_other("credential", credential_id=credential_id)
    credential = (
        Credential.objects.visible_to(by).with_unresolved().select_related("account").filter(pk=credential_id).first()
    )
    if credential is None:
        raise not_there("credential")
    demand(by, Act.CREDENTIAL_REVOKE, credential.target)
    context = {"credential": credential, "state": credential.shown_state(timezone.now())}
    return render(request, "provisioning/revocations/ask.html", context)
