"""Doors of the wiring itself: is the process alive, and what Django answers by itself."""

import sys

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone

from provisioning import request_id
from sescreds import readiness
from sescreds.middleware import DATABASE_SILENT, database_silent


@login_not_required
def healthz(_request: HttpRequest) -> JsonResponse:
    """Answer 200 while the process serves. A database that is away comes back without a new process."""
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


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer for what nobody caught. Django calls this while it handles the exception, and names it to nobody.

    What a view raises comes to `AnswerMiddleware` first; who is signed in, and their session, are read outside of it.
    """
    exception = sys.exc_info()[1]
    if isinstance(exception, DATABASE_SILENT):
        return database_silent(request, exception)
    context = {"request_id": request_id.current(), "now": timezone.now()}
    return HttpResponse(render_to_string("500.html", context), status=500)
