"""Tables, and what turns their pages."""

from collections.abc import Sequence
from typing import Protocol

from django.template import Context, Library
from django.utils.safestring import SafeString
from django.utils.text import slugify

from sescreds.templatetags.ui.rendering import render

register = Library()


class Leaf(Protocol):
    """One page of a list that is turned by keys: where the newer and the older rows begin, "" where there are none."""

    @property
    def newer(self) -> str: ...
    @property
    def older(self) -> str: ...


def _column(column: object) -> object:
    """Read one heading: "Name", "#Keys" (figures, aligned to the end), "-Action" (read out only), or an object."""
    if not isinstance(column, str):
        return column
    return {"label": column.lstrip("#-"), "num": column.startswith("#"), "hidden": column.startswith("-")}


@register.simple_block_tag
def table(
    content: str,
    caption: str,
    columns: str | Sequence[object] = "",
    *,
    caption_hidden: bool = False,
    note: str = "",
    fold: bool = False,
    id: str = "",  # noqa: A002
) -> SafeString:
    """Show a table in a scroll region; the content is its rows, with roles written out where it folds on a phone.

    `columns` is "Name|State|#Keys|-Action", or objects with .label and where needed .href .sort .num .hidden.
    """
    heads = [_column(column) for column in (columns.split("|") if isinstance(columns, str) else columns)]
    return render(
        "table",
        content=content,
        caption=caption,
        caption_hidden=caption_hidden,
        columns=heads,
        note=note,
        fold=fold,
        id=id or slugify(caption),
    )


@register.simple_tag(takes_context=True)
def pager(
    context: Context,
    page_obj: Leaf,
    note: str = "",
    *,
    newer: str = "Previous",
    older: str = "Next",
    label: str = "Pages",
) -> SafeString:
    """Show previous and next of a page, where there are others; the rest of the query string stays as it is."""

    def href(name: str, key: str) -> str:
        query = context["request"].GET.copy()
        query.pop("before", None)
        query.pop("after", None)
        query[name] = key
        return f"?{query.urlencode()}" if key else ""

    before, after = href("after", page_obj.newer), href("before", page_obj.older)
    links = [(newer, "prev", before), (older, "next", after)]
    return render("pager", note=note, label=label, links=links, turns=before or after)
