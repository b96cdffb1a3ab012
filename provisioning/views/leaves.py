"""Turning leaves: a page of rows with previous and next, at the same cost for ten rows as for a million."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpRequest

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
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


def leaf_in_time(
    request: HttpRequest, found: QuerySet[Any], moment: str, rows_shown: int, *, newest_first: bool
) -> Leaf:
    """Return so many rows in the order of `moment`, whatever kind of key they have.

    The keys in the address are "microseconds since 1970, then the row's own key", so that no two rows share a place.
    """
    back, onward = _place(request, "after"), _place(request, "before")
    forwards = back is None
    ascending = forwards is not newest_first
    sign = "" if ascending else "-"
    if place := onward or back:
        beyond = "gt" if ascending else "lt"
        later = Q(**{f"{moment}__{beyond}": place[0]}) | Q(**{moment: place[0], f"pk__{beyond}": place[1]})
        found = found.filter(later)
    rows = list(found.order_by(f"{sign}{moment}", f"{sign}pk")[: rows_shown + 1])
    more, rows = len(rows) > rows_shown, rows[:rows_shown]
    if not forwards:
        rows.reverse()
        return Leaf(rows, newer=_named(rows, 0, moment) if more else "", older=_named(rows, -1, moment))
    newer = _named(rows, 0, moment) if onward else ""
    return Leaf(rows, newer=newer, older=_named(rows, -1, moment) if more else "")


def _named(rows: Sequence[Any], index: int, moment: str) -> str:
    if not rows:
        return ""
    since = getattr(rows[index], moment) - _EPOCH
    return f"{since // timedelta(microseconds=1)}-{rows[index].pk}"


def _place(request: HttpRequest, name: str) -> tuple[datetime, UUID] | None:
    when, _, key = request.GET.get(name, "").partition("-")
    try:
        return _EPOCH + timedelta(microseconds=int(when)), UUID(key)
    except (ValueError, OverflowError):
        return None


def _number(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _key(rows: Sequence[Any], index: int) -> str:
    return str(rows[index].pk) if rows else ""
