"""The app of advice."""

from django.apps import AppConfig


class GuidanceConfig(AppConfig):
    """Writes nothing, calls nothing."""

    name = "guidance"
