"""Small things in a line of text: icons, buttons, badges, people, moments."""

import re
from datetime import UTC, datetime
from functools import cache

from django.template import Library
from django.utils.safestring import SafeString

from sescreds.templatetags.ui.rendering import render

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
    action: str = "",
    disabled: bool = False,
    opens: str = "",
    keeps: bool = False,
) -> SafeString:
    """Show a link that looks like a button (with href) or a submit button.

    `hidden` is read out only ("Rotate" + "newsletter-eu"). `opens` is the id of a {% dialog %} that asks first, where
    `href` is the page that asks the same. `action` is where this button alone sends its form. `keeps` keeps the form's
    own checks from stopping this button.
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
        action=action,
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
