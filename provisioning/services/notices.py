"""Telling people by mail: a notice is written in the transaction of what it tells of, and a sweep delivers it."""

import logging
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction

from provisioning.domain.permission import demand
from provisioning.domain.roles import Act, Actor
from provisioning.models import Credential, Notice, Person
from provisioning.services import mailing
from provisioning.services.clock import Clock

log = logging.getLogger(__name__)

NO_MAIL = "not sent: no mail is set up"
_FIRST_WAIT, _LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=4)
_MOST_TRIES = 12
_BATCH = 200


@dataclass(frozen=True)
class Letter:
    """What is told of one credential. Neither part may hold a secret or a link that opens anything by itself."""

    credential: Credential
    subject: str
    text: str


def write(letters: Iterable[tuple[Letter, Collection[int]]], *, about: Act, at: datetime) -> int:
    """Write each letter to the people with these keys, inside the caller's transaction, in one insert; say how many."""
    rows = [
        Notice(
            recipient_id=person_id,
            credential=letter.credential,
            about=about,
            subject=_one_line(letter.subject),
            text=letter.text,
            made_at=at,
            next_try_at=at,
        )
        for letter, people in letters
        for person_id in sorted(people)
    ]
    return len(Notice.objects.bulk_create(rows))


def tell(people: Iterable[Person], subject: str, text: str, *, about: Act, at: datetime) -> int:
    """Write a notice to each of `people`, inside the caller's transaction; return to how many.

    Neither `subject` nor `text` may hold a secret or a link that opens anything by itself.
    """
    notices = [
        Notice(recipient=person, about=about, subject=_one_line(subject), text=text, made_at=at, next_try_at=at)
        for person in people
    ]
    return len(Notice.objects.bulk_create(notices))


def deliver(*, by: Actor, clock: Clock) -> int:
    """Send what is due; return how many were sent. What the mail server refuses is tried again, ever later."""
    demand(by, Act.NOTICE_DELIVER)
    sent = 0
    for notice in Notice.objects.due(clock()).select_related("recipient")[:_BATCH]:
        if _take(notice, now=clock()):
            sent += _send(notice, clock=clock)
    return sent


def _take(notice: Notice, *, now: datetime) -> bool:
    """Take one notice for ourselves by moving its next try; False if another worker was quicker."""
    wait = min(_FIRST_WAIT * 2**notice.tries, _LONGEST_WAIT)
    mine = Notice.objects.due(now).filter(pk=notice.pk, tries=notice.tries)
    with transaction.atomic():
        return bool(mine.update(tries=notice.tries + 1, next_try_at=now + wait))


def _send(notice: Notice, *, clock: Clock) -> bool:
    """Send one; a person who has left gets nothing any more."""
    ours = Notice.objects.filter(pk=notice.pk)
    if not notice.recipient.is_active:
        ours.update(sent_at=clock(), trouble="not sent: the person has been deactivated")
        return False
    if not mailing.is_on():  # said, and not tried again for ever
        ours.update(sent_at=clock(), trouble=NO_MAIL)
        return False
    message = EmailMessage(notice.subject, notice.text, settings.DEFAULT_FROM_EMAIL, [notice.recipient.email])
    try:
        message.send()
    except (SMTPException, OSError) as trouble:
        log.warning("notice_not_sent", extra={"notice": notice.pk, "error": type(trouble).__name__})
        given_up = {"sent_at": clock()} if notice.tries + 1 >= _MOST_TRIES else {}
        ours.update(trouble=f"not sent: {type(trouble).__name__}", **given_up)
        return False
    ours.update(sent_at=clock(), trouble="")
    return True


def _one_line(subject: str) -> str:
    """Return `subject` as a header takes it: names in it were typed by people."""
    return " ".join(subject.split())[:200]
