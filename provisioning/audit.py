"""The only writer of the history. Each event carries the hash of the one before it: a chain without a gap.

`record` is the last statement of its transaction, and takes the head of the chain there, so that locks are always taken
in the same order: row, then head.
"""

import hashlib
import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import F

from provisioning import request_id
from provisioning.domain.lifecycle import Outcome
from provisioning.domain.refusals import Reason, Refusal
from provisioning.domain.roles import Act, Actor
from provisioning.models import AuditEvent, Credential, RefusalTally, Team

log = logging.getLogger(__name__)

SCHEMA = 1
GENESIS = "0" * 64
SUBJECT_LIMIT = 200  # characters: what the column takes
_HEAD_LOCK = 0x5E5C4ED5  # PostgreSQL's advisory lock for the head of the chain; any number that is ours alone
_BATCH = 1_000


@dataclass(frozen=True)
class Subject:
    """What an event is about, named as it was."""

    name: str
    credential: Credential | None = None
    team: Team | None = None
    door: str = ""  # the pattern of the address, where that is all the name there is


def record(
    act: Act,
    outcome: Outcome,
    subject: Subject,
    *,
    by: Actor,
    at: datetime,
    detail: Mapping[str, object] | None = None,
) -> AuditEvent:
    """Add an event to the history, inside the caller's transaction; raise a `Refusal` if it cannot be written."""
    if not connection.in_atomic_block:
        raise RuntimeError("an event is written in the transaction of what it records")
    try:
        with transaction.atomic(savepoint=False):  # without its event nothing of the act may stay
            return _append(act, outcome, subject, by=by, at=at, detail=detail or {})
    except DatabaseError as error:
        log.critical("history_unwritable", extra={"error": type(error).__name__})
        raise history_unwritable() from None


def history_unwritable() -> Refusal:
    """Return the refusal of every act while the history cannot be written."""
    return Refusal(
        why=Reason.HISTORY_UNWRITABLE,
        title="The history cannot be written",
        reason="Nothing is done here that the history would not show, so every act waits until it can be written "
        "again. An administrator should look at the database.",
        created_note="An act that nobody could trace later is not begun. AWS was not called.",
    )


def require_writable(act: Act, subject: Subject, *, by: Actor, at: datetime) -> None:
    """Raise the refusal of every act unless an event could be written now; none is.

    For acts that ask somebody outside and of which only what they find out is worth an event.
    """
    with transaction.atomic():
        record(act, Outcome.BEGUN, subject, by=by, at=at)
        transaction.set_rollback(True)


def _append(
    act: Act, outcome: Outcome, subject: Subject, *, by: Actor, at: datetime, detail: Mapping[str, object]
) -> AuditEvent:
    _take_head()
    last, previous = AuditEvent.objects.head() or (0, GENESIS)
    sequence = last + 1
    text = canonical(
        {
            "schema": SCHEMA,
            "sequence": sequence,
            "previous": previous,
            "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
            "act": act,
            "outcome": outcome,
            "actor": {"name": by.name, "role": by.role, "person": by.person_id},
            "team": {"id": subject.team.pk, "name": subject.team.name} if subject.team else None,
            "subject": subject.name[:SUBJECT_LIMIT],
            "credential": subject.credential.pk if subject.credential else None,
            "request": request_id.current(),
            "detail": detail,
        }
    )
    return AuditEvent.objects.create(text=text, hash=digest(text), **projection(text))


def canonical(event: Mapping[str, object]) -> str:
    """Return the one text of an event: JSON with sorted keys, no white space, nothing escaped without need."""
    return json.dumps(event, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(text: str) -> str:
    """Return the hash of an event's text; the text names the hash of the event before it."""
    return hashlib.sha256(text.encode()).hexdigest()


def projection(text: str) -> dict[str, object]:
    """Return the columns that repeat parts of an event's text."""
    event = json.loads(text)
    return {
        "sequence": event["sequence"],
        "at": datetime.fromisoformat(event["at"]),
        "act": event["act"],
        "outcome": event["outcome"],
        "actor_name": event["actor"]["name"],
        "actor_role": event["actor"]["role"],
        "person_id": event["actor"]["person"],
        "team_id": event["team"]["id"] if event["team"] else None,
        "subject": event["subject"],
        "credential_id": event["credential"],
        "request_id": event["request"],
    }


def _take_head() -> None:
    # SQLite needs none: its transactions are IMMEDIATE, so this one is the only writer already.
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_HEAD_LOCK])


