"""What a page that asks before it stops something says of it: when it was last used, and what of it is not ours."""

from django.utils import timezone

from guidance.catalogue import Kind
from provisioning.domain.refusals import Refusal
from provisioning.domain.roles import Actor
from provisioning.gateway.aws import aws
from provisioning.gateway.contract import NO_SUCH_ENTITY, GatewayFault
from provisioning.models import Credential
from provisioning.services import in_aws


def used_now(credential: Credential, *, by: Actor) -> dict[str, object]:
    """Return the keys that AWS has of a credential, and when somebody last signed in with a console login.

    Where AWS does not say, the act can be asked for all the same.
    """
    now, is_console = timezone.now(), credential.kind == Kind.CONSOLE
    try:
        held = in_aws.held(credential, by=by, gateway=aws(), now=now)
        signed_in_at = in_aws.signed_in_at(credential, by=by, gateway=aws(), now=now) if is_console else None
    except GatewayFault as fault:
        return {"used_now": True, "fault": fault}
    except Refusal:  # the account does not let us in, which the act itself says
        return {}
    strangers = [key for key in held if key.row is None]
    return {"used_now": True, "held": held, "strangers": strangers, "signed_in_at": signed_in_at}


def foreign_now(credential: Credential, *, by: Actor) -> dict[str, object]:
    """Return what hangs on its IAM user in AWS that nobody here made, or that AWS does not say."""
    try:
        return {"foreign": in_aws.foreign(credential, by=by, gateway=aws(), now=timezone.now())}
    except GatewayFault as fault:
        return {} if fault.code == NO_SUCH_ENTITY else {"foreign_unsaid": True}
    except Refusal:
        return {"foreign_unsaid": True}


def foreign_password_now(credential: Credential, *, by: Actor) -> dict[str, object]:
    """Return whether its IAM user has a password that nobody here made; nothing where AWS does not say."""
    try:
        found = in_aws.has_foreign_password(credential, by=by, gateway=aws(), now=timezone.now())
    except (GatewayFault, Refusal):
        return {}
    return {"foreign_password": found}
