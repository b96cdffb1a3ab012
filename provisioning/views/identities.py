"""Reading the verified identities again, when somebody asks for it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from guidance.regions import REGIONS
from provisioning.domain.roles import Act
from provisioning.gateway.aws import aws
from provisioning.services import identities, set_up
from provisioning.views.asker import actor_of
from provisioning.views.posting import see_other
from provisioning.views.recording import on_record
from provisioning.views.requests import as_typed


@require_POST
@on_record(Act.IDENTITY_READ)
def refresh(request: HttpRequest) -> HttpResponse:
    """Ask SES, region by region, and go back to the form."""
    regions = identities.regions_in_use() | (set(request.POST.getlist("regions")) & set(REGIONS))
    account = set_up.account()
    identities.refresh(regions, by=actor_of(request), account=account, gateway=aws(), now=timezone.now())
    messages.success(request, f"Read the verified identities of {', '.join(sorted(regions))}.")
    if "application" in request.POST:  # asked beside a form that is being filled in
        return as_typed(request)
    return see_other("credential_new")
