"""Walk the history from the first event and say whether the chain holds."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from provisioning import audit


class Command(BaseCommand):
    """Exits with 1 at the first event that does not hold."""

    help = __doc__

    def handle(self, *_: Any, **__: Any) -> None:  # noqa: ANN401 - Django's signature
        """Walk."""
        checked, flaw = audit.verify()
        if flaw:
            raise CommandError(f"Broken at event {flaw.sequence}: {flaw.words}. {checked:,} events before it hold.")
        self.stdout.write(f"Unbroken: {checked:,} events.")
