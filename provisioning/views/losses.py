"""I lost it: revoke, and start again with the same answers."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from provisioning.gateway.aws import aws
from provisioning.models import Credential
from provisioning.services import handover
from provisioning.views.asker import actor_of, forget_key, never_kept
from provisioning.views.posting import post_or_back, see_other


@post_or_back
def loss(request: HttpRequest, handover_id: UUID) -> HttpResponse:
    """Revoke what was lost and show the form, filled in as before; what was resumed is suspended again."""
    handover.lose(handover_id, by=actor_of(request), gateway=aws())
    renewed = Credential.objects.filter(renewals=handover_id).values_list("pk", flat=True).first()
    if renewed is None:
        messages.success(request, "Revoked. Here are the same answers, to start again.")
        response = see_other(f"{reverse('credential_new')}?like={handover_id}")
    else:
        messages.success(request, "Suspended again. You can resume it once more, with another password.")
        response = see_other("resumption", credential_id=renewed)
    forget_key(response, handover_id)
    return never_kept(response)
