"""How allauth works here: accounts are made by administrators only, and signing out ends open hand-overs."""

import hashlib
import hmac
import logging
import time
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from provisioning import last_visit
from provisioning.domain.refusals import Refusal
from provisioning.domain.roles import FRESH_FOR
from provisioning.models import Person
from provisioning.services import handover

log = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Nobody signs up by themselves."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - allauth's signature
        """Return whether strangers may make accounts: no."""
        return False

    def pre_login(self, request: HttpRequest, user: Person, **options: Any) -> HttpResponse | None:  # noqa: ANN401
        """Note the visit before this one: its time is overwritten next."""
        last_visit.note(request, user)
        response: HttpResponse | None = super().pre_login(request, user, **options)
        return response


def is_fresh(request: HttpRequest) -> bool:
    """Return whether the person of this session signed in, or gave their password again, within `FRESH_FOR`."""
    person = request.user if isinstance(request.user, Person) else None
    given = [record["at"] for record in get_authentication_records(request, person)]
    # A time that lies ahead, on a clock that was wrong, is not lately either.
    return any(0 <= time.time() - at < FRESH_FOR.total_seconds() for at in given)


def session_digest(request: HttpRequest) -> str:
    """Return what a hand-over keeps of the session it belongs to: of no use to whoever reads the database."""
    key = request.session.session_key or ""
    return hmac.digest(settings.SECRET_KEY.encode(), f"handover|{key}".encode(), hashlib.sha256).hex()


@receiver(user_logged_out)
def end_handovers(request: HttpRequest, user: Person | None, **_: Any) -> None:  # noqa: ANN401 - Django's signal
    """Burn what this session could still open; the session is still there when Django calls."""
    if user is None:
        return
    try:
        handover.end_for_session(session_digest(request), by=user.as_actor(), now=timezone.now())
    except Refusal as refusal:
        # Signing out goes on: without its session a seal opens to nobody, and the sweep ends it later.
        log.warning("handovers_left_open", extra={"why": str(refusal.why)})
