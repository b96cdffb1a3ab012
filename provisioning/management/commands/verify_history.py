"""Walk the history from the first event and say whether the chain holds."""

import re
from argparse import ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from provisioning import audit
from provisioning.models import AuditEvent

_NOTED = re.compile(r"([0-9]{1,18}):([0-9a-f]{64})")


def _noted(text: str) -> tuple[int, str]:
    found = _NOTED.fullmatch(text)
    if found is None:
        raise ArgumentTypeError("it must be <number of the event>:<its hash>, as an earlier run printed it")
    return int(found[1]), found[2]


class Command(BaseCommand):
    """Exits with 1 at the first event that does not hold. What it prints of the newest event can be noted elsewhere."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """Take what was noted of an event."""
        parser.add_argument("--noted", type=_noted, help="<number>:<hash> of an event, to which the chain has to lead")

    def handle(self, *_: Any, **options: Any) -> None:  # noqa: ANN401 - Django's signature
        """Walk."""
        checked, flaw = audit.verify(options["noted"])
        if flaw:
            raise CommandError(f"Broken at event {flaw.sequence}: {flaw.words}. {checked:,} events before it hold.")
        self.stdout.write(f"Unbroken: {checked:,} events.")
        if newest := AuditEvent.objects.filter(sequence=checked).first():
            self.stdout.write(f"The newest: {newest.sequence}:{newest.hash}")
