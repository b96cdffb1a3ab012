"""Blocks of a page: the way here, steps, parts, callouts, cards, dialogs."""

from django.template import Context, Library
from django.utils.safestring import SafeString
from django.utils.text import slugify

from sescreds.templatetags.ui.rendering import render

register = Library()


@register.simple_tag
def crumbs(*labels_and_hrefs: str) -> SafeString:
    """Show the way here: `{% crumbs "Credentials" credentials_url "weekly-digest" form_url %}`."""
    return render("crumbs", links=list(zip(labels_and_hrefs[::2], labels_and_hrefs[1::2], strict=True)))


@register.simple_tag
def steps(current: str | int, *names: str) -> SafeString:
    """Show where you are (a name, or a number from 1) in something with an order."""
    at = current - 1 if isinstance(current, int) else names.index(current)
    places = ["done"] * at + ["now"] + [""] * (len(names) - at - 1)
    return render("steps", steps=list(zip(names, places, strict=True)))


@register.simple_block_tag
def part(content: str, heading: str, note: str = "", id: str = "") -> SafeString:  # noqa: A002
    """Show a ruled section of the page, its heading in the margin."""
    return render("part", content=content, heading=heading, note=note, id=id or slugify(heading))


@register.simple_block_tag
def callout(content: str, tone: str = "info", title: str = "", role: str = "") -> SafeString:
    """Show what would cost something if it were missed; tones info, good, warn, bad."""
    mark = {"info": "clock", "good": "ok"}.get(tone, "warn")
    return render("callout", content=content, tone=tone, title=title, role=role, icon=mark)


@register.simple_block_tag
def card(content: str, title: str, href: str = "", icon: str = "") -> SafeString:
    """Show a way in; with href the whole card is the link."""
    return render("card", content=content, title=title, href=href, icon=icon)


@register.simple_block_tag
def empty(content: str, title: str) -> SafeString:
    """Show why there is nothing here; the content says what comes next."""
    return render("empty", content=content, title=title)


@register.simple_block_tag(takes_context=True)
def dialog(
    context: Context,
    content: str,
    id: str,  # noqa: A002
    title: str,
    *,
    action: str,
    confirm: str,
    keep: str = "Keep it",
) -> SafeString:
    """Show one question before a destructive act; `{% button … href=page opens=id %}` opens it."""
    token = context.get("csrf_token")
    return render("dialog", content=content, id=id, title=title, action=action, confirm=confirm, keep=keep, token=token)
