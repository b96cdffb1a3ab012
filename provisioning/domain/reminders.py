"""When people are reminded: of the end of a credential, and of the age of its oldest key. Pure: told the day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

ROTATE_AFTER = timedelta(days=90)  # the age at which a key should have given way to another; nothing stops it then
THRESHOLDS = (30, 14, 7, 1)  # days before
ENDED = 0  # the threshold of the end itself


class About(StrEnum):
    """What a reminder is about; the value is what the books keep."""

    ROTATION = "rotation"
    EXPIRY = "expiry"


@dataclass(frozen=True)
class Window:
    """What is due from the day `first` to the day `last` is reminded of at the threshold `days`, and at no other."""

    days: int
    first: date
    last: date


def windows(today: date, about: About) -> Iterator[Window]:
    """Give the window of each threshold, nearest first: where several were missed, only the nearest is sent.

    A key that should have been rotated before today is still reminded of, once; what has ended is not.
    """
    first = date.min if about is About.ROTATION else today
    for days in sorted(THRESHOLDS):
        last = today + timedelta(days=days)
        yield Window(days, first, last)
        first = last + timedelta(days=1)


def when(due_on: date, today: date) -> str:
    """Return in words how far off a day is."""
    days = (due_on - today).days
    if days in {0, 1}:
        return "tomorrow" if days else "today"
    if days == -1:
        return "yesterday"
    return f"in {days} days" if days > 0 else f"{-days} days ago"
