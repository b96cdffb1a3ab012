"""Log lines as JSON: a static event name, its fields, and the request id. Web server and worker write them too."""

import json
import logging
from datetime import UTC, datetime

from provisioning import request_id

# What every LogRecord has anyway; the rest came through `extra` and is ours.
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
# These write whole requests and replies below WARNING, secrets included.
_TALKATIVE = ("boto3", "botocore", "urllib3", "s3transfer", "http", "requests")


class NothingFromTheWire(logging.Filter):
    """Drops what a library says of requests and replies, whatever level its logger was given."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether `record` may be written."""
        return record.levelno >= logging.WARNING or record.name.partition(".")[0] not in _TALKATIVE


class NoPaths(logging.Filter):
    """Puts the pattern of an address where Django would write the address: some addresses hold a token."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep every record."""
        request = getattr(record, "request", None)
        path = getattr(request, "path", None)
        if path and isinstance(record.args, tuple):
            record.args = tuple(route_of(request) if each == path else each for each in record.args)
        return True


class LineFormatter(logging.Formatter):
    """One JSON object a line. Values that are not plain are written as their type's name, never as their content."""

    def format(self, record: logging.LogRecord) -> str:
        """Return `record` as one line of JSON."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
        }
        if request_id.current():
            line["request"] = request_id.current()
        for name, value in vars(record).items():
            if name not in _STANDARD and name not in line:
                line[name] = value if isinstance(value, str | int | float | None) else type(value).__name__
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def route_of(request: object) -> str:
    """Return the pattern of the address that `request` asked for, such as "/credentials/<int:credential_id>/"."""
    match = getattr(request, "resolver_match", None)
    return f"/{match.route}" if match else "(no such address)"


LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


def configuration(level: str) -> dict[str, object]:
    """Return the logging of every process, as `logging.config.dictConfig` takes it."""
    quiet: dict[str, object] = {"level": "WARNING"}
    ours: dict[str, object] = {"handlers": ["stderr"], "level": level, "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": "sescreds.logs.LineFormatter"}},
        "filters": {"wire": {"()": "sescreds.logs.NothingFromTheWire"}, "paths": {"()": "sescreds.logs.NoPaths"}},
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["wire", "paths"]},
        },
        "root": {"handlers": ["stderr"], "level": level},
        # botocore and urllib3 write whole requests and replies at DEBUG, secrets included; the filter drops them even
        # where somebody turns them up.
        "loggers": dict.fromkeys(("boto3", "botocore", "urllib3", "s3transfer"), quiet)
        # Gunicorn and huey bring handlers of their own unless they find one.
        | dict.fromkeys(("gunicorn.error", "huey"), ours)
        | {"django": {"handlers": [], "propagate": True}},
    }
