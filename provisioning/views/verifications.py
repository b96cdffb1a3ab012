"""Does the login work? Each request of this address tries once."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from provisioning.domain.refusals import Refusal
from provisioning.models import Handover
from provisioning.services import verification as proving
from provisioning.views.asker import actor_of, browser_of, never_kept
from provisioning.views.posting import see_other
from provisioning.views.waiting import handover_context


@require_http_methods(["GET", "POST"])
def verification(request: HttpRequest, handover_id: UUID) -> HttpResponse:
    """Try the sign-ins that are not verified yet. Trying again and again changes nothing but what is known."""
    polled = bool(request.htmx)  # type: ignore[attr-defined]
    try:
        proving.verify(handover_id, by=actor_of(request), browser=browser_of(request))
    except Refusal:
        if polled:  # the hand-over is over: its page says so, and the values leave the screen
            return HttpResponse(status=204, headers={"HX-Redirect": reverse("handover", args=(handover_id,))})
        raise
    if request.method == "POST" and not polled:
        return never_kept(see_other("handover", handover_id=handover_id))
    handover = Handover.objects.select_related("credential", "key", "request").get(pk=handover_id)
    context = handover_context(handover.request, handover, now=timezone.now())
    page = "waiting.html#proof" if polled else f"{handover.request.kind}/waiting.html"
    return never_kept(render(request, f"provisioning/handovers/{page}", context))
