"""The components of the look, as template tags: each renders templates/components/<name>.html and escapes its data.

They are builtins (settings.TEMPLATES), so pages use them without {% load %}; /style/ shows each in every state.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Protocol

from django import forms
from django.forms import BaseForm, BoundField
from django.template import Context, Library
from django.template.engine import Engine
from django.utils.safestring import SafeString
from django.utils.text import slugify

register = Library()

ICONS = {
    "api": "M5.5 4 1.5 8l4 4M10.5 4l4 4-4 4",
    "arrow": "M2.5 8h11M9.5 4l4 4-4 4",
    "chain": "m6.5 9.5 3-3M7.5 4.6l1.4-1.4a2.7 2.7 0 0 1 3.9 3.9l-1.4 1.4"
    "M8.5 11.4l-1.4 1.4a2.7 2.7 0 0 1-3.9-3.9l1.4-1.4",
    "clock": "M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0zM8 4.5V8l2.5 1.7",
    "console": "M1.5 2.5h13v8.5h-13zM5.5 13.5h5",
    "copy": "M5.5 5.5h8v8h-8zM3 10.5h-.5v-8h8V3",
    "cross": "m3.5 3.5 9 9M12.5 3.5l-9 9",
    "download": "M8 2v8.5M4.5 7 8 10.5 11.5 7M2.5 13.5h11",
    "key": "M8.5 8a3 3 0 1 1-6 0 3 3 0 0 1 6 0zM8.5 8h6v2.5M12 8v2",
    "ok": "M3 8.5 6.5 12 13 4.5",
    "smtp": "M1.5 3.5h13v9h-13zM1.5 4 8 9l6.5-5",
    "user": "M10.5 5a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0zM3 13.5c0-2.8 2.2-4 5-4s5 1.2 5 4",
    "warn": "M8 2.5 14 13.5H2zM8 6.5V10M8 11.7v.3",
}
TONES = {"info", "good", "warn", "bad", "off", "pause"}
BUTTONS = {"primary", "quiet", "plain", "bad", "quiet bad"}
MOMENT, DAY, EXACT = "%-d %b %Y, %H:%M UTC", "%-d %b %Y", "%-d %b %Y, %H:%M:%S UTC"
AGE_LIMIT, AGE_WARNING, AGE_SCALE, AGE_WIDTH = 90, 83, 120, 72  # days; the bar is 72 px for 120 days


@dataclass(frozen=True)
class Choice:
    """The label of a form choice that needs a sentence: `(value, Choice("us-east-1", "N. Virginia"))`."""

    title: str
    note: str = ""
    disabled: bool = False

    def __str__(self) -> str:
        return self.title


class Leaf(Protocol):
    """One page of a list that is turned by keys: where the newer and the older rows begin, "" where there are none."""

    @property
    def newer(self) -> str: ...
    @property
    def older(self) -> str: ...


def render(component: str, **values: object) -> SafeString:
    """Render templates/components/<component>.html with exactly these values, escaped."""
    template = Engine.get_default().get_template(f"components/{component}.html")
    return template.render(Context(values))


# Small things --------------------------------------------------------------------------------------------------------


@register.simple_tag
@cache
def icon(name: str, size: int = 16) -> SafeString:
    """Show one of ICONS, hidden from screen readers: a word always stands beside it."""
    return render("icon", path=ICONS[name], size=size)


@register.simple_tag
def button(
    text: str,
    href: str = "",
    kind: str = "primary",
    *,
    small: bool = False,
    name: str = "",
    value: object = "",
    icon: str = "",
    hidden: str = "",
    form: str = "",
    disabled: bool = False,
    opens: str = "",
    keeps: bool = False,
) -> SafeString:
    """Show a link that looks like a button (with href) or a submit button.

    `hidden` is read out only ("Rotate" + "newsletter-eu"). `opens` is the id of a {% dialog %} that asks first, where
    `href` is the page that asks the same. `keeps` keeps the form's own checks from stopping this button.
    """
    if kind not in BUTTONS:
        raise ValueError(f"button: no kind {kind!r}, only {sorted(BUTTONS)}")
    return render(
        "button",
        text=text,
        href=href,
        classes=("" if kind == "primary" else f" {kind}") + (" small" if small else ""),
        name=name,
        value=value,
        icon=icon,
        hidden=hidden,
        form=form,
        disabled=disabled,
        opens=opens,
        keeps=keeps,
    )


@register.simple_tag
def badge(state: object = None, label: str = "", tone: str = "") -> SafeString:
    """Show a state as shape and word; takes a StrEnum member with .value, .label, .tone, or only label and tone."""
    value = getattr(state, "value", state)
    tone = tone or str(getattr(state, "tone", "off"))
    label = label or str(getattr(state, "label", "" if value is None else value))
    return render("badge", value=value, label=label, tone=tone if tone in TONES else "off")


@register.simple_tag
def tag(text: str) -> SafeString:
    """Show a plain property, such as SMTP or a region."""
    return render("tag", text=text)


@register.simple_tag
def person(who: object) -> SafeString:
    """Show a person (an e-mail address, or an object with .email) with the initials of the address before it."""
    email = str(getattr(who, "email", who))
    words = [word for word in re.split(r"[._+-]", email.partition("@")[0]) if word]
    initials = words[0][0] + words[1][0] if len(words) > 1 else "".join(words)[:2]
    return render("person", email=email, initials=initials.upper())


@register.simple_tag
def when(
    moment: datetime | None,
    *,
    empty: str = "never",
    day: bool = False,
    ago: bool = False,
    seconds: bool = False,
    both: bool = False,
) -> SafeString:
    """Show an aware moment in UTC; <time-ago> rewrites it to the reader's zone and keeps the exact UTC at hand.

    `day` shows the date only, `ago` "3 minutes ago" while it is that near, `seconds` the seconds, `both` both zones.
    """
    if moment is None:
        return render("when", empty=empty)
    utc = moment.astimezone(UTC)
    show = "both" if both else "ago" if ago else "day" if day else "seconds" if seconds else ""
    return render(
        "when",
        iso=utc.strftime("%Y-%m-%dT%H:%M:%SZ"),
        exact=utc.strftime(EXACT),
        text=utc.strftime(DAY if day else EXACT if seconds else MOMENT),
        show=show,
    )


@register.simple_tag
def age(days: int) -> SafeString:
    """Show a key's age in days as words and as a bar with a line at 90 days."""
    words = "today" if days < 1 else "1 day" if days == 1 else f"{days:,} days"
    tone = "bad" if days > AGE_LIMIT else "warn" if days >= AGE_WARNING else "info"
    width = f"{min(max(days * AGE_WIDTH / AGE_SCALE, 1.5), AGE_WIDTH):.1f}"
    return render("age", words=words, tone=tone, width=width, past=days > AGE_LIMIT)


