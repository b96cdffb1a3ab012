"""Log lines as JSON: a static event name, its fields, and the request id."""

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
