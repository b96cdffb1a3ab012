"""What must hold before a process serves: nobody of the demo can sign in to a product that talks to real AWS."""

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError

from provisioning.gateway.aws import aws
from provisioning.services import demo


def refuse_demo_on_real_aws() -> None:
    """Raise `ImproperlyConfigured` where a published password would open real AWS."""
    if not aws().is_real:
        return
    try:
        present = demo.is_present()
    except DatabaseError:  # not migrated yet: then nobody can sign in either
        return
    if present:
        raise ImproperlyConfigured(
            "This talks to real AWS, but its database has the demo's sign-ins, whose password is published. "
            "Use another DATABASE_URL, or deactivate these people."
        )
