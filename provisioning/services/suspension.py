"""Suspending: the key is made inactive, so that mail stops at once, and nothing is deleted. Resuming: active again.

A console login has no key: its open sessions are denied everything, then its password is deleted. Resuming it is a
hand-over of its own (`console_resumption`).
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from uuid import UUID

from guidance.catalogue import Kind
from provisioning.domain import sending_policy
from provisioning.domain.console_policy import SUSPENDED
from provisioning.domain.lifecycle import Seal, State, move
from provisioning.domain.naming import SUSPENDED_POLICY_NAME
from provisioning.domain.refusals import Reason, Refusal
from provisioning.domain.roles import Act, Actor
from provisioning.gateway.contract import Aws
from provisioning.models import Claim, Credential, Handover, Stopped
from provisioning.services import telling_people
from provisioning.services.amending import Amendment, Call, Change, amend
from provisioning.services.claiming import Pressed
from provisioning.services.clock import Clock, real_time

# "Not there" so soon after a password or a denial was made is propagation.
UNSEEN_FOR = 10.0
Require = Callable[[Credential], None]


def suspend(
    credential_id: int, *, by: Actor, gateway: Aws, clock: Clock = real_time, stop_id: UUID | None = None
) -> Pressed:
    """Make the keys of a live credential inactive; `stop_id` is the stop that this is a part of."""
    return _turn(SUSPENSION, State.SUSPENDED, credential_id, by=by, gateway=gateway, clock=clock, stop_id=stop_id)


def resume(
    credential_id: int,
    *,
    by: Actor,
    gateway: Aws,
    clock: Clock = real_time,
    stop_id: UUID | None = None,
    require: Require = lambda _: None,
) -> Pressed:
    """Make the keys of a suspended credential active again; `stop_id` is the stop that this undoes.

    `require` is asked about the locked credential and may raise a `Refusal`.
    """
    return _turn(
        RESUMPTION, State.LIVE, credential_id, by=by, gateway=gateway, clock=clock, stop_id=stop_id, require=require
    )


def _turn(
    amendment: Amendment,
    to: State,
    credential_id: int,
    *,
    by: Actor,
    gateway: Aws,
    clock: Clock,
    stop_id: UUID | None,
    require: Require = lambda _: None,
) -> Pressed:
    def decide(credential: Credential) -> Change | None:
        if credential.state == to:
            return None
        if to is State.LIVE and credential.kind == Kind.CONSOLE:
            raise _needs_a_new_password(credential)
        state = move(credential.application, State.of(credential.state), to)
        require(credential)
        return Change({"state": credential.state}, {"state": state}, stop=str(stop_id or ""))

    return amend(amendment, credential_id, decide, by=by, gateway=gateway, clock=clock)


def _needs_a_new_password(credential: Credential) -> Refusal:
    return Refusal(
        why=Reason.NOT_PERMITTED,
        title=f"{credential.application} comes back with a new password",
        reason="The password of a suspended console login is deleted. Resume it by itself, on its own page: whoever "
        "does is handed the new one.",
    )


def _calls(credential: Credential, after: Mapping[str, object]) -> list[Call]:
    if credential.kind == Kind.CONSOLE:
        return console_calls(credential)
    active = after["state"] == State.LIVE
    return [
        Call("UpdateAccessKey", key_id, partial(_set, credential.user_name, key_id, active), names_a_key=True)
        for key_id in credential.keys.in_use().values_list("key_id", flat=True)
    ]


def console_calls(credential: Credential) -> list[Call]:
    """Return what suspends a console login: the denial first, for sessions last longer than the password."""
    name, denial = credential.user_name, sending_policy.as_text(SUSPENDED)

    def deny(gateway: Aws) -> None:
        gateway.put_policy(name, SUSPENDED_POLICY_NAME, denial)

    def delete_password(gateway: Aws) -> None:
        gateway.delete_login(name, unseen_for=UNSEEN_FOR)

    return [
        Call("PutUserPolicy", SUSPENDED_POLICY_NAME, deny, "DeleteUserPolicy"),
        Call("DeleteLoginProfile", name, delete_password, "CreateLoginProfile"),
    ]


def _set(user_name: str, key_id: str, active: bool, gateway: Aws) -> None:  # noqa: FBT001 - bound by partial
    gateway.set_key_status(user_name, key_id, active=active)


def _remember_suspended(claim: Claim, now: datetime) -> None:
    claim.credential.keys.in_use().update(stopped_at=now)
    Credential.objects.filter(pk=claim.credential_id).update(state=State.SUSPENDED)
    if claim.credential.kind == Kind.CONSOLE:
        _end_handovers(claim, now)
    stop_id = (claim.change or {})["stop"]
    telling_people.suspended(claim, at=now, in_a_stop=bool(stop_id))
    if stop_id:
        Stopped.objects.filter(stop=stop_id, credential=claim.credential_id).update(suspended_at=now, trouble="")


def _end_handovers(claim: Claim, now: datetime) -> None:
    """Its password is gone, so there is nothing to hand over, nor to suspend because nobody looked at a new one."""
    theirs = Handover.objects.filter(credential=claim.credential_id)
    theirs.burn(now)
    theirs.filter(state=Seal.EXPIRING).exclude(request__renews=None).update(state=Seal.BURNT)


def remember_resumed(claim: Claim, now: datetime) -> None:
    """Write down that it works again, whoever stopped it."""
    claim.credential.keys.in_use().update(stopped_at=None)
    Credential.objects.filter(pk=claim.credential_id).update(state=State.LIVE)
    # Whoever resumed it: what is suspended later is no longer the doing of an earlier stop.
    stopped = Stopped.objects.filter(credential=claim.credential_id, resumed_at=None).exclude(suspended_at=None)
    stopped.update(resumed_at=now, trouble="")


SUSPENSION = Amendment(Act.CREDENTIAL_SUSPEND, _calls, _remember_suspended)
RESUMPTION = Amendment(Act.CREDENTIAL_RESUME, _calls, remember_resumed)
