"""Recovery: acts that were cut, or that AWS never answered, are finished or undone by looking at AWS."""

import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction

from provisioning import audit
from provisioning.domain.lifecycle import Outcome, State
from provisioning.domain.permission import demand
from provisioning.domain.roles import Act, Actor
from provisioning.gateway.contract import DELETE_CONFLICT, NO_SUCH_ENTITY, Aws, GatewayFault
from provisioning.models import AwsAccount, Claim, Credential
from provisioning.services import (
    amending,
    approved,
    claiming,
    console_resumption,
    extension,
    readdressing,
    retirement,
    revocation,
    rotation,
    set_up,
    suspension,
    transfer,
)
from provisioning.services.claiming import ClaimLost
from provisioning.services.clock import Clock
from provisioning.services.deletion import NOT_OURS, Gone, delete_everything, is_ours
from provisioning.services.each_account import in_each

log = logging.getLogger(__name__)

# "Not there" may be propagation: it counts when it is seen twice, this far apart.
SEEN_TWICE_APART = timedelta(seconds=60)
AMENDMENTS = {
    each.act: each
    for each in (
        suspension.SUSPENSION,
        suspension.RESUMPTION,
        readdressing.READDRESSING,
        extension.EXTENSION,
        transfer.TRANSFER,
        retirement.RETIREMENT,
        retirement.REACTIVATION,
        retirement.KEY_DELETION,
    )
}
_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=60), timedelta(minutes=10)


def recover_interrupted(*, by: Actor, gateway: Aws, clock: Clock) -> int:
    """Settle every act whose lease has lapsed; return how many were settled. Any number of workers may run it.

    Raises a `Refusal`, before AWS is asked for anything, while the history could not tell of it.
    """
    demand(by, Act.CREDENTIAL_RECOVER)
    claiming.reopen_late(now=clock())
    if Claim.objects.lapsed(clock()).exists():
        audit.require_writable(Act.CREDENTIAL_RECOVER, audit.Subject("acts that were cut"), by=by, at=clock())
    recover_in = partial(_recover_in, by=by, gateway=gateway, clock=clock)
    return in_each(set_up.everywhere(), recover_in)


def _recover_in(account: AwsAccount, *, by: Actor, gateway: Aws, clock: Clock) -> int:
    """Settle what is in one account; the next has its turn even if nobody answers in this one."""
    settled = 0
    lapsed = Claim.objects.lapsed(clock()).filter(credential__account=account).order_by("lease_until")
    if lapsed.exists():
        gateway = set_up.require_account(account, gateway, now=clock())
    for claim in lapsed:
        if not Claim.objects.take_over(claim, clock()):
            continue
        try:
            settled += _recover(claim, by=by, gateway=gateway, clock=clock)
        except ClaimLost:
            continue
        except GatewayFault as fault:
            _wait(claim, fault, now=clock())
            if not fault.aws_request_id:  # nobody answers: the other claims would only wait for that too
                break
    return settled


def _recover(claim: Claim, *, by: Actor, gateway: Aws, clock: Clock) -> bool:
    """Settle `claim`; return False if that must wait."""
    user = gateway.user(claim.credential.user_name)
    if user is None:
        return _missed(claim, by=by, now=clock())
    if not is_ours(user, claim.credential):
        return _settle(claim, by=by, now=clock(), found=NOT_OURS)
    return _way(claim)(claim, by=by, gateway=gateway, clock=clock)


def _way(claim: Claim) -> Callable[..., bool]:
    """Return how a cut act comes to its end: undone where it makes a secret, which nobody has; finished otherwise."""
    if console_resumption.is_one(claim):
        return console_resumption.undo
    if claim.act in AMENDMENTS:
        return _amend
    ways = {Act.CREDENTIAL_REVOKE: _revoke, Act.CREDENTIAL_ROTATE: _undo_rotation}
    return ways.get(Act(claim.act), _undo_issue)


