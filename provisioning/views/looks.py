"""Looking at the secret: the answer to this POST is the only page that shows it."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from provisioning.domain.refusals import Reason, Refusal
from provisioning.services import handover
from provisioning.services.handover import Opened
from provisioning.views import console_logins
from provisioning.views.asker import actor_of, browser_of, never_kept
from provisioning.views.posting import post_or_back
from provisioning.views.slips import filled_in, slips
from provisioning.views.waiting import handover_context


@post_or_back
def look(request: HttpRequest, handover_id: UUID) -> HttpResponse:
    """Show the secret; the look is on record before."""
    now = timezone.now()
    try:
        opened = handover.look(handover_id, by=actor_of(request), browser=browser_of(request), now=now)
    except Refusal as refusal:
        if request.htmx and refusal.why is not Reason.NOT_FRESH:  # type: ignore[attr-defined] # the hand-over's page says what is
            return HttpResponse(status=204, headers={"HX-Redirect": reverse("handover", args=(handover_id,))})
        raise
    opened.handover.refresh_from_db(fields=("looks", "state"))
    context = handover_context(opened.handover.request, opened.handover, now=now)
    of_its_kind = _logins(request, opened) if opened.handover.key else console_logins.shown_of(opened)
    page = {**context, **of_its_kind}
    return never_kept(render(request, f"provisioning/handovers/{opened.handover.request.kind}/opened.html", page))


def _logins(request: HttpRequest, opened: Opened) -> dict[str, object]:
    """Return the SMTP passwords, and the settings of one client for one region."""
    shown = slips(opened.handover.access_key, opened.secrets)
    filled = filled_in(shown, region=request.POST.get("region", ""), client=request.POST.get("client", ""))
    return {"slips": shown, "filled": filled}
