"""Reading the verified identities again, when somebody asks for it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from guidance.regions import REGIONS
from provisioning.domain.roles import Act
from provisioning.gateway.aws import aws
from provisioning.gateway.contract import GatewayFault
from provisioning.services import identities, set_up
from provisioning.views.asker import actor_of
from provisioning.views.posting import see_other
from provisioning.views.recording import on_record
from provisioning.views.requests import as_typed


@require_POST
@on_record(Act.IDENTITY_READ)
def refresh(request: HttpRequest) -> HttpResponse:
    """Ask SES, region by region, and go back to the form."""
    by, regions = actor_of(request), identities.regions_in_use()
    try:
        identities.refresh_everywhere(by=by, gateway=aws(), now=timezone.now())
    except GatewayFault as fault:
        others = " Of other AWS accounts they were." if len(set_up.in_use()) > 1 else ""
        said = f"The verified identities were not all read.{others} {fault.words} ({fault.reference})"
        messages.error(request, f"{said} What was read before stays. Try again in a minute.")
    else:
        messages.success(request, f"Read the verified identities of {', '.join(sorted(regions))}.")
    for region in sorted({*request.POST.getlist("regions")} & {*REGIONS} - regions):
        try:  # one that no team uses yet: the account may not have it switched on
            identities.refresh([region], by=by, account=set_up.account(), gateway=aws(), now=timezone.now())
        except GatewayFault as fault:
            messages.warning(request, f"{region} could not be read: {fault.words}")
    if "application" in request.POST:  # asked beside a form that is being filled in
        return as_typed(request)
    return see_other("credential_new")
