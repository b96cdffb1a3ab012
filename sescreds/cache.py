"""The cache in the database, without pickles: whoever could write a row of it could run code with our rights in AWS."""

import json
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from django.core.cache.backends import db
from django.db import connections


class JsonDatabaseCache(db.DatabaseCache):
    """Django's own database cache, which keeps JSON. What is kept here is small: counts and times of sign-ins.

    Where it holds much, only what is over goes: Django would delete by the alphabet what still counts, and a stranger
    who makes many counts would so end the limit on guessing.
    """

    _table: str

    def _cull(self, db: str, cursor: Any, now: datetime, num: int) -> None:  # noqa: ANN401, ARG002 - Django's own
        operations = connections[db].ops
        table, expires = operations.quote_name(self._table), operations.quote_name("expires")
        over = operations.adapt_datetimefield_value(now)
        cursor.execute(f"DELETE FROM {table} WHERE {expires} < %s", [over])  # noqa: S608 - names of our own, quoted


def _dumps(value: Any, _protocol: int | None = None) -> bytes:  # noqa: ANN401 - whatever is to be kept
    return json.dumps(value).encode()


# The backend offers no other place to say how it writes values; no other cache of Django's uses this module.
db.pickle = SimpleNamespace(dumps=_dumps, loads=json.loads)  # type: ignore[attr-defined]
