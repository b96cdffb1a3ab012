"""I have stored it: the secret is wiped."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from provisioning.models import Credential
from provisioning.services import handover
from provisioning.views.asker import actor_of, forget_key, never_kept
from provisioning.views.posting import post_or_back, see_other
from provisioning.views.secret_words import secret_words


@post_or_back
def confirmation(request: HttpRequest, handover_id: UUID) -> HttpResponse:
    """Burn the hand-over and go on to the credential."""
    handover.burn(handover_id, by=actor_of(request), now=timezone.now())
    credential = Credential.objects.get(handovers=handover_id)
    words = secret_words(credential.kind, credential.regions)
    messages.success(request, f"Stored. The {words.name} {words.are} gone from here for good.")
    response = see_other("credential", credential_id=credential.pk)
    forget_key(response, handover_id)
    return never_kept(response)
