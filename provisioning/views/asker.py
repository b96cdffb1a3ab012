"""Who asks: the person of a request as somebody who acts, and what their browser shows."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse

from provisioning.domain.roles import Actor
from provisioning.models import Person
from provisioning.services.sealing import Browser, new_key
from provisioning.sign_in import is_fresh, session_digest

# The name holds "key", so that Django's error reports mask it.
COOKIE = "handover_key"
_COOKIE_AGE = 2 * 60 * 60  # seconds: longer than a review holds and a hand-over stays open


def person_of(request: HttpRequest) -> Person:
    """Return the signed-in person; only for pages behind LoginRequiredMiddleware."""
    if not isinstance(request.user, Person):
        raise TypeError("this page is for people who are signed in")
    return request.user


def actor_of(request: HttpRequest) -> Actor:
    """Return the signed-in person as somebody who acts; reads their teams once a request."""
    actor = getattr(request, "_actor", None)
    if not isinstance(actor, Actor):
        actor = person_of(request).as_actor(is_fresh=is_fresh(request))
        request._actor = actor  # type: ignore[attr-defined]  # noqa: SLF001 - our own note on the request
    return actor


def browser_of(request: HttpRequest) -> Browser:
    """Return what the browser shows for the hand-over of this address."""
    return Browser(handover_key=request.COOKIES.get(COOKIE, ""), session_digest=session_digest(request))


def mint_key(response: HttpResponse, request: HttpRequest, handover_id: UUID) -> None:
    """Give the browser the key of a hand-over: only to that address, never to scripts, never across sites."""
    response.set_cookie(
        COOKIE,
        new_key(),
        path=f"/handovers/{handover_id}/",
        max_age=_COOKIE_AGE,
        httponly=True,
        samesite="Strict",
        secure=request.is_secure(),
    )


def forget_key(response: HttpResponse, handover_id: UUID) -> None:
    """Take the key of a hand-over back from the browser."""
    response.delete_cookie(COOKIE, path=f"/handovers/{handover_id}/", samesite="Strict")


def never_kept(response: HttpResponse) -> HttpResponse:
    """Mark a response as one that no cache, and no way back, may show again."""
    response["Cache-Control"] = "no-store"
    return response
