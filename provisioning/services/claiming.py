"""Claim, act, record: what every act on a credential has in common."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import F

from provisioning import request_id
from provisioning.domain.lifecycle import Outcome, State
from provisioning.domain.permission import demand, not_there
from provisioning.domain.refusals import Reason, Refusal
from provisioning.domain.roles import Act, Actor
from provisioning.gateway.contract import GatewayFault
from provisioning.models import Claim, Credential, Step
from provisioning.models.claim import LEASE


class ClaimLost(Exception):  # noqa: N818 - not an error of ours: somebody else took the act over
    """The lease was over and recovery has taken the act: nothing may be recorded any more."""


class Pressed(Enum):
    """What pressing the button of an act has come to."""

    DONE = auto()  # this press did it
    ALREADY = auto()  # it is so, or there is nothing left to do
    UNDER_WAY = auto()  # an earlier press of the same has not ended: nobody knows yet whether AWS has done it


@dataclass(frozen=True)
class Call:
    """One planned call: its operation, what it is about, and the operation that undoes it."""

    operation: str
    subject: str
    undo: str = ""


def locked(credential_id: int, act: Act, *, by: Actor) -> Credential:
    """Return the credential, locked inside the caller's transaction; raise a `Refusal` if `by` may not do `act` to it.

    What it belongs to is read after the lock, never joined to it: PostgreSQL drops a row from a join when it has moved
    to another team while the lock was waited for.
    """
    found = Credential.objects.visible_to(by).select_for_update(no_key=True)
    credential = found.filter(pk=credential_id).first()
    if credential is None:
        raise not_there("credential")
    demand(by, act, credential.target)
    return credential


def begin(
    credential: Credential,
    act: Act,
    calls: Iterable[Call],
    *,
    ends_as: State,
    by: Actor,
    now: datetime,
    claim_id: UUID | None = None,
    change: Mapping[str, object] | None = None,
) -> Claim:
    """Claim `credential` for `act` and write down the calls, inside the caller's transaction."""
    claim = Claim.objects.create(
        id=claim_id or uuid4(),
        credential=credential,
        act=act,
        person_id=by.person_id,
        actor_name=by.name,
        actor_role=by.role,
        ends_as=ends_as,
        change=change,
        request_id=request_id.current(),
        began_at=now,
        lease_until=now + LEASE,
    )
    Step.objects.bulk_create(
        Step(claim=claim, position=position, operation=call.operation, undo=call.undo, subject=call.subject)
        for position, call in enumerate(calls, 1)
    )
    return claim


def busy(credential: Credential, under_way: Claim) -> Refusal:
    """Return the refusal of an act on a credential with which another act has not come to its end."""
    verb = Act(under_way.act).partition(":")[2]
    return Refusal(
        why=Reason.NOT_NOW,
        title=f"Something else is under way with {credential.application}",
        reason=f"{under_way.actor_name} began to {verb} it, and that has not ended. It does within minutes: try again "
        "then.",
        created_note="Nothing was changed.",
    )


def require_free(credential: Credential, *, but: Act | None = None) -> None:
    """Raise a `Refusal` while an act, other than `but`, has not come to its end: what the books say may not hold."""
    under_way = credential.claims.open().exclude(act=but).first()
    if under_way is not None:
        raise busy(credential, under_way)


def settle(claim: Claim, outcome: Outcome, *, now: datetime, fault: GatewayFault | None = None) -> None:
    """Close the claim, inside the caller's transaction; raise `ClaimLost` if it is no longer ours."""
    closed = (
        Claim.objects.open()
        .filter(pk=claim.pk, fence=claim.fence)
        .update(outcome=outcome, settled_at=now, lease_until=now, **_words(fault))
    )
    if not closed:
        raise ClaimLost


def go_on(claim: Claim, *, now: datetime, change: Mapping[str, object] | None = None) -> None:
    """Take the whole lease again, in an act that has more to do; raise `ClaimLost` if the claim is no longer ours."""
    _change(claim, lease_until=now + LEASE, **({"change": change} if change else {}))


def leave_to_recovery(claim: Claim, fault: GatewayFault, *, now: datetime) -> None:
    """Keep the claim open without an answer, and let recovery take it at once: nobody works on it any more."""
    fault.stays_open = True
    _change(claim, outcome=Outcome.UNKNOWN, lease_until=now, **_words(fault))


def look_again(
    claim: Claim, *, now: datetime, after: timedelta, missed: bool = False, fault: GatewayFault | None = None
) -> None:
    """Keep the claim open and have recovery look at AWS again after a while."""
    first_missed = {"missed_at": now} if missed else {}
    _change(claim, outcome=Outcome.UNKNOWN, lease_until=now + after, **first_missed, **_words(fault))


def reopen(claim: Claim, *, now: datetime) -> None:
    """Have recovery look once more, whatever it made of the claim: the act came back late and may have made something.

    The fence moves on, so that a recovery that is just settling the claim by what it saw before cannot.
    """
    Claim.objects.filter(pk=claim.pk).update(
        outcome=Outcome.UNKNOWN, settled_at=None, missed_at=None, lease_until=now, fence=F("fence") + 1
    )


def reopen_when_free(claim: Claim, *, now: datetime) -> None:
    """Reopen `claim` as soon as no other act is open on its credential: now, or in a later run of recovery."""
    ours = Claim.objects.filter(pk=claim.pk)
    with transaction.atomic():
        credential = Credential.objects.select_for_update(no_key=True).get(pk=claim.credential_id)
        if credential.claims.open().exclude(pk=claim.pk).exists():
            ours.update(outcome=Outcome.UNKNOWN)
        elif claim.act == Act.CREDENTIAL_RESUME and credential.state != State.SUSPENDED:
            ours.update(
                outcome=Outcome.FAILED
            )  # what came after it has made the password that there is, or ends it all
        else:
            reopen(claim, now=now)


def reopen_late(*, now: datetime) -> None:
    """Reopen what came back late while another act was open, where none is now."""
    for claim in Claim.objects.came_late():
        reopen_when_free(claim, now=now)


def _change(claim: Claim, **changes: object) -> None:
    if not Claim.objects.open().filter(pk=claim.pk, fence=claim.fence).update(**changes):
        raise ClaimLost


def _words(fault: GatewayFault | None) -> dict[str, str]:
    if fault is None:
        return {}
    return {"code": fault.code, "words": fault.words, "aws_request_id": fault.aws_request_id}


def fault_detail(fault: GatewayFault) -> dict[str, object]:
    """Return what the history keeps of a fault."""
    return {
        "operation": fault.operation,
        "code": fault.code,
        "aws_request": fault.aws_request_id,
        "certainty": fault.certainty,
    }
