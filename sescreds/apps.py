"""The wiring as an app: it brings the checks and the components."""

from django.apps import AppConfig


class SescredsConfig(AppConfig):
    """Registers the checks."""

    name = "sescreds"

    def ready(self) -> None:
        """Import the checks."""
        from sescreds import checks  # noqa: F401 - its import registers them
