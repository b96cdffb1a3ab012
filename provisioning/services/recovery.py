"""Recovery: acts that were cut, or that AWS never answered, are finished or undone by looking at AWS."""

import logging
from datetime import datetime, timedelta

from django.db import transaction

from provisioning import audit
from provisioning.domain.lifecycle import Outcome, State
from provisioning.domain.naming import ACT_TAG
from provisioning.domain.permission import demand
from provisioning.domain.roles import Act, Actor
from provisioning.gateway.contract import Aws, GatewayFault, IamUser
from provisioning.models import Claim, Credential
from provisioning.services import claiming, revocation
from provisioning.services.claiming import ClaimLost
from provisioning.services.clock import Clock

log = logging.getLogger(__name__)

# "Not there" may be propagation: it counts when it is seen twice, this far apart.
SEEN_TWICE_APART = timedelta(seconds=60)
_AFTER_A_FAULT = timedelta(seconds=60)


def recover_interrupted(*, by: Actor, gateway: Aws, clock: Clock) -> int:
    """Settle every act whose lease has lapsed; return how many were settled. Any number of workers may run it."""
    demand(by, Act.CREDENTIAL_RECOVER)
    settled = 0
    for claim in Claim.objects.lapsed(clock()).select_related("credential__team").order_by("lease_until"):
        if Claim.objects.take_over(claim, clock()):
            settled += _recover(claim, by=by, gateway=gateway, clock=clock)
    return settled


def _recover(claim: Claim, *, by: Actor, gateway: Aws, clock: Clock) -> bool:
    try:
        user = gateway.user(claim.credential.user_name)
        if user is None:
            return _missed(claim, by=by, now=clock())
        if user.tags.get(ACT_TAG) != str(claim.credential.request_id):
            return _settle(claim, by=by, now=clock(), found="an IAM user of this name that is not ours: left alone")
        if claim.act == Act.CREDENTIAL_REVOKE:
            revocation.carry_out(claim, by=by, gateway=gateway, clock=clock)
            return True
        _delete(user, gateway)
        return _settle(claim, by=by, now=clock(), found="the user that the act had made: deleted")
    except GatewayFault as fault:
        log.warning("recovery_waits", extra={"claim": str(claim.pk), "code": fault.code})
        claiming.look_again(claim, now=clock(), after=_AFTER_A_FAULT)
        return False
    except ClaimLost:
        return False


def _missed(claim: Claim, *, by: Actor, now: datetime) -> bool:
    """The user is not there: believe it the second time."""
    if claim.missed_at is None:
        claiming.look_again(claim, now=now, after=SEEN_TWICE_APART, missed=True)
        return False
    if now < claim.missed_at + SEEN_TWICE_APART:
        claiming.look_again(claim, now=now, after=claim.missed_at + SEEN_TWICE_APART - now)
        return False
    return _settle(claim, by=by, now=now, found="no such IAM user, looked for twice")


def _delete(user: IamUser, gateway: Aws) -> None:
    revocation.clear(user.name, gateway.holdings(user.name), gateway)
    gateway.delete_user(user.name)


def _settle(claim: Claim, *, by: Actor, now: datetime, found: str) -> bool:
    """Record the end: an issue that was cut has failed; a revocation whose user is gone is done."""
    credential = claim.credential
    if claim.act == Act.CREDENTIAL_REVOKE:
        revocation.finish(claim, by=by, now=now, detail={"found": found})
        return True
    with transaction.atomic():
        claiming.settle(claim, Outcome.FAILED, now=now)
        Credential.objects.filter(pk=credential.pk).update(state=State.FAILED, ended_at=now)
        audit.record(
            Act.CREDENTIAL_ISSUE,
            Outcome.FAILED,
            audit.Subject(credential.application, credential, credential.team),
            by=by,
            at=now,
            detail={"found": found, "begun_by": claim.actor_name, "begun_in": claim.request_id},
        )
    return True
