"""The scripts of a page: custom elements, and htmx."""

from django.template import Library
from django.utils.safestring import SafeString

from sescreds.templatetags.ui.rendering import render

register = Library()


@register.simple_tag
def scripts(*names: str) -> SafeString:
    """Load custom elements by name, for {% block scripts %}: copy-button, count-down, open-dialog, secret-once."""
    return render("scripts", paths=[f"js/elements/{name}.js" for name in names])


@register.simple_tag
def htmx() -> SafeString:
    """Load htmx with the settings our Content Security Policy needs, for {% block scripts %}."""
    return render("htmx", path="django_htmx/htmx-2.min.js")
