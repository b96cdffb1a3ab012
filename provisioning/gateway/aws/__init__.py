"""The only package that talks to AWS: replies become plain records, errors our words."""

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache

from django.conf import settings

from provisioning.domain.arn import policy_arn
from provisioning.gateway.aws.keys import Keys
from provisioning.gateway.aws.reads import Reads
from provisioning.gateway.aws.roles import Sessions, utc_now
from provisioning.gateway.aws.sessions import Clients
from provisioning.gateway.contract import ACCESS_DENIED, Aws, GatewayFault, Role


class BotoAws(Keys, Reads):
    """AWS through boto3, in the account that the credential chain signs in to."""

    def __init__(self, clients: Clients, clock: Callable[[], datetime] = utc_now) -> None:
        super().__init__(clients)
        self._sessions = Sessions(clients, clock)

    @property
    def role(self) -> Role | None:
        """No role leads here."""
        return None

    def into(self, role: Role | None, *, anew: bool = False) -> Aws:
        """Return the gateway into the account of `role`; raise `GatewayFault` if AWS does not let us in."""
        return self if role is None else _Elsewhere(self._sessions.clients(role, anew=anew), role, self)

    def is_let_in(self, role: Role) -> bool:
        """Return whether `role` lets us in; the session that AWS gives is dropped unread."""
        try:
            self._sessions.assume(role)
        except GatewayFault as fault:
            if fault.code == ACCESS_DENIED:
                return False
            raise
        return True


class _Elsewhere(Keys, Reads):
    """AWS through boto3, in another account. Roles are assumed from home, never from here."""

    def __init__(self, clients: Clients, role: Role, home: BotoAws) -> None:
        super().__init__(clients)
        self._role, self._home = role, home

    @property
    def role(self) -> Role | None:
        """The role that led here."""
        return self._role

    def into(self, role: Role | None, *, anew: bool = False) -> Aws:
        """Return the gateway home, or from there into the account of `role`."""
        return self._home.into(role, anew=anew)

    def is_let_in(self, role: Role) -> bool:
        """Return whether `role` lets us in."""
        return self._home.is_let_in(role)


@lru_cache(maxsize=1)
def aws() -> Aws:
    """Return this process's gateway to AWS; its clients are made on first use and are safe between threads."""
    boundary = policy_arn(settings.AWS_BOUNDARY_ARN)
    return BotoAws(Clients(boundary.partition if boundary else "aws"))
