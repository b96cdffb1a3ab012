"""Resuming a console login: a review, then a new password for the browser that made it. Unclaimed, it is suspended.

Until the end is recorded nobody has the password, so an act that was cut is undone: suspended is what it was.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from uuid import UUID

from guidance.catalogue import Kind
from provisioning import audit
from provisioning.domain.lifecycle import State, move
from provisioning.domain.naming import SUSPENDED_POLICY_NAME
from provisioning.domain.permission import demand, not_there
from provisioning.domain.refusals import Reason, Refusal
from provisioning.domain.roles import Act, Actor
from provisioning.gateway.contract import NO_SUCH_ENTITY, Aws, GatewayFault
from provisioning.models import Claim, Credential, CredentialRequest
from provisioning.services import (
    amending,
    claiming,
    console_logins,
    delivery,
    renewals,
    requesting,
    sealing,
    suspension,
    telling_people,
)
from provisioning.services.amending import NOTHING, Amendment, Call, Change, amend
from provisioning.services.clock import Clock, real_time
from provisioning.services.making import Made
from provisioning.services.sealing import Browser

log = logging.getLogger(__name__)


@dataclass
class _Given:
    """What the calls of one resumption have given; kept out of every `repr`, for an amendment carries it along."""

    made: Made = field(default_factory=lambda: Made({}))


def prepare(credential_id: int, *, by: Actor, now: datetime) -> CredentialRequest:
    """Return the review of giving a suspended console login a new password, kept for an hour."""
    suspended = Credential.objects.visible_to(by).select_related("team", "account", "request")
    found = suspended.filter(pk=credential_id).first()
    subject = audit.Subject(str(found or f"credential {credential_id}"), team=found.team if found else None)
    with audit.refusals_recorded(Act.CREDENTIAL_RESUME, subject, by=by, at=now):
        demand(by, Act.CREDENTIAL_RESUME)
        if found is None or found.kind != Kind.CONSOLE:
            raise not_there("credential")
        demand(by, Act.CREDENTIAL_RESUME, found.target)
        _require_suspended(found, now)
        renewals.require_may_have(found, by=by, now=now)
        return renewals.reviewed(found, regions=found.regions, by=by, now=now)


def _require_suspended(credential: Credential, now: datetime) -> None:
    state = credential.shown_state(now)
    if state is State.EXPIRED:
        raise Refusal(
            why=Reason.NOT_NOW,
            title=f"{credential.application} has expired",
            reason="AWS refuses whatever it asks for. Issue another login.",
            created_note=NOTHING,
        )
    move(credential.application, State.of(credential.state), State.LIVE)


def resume(request_id: UUID, *, by: Actor, browser: Browser, gateway: Aws, clock: Clock = real_time) -> None:
    """Resume what was reviewed. Pressing twice resumes once. Raises `Refusal` or `GatewayFault`."""
    request = requesting.own(request_id, by=by)
    given = _Given()

    def decide(credential: Credential) -> Change | None:
        if Claim.objects.filter(pk=request_id).exists():
            return None  # pressed before
        delivery.require_key(browser)
        requesting.require_current(request, at=clock())
        _require_suspended(credential, clock())
        renewals.require_may_have(credential, by=by, now=clock())
        after = {"state": State.LIVE, "review": str(request_id)}  # another review is not the same change
        return Change({"state": State.SUSPENDED}, after)

    amendment = Amendment(
        Act.CREDENTIAL_RESUME, partial(_calls, given), partial(_hand_over, request, browser, given), late=_look_again
    )
    amend(amendment, request.renews_id or 0, decide, by=by, gateway=gateway, clock=clock, review=request_id)


def _calls(given: _Given, credential: Credential, _after: Mapping[str, object]) -> list[Call]:
    def delete_password(gateway: Aws) -> bool:
        return gateway.delete_login(credential.user_name)

    def give_password(gateway: Aws) -> None:
        password = console_logins.give_password(credential.account, credential.user_name, gateway)
        given.made = Made({console_logins.PASSWORD: password})

    def lift_denial(gateway: Aws) -> None:
        gateway.delete_policy(credential.user_name, SUSPENDED_POLICY_NAME, unseen_for=suspension.UNSEEN_FOR)

    return [
        # Suspended means that it has none. AWS gives no second one, so what somebody made there by hand has to go.
        Call("DeleteLoginProfile", credential.user_name, delete_password),
        Call("CreateLoginProfile", credential.user_name, give_password, "DeleteLoginProfile"),
        Call("DeleteUserPolicy", SUSPENDED_POLICY_NAME, lift_denial, "PutUserPolicy"),
    ]


def _hand_over(request: CredentialRequest, browser: Browser, given: _Given, claim: Claim, now: datetime) -> None:
    suspension.remember_resumed(claim, now)
    sealed = sealing.seal(browser.handover_key, given.made.secrets, request.pk)
    delivery.deliver(request, claim.credential, given.made, sealed, browser=browser, now=now)
    telling_people.resumed_with_a_password(claim, at=now)


def _look_again(claim: Claim, now: datetime) -> None:
    """Recovery had suspended it again, and this act may have made something since: recovery has to do it once more."""
    log.warning("act_came_back_late", extra={"claim": str(claim.pk)})
    claiming.reopen_when_free(claim, now=now)


def is_one(claim: Claim) -> bool:
    """Return whether `claim` is the resumption of a console login."""
    return claim.act == Act.CREDENTIAL_RESUME and claim.credential.kind == Kind.CONSOLE


def undo(claim: Claim, *, by: Actor, gateway: Aws, clock: Clock) -> bool:
    """Suspend again what a cut act may have resumed, and record that it failed; recovery comes in here."""
    found = "a user of ours: suspended again"
    try:
        for call in suspension.console_calls(claim.credential):
            claiming.go_on(claim, now=clock())
            call.make(gateway)
    except GatewayFault as fault:
        if fault.code != NO_SUCH_ENTITY or not fault.is_certain:
            raise
        found = "the user, but not what the act is about"
    amending.give_up(suspension.RESUMPTION, claim, by=by, now=clock(), found=found)
    return True
