"""The cache in the database, without pickles: whoever could write a row of it could run code with our rights in AWS."""

import json
from types import SimpleNamespace
from typing import Any

from django.core.cache.backends import db


class JsonDatabaseCache(db.DatabaseCache):
    """Django's own database cache, which keeps JSON. What is kept here is small: counts and times of sign-ins."""


def _dumps(value: Any, _protocol: int | None = None) -> bytes:  # noqa: ANN401 - whatever is to be kept
    return json.dumps(value).encode()


# The backend offers no other place to say how it writes values; no other cache of Django's uses this module.
db.pickle = SimpleNamespace(dumps=_dumps, loads=json.loads)  # type: ignore[attr-defined]
