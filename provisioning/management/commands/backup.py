"""Write a whole copy of the SQLite database into a new file, while the product runs."""

import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection


class Command(BaseCommand):
    """`manage.py backup FILE`. Nobody else can read the file; one that is there already is left alone."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the name of the file."""
        parser.add_argument("file", type=Path)

    def handle(self, *_: Any, file: Path, **__: Any) -> None:  # noqa: ANN401 - Django's signature
        """Copy."""
        if connection.vendor != "sqlite":
            raise CommandError("This database is PostgreSQL. Use pg_dump, as docs/operations.md says.")
        try:
            os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except OSError as error:
            raise CommandError(f"{file} cannot be made ({error.strerror}). Nothing was written.") from None
        try:
            with connection.cursor() as cursor:
                cursor.execute("VACUUM INTO %s", [str(file)])
        except DatabaseError as error:
            file.unlink()
            raise CommandError(f"The copy could not be made ({error}). Nothing is left of it.") from None
        self.stdout.write(f"{file}: {file.stat().st_size:,} bytes. To restore it, see docs/operations.md.")