@contextmanager
def refusals_recorded(act: Act, subject: Subject, *, by: Actor, at: datetime) -> Iterator[None]:
    """Write down a refusal that leaves the block, after its transaction was rolled back, and let it travel on."""
    try:
        yield
    except Refusal as refusal:
        # Asking for the password once more is a question, not an answer.
        silent = refusal.why in {Reason.HISTORY_UNWRITABLE, Reason.NOT_FRESH}
        if not silent and not refusal.recorded:
            _record_refusal(refusal, act, subject, by=by, at=at)
            refusal.recorded = True
        raise


def _record_refusal(refusal: Refusal, act: Act, subject: Subject, *, by: Actor, at: datetime) -> None:
    """Add the refusal once a minute for each person, act, subject and reason; count the rest of that minute."""
    key = _tallied_as(refusal, act, subject, by)
    try:
        try:
            _add_or_count(key, refusal, act, subject, by=by, at=at)
        except IntegrityError:  # another process was first with the same one: now it can be counted
            _add_or_count(key, refusal, act, subject, by=by, at=at)
    except (Refusal, DatabaseError) as error:
        # The refusal itself stands and is what the person must read.
        refusal.unrecorded = True
        log.critical("refusal_unrecorded", extra={"act": str(act), "error": type(error).__name__})


def _tallied_as(refusal: Refusal, act: Act, subject: Subject, by: Actor) -> str:
    """Return what refusals have in common that count as the same."""
    found = [subject.credential.pk if subject.credential else None, subject.team.pk if subject.team else None]
    # What was not found can be named in any number of ways, and each would be an event for good.
    name = subject.door if refusal.met_nothing and not any(found) else subject.name
    return digest(json.dumps([by.person_id, by.name, act, *found, name, refusal.why, refusal.reason]))


def _add_or_count(key: str, refusal: Refusal, act: Act, subject: Subject, *, by: Actor, at: datetime) -> None:
    minute = at.replace(second=0, microsecond=0)
    with transaction.atomic():
        if RefusalTally.objects.filter(key=key, minute=minute).update(repeats=F("repeats") + 1):
            return
        event = record(
            act,
            Outcome.REFUSED,
            subject,
            by=by,
            at=at,
            detail={"why": refusal.why, "reason": refusal.reason, "fields": [b.text for b in refusal.breaches]},
        )
        RefusalTally.objects.create(key=key, minute=minute, event=event.pk)


def note_repeats(*, by: Actor, now: datetime) -> int:
    """Write the count of repeated refusals of minutes that are over, an event each; return how many events."""
    over = RefusalTally.objects.filter(minute__lt=now.replace(second=0, microsecond=0))
    noted = 0
    for tally in over.filter(repeats__gt=0):
        with transaction.atomic():
            if not RefusalTally.objects.filter(pk=tally.pk).delete()[0]:
                continue  # another worker was quicker
            first = AuditEvent.objects.get(pk=tally.event)
            record(
                Act(first.act),
                Outcome.REFUSED,
                _subject_of(first),
                by=by,
                at=now,
                detail={"repeats_of": first.pk, "repeats": tally.repeats, "person": first.actor_name},
            )
        noted += 1
    over.filter(repeats=0).delete()
    return noted


def _subject_of(event: AuditEvent) -> Subject:
    credential = Credential.objects.filter(pk__in=[event.credential_id]).first()
    return Subject(event.subject, credential, Team.objects.filter(pk__in=[event.team_id]).first())


@dataclass(frozen=True)
class Flaw:
    """Where the chain does not hold, and how."""

    sequence: int
    words: str


def verify(known: tuple[int, str] | None = None) -> tuple[int, Flaw | None]:
    """Walk the whole chain; return how many events hold and the first flaw, if there is one.

    `known` are sequence and hash of an event as they were noted elsewhere: a chain that lost its end, or was written
    anew from some event on, holds in itself, but not to that.
    """
    previous, checked = GENESIS, 0
    for event in AuditEvent.objects.order_by("sequence").iterator(chunk_size=_BATCH):
        words = _flaw(event, expected=checked + 1, previous=previous)
        if not words and known and known[0] == event.sequence and known[1] != event.hash:
            words = f"event {event.sequence} has another hash than was noted: the history was written anew"
        if words:
            return checked, Flaw(checked + 1, words)
        previous, checked = event.hash, checked + 1
    if known and checked < known[0]:
        return checked, Flaw(checked + 1, f"event {known[0]} was noted, and the history ends before it")
    return checked, None


def _flaw(event: AuditEvent, *, expected: int, previous: str) -> str:
    if event.sequence != expected:
        return f"event {expected} is missing"
    if digest(event.text) != event.hash:
        return f"the text of event {expected} is not the one that was hashed"
    if json.loads(event.text)["previous"] != previous:
        return f"event {expected} does not follow the event before it"
    if any(getattr(event, column) != value for column, value in projection(event.text).items()):
        return f"a column of event {expected} differs from its text"
    return ""