def _undo_issue(claim: Claim, *, by: Actor, gateway: Aws, clock: Clock) -> bool:
    if not delete_everything(claim.credential, gateway, Gone(), go_on=lambda: claiming.go_on(claim, now=clock())):
        return _missed(claim, by=by, now=clock())
    return _settle(claim, by=by, now=clock(), found="the user that the act had made: deleted")


def _undo_rotation(claim: Claim, *, by: Actor, gateway: Aws, clock: Clock) -> bool:
    if not rotation.undo(claim, gateway=gateway, clock=clock):
        return _missed(claim, by=by, now=clock(), what="key that the act had made")
    return _settle(claim, by=by, now=clock(), found="the key that the act had made: deleted")


def _amend(claim: Claim, *, by: Actor, gateway: Aws, clock: Clock) -> bool:
    """Ask for the same again: each call says how things shall be."""
    amendment = AMENDMENTS[Act(claim.act)]
    try:
        amending.make(amendment, claim, [], gateway=gateway, clock=clock)
    except GatewayFault as fault:
        if fault.code != NO_SUCH_ENTITY or not fault.is_certain:
            raise
        amending.give_up(amendment, claim, by=by, now=clock(), found="the user, but not what the act is about")
    else:
        amending.finish(amendment, claim, by=by, now=clock(), found="a user of ours: asked for again")
    return True


def _revoke(claim: Claim, *, by: Actor, gateway: Aws, clock: Clock) -> bool:
    gone = Gone()
    try:
        revocation.delete(claim, gone, gateway=gateway, clock=clock)
    except GatewayFault as fault:
        if fault.code != DELETE_CONFLICT or not fault.is_certain:
            raise
        revocation.give_up(claim, fault, gone, by=by, now=clock())
    else:
        revocation.finish(claim, gone, by=by, now=clock(), found="a user of ours: deleted")
    return True


def _wait(claim: Claim, fault: GatewayFault, *, now: datetime) -> None:
    """Look again after a while that doubles with each try."""
    log.warning("recovery_waits", extra={"claim": str(claim.pk), "code": fault.code})
    wait = min(_FIRST_WAIT * 2 ** min(max(claim.fence - 2, 0), 10), _LONGEST_WAIT)
    with suppress(ClaimLost):
        claiming.look_again(claim, now=now, after=wait, fault=fault)


def _missed(claim: Claim, *, by: Actor, now: datetime, what: str = "such IAM user") -> bool:
    """The user is not there, or what was made: believe it the second time."""
    if claim.missed_at is None:
        claiming.look_again(claim, now=now, after=SEEN_TWICE_APART, missed=True)
        return False
    if now < claim.missed_at + SEEN_TWICE_APART:
        claiming.look_again(claim, now=now, after=claim.missed_at + SEEN_TWICE_APART - now)
        return False
    return _settle(claim, by=by, now=now, found=f"no {what}, looked for twice")


def _settle(claim: Claim, *, by: Actor, now: datetime, found: str) -> bool:
    """Record the end: an issue that was cut has failed, so has an amendment; a revocation of what is gone is done."""
    credential = claim.credential
    if claim.act in AMENDMENTS:
        amending.give_up(AMENDMENTS[Act(claim.act)], claim, by=by, now=now, found=found)
        return True
    if claim.act == Act.CREDENTIAL_REVOKE:
        revocation.finish(claim, Gone(), by=by, now=now, found=found)
        return True
    if claim.act == Act.CREDENTIAL_ROTATE:
        rotation.give_up(claim, by=by, now=now, found=found)
        return True
    with transaction.atomic():
        claiming.settle(claim, Outcome.FAILED, now=now)
        Credential.objects.filter(pk=credential.pk).update(state=State.FAILED, ended_at=now)
        carried_on = approved.carry_on(credential.request, now=now)
        audit.record(
            Act.CREDENTIAL_ISSUE,
            Outcome.FAILED,
            audit.Subject(credential.application, credential, credential.team),
            by=by,
            at=now,
            detail={"found": found, "begun_by": claim.actor_name, "begun_in": claim.request_id, **carried_on},
        )
    return True
