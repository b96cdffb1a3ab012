"""Doors of the wiring itself: is the process alive, and what Django answers by itself."""

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone

from provisioning import request_id
from sescreds import readiness


@login_not_required
def healthz(_request: HttpRequest) -> JsonResponse:
    """Answer 200 while the process serves and the database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"ok": True})


@login_not_required
def readyz(_request: HttpRequest) -> JsonResponse:
    """Answer 200 once pages can be served: the database answers, is migrated, and its tables are there; else 503."""
    reason = readiness.why_not_ready()
    return JsonResponse({"ready": not reason, "reason": reason}, status=503 if reason else 200)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Answer a form that did not prove where it came from."""
    context = {"request_id": request_id.current(), "now": timezone.now()}
    return render(request, "errors/csrf.html", context, status=403)
