"""What must hold before a process serves: nobody of the demo can sign in to a product that talks to real AWS."""

from django.core.exceptions import ImproperlyConfigured
from django.core.signals import request_started
from django.db import DatabaseError

from provisioning.gateway.aws import aws
from provisioning.services import demo


def refuse_demo_on_real_aws(**_: object) -> None:
    """Raise `ImproperlyConfigured` where a published password would open real AWS."""
    if not aws().is_real:
        return
    try:
        present = demo.is_present()
    except DatabaseError:  # away, or not migrated yet: nobody can sign in, and each request asks first whether it is
        request_started.connect(refuse_demo_on_real_aws)
        return
    if present:
        raise ImproperlyConfigured(
            "This talks to real AWS, but its database has the demo's sign-ins, whose password is published. "
            "Use another DATABASE_URL, or deactivate these people."
        )
    request_started.disconnect(refuse_demo_on_real_aws)
