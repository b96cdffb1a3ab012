"""The id of the request being served: it ties log lines, audit events and AWS calls of one click together."""

from contextvars import ContextVar
from uuid import uuid4

_current: ContextVar[str] = ContextVar("request_id", default="")


def current() -> str:
    """Return the id of the request being served, or "" outside of one."""
    return _current.get()


def begin() -> str:
    """Mint an id (32 hex digits) for the work that starts now, and return it."""
    _current.set(uuid4().hex)
    return _current.get()
