"""Looking at the secret: the answer to this POST is the only page that shows it."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from provisioning.services import handover
from provisioning.views.asker import actor_of, browser_of, never_kept
from provisioning.views.posting import post_or_back
from provisioning.views.waiting import handover_context


@post_or_back
def look(request: HttpRequest, handover_id: UUID) -> HttpResponse:
    """Show the passwords; the look is on record before."""
    now = timezone.now()
    opened = handover.look(handover_id, by=actor_of(request), browser=browser_of(request), now=now)
    opened.handover.refresh_from_db(fields=("looks", "state"))
    context = handover_context(opened.handover.request, opened.handover, now=now, passwords=opened.passwords)
    return never_kept(render(request, "provisioning/handovers/opened.html", context))
