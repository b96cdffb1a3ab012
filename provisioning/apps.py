"""The app of acts and memory."""

from django.apps import AppConfig


class ProvisioningConfig(AppConfig):
    """Connects what listens to sign-outs."""

    name = "provisioning"

    def ready(self) -> None:
        """Import the receivers."""
        from provisioning import sign_in  # noqa: F401 - its import connects them
