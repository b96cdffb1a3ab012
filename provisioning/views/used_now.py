"""What a page that asks before it stops something says of the keys: when each was last used, and which are not ours."""

from django.utils import timezone

from guidance.catalogue import Kind
from provisioning.domain.refusals import Refusal
from provisioning.domain.roles import Actor
from provisioning.gateway.aws import aws
from provisioning.gateway.contract import GatewayFault
from provisioning.models import Credential
from provisioning.services import watching


def used_now(credential: Credential, *, by: Actor) -> dict[str, object]:
    """Return the keys that AWS has of a credential; where it does not say, the act can be asked for all the same."""
    if credential.kind == Kind.CONSOLE:
        return {}
    try:
        held = watching.held(credential, by=by, gateway=aws(), now=timezone.now())
    except GatewayFault as fault:
        return {"used_now": True, "fault": fault}
    except Refusal:  # the account does not let us in, which the act itself says
        return {}
    return {"used_now": True, "held": held, "strangers": [key for key in held if key.row is None]}
