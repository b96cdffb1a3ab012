"""Telling people by mail: a notice is written in the transaction of what it tells of, and a sweep delivers it."""

import logging
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction

from provisioning import audit
from provisioning.domain.lifecycle import Outcome
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
    try:
        _message(notice).send()
    except (SMTPException, OSError) as trouble:
        log.warning("notice_not_sent", extra={"notice": notice.pk, "error": type(trouble).__name__})
        given_up = {"sent_at": clock()} if notice.tries + 1 >= _MOST_TRIES else {}
        ours.update(trouble=f"not sent: {type(trouble).__name__}", **given_up)
        return False
    ours.update(sent_at=clock(), trouble="")
    return True


def send_test(*, by: Actor, clock: Clock) -> Notice:
    """Send a notice to `by` themselves at once, and return it: its `trouble` is what the mail server said, or empty."""
    demand(by, Act.NOTICE_TEST)
    subject = audit.Subject(by.name)
    with transaction.atomic():
        notice = _test_notice(by, now=clock())
        audit.record(Act.NOTICE_TEST, Outcome.BEGUN, subject, by=by, at=clock(), detail={"notice": notice.pk})
    trouble = NO_MAIL
    if mailing.is_on():
        try:
            _message(notice).send()
            trouble = ""
        except (SMTPException, OSError) as error:
            log.warning("notice_not_sent", extra={"notice": notice.pk, "error": type(error).__name__})
            trouble = f"not sent: {_said(error)}"
    notice.sent_at, notice.trouble = clock(), trouble
    notice.save(update_fields=["sent_at", "trouble"])  # whatever the history takes: no sweep is to send it again
    with transaction.atomic():
        outcome = Outcome.FAILED if trouble else Outcome.DONE
        detail = {"notice": notice.pk, "said": trouble}
        audit.record(Act.NOTICE_TEST, outcome, subject, by=by, at=clock(), detail=detail)
    return notice


def _test_notice(by: Actor, *, now: datetime) -> Notice:
    """Write down the notice, taken already, so that no sweep sends it too."""
    if by.person_id is None:
        raise TypeError("only people are sent a test")
    text = f"{by.name} has asked for this at {settings.BASE_URL}. Notices reach you: there is nothing to do.\n"
    return Notice.objects.create(
        recipient_id=by.person_id,
        about=Act.NOTICE_TEST,
        subject="A test notice",
        text=text,
        made_at=now,
        next_try_at=now + _LONGEST_WAIT,
        tries=1,
    )


def _message(notice: Notice) -> EmailMessage:
    return EmailMessage(notice.subject, notice.text, settings.DEFAULT_FROM_EMAIL, [notice.recipient.email])


def _said(error: Exception) -> str:
    """Return exactly what the mail server answered, or why it could not be asked."""
    if isinstance(error, SMTPRecipientsRefused):  # of the one recipient that there is
        error = SMTPResponseException(*next(iter(error.recipients.values())))
    if isinstance(error, SMTPResponseException):
        words = error.smtp_error
        return f"{error.smtp_code} {words.decode(errors='replace') if isinstance(words, bytes) else words}"[:500]
    return f"{type(error).__name__}: {error}"[:500]


def _one_line(subject: str) -> str:
    """Return `subject` as a header takes it: names in it were typed by people."""
    return " ".join(subject.split())[:200]
