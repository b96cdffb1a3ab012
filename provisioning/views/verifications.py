"""Does the login work? Each request of this address tries once."""

from datetime import timedelta
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

# Whoever has just pressed what ends a hand-over waits for that answer, which leads on; it must not be led elsewhere.
_ON_THE_WAY = timedelta(seconds=10)


@require_http_methods(["GET", "POST"])
def verification(request: HttpRequest, handover_id: UUID) -> HttpResponse:
    """Try the sign-ins that are not verified yet. Trying again and again changes nothing but what is known."""
    polled = bool(request.htmx)  # type: ignore[attr-defined]
    try:
        proving.verify(handover_id, by=actor_of(request), browser=browser_of(request))
    except Refusal:
        if polled:
            return _led_away(request, handover_id)
        raise
    if request.method == "POST" and not polled:
        return never_kept(see_other("handover", handover_id=handover_id))
    handover = Handover.objects.select_related("credential", "key", "request").get(pk=handover_id)
    context = handover_context(handover.request, handover, now=timezone.now())
    page = "waiting.html#proof" if polled else f"{handover.request.kind}/waiting.html"
    return never_kept(render(request, f"provisioning/handovers/{page}", context))


def _led_away(request: HttpRequest, handover_id: UUID) -> HttpResponse:
    """Answer a page that polls though the hand-over is over: its page says so, and the values leave the screen."""
    just_ended = Handover.objects.filter(pk=handover_id, person=actor_of(request).person_id)
    if just_ended.filter(ended_at__gt=timezone.now() - _ON_THE_WAY).exists():
        return HttpResponse(status=204)
    return HttpResponse(status=204, headers={"HX-Redirect": reverse("handover", args=(handover_id,))})
