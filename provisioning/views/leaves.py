"""Turning leaves: a page of rows with previous and next, at the same cost for ten rows as for a million."""

from collections.abc import Callable, Sequence
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


def leaf(request: HttpRequest, found: QuerySet[Any], rows_shown: int, cut: Cut = _cut) -> Leaf:
    """Return so many rows below `before` (or above `after`), primary keys taken from the address; newest first.

    `cut` takes the first rows of what was found in order.
    """
    before, after = _number(request, "before"), _number(request, "after")
    if after is not None:
        rows = list(cut(found.filter(pk__gt=after).order_by("pk"), rows_shown + 1))
        more, rows = len(rows) > rows_shown, rows[:rows_shown][::-1]
        return Leaf(rows, newer=_key(rows, 0) if more else "", older=_key(rows, -1))
    if before is not None:
        found = found.filter(pk__lt=before)
    rows = list(cut(found.order_by("-pk"), rows_shown + 1))
    more, rows = len(rows) > rows_shown, rows[:rows_shown]
    return Leaf(rows, newer=_key(rows, 0) if before is not None else "", older=_key(rows, -1) if more else "")


def _number(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _key(rows: Sequence[Any], index: int) -> str:
    return str(rows[index].pk) if rows else ""
