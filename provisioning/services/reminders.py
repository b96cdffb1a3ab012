"""Reminders of ends and of keys to rotate, 30, 14, 7 and 1 days before. They stop nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db import IntegrityError, transaction
from django.db.models import DateTimeField, Exists, ExpressionWrapper, F, OuterRef, Q
from django.db.models.functions import TruncDate

from guidance.catalogue import Kind
from provisioning.domain.lifecycle import STAYING, STORED, State
from provisioning.domain.permission import demand
from provisioning.domain.reminders import ENDED, ROTATE_AFTER, About, Window, when, windows
from provisioning.domain.roles import Act, Actor
from provisioning.models import AccessKey, Credential, Reminder
from provisioning.models.credential import CredentialQuerySet
from provisioning.services import expiry, telling_people
from provisioning.services.clock import MOMENT, Clock
from provisioning.services.notices import Letter

_BATCH = 500
_MOST_BATCHES = 100  # of one threshold in one run; the rest is due in the next
_DAY = timedelta(days=1)
_NOT_LIVE = [state for state in STORED if state is not State.LIVE]


def remind_due(*, by: Actor, clock: Clock) -> int:
    """Tell owners and administrators what is due soon; return of how many credentials. Two workers tell once.

    A query for each threshold, whatever the number of credentials, and four more for each batch that is to be told.
    """
    demand(by, Act.CREDENTIAL_REMIND)
    now = clock()
    today, told = now.astimezone(UTC).date(), 0
    for about, find in _FINDS.items():
        for window in windows(today, about):
            told += _remind(about, window, find(window, now), now)
    over = Window(ENDED, date.min, today)
    return told + _remind(About.EXPIRY, over, _untold(_ended(now), About.EXPIRY, over), now)


def _ending(window: Window, now: datetime) -> CredentialQuerySet:
    """Return what ends in the window and has not ended yet."""
    first = max(now, datetime.combine(window.first, time.min, UTC))
    before = datetime.combine(window.last + _DAY, time.min, UTC)
    found = Credential.objects.filter(state__in=STAYING, expires_at__gt=first, expires_at__lt=before)
    # Whoever has just issued it for so few days knows: the first threshold is the next one below its lifetime.
    found = found.exclude(issued_at__gte=F("expires_at") - timedelta(days=window.days))
    return _untold(found.annotate(due_at=F("expires_at")), About.EXPIRY, window)


def _ended(now: datetime) -> CredentialQuerySet:
    return Credential.objects.filter(state__in=STAYING, expires_at__lte=now).annotate(due_at=F("expires_at"))


def _ageing(window: Window, _now: datetime) -> CredentialQuerySet:
    """Return what has, as its oldest key in use, one to be rotated in the window; not what ends about then anyway."""
    made = AccessKey.objects.oldest_in_use().filter(made_at__lt=_made_for(window.last + _DAY))
    if window.first != date.min:
        made = made.filter(made_at__gte=_made_for(window.first))
    due_at = ExpressionWrapper(F("keys__made_at") + ROTATE_AFTER, output_field=DateTimeField())
    # The filter comes first: what is annotated is of the key that it has found.
    found = Credential.objects.filter(keys__in=made).annotate(oldest=F("keys__made_at"), due_at=due_at)
    lasting = Q(expires_at=None) | Q(expires_at__gt=F("due_at") + _DAY)
    # By its state alone a database without statistics would look at every live credential instead of the keys due.
    return _untold(found.filter(lasting).exclude(state__in=_NOT_LIVE), About.ROTATION, window)


def _made_for(day: date) -> datetime:
    """Return when a key was made that is to be rotated at the beginning of `day`."""
    return datetime.combine(day, time.min, UTC) - ROTATE_AFTER


def _untold(found: CredentialQuerySet, about: About, window: Window) -> CredentialQuerySet:
    """Return those of which nobody has been told yet at this threshold: another key, or another end, begins anew."""
    given = Reminder.objects.filter(credential=OuterRef("pk"), about=about, due_on=OuterRef("due_on"), days=window.days)
    marked = found.annotate(due_on=TruncDate("due_at", tzinfo=UTC)).filter(~Exists(given))
    return marked.select_related("team", "owner").order_by("pk")


_FINDS: dict[About, Callable[[Window, datetime], CredentialQuerySet]] = {
    About.EXPIRY: _ending,
    About.ROTATION: _ageing,
}


def _remind(about: About, window: Window, due: CredentialQuerySet, now: datetime) -> int:
    told = 0
    for _ in range(_MOST_BATCHES):
        found = list(due[:_BATCH])
        if not found:
            break
        told += _tell(about, window.days, found, now)
    return told


def _tell(about: About, days: int, found: Sequence[Credential], now: datetime) -> int:
    """Write the reminders and the notices together: the insert decides which of several workers tells."""
    rows = [
        Reminder(credential=each, about=about, due_on=each.due_on, days=days, made_at=now)  # type: ignore[attr-defined]
        for each in found
    ]
    write = _of_the_end if about is About.EXPIRY else _of_the_key
    try:
        with transaction.atomic():
            Reminder.objects.bulk_create(rows)
            telling_people.tell([write(each, now) for each in found], about=Act.CREDENTIAL_REMIND, at=now)
    except IntegrityError:  # another worker has told of one of these: what is left is asked for anew
        return 0
    return len(rows)


def _of_the_end(credential: Credential, now: datetime) -> Letter:
    name, ends = credential.application, credential.expires_at
    if ends is None:
        raise TypeError("what has no end is not reminded of it")
    gone, words = ends + expiry.GRACE, _OF_LOGINS if credential.kind == Kind.CONSOLE else _OF_SENDERS
    if ends <= now:
        subject = f"{name} has ended"
        text = f"{name} ended {ends:{MOMENT}}, and {words.refused}. Its IAM user is deleted {gone:{MOMENT}}."
        text += f" Extend it before, and {words.works_again}:"
    else:
        subject = f"{name} ends {when(ends.astimezone(UTC).date(), now.astimezone(UTC).date())}"
        text = f"{name} ends {ends:{MOMENT}}. From then on {words.refused}, and a day later its IAM user is deleted."
        text += " Extend it before, or issue the next one:"
    return Letter(credential, subject, f"{_whose(credential)}{text}\n\n{telling_people.page_of(credential)}")


def _of_the_key(credential: Credential, now: datetime) -> Letter:
    oldest, due_on = credential.oldest, credential.due_on  # type: ignore[attr-defined] # annotated above
    name, days = credential.application, (now - oldest).days
    subject = f"{name}: its key is due for rotation {when(due_on, now.astimezone(UTC).date())}"
    if due_on < now.astimezone(UTC).date():
        subject = f"{name}: its key should have been rotated {when(due_on, now.astimezone(UTC).date())}"
    text = f"The oldest key of {name} is {days} days old; after {ROTATE_AFTER.days} another should take its place. "
    text += "Nothing stops it by itself: rotate it when it suits you."
    return Letter(credential, subject, f"{_whose(credential)}{text}\n\n{telling_people.page_of(credential)}")


@dataclass(frozen=True)
class _Words:
    """What the end means for a credential of one kind."""

    refused: str
    works_again: str


_OF_SENDERS = _Words("AWS refuses what it sends", "the same keys and passwords work again")
_OF_LOGINS = _Words("AWS refuses whatever is done with it in the console", "the same password works again")


def _whose(credential: Credential) -> str:
    return f"Team: {credential.team.name}\nOwner: {credential.owner.email}\n\n"
