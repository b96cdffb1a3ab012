"""How a tag becomes its component."""

from django.template import Context
from django.template.engine import Engine
from django.utils.safestring import SafeString


def render(component: str, **values: object) -> SafeString:
    """Render templates/components/<component>.html with exactly these values, escaped."""
    template = Engine.get_default().get_template(f"components/{component}.html")
    return template.render(Context(values))
