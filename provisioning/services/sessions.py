"""Sessions: the browsers in which somebody is signed in, listed and ended by their owner."""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Case, Exists, OuterRef, When

from provisioning import audit
from provisioning.domain.lifecycle import Outcome
from provisioning.domain.permission import demand, not_there
from provisioning.domain.roles import Act, Actor
from provisioning.services import handover

LISTED = 10


@dataclass(frozen=True)
class Listed:
    """The newest sessions of somebody, the one that asks first, and how many there are."""

    newest: list[UserSession]
    count: int


def listed(person_id: int, *, here: str, now: datetime) -> Listed:
    """Return the sessions of a person, `here` being the key of the one that asks; those that ended are forgotten."""
    theirs = UserSession.objects.filter(user_id=person_id)
    theirs.exclude(_still_there(now)).delete()
    newest = theirs.order_by(Case(When(session_key=here, then=0), default=1), "-created_at", "-pk")[:LISTED]
    return Listed(list(newest), theirs.count())


def count(person_id: int, *, now: datetime) -> int:
    """Return in how many browsers a person is signed in; one query."""
    found: int = UserSession.objects.filter(_still_there(now), user_id=person_id).count()
    return found


def _still_there(now: datetime) -> Exists:
    return Exists(Session.objects.filter(session_key=OuterRef("session_key"), expire_date__gt=now))


def digest(session_key: str) -> str:
    """Return what a hand-over keeps of the session it belongs to: of no use to whoever reads the database."""
    return hmac.digest(settings.SECRET_KEY.encode(), f"handover|{session_key}".encode(), hashlib.sha256).hex()


def own(session_id: int, *, by: Actor) -> UserSession:
    """Return a session of `by`; anybody else's does not exist for them."""
    session: UserSession | None = UserSession.objects.filter(pk=session_id, user_id=by.person_id).first()
    if session is None:
        raise not_there("session")
    return session


def end(sessions: Sequence[UserSession], *, by: Actor, now: datetime) -> None:
    """End sessions of `by`, and what could still be opened in them."""
    subject = audit.Subject(by.name)
    with audit.refusals_recorded(Act.SESSION_END, subject, by=by, at=now), transaction.atomic():
        demand(by, Act.SESSION_END)
        mine = [own(session.pk, by=by) for session in sessions]
        for session in mine:
            session.end()
        if mine:
            began = [session.created_at.isoformat(timespec="seconds") for session in mine]
            audit.record(Act.SESSION_END, Outcome.DONE, subject, by=by, at=now, detail={"signed_in": began})
    for session in mine:
        handover.end_for_session(digest(session.session_key), by=by, now=now)


def end_all(person_id: int, *, but: str = "") -> int:
    """End every session of a person but the one with the key `but`, inside the caller's transaction; return how many.

    The caller records what they were ended for.
    """
    theirs = list(UserSession.objects.filter(user_id=person_id).exclude(session_key=but))
    for session in theirs:
        session.end()
    return len(theirs)