@register.simple_tag
def copy(target: str, text: str = "Copy", hidden: str = "") -> SafeString:
    """Show a button that copies the text of the element with the id `target`; without scripts there is none."""
    return render("copy", target=target, text=text, hidden=hidden)


# Blocks of a page ----------------------------------------------------------------------------------------------------


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


# Tables --------------------------------------------------------------------------------------------------------------


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


# Forms ---------------------------------------------------------------------------------------------------------------


def _control(widget: forms.Widget) -> str:
    """Say which control of field.html shows this widget."""
    kinds: dict[type[forms.Widget], str] = {
        forms.Textarea: "textarea",
        forms.RadioSelect: "choices",  # and CheckboxSelectMultiple, which extends it
        forms.Select: "select",
        forms.CheckboxInput: "checkbox",
    }
    return next((kind for cls, kind in kinds.items() if isinstance(widget, cls)), "input")


@register.simple_tag
def field(bound: BoundField, label: str = "") -> SafeString:
    """Show a form's field: label, hint, error, control, tied together; text, textarea, number, select and choices."""
    control = _control(bound.field.widget)
    ties = bound.aria_describedby if control == "choices" else ""
    attrs = {} if control == "choices" else {"id": bound.auto_id}
    described = {"aria-describedby": bound.aria_describedby} if bound.aria_describedby and attrs else {}
    data = bound.field.widget.get_context(
        bound.html_name, bound.value(), bound.build_widget_attrs({**bound.field.widget.attrs, **attrs, **described})
    )["widget"]
    # A group of choices is folded away, unless something in it is chosen.
    groups = data["optgroups"] if control == "choices" else ()
    opened = {name for name, options, _ in groups if any(each["selected"] for each in options)}
    known = {"control": control, "widget": data, "ties": ties, "opened": opened}
    return render("field", field=bound, label=label or bound.label, **known)


@register.simple_tag
def choice(
    name: str,
    value: str,
    title: str,
    note: str = "",
    *,
    kind: str = "radio",
    checked: bool = False,
    disabled: bool = False,
    required: bool = False,
) -> SafeString:
    """Show one option with a sentence, for a page that asks a single question without a form class."""
    return render(
        "choice",
        name=name,
        value=value,
        title=title,
        note=note,
        type=kind,
        checked=checked,
        disabled=disabled,
        required=required,
    )


@register.simple_tag
def form_errors(form: BaseForm, title: str = "", *, beside: BaseForm | None = None) -> SafeString:
    """Show above a form what has to change, each line a link to its field; nothing when nothing is wrong.

    `beside` is a second form on the same page, sent by the same button.
    """
    forms = [each for each in (form, beside) if each is not None]
    fields = [each[name] for each in forms for name in each.fields]
    lines = [(f"#{field.auto_id}", field.label, error) for field in fields for error in field.errors]
    general = [error for each in forms for error in each.non_field_errors()]
    if not (lines or general):
        return SafeString()
    return render("form_errors", title=title, general=general, lines=lines, count=len(lines))


# What is handed over -------------------------------------------------------------------------------------------------


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
def secret(label: str, value: str, id: str = "", note: str = "", *, copy: bool = True, hidden: str = "") -> SafeString:  # noqa: A002
    """Show one exact value on a slip: one click selects it, a button copies it."""
    return render("secret", label=label, value=value, id=id, note=note, copy=copy and id, hidden=hidden)


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


# Scripts -------------------------------------------------------------------------------------------------------------


@register.simple_tag
def scripts(*names: str) -> SafeString:
    """Load custom elements by name, for {% block scripts %}: copy-button, count-down, open-dialog, secret-once."""
    return render("scripts", paths=[f"js/elements/{name}.js" for name in names])


@register.simple_tag
def htmx() -> SafeString:
    """Load htmx with the settings our Content Security Policy needs, for {% block scripts %}."""
    return render("htmx", path="django_htmx/htmx-2.min.js")
