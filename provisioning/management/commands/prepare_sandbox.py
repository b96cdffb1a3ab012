"""Make everything ready for `make run`, in one process: database, static files, demo, and what AWS is asked first."""

import hashlib
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from provisioning import request_id
from provisioning.gateway.aws import aws
from provisioning.services import demo, sweeps

_FIRST_SWEEPS = ("account", "identities")


class Command(BaseCommand):
    """Prints the demo's sign-ins. Twice is once: what is there already stays as it is."""

    help = __doc__
    requires_system_checks = ()

    def handle(self, *_: Any, **__: Any) -> None:  # noqa: ANN401 - Django's signature
        """Prepare."""
        if aws().is_real:
            raise CommandError("This talks to real AWS: the demo is made beside the sandbox only.")
        request_id.begin()
        try:
            call_command("prepare", verbosity=0)
        except OperationalError as error:
            raise CommandError(f"The database does not answer: {error}") from error
        self._collect_static_files()
        demo.seed()
        for name in _FIRST_SWEEPS:
            run = sweeps.run_now(name, aws())
            if run.trouble:
                self.stdout.write(f"The sweep {name!r} found trouble: {run.trouble}\n")
        self.stdout.write(_sign_ins())

    def _collect_static_files(self) -> None:
        """Collect, compress and hash, unless nothing has changed since the last time."""
        marker, now = Path(settings.STATIC_ROOT) / ".collected", _state_of_static_files()
        if marker.exists() and marker.read_text() == now:
            return
        call_command("collectstatic", verbosity=0, interactive=False, clear=True)
        marker.write_text(now)


def _state_of_static_files() -> str:
    """Return a digest of what collectstatic would read, and of the code that decides what it makes of it."""
    sources = [(path, Path(storage.path(path))) for finder in get_finders() for path, storage in finder.list([])]
    sources += [(name, settings.ROOT / name) for name in ("sescreds/storage.py", "requirements.txt")]
    lines = [f"{name} {(state := path.stat()).st_mtime_ns} {state.st_size}" for name, path in sources]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _sign_ins() -> str:
    rows = [f"  {person.email:<22} {person.role:<22} {person.can}" for person in demo.PEOPLE]
    return "\n".join([f"Demo sign-ins, all with the password {demo.PASSWORD}:", *rows, ""])
