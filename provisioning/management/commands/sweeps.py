"""Say how every sweep is; exit with 1 where one is late or did not come to its end."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from provisioning.domain.roles import system
from provisioning.services.sweep_overview import Watched, overview

_LINE = "{:<12} {:<12} {:<12} {:<22} {:>8} {:>8}  {}"


class Command(BaseCommand):
    """Prints a table, one line a sweep."""

    help = __doc__

    def handle(self, *_: Any, **__: Any) -> None:  # noqa: ANN401 - Django's signature
        """Print a table."""
        found = overview(by=system("manage.py sweeps"), now=timezone.now())
        self.stdout.write(_LINE.format("sweep", "pace", "every", "last run (UTC)", "took", "handled", "what it does"))
        for watched in found.watched:
            self.stdout.write(_line(watched))
        if not found.has_worker:
            raise CommandError("No worker seems to run. Start one: manage.py run_huey")
        if found.late:
            raise CommandError(f"Late: {', '.join(found.late)}.")
        if found.troubled:
            raise CommandError(f"In trouble: {', '.join(each.sweep.name for each in found.troubled)}.")


def _line(watched: Watched) -> str:
    last, took = watched.last, watched.took
    return _LINE.format(
        watched.sweep.name,
        watched.pace.label,
        watched.sweep.often,
        f"{last.began_at:%Y-%m-%d %H:%M:%S}" if last else "never",
        f"{took:.1f} s" if took is not None else "",
        last.handled if last else "",
        watched.sweep.does + (f". Trouble: {last.trouble}" if last and last.trouble else ""),
    )
