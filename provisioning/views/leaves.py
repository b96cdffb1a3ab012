"""Turning leaves: a page of rows with previous and next, at the same cost for ten rows as for a million."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

Cut = Callable[[Any, int], QuerySet[Any]]


class Leaf:
    """One page of a list: the rows, and whether there are more. Nothing is counted."""

    def __init__(self, rows: Sequence[Any], *, newer: str, older: str) -> None:
        self.rows = rows
        self.newer = newer
        self.older = older


def _cut(found: QuerySet[Any], count: int) -> QuerySet[Any]:
    return found[:count]


def leaf(request: HttpRequest, found: QuerySet[Any], rows_shown: int, cut: Cut = _cut, by: str = "pk") -> Leaf:
    """Return so many rows below `before` (or above `after`), taken from the address; newest first.

    `cut` takes the first rows of what was found in order. `by` is the column of the order: the number that is the
    primary key or, where that is none, the moment at which a row was made.
    """
    read = _number if by == "pk" else _moment
    before, after = (read(request.GET.get(name, "")) for name in ("before", "after"))
    if after is not None:
        rows = list(cut(found.filter(**{f"{by}__gt": after}).order_by(by), rows_shown + 1))
        more, rows = len(rows) > rows_shown, rows[:rows_shown][::-1]
        return Leaf(rows, newer=_key(rows[:1], by) if more else "", older=_key(rows[-1:], by))
    if before is not None:
        found = found.filter(**{f"{by}__lt": before})
    rows = list(cut(found.order_by(f"-{by}"), rows_shown + 1))
    more, rows = len(rows) > rows_shown, rows[:rows_shown]
    newer = _key(rows[:1], by) if before is not None else ""
    return Leaf(rows, newer=newer, older=_key(rows[-1:], by) if more else "")


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _key(row: Sequence[Any], by: str) -> str:
    return str(getattr(row[0], by)) if row else ""
