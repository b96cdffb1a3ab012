"""How the guide's texts become HTML: `code` and **strong** as in Markdown, everything else escaped."""

import re
from functools import cache

from django.template import Library
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

register = Library()

_STRONG = re.compile(r"\*\*(.+?)\*\*")
_APOSTROPHE = re.compile(r"(?<=\w)'(?=\w)")


@register.filter
@cache  # the texts are constants of this app, a few hundred of them; nothing typed comes here
def prose(text: str) -> SafeString:
    """Return one of the guide's own texts as HTML. Not for typed text: the results stay in memory."""
    pieces = text.split("`")
    html = [f"<code>{escape(piece)}</code>" if n % 2 else _words(piece) for n, piece in enumerate(pieces)]
    return mark_safe("".join(html))  # noqa: S308  every piece was escaped just above


def _words(text: str) -> str:
    return _STRONG.sub(r"<strong>\1</strong>", escape(_APOSTROPHE.sub("\N{RIGHT SINGLE QUOTATION MARK}", text)))
