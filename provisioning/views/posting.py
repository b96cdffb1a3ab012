"""Addresses of acts that only a form posts to: whoever opens one by hand is led to the page it belongs to."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from provisioning.gateway.contract import GatewayFault
from provisioning.services.claiming import Pressed

REVIEWABLE = 422  # the status of a form that has something to change
CHANGE = "change_something"  # what the button of a review sends that leads back to the form, with what was typed
View = Callable[[HttpRequest, UUID], HttpResponse]


def see_other(to: str, **named: object) -> HttpResponse:
    """Answer a form that was done: go on with a GET (303)."""
    return HttpResponse(status=303, headers={"Location": resolve_url(to, **named)})


def say(request: HttpRequest, came: Pressed, done: str, *, doing: str) -> None:
    """Say that it is `done`; while an earlier press of the same has not ended, only that it is being done."""
    if came is Pressed.UNDER_WAY:
        messages.info(request, f"{doing}; AWS has not confirmed it yet.")
    else:
        messages.success(request, done)


@contextmanager
def leading_to(page: str, *ids: object) -> Iterator[None]:
    """Let a fault of AWS say where the act stands: at `page`."""
    try:
        yield
    except GatewayFault as fault:
        fault.way_on = reverse(page, args=ids)
        raise


def post_or_back(view: View) -> View:
    """Serve POST with `view`; lead a GET, such as a reload, back to the hand-over."""

    @require_http_methods(["GET", "POST"])
    @wraps(view)
    def door(request: HttpRequest, handover_id: UUID) -> HttpResponse:
        return view(request, handover_id) if request.method == "POST" else redirect("handover", handover_id=handover_id)

    return door
