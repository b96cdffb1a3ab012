"""I lost it: revoke, and start again with the same answers."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from provisioning.gateway.aws import aws
from provisioning.models import CredentialRequest
from provisioning.services import handover
from provisioning.views.asker import actor_of, forget_key, never_kept
from provisioning.views.posting import post_or_back, see_other


@post_or_back
def loss(request: HttpRequest, handover_id: UUID) -> HttpResponse:
    """Revoke what was lost and show the form, filled in as before; of a rotation, the credential, which stays."""
    handover.lose(handover_id, by=actor_of(request), gateway=aws())
    renewed = CredentialRequest.objects.get(pk=handover_id).renews
    if renewed is None:
        messages.success(request, "Revoked. Here are the same answers, to start again.")
        response = see_other(f"{reverse('credential_new')}?like={handover_id}")
    else:
        messages.success(request, "The new key is deleted. The old one works as before; you can rotate again.")
        response = see_other("credential", credential_id=renewed.pk)
    forget_key(response, handover_id)
    return never_kept(response)
