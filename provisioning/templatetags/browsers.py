"""Browsers by the names that people know."""

from django.template import Library

register = Library()

# The first that fits counts: most browsers name their ancestors as well.
_BROWSERS = {"Edg": "Edge", "OPR/": "Opera", "Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari"}
_SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS": "macOS",
    "Linux": "Linux",
}


@register.filter
def browser(user_agent: str) -> str:
    """Return "Firefox on Linux" for what a browser says of itself, or "Another program"."""
    name = next((known for mark, known in _BROWSERS.items() if mark in user_agent), "Another program")
    system = next((known for mark, known in _SYSTEMS.items() if mark in user_agent), "")
    return f"{name} on {system}" if system else name
