"""A hand-over: the review's button posts here, and here the credential waits for its owner."""

from collections.abc import Callable
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from provisioning.domain.refusals import NextStep, Reason, Refusal
from provisioning.domain.roles import Act
from provisioning.gateway.aws import aws
from provisioning.gateway.contract import GatewayFault
from provisioning.models import Credential, CredentialRequest
from provisioning.services import console_resumption, issuance
from provisioning.views.asker import actor_of, browser_of, never_kept
from provisioning.views.posting import see_other
from provisioning.views.recording import on_record
from provisioning.views.waiting import waiting_page


@require_http_methods(["GET", "POST"])
@on_record(Act.HANDOVER_LOOK)
def handover(request: HttpRequest, handover_id: UUID) -> HttpResponse:
    """Issue or resume on POST, once however often it is pressed; show on GET where it stands, without the secret."""
    by = actor_of(request)
    if request.method == "POST":
        try:
            _act(handover_id)(handover_id, by=by, browser=browser_of(request), gateway=aws())
        except GatewayFault as fault:
            fault.way_on = request.path
            raise
        except Refusal as refusal:
            if refusal.why in {Reason.OUTSIDE_GUARDRAIL, Reason.NOT_NOW}:
                refusal.next_steps = refusal.next_steps or (_review_again(handover_id),)
            raise
        return never_kept(see_other("handover", handover_id=handover_id))
    template, context = waiting_page(handover_id, by=by, browser=browser_of(request), now=timezone.now())
    return never_kept(render(request, template, context))


def _act(handover_id: UUID) -> Callable[..., None]:
    """Return what the review's button does: issue, or give a credential that is there another secret."""
    renews = CredentialRequest.objects.filter(pk=handover_id).exclude(renews=None).exists()
    return console_resumption.resume if renews else issuance.issue


def _review_again(handover_id: UUID) -> NextStep:
    if renewed := Credential.objects.filter(renewals=handover_id).first():
        page = reverse("credential", args=(renewed.pk,))
        return NextStep("Look at it again", "Its page says how it stands, and leads on.", page, renewed.application)
    where = f"{reverse('credential_new')}?like={handover_id.hex}"
    return NextStep("Review it again", "The form has your answers beside the limits.", where, "Review it again")
