"""Rotating a credential: what happens and which keys there are, then a review, whose button makes the second key."""

from collections.abc import Sequence
from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from guidance.catalogue import Kind
from provisioning.domain.roles import Act
from provisioning.forms.regions import region_choices
from provisioning.forms.rotation import RotationForm
from provisioning.forms.shapes import RegionChoices
from provisioning.gateway.aws import aws
from provisioning.gateway.contract import GatewayFault
from provisioning.models import AccessKey, Credential, RegionReading
from provisioning.services import in_aws, renewals, second_keys, watching
from provisioning.views import typed
from provisioning.views.asker import actor_of, mint_key, never_kept
from provisioning.views.credentials import asked_about
from provisioning.views.filling_in import go_on
from provisioning.views.recording import on_record
from provisioning.views.reviews import review_page


@require_http_methods(["GET", "POST"])
@on_record(Act.CREDENTIAL_ROTATE)
def rotation(request: HttpRequest, credential_id: int) -> HttpResponse:
    """Show what will happen; a POST within limits shows the review, and gives the browser the hand-over's key."""
    credential = asked_about(request, credential_id, Act.CREDENTIAL_ROTATE)
    offered = _offered(credential)
    if request.method != "POST":
        form = RotationForm(offered=offered, kind=credential.kind)
        typed.show(typed.take_up(request), form)
        return _form(request, credential, form)
    form = RotationForm(request.POST, offered=offered, kind=credential.kind)
    review, show = (partial(step, request, credential, form) for step in (_review, _form))
    return go_on(form, review, show)


def _review(request: HttpRequest, credential: Credential, form: RotationForm) -> HttpResponse:
    added = form.cleaned_data["regions"]
    prepared = second_keys.review(credential.pk, added, by=actor_of(request), now=timezone.now())
    response = render(request, *review_page(prepared))
    mint_key(response, request, prepared.pk)
    return never_kept(response)


def _form(request: HttpRequest, credential: Credential, form: RotationForm, status: int = 200) -> HttpResponse:
    """Show the form beside the keys that there are; where both places are taken, the keys and what to do with them."""
    by, now, context = actor_of(request), timezone.now(), {"form": form, "credential": credential}
    second_keys.require_stored(credential, now)
    context["withheld"] = withheld = renewals.why_not(credential, by=by, now=now)
    context["outside"] = "" if withheld else second_keys.why_no_more_regions(credential, form.offered, now=now)
    keys = list(credential.keys.kept().prefetch_related("logins"))
    context |= _ours(credential, keys)
    try:
        held = in_aws.held(credential, keys, by=by, gateway=aws(), now=now)
        context["held"] = [(key, (now - key.made_at).days) for key in held]
        context["foreign"] = [key for key in held if key.row is None]
        taken = len(held)
    except GatewayFault as fault:
        context["fault"], taken = fault, len(keys)
    template = "full" if taken >= second_keys.PLACES else "form"
    return never_kept(render(request, f"provisioning/rotations/{template}.html", context, status=status))


def _ours(credential: Credential, keys: Sequence[AccessKey]) -> dict[str, object]:
    """Return what the books say of its keys: the new one of two that work, and whether there is one to choose."""
    in_use = [key for key in keys if key.is_in_use]
    new = in_use[-1] if len(in_use) > 1 and in_use[-1].delete_due_at is None else None
    return {
        "new": new,
        "may_choose": new is not None or any(key.retired_at for key in keys),
        "without_password": watching.without_password(credential, keys),
    }


def _offered(credential: Credential) -> RegionChoices:
    """Return the regions of the team that the credential has not."""
    readings = RegionReading.objects.of(credential.account)
    production: dict[str, bool | None] = {reading.region: reading.in_production for reading in readings}
    offered = region_choices(Kind(credential.kind), [credential.team], [credential.account], production)
    return [each for each in offered if each[0] not in credential.regions]
