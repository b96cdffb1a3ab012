"""Lists as CSV files, streamed row by row."""

import csv
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from django.http import StreamingHttpResponse


class _Line:
    """Gives back what the writer writes."""

    def write(self, text: str) -> str:
        return text


def as_csv(name: str, columns: Iterable[str], rows: Iterable[Iterable[object]]) -> StreamingHttpResponse:
    """Answer with a file of `rows`; times are UTC, and no cell can start a formula in a spreadsheet."""
    writer = csv.writer(_Line())

    def lines() -> Iterator[str]:
        yield writer.writerow(list(columns))
        for row in rows:
            yield writer.writerow([_cell(value) for value in row])

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response


def _cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds")
    if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"}:
        return "'" + value
    return value
