"""Suspending: the key is made inactive, so that mail stops at once, and nothing is deleted. Resuming: active again."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from uuid import UUID

from provisioning.domain.lifecycle import State, move
from provisioning.domain.roles import Act, Actor
from provisioning.gateway.contract import Aws
from provisioning.models import Claim, Credential, Stopped
from provisioning.services import telling_people
from provisioning.services.amending import Amendment, Call, Change, amend
from provisioning.services.clock import Clock, real_time


def suspend(
    credential_id: int, *, by: Actor, gateway: Aws, clock: Clock = real_time, stop_id: UUID | None = None
) -> None:
    """Make the keys of a live credential inactive; `stop_id` is the stop that this is a part of."""
    _turn(SUSPENSION, State.SUSPENDED, credential_id, by=by, gateway=gateway, clock=clock, stop_id=stop_id)


def resume(
    credential_id: int, *, by: Actor, gateway: Aws, clock: Clock = real_time, stop_id: UUID | None = None
) -> None:
    """Make the keys of a suspended credential active again; `stop_id` is the stop that this undoes."""
    _turn(RESUMPTION, State.LIVE, credential_id, by=by, gateway=gateway, clock=clock, stop_id=stop_id)


def _turn(
    amendment: Amendment,
    to: State,
    credential_id: int,
    *,
    by: Actor,
    gateway: Aws,
    clock: Clock,
    stop_id: UUID | None,
) -> None:
    def decide(credential: Credential) -> Change | None:
        if credential.state == to:
            return None
        state = move(credential.application, State.of(credential.state), to)
        return Change({"state": credential.state}, {"state": state}, stop=str(stop_id or ""))

    amend(amendment, credential_id, decide, by=by, gateway=gateway, clock=clock)


def _calls(credential: Credential, after: Mapping[str, object]) -> list[Call]:
    active = after["state"] == State.LIVE
    return [
        Call("UpdateAccessKey", key_id, partial(_set, credential.user_name, key_id, active), names_a_key=True)
        for key_id in credential.keys.in_use().values_list("key_id", flat=True)
    ]


def _set(user_name: str, key_id: str, active: bool, gateway: Aws) -> None:  # noqa: FBT001 - bound by partial
    gateway.set_key_status(user_name, key_id, active=active)


def _remember_suspended(claim: Claim, now: datetime) -> None:
    claim.credential.keys.in_use().update(stopped_at=now)
    Credential.objects.filter(pk=claim.credential_id).update(state=State.SUSPENDED)
    stop_id = (claim.change or {})["stop"]
    telling_people.suspended(claim, at=now, in_a_stop=bool(stop_id))
    if stop_id:
        Stopped.objects.filter(stop=stop_id, credential=claim.credential_id).update(suspended_at=now, trouble="")


def _remember_resumed(claim: Claim, now: datetime) -> None:
    claim.credential.keys.in_use().update(stopped_at=None)
    Credential.objects.filter(pk=claim.credential_id).update(state=State.LIVE)
    # Whoever resumed it: what is suspended later is no longer the doing of an earlier stop.
    stopped = Stopped.objects.filter(credential=claim.credential_id, resumed_at=None).exclude(suspended_at=None)
    stopped.update(resumed_at=now, trouble="")


SUSPENSION = Amendment(Act.CREDENTIAL_SUSPEND, _calls, _remember_suspended)
RESUMPTION = Amendment(Act.CREDENTIAL_RESUME, _calls, _remember_resumed)
