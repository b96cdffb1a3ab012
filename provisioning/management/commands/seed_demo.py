"""Make the demo's people and teams. Only beside the sandbox: real AWS never meets them."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from provisioning.gateway.aws import aws
from provisioning.services import demo


class Command(BaseCommand):
    """Twice is once."""

    help = __doc__

    def handle(self, *_: Any, **__: Any) -> None:  # noqa: ANN401 - Django's signature
        """Seed."""
        if aws().is_real:
            raise CommandError("This talks to real AWS: demo sign-ins are made beside the sandbox only.")
        demo.seed()
        self.stdout.write("Demo people and teams are there.")
