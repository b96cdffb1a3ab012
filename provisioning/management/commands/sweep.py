"""Run a sweep now, or every one that is due in this minute; exit with 1 where one did not come to its end."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from provisioning import request_id
from provisioning.gateway.aws import aws
from provisioning.services import sweeps


class Command(BaseCommand):
    """`manage.py sweep recovery` runs one; `manage.py sweep` runs what is due."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the name of a sweep."""
        parser.add_argument("name", nargs="?", choices=sorted(sweeps.SWEEPS))

    def handle(self, *_: Any, **options: Any) -> None:  # noqa: ANN401 - Django's signature
        """Run, and say what was done."""
        request_id.begin()
        name = options["name"]
        runs = [sweeps.run_now(name, aws())] if name else sweeps.run_due(aws())
        for run in runs:
            self.stdout.write(f"{run.sweep}: {run.trouble or f'handled {run.handled}'}")
        if troubled := [run.sweep for run in runs if run.trouble]:
            raise CommandError(f"In trouble: {', '.join(troubled)}.")
