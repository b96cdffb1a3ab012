"""I lost it: take it back, and start again."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from guidance.catalogue import Kind
from provisioning.gateway.aws import aws
from provisioning.gateway.contract import GatewayFault
from provisioning.models import CredentialRequest
from provisioning.services import handover
from provisioning.services.claiming import Pressed
from provisioning.views.asker import actor_of, forget_key, never_kept
from provisioning.views.posting import post_or_back, say, see_other

_REVOKED = "It is being revoked"


@post_or_back
def loss(request: HttpRequest, handover_id: UUID) -> HttpResponse:
    """Take back what was lost, and show where its owner starts again."""
    try:
        came = handover.lose(handover_id, by=actor_of(request), gateway=aws())
    except GatewayFault as fault:
        fault.way_on = reverse("handover", args=(handover_id,))
        raise
    lost = CredentialRequest.objects.select_related("renews").get(pk=handover_id)
    renewed = lost.renews
    if renewed is None and lost.asked_at is not None:
        done = "Revoked. Its approval is used up: here are the same answers, to ask again."
        say(request, came, done, doing=_REVOKED)
        response = see_other(f"{reverse('request_new')}?like={handover_id}")
    elif renewed is None:
        say(request, came, "Revoked. Here are the same answers, to start again.", doing=_REVOKED)
        response = see_other(f"{reverse('credential_new')}?like={handover_id}")
    elif renewed.kind == Kind.CONSOLE:
        done = "Suspended again. You can resume it once more, with another password."
        say(request, came, done, doing="It is being suspended again")
        response = see_other("credential" if came is Pressed.UNDER_WAY else "resumption", credential_id=renewed.pk)
    else:
        done = "The new key is deleted. The old one works as before; you can rotate again."
        say(request, came, done, doing="The new key is being deleted")
        response = see_other("credential", credential_id=renewed.pk)
    forget_key(response, handover_id)
    return never_kept(response)
