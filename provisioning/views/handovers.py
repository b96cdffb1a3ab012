"""A hand-over: the review's button posts here, and here the credential waits for its owner."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from guidance.catalogue import Kind
from provisioning.domain.lifecycle import Outcome
from provisioning.domain.refusals import NextStep, Reason, Refusal
from provisioning.domain.roles import Act
from provisioning.gateway.aws import aws
from provisioning.gateway.contract import GatewayFault
from provisioning.models import Claim, Credential, CredentialRequest
from provisioning.services import console_resumption, issuance, rotation
from provisioning.views.approvals import back_to
from provisioning.views.asker import actor_of, browser_of, never_kept
from provisioning.views.posting import see_other
from provisioning.views.recording import on_record
from provisioning.views.waiting import waiting_page


@require_http_methods(["GET", "POST"])
@on_record(Act.HANDOVER_LOOK)
def handover(request: HttpRequest, handover_id: UUID) -> HttpResponse:
    """Do on POST what was reviewed, once however often it is pressed; show on GET how it stands, without the secret."""
    by = actor_of(request)
    if request.method == "POST":
        try:
            _act(handover_id)(handover_id, by=by, browser=browser_of(request), gateway=aws())
        except GatewayFault as fault:
            fault.way_on = request.path
            if Claim.objects.filter(pk=handover_id, outcome=Outcome.FAILED).exists():
                fault.again = _ways_on(handover_id)[0].url
            raise
        except Refusal as refusal:
            if refusal.why in {Reason.OUTSIDE_GUARDRAIL, Reason.NOT_NOW}:
                refusal.next_steps = refusal.next_steps or _ways_on(handover_id)
            raise
        return never_kept(see_other("handover", handover_id=handover_id))
    template, context = waiting_page(handover_id, by=by, browser=browser_of(request), now=timezone.now())
    return never_kept(render(request, template, context))


def _renewed(handover_id: UUID) -> Credential | None:
    """Return the credential that the review gives another secret; None if it issues one."""
    return Credential.objects.filter(renewals=handover_id).first()


def _act(handover_id: UUID) -> Callable[..., None]:
    """Return what the review's button does."""
    known = issuance.known_of(handover_id)
    if known is None or known.renews_id is None:
        return partial(issuance.issue, known=known)
    return console_resumption.resume if known.kind == Kind.CONSOLE else rotation.rotate


def _ways_on(handover_id: UUID) -> tuple[NextStep, ...]:
    renewed = _renewed(handover_id)
    if renewed is not None and renewed.kind == Kind.CONSOLE:
        where = reverse("credential", args=(renewed.pk,))
        return (NextStep("Look at it again", "Its page says how it stands, and leads on.", where, renewed.application),)
    if renewed is not None:
        where = reverse("rotation", args=(renewed.pk,))
        return (NextStep("Review it again", "The page shows which keys there are now.", where, "Review it again"),)
    asked = CredentialRequest.objects.asked().filter(pk=handover_id).first()
    if asked is not None:
        return (back_to(asked),)
    where = f"{reverse('credential_new')}?like={handover_id.hex}"
    return (NextStep("Review it again", "The form has your answers beside the limits.", where, "Review it again"),)
