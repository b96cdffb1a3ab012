"""Looking at the secret: the answer to this POST is the only page that shows it."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from guidance.catalogue import Kind
from provisioning.domain.refusals import Reason, Refusal
from provisioning.services import handover
from provisioning.views import api_slips, console_logins, slips
from provisioning.views.asker import actor_of, browser_of, never_kept
from provisioning.views.posting import post_or_back
from provisioning.views.waiting import handover_context


@post_or_back
def look(request: HttpRequest, handover_id: UUID) -> HttpResponse:
    """Show the secret, and the settings of one client for one region; the look is on record before."""
    now = timezone.now()
    try:
        opened = handover.look(handover_id, by=actor_of(request), browser=browser_of(request), now=now)
    except Refusal as refusal:
        if request.htmx and refusal.why is not Reason.NOT_FRESH:  # type: ignore[attr-defined] # the hand-over's page says what is
            return HttpResponse(status=204, headers={"HX-Redirect": reverse("handover", args=(handover_id,))})
        raise
    opened.handover.refresh_from_db(fields=("looks", "state"))
    context = handover_context(opened.handover.request, opened.handover, now=now)
    kind = opened.handover.request.kind
    shown = _SHOWN[Kind(kind)](opened, region=request.POST.get("region", ""), client=request.POST.get("client", ""))
    return never_kept(render(request, f"provisioning/handovers/{kind}/opened.html", {**context, **shown}))


_SHOWN = {Kind.SMTP: slips.page_of, Kind.API: api_slips.page_of, Kind.CONSOLE: console_logins.page_of}
