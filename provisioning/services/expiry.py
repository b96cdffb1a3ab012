"""Expiry: AWS has ended a credential by its own policy. A while later its IAM user is deleted, so that none stays."""

import logging
from datetime import datetime, timedelta

from provisioning.domain.lifecycle import STAYING, State
from provisioning.domain.permission import demand
from provisioning.domain.refusals import Reason, Refusal
from provisioning.domain.roles import Act, Actor
from provisioning.gateway.contract import Aws, GatewayFault
from provisioning.models import Credential
from provisioning.services import revocation
from provisioning.services.claiming import Pressed
from provisioning.services.clock import Clock

log = logging.getLogger(__name__)

# AWS refuses its mail from the end on, so nothing is lost by waiting: whoever notices that mail has stopped can extend
# it for a day, and every host that has its passwords sends again. Once the user is deleted, each needs new ones.
GRACE = timedelta(days=1)
_BATCH = 200  # of one run, some 40 s at 60 ms a call; the rest is due in the next minute


def deleted_at(credential: Credential, now: datetime) -> datetime | None:
    """Return when the user of a credential that has ended is deleted; None if it has not ended, or is deleted."""
    ends = credential.expires_at
    return ends + GRACE if credential.state in STAYING and ends is not None and ends <= now else None


def expire_due(*, by: Actor, gateway: Aws, clock: Clock) -> int:
    """Revoke what ended a while ago; return how many were. Any number of workers may run it and share what is due.

    One that AWS refuses does not keep the others. Where nobody answers at all, what is in that account stays due, and
    the run says so at its end.
    """
    demand(by, Act.CREDENTIAL_EXPIRE)
    due = Credential.objects.ended_by(clock() - GRACE)
    ended, closed = 0, set[int]()
    silence: GatewayFault | None = None
    for credential_id, account_id in list(due.values_list("pk", "account_id")[:_BATCH]):
        if account_id in closed or not due.filter(pk=credential_id).exists():
            continue  # another worker has it, or somebody extended it
        try:
            ended += _end(credential_id, by=by, gateway=gateway, clock=clock)
        except GatewayFault as fault:
            log.warning("expired_not_revoked", extra={"credential": credential_id, "trouble": str(fault)})
            if not fault.aws_request_id:
                closed.add(account_id)  # nobody answers there: its others would only wait for that too
                silence = silence or fault
        except Refusal as refusal:
            log.warning("expired_not_revoked", extra={"credential": credential_id, "trouble": str(refusal)})
            if refusal.why is Reason.HISTORY_UNWRITABLE:
                raise
            if refusal.why is Reason.UNSAFE_SET_UP:
                closed.add(account_id)  # its others would be refused for the same
    if silence is not None:
        raise silence
    return ended


def _end(credential_id: int, *, by: Actor, gateway: Aws, clock: Clock) -> bool:
    """Revoke one; return False if another worker was quicker, or somebody has extended it a moment ago."""

    def still_due(credential: Credential) -> bool:
        gone_at = deleted_at(credential, clock())
        return gone_at is not None and gone_at <= clock()

    revoked = revocation.revoke(
        credential_id, by=by, gateway=gateway, clock=clock, ends_as=State.EXPIRED, only_if=still_due
    )
    return revoked is Pressed.DONE
