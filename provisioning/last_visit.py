"""When somebody was here before, and how far the history had come: noted at sign-in, before Django overwrites it."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest

from provisioning.models import AuditEvent, Person

_NAME = "last_visit"  # in the session


@dataclass(frozen=True)
class LastVisit:
    """The sign-in before the present one, and the newest event of that moment (0: there was none)."""

    at: datetime
    sequence: int


def note(request: HttpRequest, person: Person) -> None:
    """Keep in the session when `person` signed in last; nothing for somebody who never has."""
    if person.last_login is not None:
        sequence = AuditEvent.objects.newest_at(person.last_login)
        request.session[_NAME] = [person.last_login.isoformat(), sequence]


def of(request: HttpRequest) -> LastVisit | None:
    """Return the visit before this one, or None."""
    noted = request.session.get(_NAME)
    return LastVisit(datetime.fromisoformat(noted[0]), noted[1]) if noted else None
