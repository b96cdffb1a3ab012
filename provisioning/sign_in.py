"""How allauth works here: accounts are made by invitation only, guessing is slowed down, sign-out ends hand-overs."""

import logging
import time
from collections.abc import Sequence
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.core import context, ratelimit
from allauth.core.internal.ratelimit import get_ip
from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from allauth.usersessions.models import UserSession
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from provisioning import last_visit
from provisioning.domain.refusals import Refusal
from provisioning.domain.roles import FRESH_FOR
from provisioning.models import Person
from provisioning.services import handover, sessions

log = logging.getLogger(__name__)

_WHEREVER = "login_failed_wherever"  # the limit of failures with one address, from all networks together


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Nobody signs up by themselves, and no answer tells whether an account exists."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": "This address and this password do not open an account here.",
        "incorrect_password": "This is not your password.",
        "enter_current_password": "This is not your present password.",
        "too_many_login_attempts": "Too many sign-ins have failed from here. Wait for a quarter of an hour at most, "
        "then try again. Your account is safe, and from elsewhere you can still sign in.",
        "too_many_wherever": "Too many sign-ins with this address have failed, from several places. Wait for an hour "
        "at most, then try again. Your account is safe.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - allauth's signature
        """Return whether strangers may make accounts: no."""
        return False

    def pre_login(self, request: HttpRequest, user: Person, **options: Any) -> HttpResponse | None:  # noqa: ANN401
        """Note the visit before this one: its time is overwritten next."""
        last_visit.note(request, user)
        response: HttpResponse | None = super().pre_login(request, user, **options)
        return response

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:  # noqa: ARG002 - allauth's signature
        """Return where to go on after a change of the password."""
        return reverse("own_account")

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:  # noqa: ANN401
        # With the place: a stranger elsewhere cannot lock somebody out.
        return f"{_address(credentials)}|{get_ip(request)}"

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:  # noqa: ANN401 - allauth's signature
        """Refuse while too many have failed here, or wherever, with this address.

        Strangers who fail elsewhere must not keep somebody who is signed in from giving their password again: for them
        the limit of the place where they are is enough.
        """
        is_here = isinstance(request.user, Person) and request.user.email == _address(credentials)
        if not is_here and not ratelimit.consume(request, action=_WHEREVER, key=_address(credentials), dry_run=True):
            raise self.validation_error("too_many_wherever")
        super().pre_authenticate(request, **credentials)

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:  # noqa: ANN401
        """Return who signs in. Somebody deactivated reads, and counts, like a wrong password."""
        user: AbstractBaseUser | None = super().authenticate(request, **credentials)
        if user is None or user.is_active:
            return user
        super().pre_authenticate(request, **credentials)
        self.authentication_failed(request, **credentials)
        return None

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:  # noqa: ANN401
        """Count a failure against the address, wherever it came from."""
        ratelimit.consume(request, action=_WHEREVER, key=_address(credentials))

    def forget_failures(self, person: Person) -> None:
        """Whoever has reset their password need not wait."""
        self._delete_login_attempts_cached_email(context.request, email=person.email)
        ratelimit.clear(context.request, action=_WHEREVER, key=person.email)


class SessionsAdapter(DefaultUserSessionsAdapter):  # type: ignore[misc]
    """Ending the other sessions is an act like any other."""

    def end_sessions(self, ended: Sequence[UserSession]) -> None:
        """End them by our service."""
        by = context.request.user.as_actor()
        sessions.end(ended, by=by, now=timezone.now())


def _address(credentials: dict[str, Any]) -> str:
    return str(credentials.get("email", "")).lower()


def is_fresh(request: HttpRequest) -> bool:
    """Return whether the person of this session signed in, or gave their password again, within `FRESH_FOR`."""
    person = request.user if isinstance(request.user, Person) else None
    given = [record["at"] for record in get_authentication_records(request, person)]
    # A time that lies ahead, on a clock that was wrong, is not lately either.
    return any(0 <= time.time() - at < FRESH_FOR.total_seconds() for at in given)


def session_digest(request: HttpRequest) -> str:
    """Return what a hand-over keeps of the session it belongs to."""
    return sessions.digest(request.session.session_key or "")


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
