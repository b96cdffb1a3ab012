"""The sweeps: what each does, when it ran last, and which one is late."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from provisioning.domain.roles import Act
from provisioning.services.sweep_overview import overview
from provisioning.views.asker import actor_of
from provisioning.views.recording import on_record


@require_safe
@on_record(Act.SWEEP_READ)
def listing(request: HttpRequest) -> HttpResponse:
    """Show every sweep."""
    found = overview(by=actor_of(request), now=timezone.now())
    return render(request, "provisioning/sweeps/list.html", {"overview": found})
