"""What people call a credential of each kind."""

from django.template import Library

from guidance.catalogue import Kind

register = Library()


@register.filter
def kind_name(kind: str) -> str:
    """Return what people call a credential of `kind`."""
    return Kind(kind).label
