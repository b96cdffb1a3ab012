"""What is handed over: slips with secrets, settings, and how long they are there."""

import re
from collections.abc import Sequence

from django.template import Library
from django.utils.safestring import SafeString
from django.utils.text import slugify

from sescreds.templatetags.ui.rendering import render

register = Library()


@register.simple_block_tag
def slip(
    content: str,
    title: str,
    *,
    note: str = "",
    id: str = "",  # noqa: A002
    state: object = None,
    label: str = "",
) -> SafeString:
    """Show a slip that tears off once; its content is {% secret %} rows."""
    return render("slip", content=content, title=title, note=note, id=id or slugify(title), state=state, label=label)


@register.simple_tag
def secret(label: str, value: str, id: str = "", note: str = "", *, copy: bool = True) -> SafeString:  # noqa: A002
    """Show one exact value on a slip: one click selects it, a button copies it, which its script makes and names."""
    return render("secret", label=label, value=value, id=id, note=note, copy=copy)


@register.simple_tag
def code(
    text: str | Sequence[str],
    id: str,  # noqa: A002
    label: str,
    *,
    copy: bool = True,
    copy_text: str = "Copy",
    marks: Sequence[str] = (),
) -> SafeString:
    """Show settings or a policy (text, or lines) as they are; `marks` are the pieces that came from the reader."""
    text = text if isinstance(text, str) else "\n".join(text)
    wanted = sorted(filter(None, map(str, marks)), key=len, reverse=True)
    found = re.split(f"({'|'.join(map(re.escape, wanted))})", text) if wanted else [text]
    pieces = [(piece, n % 2 == 1) for n, piece in enumerate(found) if piece]
    return render("code", pieces=pieces, id=id, label=label, copy=copy, copy_text=copy_text)


@register.simple_block_tag
def tabs(content: str, label: str) -> SafeString:
    """Show a row of {% tab %}s, one open at a time; radios, so no script is needed."""
    return render("tabs", content=content, label=label)


@register.simple_block_tag
def tab(content: str, title: str, id: str, name: str = "tab", *, open: bool = False) -> SafeString:  # noqa: A002
    """Show one tab; `name` is the same for all of a row, and one of them is `open`."""
    return render("tab", content=content, title=title, id=id, name=name, open=open)


@register.simple_block_tag
def countdown(content: str, seconds: int, total: int) -> SafeString:
    """Show how much of `total` seconds is left; the server decides when the time is over."""
    return render("countdown", content=content, seconds=max(0, seconds), total=total)
