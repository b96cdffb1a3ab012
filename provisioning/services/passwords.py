"""Passwords: changed by who knows the old one, reset by who reads the mail or runs the server; all in the history."""

from datetime import datetime

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse

from provisioning import audit
from provisioning.domain.lifecycle import Outcome
from provisioning.domain.permission import demand
from provisioning.domain.refusals import Reason, Refusal
from provisioning.domain.roles import Act, Actor, Role
from provisioning.models import Person
from provisioning.services import handover, mailing, notices, sessions


def change(person: Person, password: str, *, session_key: str, now: datetime) -> None:
    """Give `person` the new password that they typed beside the old one; their other sessions end."""
    _set(Act.PASSWORD_CHANGE, person, password, but=session_key, by=person.as_actor(), now=now)


def reset(person: Person, password: str, *, now: datetime) -> None:
    """Give `person` the new password that they typed behind the link of a mail; all their sessions end."""
    _set(Act.PASSWORD_RESET, person, password, but="", by=person.as_actor(), now=now)


def reset_on_server(person: Person, password: str, *, by: Actor, now: datetime) -> None:
    """Give `person` the new password that whoever runs the server typed for them; all their sessions end."""
    if by.role is not Role.SYSTEM:
        raise TypeError("people reset their own password")
    _set(Act.PASSWORD_RESET, person, password, but="", by=by, now=now)


def mail_reset_link(email: str) -> None:
    """Mail a link that resets the password of `email`. For an address that nobody here has: nothing.

    The worker does this, so that the page takes as long for one address as for another.
    """
    person = Person.objects.active().filter(email=email.lower()).first()
    if person is None:
        return
    key = {"uidb36": user_pk_to_url_str(person), "key": default_token_generator.make_token(person)}
    link = settings.BASE_URL + reverse("account_reset_password_from_key", kwargs=key)
    context = {"link": link, "site": settings.BASE_URL, "minutes": settings.PASSWORD_RESET_TIMEOUT // 60}
    mailing.send(person.email, "Reset your password", render_to_string("mail/password_reset.txt", context))


def _set(act: Act, person: Person, password: str, *, but: str, by: Actor, now: datetime) -> None:
    subject, known = audit.Subject(person.email), person.password
    hashed = make_password(password)  # takes a while: before any lock
    with audit.refusals_recorded(act, subject, by=by, at=now), transaction.atomic():
        demand(by, act)
        # Compared with the password that the form was checked against: a link, or an old password, works once.
        ours = Person.objects.active().filter(pk=person.pk, password=known)
        if not ours.update(password=hashed):
            raise Refusal(
                why=Reason.NOT_NOW,
                title="The password was changed meanwhile",
                reason="This link, or the old password, was used a moment ago in another window.",
            )
        person.password = hashed
        ended = sessions.end_all(person.pk, but=but)
        done = "changed" if act is Act.PASSWORD_CHANGE else "reset"
        text = f"The password of {person.email} was {done}. If that was not you, tell an administrator at once.\n"
        notices.tell([person], f"Your password was {done}", text, about=act, at=now)
        audit.record(act, Outcome.DONE, subject, by=by, at=now, detail={"sessions_ended": ended})
    handover.close_for_person(person.pk, by=by, now=now)
