"""Rotating: a second key on the same IAM user, handed over like the first; the old one works on until it is retired."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from guidance.catalogue import Kind
from provisioning import audit
from provisioning.domain.lifecycle import Outcome, State
from provisioning.domain.permission import demand, not_there
from provisioning.domain.refusals import Reason, Refusal
from provisioning.domain.roles import Act, Actor
from provisioning.gateway.contract import LIMIT_EXCEEDED, Aws, GatewayFault
from provisioning.models import AccessKey, Claim, Credential, CredentialRequest
from provisioning.services import (
    by_hand,
    claiming,
    delivery,
    making,
    requesting,
    sealing,
    second_keys,
    set_up,
    telling_people,
)
from provisioning.services.amending import say_if_gone
from provisioning.services.claiming import ClaimLost
from provisioning.services.clock import Clock, real_time
from provisioning.services.making import Made
from provisioning.services.sealing import Browser
from provisioning.services.second_keys import NOTHING, adds_regions

log = logging.getLogger(__name__)

_OPEN = "The act stays open. Recovery looks at AWS within minutes and deletes a key that nobody was given."
_CLOCKS = timedelta(minutes=15)  # by so much AWS's clock may be behind ours


@dataclass(frozen=True)
class _Begun:
    request: CredentialRequest
    credential: Credential
    claim: Claim

    @property
    def last(self) -> making.Last:
        return making.last(Kind(self.credential.kind))

    @property
    def adds(self) -> bool:
        return adds_regions(self.request, self.credential)


def rotate(request_id: UUID, *, by: Actor, browser: Browser, gateway: Aws, clock: Clock = real_time) -> None:
    """Make the key that was reviewed. Pressing twice makes one. Raises `Refusal` or `GatewayFault`."""
    found = CredentialRequest.objects.select_related("renews__team", "renews__account").exclude(renews=None)
    request = found.filter(pk=request_id).first()
    credential = request.renews if request else None
    with (
        audit.refusals_recorded(Act.CREDENTIAL_ROTATE, _subject(credential, f"review {request_id}"), by=by, at=clock()),
        by_hand.told(credential, by_hand.stopping),
    ):
        demand(by, Act.CREDENTIAL_ROTATE)
        delivery.require_key(browser)
        if request is None or credential is None or request.person_id != by.person_id:
            raise not_there("review")
        if Claim.objects.filter(pk=request_id).exists():
            return  # pressed before
        gateway = _into_account(credential, gateway, by=by, now=clock())
        begun = _begin(request, credential.pk, by=by, now=clock())
        if begun is None:
            return
        made = _make(begun, gateway, by=by, clock=clock)
        _finish(begun, made, by=by, browser=browser, gateway=gateway, clock=clock)


def _into_account(credential: Credential, gateway: Aws, *, by: Actor, now: datetime) -> Aws:
    try:
        return set_up.require_safe(credential.account, gateway, now=now, by=by)
    except GatewayFault as fault:
        fault.created_note = NOTHING
        raise


def _begin(request: CredentialRequest, credential_id: int, *, by: Actor, now: datetime) -> _Begun | None:
    """Claim the credential under the id of the review, or return None if that has been done before."""
    with transaction.atomic():
        credential = claiming.locked(credential_id, Act.CREDENTIAL_ROTATE, by=by)
        if Claim.objects.filter(pk=request.pk).exists():
            return None
        under_way = credential.claims.open().first()
        if under_way is not None:
            raise claiming.busy(credential, under_way)
        second_keys.require_room(credential, now)
        as_reviewed = request.policy == requesting.policy_of(credential, regions=request.regions)
        keeps_regions = set(credential.regions) <= set(request.regions)  # a rotation since may have added some
        requesting.require_current(request, at=now, is_unchanged=as_reviewed and keeps_regions)
        second_keys.require_allowed(credential, request.regions, by=by, now=now)
        claim = claiming.begin(
            credential,
            Act.CREDENTIAL_ROTATE,
            _calls(request, credential),
            ends_as=State.LIVE,
            by=by,
            now=now,
            claim_id=request.pk,
            change={
                "before": {"regions": credential.regions},
                "after": {"regions": request.regions},
                "stop": "",
                "asked": False,  # whether AWS may have been asked for the key
            },
        )
        _record(claim, Outcome.BEGUN, by=by, now=now, detail=_detail(request))
    return _Begun(request, credential, claim)


def _calls(request: CredentialRequest, credential: Credential) -> list[claiming.Call]:
    gives = making.last(Kind(request.kind))
    put = claiming.Call("PutUserPolicy", request.user_name, undo="PutUserPolicy")
    made = claiming.Call(gives.operation, request.user_name, gives.undo)
    return [put, made] if adds_regions(request, credential) else [made]


def _make(begun: _Begun, gateway: Aws, *, by: Actor, clock: Clock) -> Made:
    """Put the policy where regions are new, then make the key. AWS said no: put back what was put."""
    request, put = begun.request, False
    try:
        if begun.adds:
            claiming.go_on(begun.claim, now=clock())
            gateway.put_policy(request.user_name, begun.credential.policy_name, request.policy)
            put = True
        claiming.go_on(begun.claim, now=clock(), change={**(begun.claim.change or {}), "asked": True})
        return begun.last.make(request, gateway)
    except ClaimLost:
        raise _too_late(begun, undone=not put, now=clock()) from None
    except GatewayFault as fault:
        if fault.code == LIMIT_EXCEEDED and fault.operation == begun.last.operation:
            _explain(begun.credential, fault, gateway)
        say_if_gone(begun.credential, fault, gateway)
        undone = fault.is_certain and (not put or _undo(begun, gateway, clock=clock))
        fault.created_note = NOTHING if undone else _OPEN
        _record_fault(begun, fault, undone=undone, by=by, now=clock())
        raise


def _explain(credential: Credential, fault: GatewayFault, gateway: Aws) -> None:
    """The books had a free place, and AWS has none: say which keys it has."""
    try:
        held = [key.key_id for key in gateway.keys(credential.user_name)]
    except GatewayFault:
        return  # then AWS's own words have to do
    ours = set(credential.keys.kept().values_list("key_id", flat=True))
    foreign = " and ".join(key_id for key_id in held if key_id not in ours)
    fault.words = f"The IAM user {credential.user_name} has two keys in AWS already, as many as there may be. " + (
        f"The books do not have {foreign}. The page of the rotation shows when each was last used, and what "
        "there is to do."
        if foreign
        else "AWS still counts one that was deleted moments ago: try again in a minute."
    )


def _undo(begun: _Begun, gateway: Aws, *, clock: Clock) -> bool:
    """Put the old policy back; return whether AWS has confirmed it."""
    try:
        _put_back(begun.claim, gateway, clock=clock)
    except (ClaimLost, GatewayFault):
        return False
    return True


def _put_back(claim: Claim, gateway: Aws, *, clock: Clock) -> None:
    """Put the policy of the books: without a key that was handed over, the new regions are of use to nobody.

    While the claim is ours nobody changes what the policy is made of. Once it is lost, somebody may have.
    """
    credential = claim.credential
    claiming.go_on(claim, now=clock())
    gateway.put_policy(credential.user_name, credential.policy_name, requesting.policy_of(credential))


def _record_fault(begun: _Begun, fault: GatewayFault, *, undone: bool, by: Actor, now: datetime) -> None:
    try:
        with transaction.atomic():
            if undone:
                claiming.settle(begun.claim, Outcome.FAILED, now=now, fault=fault)
            else:
                claiming.leave_to_recovery(begun.claim, fault, now=now)
            outcome = Outcome.FAILED if undone else Outcome.UNKNOWN
            _record(begun.claim, outcome, by=by, now=now, detail=claiming.fault_detail(fault))
    except ClaimLost:
        if begun.adds or not undone:
            _come_back_late(begun, now=now)
    except Refusal as refusal:  # the history cannot be written: the claim stays open, and recovery looks at AWS
        refusal.created_note = _OPEN
        raise


def _come_back_late(begun: _Begun, *, now: datetime) -> None:
    """Recovery had given this act up, and it may have made something since: recovery has to look again."""
    log.warning("act_came_back_late", extra={"claim": str(begun.claim.pk)})
    claiming.reopen_when_free(begun.claim, now=now)


def _too_late(begun: _Begun, *, undone: bool, now: datetime) -> Refusal:
    if not undone:
        _come_back_late(begun, now=now)
    return Refusal(
        why=Reason.NOT_NOW,
        title="It took too long",
        reason="AWS answered so late that recovery had already given the act up.",
        created_note=NOTHING if undone else _OPEN,
    )


def _finish(begun: _Begun, made: Made, *, by: Actor, browser: Browser, gateway: Aws, clock: Clock) -> None:
    """Record what was made and seal its secrets. If recovery was quicker, delete the key: it must not stay unrecorded.

    The policy is left to recovery then: others may have changed it since.
    """
    request, now = begun.request, clock()
    sealed = sealing.seal(browser.handover_key, made.secrets, request.pk)
    try:
        with transaction.atomic():
            claiming.settle(begun.claim, Outcome.DONE, now=now)
            delivery.deliver(request, begun.credential, made, sealed, browser=browser, now=now)
            Credential.objects.filter(pk=begun.credential.pk).update(
                regions=request.regions, policy_hash=requesting.policy_hash(request.policy)
            )
            key = {"key": made.key.access_key_id} if made.key else {}
            telling_people.rotated(begun.claim, request.regions, at=now)
            _record(begun.claim, Outcome.DONE, by=by, now=now, detail={**key, **_detail(request)})
    except ClaimLost:
        undone = _is_deleted(begun, made, gateway) and not begun.adds
        raise _too_late(begun, undone=undone, now=clock()) from None
    except Refusal as refusal:
        refusal.created_note = _OPEN
        raise


def _is_deleted(begun: _Begun, made: Made, gateway: Aws) -> bool:
    """Delete the key that was made; return whether AWS has confirmed it."""
    try:
        # "Not there" so soon after its making may be propagation: then recovery looks again.
        return bool(begun.last.unmake(begun.request, made, gateway))
    except GatewayFault:
        return False


def undo(claim: Claim, *, gateway: Aws, clock: Clock) -> bool:
    """Undo a rotation that was cut, for recovery: its key was given to nobody. Return whether there was one."""
    change = claim.change or {}
    made = _given_to_nobody(claim, gateway) if change.get("asked", True) else []  # the previous release did not say
    for key_id in made:
        claiming.go_on(claim, now=clock())
        gateway.delete_key(claim.credential.user_name, key_id)
    if change["after"] != change["before"]:
        _put_back(claim, gateway, clock=clock)
    return bool(made)


def _given_to_nobody(claim: Claim, gateway: Aws) -> list[str]:
    """Return the keys that the act may have made: not clearly older, in no book, and never used."""
    since = claim.began_at - _CLOCKS
    recent = [key.key_id for key in gateway.keys(claim.credential.user_name) if key.made_at >= since]
    known = set(AccessKey.objects.filter(key_id__in=recent).values_list("key_id", flat=True))
    return [key_id for key_id in recent if key_id not in known and gateway.key_last_used(key_id) is None]


def give_up(claim: Claim, *, by: Actor, now: datetime, found: str) -> None:
    """Record that nothing has come of it: the books stay as they were."""
    detail = {"found": found, "begun_by": claim.actor_name, "begun_in": claim.request_id}
    with transaction.atomic():
        claiming.settle(claim, Outcome.FAILED, now=now)
        _record(claim, Outcome.FAILED, by=by, now=now, detail=detail)


def _record(claim: Claim, outcome: Outcome, *, by: Actor, now: datetime, detail: Mapping[str, object]) -> None:
    credential = claim.credential
    subject = audit.Subject(credential.application, credential, credential.team)
    audit.record(Act.CREDENTIAL_ROTATE, outcome, subject, by=by, at=now, detail=detail)


def _subject(credential: Credential | None, otherwise: str) -> audit.Subject:
    if credential is None:
        return audit.Subject(otherwise)
    return audit.Subject(credential.application, credential, credential.team)


def _detail(request: CredentialRequest) -> dict[str, object]:
    return {
        "user": request.user_name,
        "account": request.account.account_id,
        "regions": request.regions,
        "policy": requesting.policy_hash(request.policy),
    }
