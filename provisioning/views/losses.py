"""I lost it: take it back, and start again."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from guidance.catalogue import Kind
from provisioning.gateway.aws import aws
from provisioning.gateway.contract import GatewayFault
from provisioning.models import CredentialRequest
from provisioning.services import handover
from provisioning.views.asker import actor_of, forget_key, never_kept
from provisioning.views.posting import post_or_back, see_other


@post_or_back
def loss(request: HttpRequest, handover_id: UUID) -> HttpResponse:
    """Take back what was lost, and show where its owner starts again."""
    try:
        handover.lose(handover_id, by=actor_of(request), gateway=aws())
    except GatewayFault as fault:
        fault.way_on = reverse("handover", args=(handover_id,))
        raise
    lost = CredentialRequest.objects.select_related("renews").get(pk=handover_id)
    renewed = lost.renews
    if renewed is None and lost.asked_at is not None:
        messages.success(request, "Revoked. Its approval is used up: here are the same answers, to ask again.")
        response = see_other(f"{reverse('request_new')}?like={handover_id}")
    elif renewed is None:
        messages.success(request, "Revoked. Here are the same answers, to start again.")
        response = see_other(f"{reverse('credential_new')}?like={handover_id}")
    elif renewed.kind == Kind.CONSOLE:
        messages.success(request, "Suspended again. You can resume it once more, with another password.")
        response = see_other("resumption", credential_id=renewed.pk)
    else:
        messages.success(request, "The new key is deleted. The old one works as before; you can rotate again.")
        response = see_other("credential", credential_id=renewed.pk)
    forget_key(response, handover_id)
    return never_kept(response)
