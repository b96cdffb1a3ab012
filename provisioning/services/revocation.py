"""Revoking: the key or the password first, so that it stops at once, then the policy and the user."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from guidance.catalogue import Kind
from provisioning import audit
from provisioning.domain.lifecycle import ENDED, STAYING, Outcome, State, move
from provisioning.domain.permission import demand
from provisioning.domain.refusals import Reason, Refusal
from provisioning.domain.roles import Act, Actor, Role
from provisioning.gateway.contract import DELETE_CONFLICT, Aws, GatewayFault
from provisioning.models import AccessKey, Claim, Credential, Handover
from provisioning.services import by_hand, claiming, deletion, set_up, telling_people
from provisioning.services.claiming import ClaimLost, Pressed
from provisioning.services.clock import Clock, real_time
from provisioning.services.deletion import NOT_OURS, Gone


@dataclass(frozen=True)
class _Words:
    """How a revocation that did not come to its end leaves a credential."""

    unchanged: str
    stopped: str
    uncertain: str


_WORDS = {
    False: _Words(
        "Nothing was changed: it still sends.",
        "Its key is deleted, so it sends nothing any more. The rest is still there.",
        "It is not certain that it has stopped sending.",
    ),
    True: _Words(  # of a console login
        "Nothing was changed: its password is what it was.",
        "Nobody can sign in with it any more. The rest is still there, and sessions may be open.",
        "It is not certain that nobody can sign in with it.",
    ),
}
# AWS has shown the user to the two calls that gave it policy and key, so "not there" so soon after is propagation.
_UNSEEN_FOR = timedelta(seconds=10)


def revoke(
    credential_id: int,
    *,
    by: Actor,
    gateway: Aws,
    clock: Clock = real_time,
    ends_as: State = State.REVOKED,
    only_if: Callable[[Credential], bool] = lambda _: True,
) -> Pressed:
    """Delete the credential's IAM user with all that hangs on it. Pressing twice revokes once.

    `only_if` is asked about the locked credential: if not, there is nothing to do. Raises `Refusal`, or `GatewayFault`
    where AWS said no or nothing.
    """
    credential = Credential.objects.visible_to(by).select_related("team", "account").filter(pk=credential_id).first()
    subject = _subject(credential) if credential else audit.Subject(f"credential {credential_id}")
    with audit.refusals_recorded(Act.CREDENTIAL_REVOKE, subject, by=by, at=clock()), by_hand.told(credential):
        demand(by, Act.CREDENTIAL_REVOKE)
        if credential is not None:
            gateway = _into_its_account(credential, gateway, by=by, now=clock())
        begun = _begin(credential_id, by=by, ends_as=ends_as, only_if=only_if, now=clock())
        if isinstance(begun, Pressed):
            return begun
        _carry_out(begun, by=by, gateway=gateway, clock=clock)
    return Pressed.DONE


def _carry_out(claim: Claim, *, by: Actor, gateway: Aws, clock: Clock) -> None:
    """Make the calls of a begun revocation and record how it ended."""
    gone = Gone()
    try:
        try:
            delete(claim, gone, gateway=gateway, clock=clock)
        except GatewayFault as fault:
            _fail(claim, fault, gone, by=by, now=clock())
            raise
        finish(claim, gone, by=by, now=clock())
    except ClaimLost:
        raise Refusal(
            why=Reason.NOT_NOW,
            title="It took too long",
            reason="AWS answered so late that recovery has taken the revocation over. It ends it within minutes.",
            created_note="What was deleted in AWS stays deleted.",
        ) from None
    except Refusal as refusal:  # the history cannot be written: the claim stays open
        refusal.created_note = (
            "It is deleted in AWS. Recovery writes it down once the history can be written."
            if "DeleteUser" in gone.calls
            else "The act stays open. Recovery goes on with it once the history can be written."
        )
        raise


def delete(claim: Claim, gone: Gone, *, gateway: Aws, clock: Clock) -> None:
    """Make the calls of a claimed revocation, noting in `gone` how far it came; recovery comes in here again."""
    credential = claim.credential
    age = clock() - (credential.issued_at or credential.created_at)
    deletion.delete_known(
        credential,
        gateway,
        gone,
        was_suspended=_was(claim) is State.SUSPENDED,
        go_on=lambda: claiming.go_on(claim, now=clock()),
        unseen_for=min(_UNSEEN_FOR, max(_UNSEEN_FOR - age, timedelta())).total_seconds(),
    )


def _into_its_account(credential: Credential, gateway: Aws, *, by: Actor, now: datetime) -> Aws:
    """In another account its user is "not there", and that would pass for revoked."""
    try:
        return set_up.require_account(credential.account, gateway, now=now, by=by)
    except GatewayFault as fault:
        fault.created_note = _WORDS[credential.kind == Kind.CONSOLE].unchanged
        raise


def finish(claim: Claim, gone: Gone, *, by: Actor, now: datetime, found: str = "") -> None:
    """Record that nothing of the credential is left in AWS."""
    credential = claim.credential
    found = NOT_OURS if gone.left_alone else found
    detail = {"calls": gone.calls, "begun_by": claim.actor_name, "begun_in": claim.request_id}
    with transaction.atomic():
        claiming.settle(claim, Outcome.DONE, now=now)
        AccessKey.objects.filter(credential=credential, deleted_at=None).update(deleted_at=now)
        Credential.objects.filter(pk=credential.pk).update(state=claim.ends_as, ended_at=now)
        telling_people.ended(claim, at=now)
        audit.record(
            Act.CREDENTIAL_REVOKE,
            Outcome.DONE,
            _subject(credential),
            by=by,
            at=now,
            detail={"ends_as": claim.ends_as, "user": credential.user_name, "found": found, **detail, **_foreign(gone)},
        )


def _begin(
    credential_id: int, *, by: Actor, ends_as: State, only_if: Callable[[Credential], bool], now: datetime
) -> Claim | Pressed:
    """Claim the credential and burn its hand-over, or say that it is revoked already, or being so."""
    with transaction.atomic():
        credential = claiming.locked(credential_id, Act.CREDENTIAL_REVOKE, by=by)
        under_way = credential.claims.open().first()
        if under_way is not None and under_way.act == Act.CREDENTIAL_REVOKE:
            return Pressed.UNDER_WAY
        if credential.state in ENDED or not only_if(credential):
            return Pressed.ALREADY
        if under_way is not None:
            raise claiming.busy(credential, under_way)
        state = move(credential.application, State.of(credential.state), State.REVOKING)
        Credential.objects.filter(pk=credential.pk).update(state=state)
        Handover.objects.filter(credential=credential).burn(now)
        was = State.of(credential.state)
        removals = deletion.known(credential, was_suspended=was is State.SUSPENDED)
        calls = [
            *(claiming.Call(removal.operation, removal.subject) for removal in removals),
            claiming.Call("DeleteUser", credential.user_name),
        ]
        change = {"before": {"state": was}}
        claim = claiming.begin(credential, Act.CREDENTIAL_REVOKE, calls, ends_as=ends_as, by=by, now=now, change=change)
        audit.record(
            Act.CREDENTIAL_REVOKE,
            Outcome.BEGUN,
            _subject(credential),
            by=by,
            at=now,
            detail={"user": credential.user_name, "ends_as": ends_as},
        )
    return claim


def _fail(claim: Claim, fault: GatewayFault, gone: Gone, *, by: Actor, now: datetime) -> None:
    """AWS said no: close the act; what is gone is gone. AWS said nothing: leave it to recovery.

    A sweep's act is left to recovery either way, which asks again and again and needs no event for it.
    """
    words = _WORDS[claim.credential.kind == Kind.CONSOLE]
    blocked = fault.is_certain and fault.code == DELETE_CONFLICT
    fault.created_note = words.stopped if gone.calls or blocked else words.uncertain
    closes = fault.is_certain and (blocked or by.role is not Role.SYSTEM)
    with transaction.atomic():
        if closes:
            _close(claim, fault, gone, by=by, now=now)
        else:
            claiming.leave_to_recovery(claim, fault, now=now)
        _record_fault(claim, fault, gone, Outcome.FAILED if closes else Outcome.UNKNOWN, by=by, now=now)


def give_up(claim: Claim, fault: GatewayFault, gone: Gone, *, by: Actor, now: datetime) -> None:
    """Close the act as failed: somebody has to remove in AWS what is in the way, and then revoke again."""
    with transaction.atomic():
        _close(claim, fault, gone, by=by, now=now)
        _record_fault(claim, fault, gone, Outcome.FAILED, by=by, now=now)


def _close(claim: Claim, fault: GatewayFault, gone: Gone, *, by: Actor, now: datetime) -> None:
    keys = AccessKey.objects.filter(credential=claim.credential_id, deleted_at=None)
    claiming.settle(claim, Outcome.FAILED, now=now, fault=fault)
    keys.filter(key_id__in=gone.keys).update(deleted_at=now)
    # What it was before only if nothing was done, by this try or by an earlier one; or by hand, where the user is all
    # that is left.
    was = _was(claim)
    if not gone.calls and was in STAYING and fault.code != DELETE_CONFLICT:
        Credential.objects.filter(pk=claim.credential_id).update(state=was)
        fault.created_note = _WORDS[claim.credential.kind == Kind.CONSOLE].unchanged
    if by.role is Role.SYSTEM:  # nobody reads it on a page
        telling_people.blocked(claim, fault, at=now)


def _was(claim: Claim) -> State | None:
    """Return the state that the revocation found: that of an earlier one which came to no end is REVOKING."""
    before = (claim.change or {}).get("before")
    return State.of(before["state"]) if before else None


def _record_fault(claim: Claim, fault: GatewayFault, gone: Gone, outcome: Outcome, *, by: Actor, now: datetime) -> None:
    detail = {"gone": gone.calls, **claiming.fault_detail(fault), **_foreign(gone)}
    audit.record(Act.CREDENTIAL_REVOKE, outcome, _subject(claim.credential), by=by, at=now, detail=detail)


def _foreign(gone: Gone) -> dict[str, object]:
    return {"foreign": list(gone.foreign)} if gone.foreign else {}


def _subject(credential: Credential) -> audit.Subject:
    return audit.Subject(credential.application, credential, credential.team)
