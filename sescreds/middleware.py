"""A request id for each request, and the one place where a refusal or a fault becomes a page, or JSON."""

import logging
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.models import AnonymousUser
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from provisioning import request_id
from provisioning.domain.permission import reaches
from provisioning.domain.refusals import NextStep, Reason, Refusal
from provisioning.domain.roles import Act
from provisioning.gateway.contract import GatewayFault
from provisioning.views import typed
from provisioning.views.asker import actor_of
from sescreds.logs import route_of

log = logging.getLogger(__name__)
GetResponse = Callable[[HttpRequest], HttpResponse]
DATABASE_SILENT = (OperationalError, InterfaceError)


class RequestIdMiddleware:
    """Mints the id that ties log lines, events and AWS calls of one click together, and tells it to the browser.

    Once the answer is there it is logged: never its address, query or body, which may hold a token.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Serve `request` under a fresh id."""
        minted, began = request_id.begin(), time.perf_counter()
        response = self.get_response(request)
        response["X-Request-Id"] = minted
        taken = round((time.perf_counter() - began) * 1000, 1)
        if request.path.startswith(settings.STATIC_URL):
            return response
        known = {"method": request.method, "path": route_of(request), "status": response.status_code, "ms": taken}
        log.info("answered", extra=known)
        return response


class SignInMiddleware(LoginRequiredMiddleware):
    """Leads strangers to the sign-in; a page that polls goes there whole, never into its own fragment."""

    def process_view(
        self,
        request: HttpRequest,
        view_func: Callable[..., HttpResponseBase],
        view_args: tuple[Any, ...],
        view_kwargs: dict[str, Any],
    ) -> HttpResponseBase | None:
        """Let in who may be; while nobody can be recognised, public pages are served as to strangers."""
        try:
            return super().process_view(request, view_func, view_args, view_kwargs)
        except DATABASE_SILENT:
            match = request.resolver_match
            # Home is no page for strangers: it sends them away.
            if getattr(view_func, "login_required", True) or (match is not None and match.view_name == "home"):
                raise
            request.user = AnonymousUser()
            return None

    def handle_no_permission(  # type: ignore[override] # 204 is no redirect, and that is the point
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseBase:
        """Answer somebody who is not signed in."""
        response = super().handle_no_permission(request, view_func)
        if request.headers.get("HX-Request") != "true":
            return response
        return HttpResponse(status=204, headers={"HX-Redirect": reverse(settings.LOGIN_URL)})


class AnswerMiddleware:
    """Turns what may go wrong into answers: refusals 4xx, faults of AWS 502 or 503, a silent database 503."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Serve `request`. What a browser keeps of a page is asked about each time, and goes at sign-out.

        Not to keep it at all would lose what was typed for whoever goes one page back; secrets are never kept.
        """
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-cache")
        if request.method == "POST" and request.path == reverse("account_logout"):
            response.headers["Clear-Site-Data"] = '"cache"'
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer for an exception of a view, or leave it to Django: then it is a bug."""
        if isinstance(exception, Refusal):
            return _refused(request, exception)
        if isinstance(exception, GatewayFault):
            return _failed(request, exception)
        if isinstance(exception, DATABASE_SILENT):
            return database_silent(request, exception)
        return None


def database_silent(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer while the database does not."""
    log.error("database_silent", extra={"error": type(exception).__name__})
    record = {"request_id": request_id.current(), "now": timezone.now()}
    if _wants_json(request):
        said = {"error": "The database does not answer.", "request_id": request_id.current()}
        response: HttpResponse = JsonResponse(said, status=503)
    else:
        # Without the request: what pages know of their reader would be asked of the same database.
        page = render_to_string("errors/server_error.html", {"database": True, **record})
        response = HttpResponse(page, status=503)
    response["Cache-Control"] = "no-store"
    return response


def _refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    if refusal.why is Reason.NOT_FRESH and not _wants_json(request):
        return _ask_for_the_password(request)
    if not refusal.next_steps:
        refusal.next_steps = _ways_on(refusal.why, request)
    unwritable = refusal.why is Reason.HISTORY_UNWRITABLE
    return _answer(
        request,
        "errors/history_unwritable.html" if unwritable else "errors/refusal.html",
        {"refusal": refusal, "commands": refusal.commands},
        refusal.status,
        {
            "error": refusal.title,
            "reason": refusal.reason,
            "created": refusal.created_note,
            "commands": list(refusal.commands),
        },
    )


def _failed(request: HttpRequest, fault: GatewayFault) -> HttpResponse:
    said = {"operation": fault.operation, "code": fault.code, "aws_request_id": fault.aws_request_id}
    return _answer(
        request,
        "errors/fault.html",
        {"fault": fault},
        fault.status,
        {"error": fault.words, "created": fault.created_note, "certainty": fault.certainty, **said},
    )


def _answer(
    request: HttpRequest, template: str, context: dict[str, object], status: int, plain: dict[str, object]
) -> HttpResponse:
    record = {"request_id": request_id.current(), "now": timezone.now()}
    if _wants_json(request):
        response: HttpResponse = JsonResponse({**plain, "request_id": request_id.current()}, status=status)
    else:
        response = render(request, template, {**context, **record}, status=status)
    response["Cache-Control"] = "no-store"
    return response


def _wants_json(request: HttpRequest) -> bool:
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


def _ask_for_the_password(request: HttpRequest) -> HttpResponse:
    """Lead to the page that asks for the password once more, and from there to the page of what was asked for."""
    typed.keep(request)
    page = request.get_full_path() if request.method == "GET" or typed.is_kept(request) else request.path
    page = page if request.path.endswith("/") else page.rpartition("/")[0] + "/"  # a file has no page of its own
    way = f"{reverse('account_reauthenticate')}?{urlencode({REDIRECT_FIELD_NAME: page})}"
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=204, headers={"HX-Redirect": way})
    return HttpResponse(status=303, headers={"Location": way, "Cache-Control": "no-store"})


def _ways_on(why: Reason, request: HttpRequest) -> tuple[NextStep, ...]:
    """Return where a refused person can go on: pages that they may open."""
    by = actor_of(request) if request.user.is_authenticated else None
    home = NextStep("Go home", "It shows what needs you, and what you may do.", reverse("home"), "Home")
    credentials = NextStep(
        "See what there is", "The list shows every credential that you may see.", reverse("credentials"), "Credentials"
    )
    if by is None or not reaches(by, Act.CREDENTIAL_READ):
        credentials = home
    again = NextStep(
        "Describe it again", "The form shows the limits beside each field.", reverse("credential_new"), "New credential"
    )
    guide = NextStep(
        "Read the guide", "It is open to everybody and says which credential fits.", reverse("guidance:table"), "Guide"
    )
    set_up = NextStep("See what to mend", "The set-up page names each thing.", reverse("set_up"), "Set-up")
    mends = by is not None and reaches(by, Act.ACCOUNT_READ)
    return {
        Reason.NOT_PERMITTED: (credentials, guide),
        Reason.NOT_THERE: (credentials,),
        Reason.UNSAFE_SET_UP: (set_up, guide) if mends else (guide,),
        Reason.HISTORY_UNWRITABLE: (credentials,),
        Reason.WRONG_BROWSER: (again, credentials),
        Reason.OUTSIDE_GUARDRAIL: (again, credentials),
    }.get(why, tuple(dict.fromkeys((home, credentials))))
