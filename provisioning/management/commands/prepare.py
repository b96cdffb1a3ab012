"""Bring the database up to date: migrations, and the tables of the cache and of the queue. Twice is once."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from huey.contrib.djhuey import HUEY


class Command(BaseCommand):
    """What a deployment runs once before web servers and workers start."""

    help = __doc__
    requires_system_checks = ()

    def handle(self, *_: Any, **options: Any) -> None:  # noqa: ANN401 - Django's signature
        """Prepare."""
        call_command("migrate", verbosity=options["verbosity"], interactive=False)
        call_command("createcachetable", verbosity=options["verbosity"])
        HUEY.create_storage().initialize_schema()
