"""Revoking: the key first, so that mail stops at once, then the policy and the user."""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from provisioning import audit
from provisioning.domain.lifecycle import Outcome, State, move
from provisioning.domain.permission import demand, not_there
from provisioning.domain.refusals import Refusal
from provisioning.domain.roles import Act, Actor
from provisioning.gateway.contract import DELETE_CONFLICT, Aws, GatewayFault, Holdings
from provisioning.models import AccessKey, Claim, Credential, Handover
from provisioning.services import claiming
from provisioning.services.clock import Clock, real_time


def revoke(
    credential_id: int, *, by: Actor, gateway: Aws, clock: Clock = real_time, ends_as: State = State.REVOKED
) -> None:
    """Delete the credential's IAM user with all that hangs on it. Pressing twice revokes once.

    Raises `Refusal`, or `GatewayFault` where AWS said no or nothing.
    """
    credential = Credential.objects.visible_to(by).select_related("team").filter(pk=credential_id).first()
    subject = _subject(credential) if credential else audit.Subject(f"credential {credential_id}")
    with audit.refusals_recorded(Act.CREDENTIAL_REVOKE, subject, by=by, at=clock()):
        demand(by, Act.CREDENTIAL_REVOKE)
        claim = _begin(credential_id, by=by, ends_as=ends_as, now=clock())
        if claim is not None:
            carry_out(claim, by=by, gateway=gateway, clock=clock)


def carry_out(claim: Claim, *, by: Actor, gateway: Aws, clock: Clock) -> None:
    """Make the calls of a begun revocation and record how it ended; recovery comes in here again."""
    credential = claim.credential
    gone: list[str] = []
    try:
        delete_whole_user(credential, gateway, done=gone.append)
    except GatewayFault as fault:
        _fail(claim, fault, gone, by=by, now=clock())
        raise
    finish(claim, by=by, now=clock(), detail={"calls": gone})


def delete_whole_user(credential: Credential, gateway: Aws, *, done: Callable[[str], None]) -> None:
    """Delete what we know of; ask AWS what else there is only when it says that something is in the way."""
    user_name = credential.user_name
    for key_id in credential.keys.filter(deleted_at=None).values_list("key_id", flat=True):
        gateway.delete_key(user_name, key_id)
        done("DeleteAccessKey")
    gateway.delete_policy(user_name, credential.policy_name)
    done("DeleteUserPolicy")
    try:
        gateway.delete_user(user_name)
    except GatewayFault as fault:
        if fault.code != DELETE_CONFLICT:
            raise
        clear(user_name, gateway.holdings(user_name), gateway)
        gateway.delete_user(user_name)
    done("DeleteUser")


def clear(user_name: str, holdings: Holdings, gateway: Aws) -> None:
    """Delete whatever somebody hung on the user, in the order that AWS wants."""
    gateway.delete_login(user_name)
    for key_id in holdings.access_keys:
        gateway.delete_key(user_name, key_id)
    for serial in holdings.mfa_devices:
        gateway.deactivate_mfa(user_name, serial)
    for policy_name in holdings.inline_policies:
        gateway.delete_policy(user_name, policy_name)
    for arn in holdings.attached_policies:
        gateway.detach_policy(user_name, arn)
    if holdings.groups:
        raise GatewayFault(
            operation="DeleteUser",
            code=DELETE_CONFLICT,
            words=f"Somebody put the IAM user into {', '.join(holdings.groups)}. Take it out there, then revoke again. "
            "Its keys are deleted: it sends nothing any more.",
        )


def finish(claim: Claim, *, by: Actor, now: datetime, detail: dict[str, object]) -> None:
    """Record that nothing of the credential is left in AWS."""
    credential = claim.credential
    with transaction.atomic():
        claiming.settle(claim, Outcome.DONE, now=now)
        AccessKey.objects.filter(credential=credential, deleted_at=None).update(deleted_at=now)
        Credential.objects.filter(pk=credential.pk).update(state=claim.ends_as, ended_at=now)
        audit.record(
            Act.CREDENTIAL_REVOKE,
            Outcome.DONE,
            _subject(credential),
            by=by,
            at=now,
            detail={"ends_as": claim.ends_as, "user": credential.user_name, **detail},
        )


def _begin(credential_id: int, *, by: Actor, ends_as: State, now: datetime) -> Claim | None:
    """Claim the credential and burn its hand-over; return None if it is revoked already or being so."""
    with transaction.atomic():
        credential = Credential.objects.visible_to(by).select_for_update(of=("self",)).filter(pk=credential_id).first()
        if credential is None:
            raise not_there("credential")
        demand(by, Act.CREDENTIAL_REVOKE, credential.target)
        under_way = credential.claims.open().first()
        if credential.state in {State.REVOKED, State.UNCLAIMED} or (
            under_way is not None and under_way.act == Act.CREDENTIAL_REVOKE
        ):
            return None
        state = move(credential.application, State.of(credential.state), State.REVOKING)
        Credential.objects.filter(pk=credential.pk).update(state=state)
        Handover.objects.filter(key__credential=credential).burn(now)
        calls = [
            *(claiming.Call("DeleteAccessKey", key.key_id) for key in credential.keys.filter(deleted_at=None)),
            claiming.Call("DeleteUserPolicy", credential.policy_name),
            claiming.Call("DeleteUser", credential.user_name),
        ]
        claim = claiming.begin(credential, Act.CREDENTIAL_REVOKE, calls, ends_as=ends_as, by=by, now=now)
        try:
            audit.record(
                Act.CREDENTIAL_REVOKE,
                Outcome.BEGUN,
                _subject(credential),
                by=by,
                at=now,
                detail={"user": credential.user_name, "ends_as": ends_as},
            )
        except Refusal as refusal:
            refusal.commands = commands_by_hand(credential)
            raise
    return claim


def commands_by_hand(credential: Credential) -> tuple[str, ...]:
    """Return the AWS CLI commands that stop and delete the credential without this dashboard."""
    user = f"--user-name {credential.user_name}"
    keys = [f"--access-key-id {key.key_id}" for key in credential.keys.filter(deleted_at=None)]
    return (
        *(f"aws iam update-access-key {user} {key} --status Inactive" for key in keys),
        *(f"aws iam delete-access-key {user} {key}" for key in keys),
        f"aws iam delete-user-policy {user} --policy-name {credential.policy_name}",
        f"aws iam delete-user {user}",
    )


def _fail(claim: Claim, fault: GatewayFault, gone: list[str], *, by: Actor, now: datetime) -> None:
    """AWS said no: close the act; what is gone is gone. AWS said nothing: leave it to recovery."""
    credential = claim.credential
    stopped = "DeleteAccessKey" in gone
    fault.created_note = (
        "Its key is deleted, so it sends nothing any more. The rest is still there."
        if stopped
        else "It is not certain that it has stopped sending."
    )
    with transaction.atomic():
        if fault.is_certain:
            claiming.settle(claim, Outcome.FAILED, now=now, fault=fault)
            if not gone:
                Credential.objects.filter(pk=credential.pk).update(state=State.LIVE)
                fault.created_note = "Nothing was changed: it still sends."
        else:
            claiming.leave_to_recovery(claim, fault, now=now)
        audit.record(
            Act.CREDENTIAL_REVOKE,
            Outcome.FAILED if fault.is_certain else Outcome.UNKNOWN,
            _subject(credential),
            by=by,
            at=now,
            detail={"gone": gone, **claiming.fault_detail(fault)},
        )


def _subject(credential: Credential) -> audit.Subject:
    return audit.Subject(credential.application, credential, credential.team)
