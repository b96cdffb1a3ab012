"""Issuing: claim it, make the IAM user, its policy and its secret, seal that for one browser."""

import logging
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F

from guidance.catalogue import Kind
from provisioning import audit
from provisioning.domain import naming
from provisioning.domain.lifecycle import Outcome, State
from provisioning.domain.permission import Target, demand, not_there
from provisioning.domain.refusals import Reason, Refusal
from provisioning.domain.roles import Act, Actor
from provisioning.gateway.contract import Aws, GatewayFault, NewUser
from provisioning.models import Claim, Credential, CredentialRequest
from provisioning.services import (
    approved,
    claiming,
    delivery,
    making,
    requesting,
    sealing,
    set_up,
    widening,
)
from provisioning.services.clock import Clock, real_time
from provisioning.services.making import Made
from provisioning.services.sealing import Browser

log = logging.getLogger(__name__)

_UNDONE = "Everything that had been made was undone."
_OPEN = "The act stays open. Recovery looks at AWS within minutes and undoes what was made."
_NOTHING = "Nothing was made."


@dataclass(frozen=True)
class _Begun:
    credential: Credential
    claim: Claim

    @property
    def last(self) -> making.Last:
        return making.last(Kind(self.credential.kind))


def issue(
    request_id: UUID,
    *,
    by: Actor,
    browser: Browser,
    gateway: Aws,
    known: CredentialRequest | None = None,
    clock: Clock = real_time,
) -> None:
    """Issue what was reviewed. Pressing twice issues once. Raises `Refusal` or `GatewayFault`.

    `known` is what `known_of` has told the caller already; it is asked otherwise.
    """
    known = known or known_of(request_id)
    subject = audit.Subject(known.application if known else f"review {request_id}")
    with audit.refusals_recorded(Act.CREDENTIAL_ISSUE, subject, by=by, at=clock()):
        demand(by, Act.CREDENTIAL_ISSUE)
        delivery.require_key(browser)
        if known is None or known.person_id != by.person_id or known.renews_id is not None:
            raise not_there("review")
        if known.issued_as is not None:  # type: ignore[attr-defined] # annotated above
            return  # pressed before
        gateway = _into_account(known, gateway, by=by, now=clock())
        begun = _begin(known, by=by, now=clock())
        if begun is None:
            return
        made = _make(begun, gateway, by=by, clock=clock)
        _finish(begun, made, by=by, browser=browser, gateway=gateway, clock=clock)


def known_of(request_id: UUID) -> CredentialRequest | None:
    """Return what is asked of a review before it is locked and read whole: no more, for somebody waits."""
    found = CredentialRequest.objects.only("account", "application", "person", "renews", "kind")
    return found.annotate(issued_as=F("credential")).filter(pk=request_id).first()


def _into_account(request: CredentialRequest, gateway: Aws, *, by: Actor, now: datetime) -> Aws:
    try:
        return set_up.require_safe(request.account, gateway, now=now, by=by)
    except GatewayFault as fault:
        fault.created_note = _NOTHING
        raise


def _begin(known: CredentialRequest, *, by: Actor, now: datetime) -> _Begun | None:
    """Claim the request, or return None if that has been done before."""
    with transaction.atomic():
        request = _locked(known)
        demand(by, Act.CREDENTIAL_ISSUE, Target(request.team_id, request.person_id))
        if Credential.objects.filter(request=request).exists():
            return None
        team, account = request.team, request.account
        set_up.require_in_use(account)
        places = naming.user_path(account.path, team.slug), account.boundary_for(request.kind)
        requesting.require_current(request, at=now, is_unchanged=(request.path, request.boundary_arn) == places)
        if team.was_widened_lately(now):  # the team is locked
            widening.require_second_word(team, by=by, now=now)
        approved.require_allowed(request, now=now)
        credential = _book(request, now)
        claim = claiming.begin(
            credential,
            Act.CREDENTIAL_ISSUE,
            making.calls(request),
            ends_as=State.LIVE,
            by=by,
            now=now,
            claim_id=request.pk,
        )
        audit.record(
            Act.CREDENTIAL_ISSUE,
            Outcome.BEGUN,
            audit.Subject(request.application, credential, team),
            by=by,
            at=now,
            detail=_detail(request, credential),
        )
    return _Begun(credential, claim)


def _locked(known: CredentialRequest) -> CredentialRequest:
    """Return the request, its team and its account, all locked: none of them changes until the claim stands."""
    found = CredentialRequest.objects.select_for_update(no_key=True, of=("self", "team", "account"))
    return found.select_related("team", "account").get(pk=known.pk)


def _make(begun: _Begun, gateway: Aws, *, by: Actor, clock: Clock) -> Made:
    """Make the three calls. AWS said no: undo what was done. AWS said nothing: leave it to recovery."""
    request, made = begun.credential.request, 0
    user = NewUser(request.user_name, request.path, request.boundary_arn, request.tags)
    try:
        gateway.create_user(user)
        made = 1
        gateway.put_policy(user.name, begun.credential.policy_name, request.policy)
        made = 2
        return begun.last.make(request, gateway)
    except GatewayFault as fault:
        undone = fault.is_certain and _undo(begun, gateway, made)
        fault.created_note = (_UNDONE if made else _NOTHING) if undone else _OPEN
        _record_fault(begun, fault, undone=undone, by=by, now=clock())
        raise


def _record_fault(begun: _Begun, fault: GatewayFault, *, undone: bool, by: Actor, now: datetime) -> None:
    try:
        if undone:
            _give_up(begun, fault, by=by, now=now)
        else:
            _leave_open(begun, fault, by=by, now=now)
    except claiming.ClaimLost:
        if not undone:
            _come_back_late(begun, now=now)
    except Refusal as refusal:  # the history cannot be written: the claim stays open, and recovery looks at AWS
        refusal.created_note = _OPEN
        raise


def _come_back_late(begun: _Begun, *, now: datetime) -> None:
    """Recovery had given this act up, and it may have made something since: recovery has to look again."""
    log.warning("act_came_back_late", extra={"claim": str(begun.claim.pk)})
    with transaction.atomic():
        claiming.reopen(begun.claim, now=now)
        Credential.objects.filter(pk=begun.credential.pk).update(state=State.ISSUING, ended_at=None)


def _undo(begun: _Begun, gateway: Aws, made: int, last: Made | None = None) -> bool:
    """Delete what the first `made` calls made, and the last; return whether AWS has confirmed that all is gone."""
    request = begun.credential.request
    try:
        if last is not None:
            begun.last.unmake(request, last, gateway)
        if made >= 2:
            gateway.delete_policy(request.user_name, begun.credential.policy_name)
        # "Not there" so soon after its making may be propagation: then recovery looks again.
        return made == 0 or gateway.delete_user(request.user_name)
    except GatewayFault:
        return False


def _give_up(begun: _Begun, fault: GatewayFault, *, by: Actor, now: datetime) -> None:
    credential = begun.credential
    with transaction.atomic():
        claiming.settle(begun.claim, Outcome.FAILED, now=now, fault=fault)
        Credential.objects.filter(pk=credential.pk).update(state=State.FAILED, ended_at=now)
        carried_on = approved.carry_on(credential.request, now=now)
        audit.record(
            Act.CREDENTIAL_ISSUE,
            Outcome.FAILED,
            _subject(credential),
            by=by,
            at=now,
            detail={**claiming.fault_detail(fault), **carried_on},
        )


def _leave_open(begun: _Begun, fault: GatewayFault, *, by: Actor, now: datetime) -> None:
    with transaction.atomic():
        claiming.leave_to_recovery(begun.claim, fault, now=now)
        audit.record(
            Act.CREDENTIAL_ISSUE,
            Outcome.UNKNOWN,
            _subject(begun.credential),
            by=by,
            at=now,
            detail=claiming.fault_detail(fault),
        )


def _finish(begun: _Begun, made: Made, *, by: Actor, browser: Browser, gateway: Aws, clock: Clock) -> None:
    """Record what was made and seal its secrets. If recovery was quicker, undo it: it must not stay unrecorded."""
    credential, now = begun.credential, clock()
    sealed = sealing.seal(browser.handover_key, made.secrets, credential.request_id)
    try:
        with transaction.atomic():
            claiming.settle(begun.claim, Outcome.DONE, now=now)
            _remember(credential, made, sealed, browser, now)
            audit.record(
                Act.CREDENTIAL_ISSUE,
                Outcome.DONE,
                _subject(credential),
                by=by,
                at=now,
                detail={**_key(made), **_detail(credential.request, credential)},
            )
    except claiming.ClaimLost:
        undone = _undo(begun, gateway, 2, made)
        if not undone:
            _come_back_late(begun, now=clock())
        raise Refusal(
            why=Reason.NOT_NOW,
            title="It took too long",
            reason="AWS answered so late that recovery had already given the act up.",
            created_note=_UNDONE if undone else _OPEN,
        ) from None
    except Refusal as refusal:
        refusal.created_note = _OPEN
        raise


def _remember(credential: Credential, made: Made, sealed: bytes, browser: Browser, now: datetime) -> None:
    Credential.objects.filter(pk=credential.pk).update(state=State.LIVE, issued_at=now, is_to_be_told=True)
    delivery.deliver(credential.request, credential, made, sealed, browser=browser, now=now)


def _book(request: CredentialRequest, now: datetime) -> Credential:
    return Credential.objects.create(
        request=request,
        team=request.team,
        owner_id=request.person_id,
        account=request.account,
        kind=request.kind,
        application=request.application,
        purpose=request.purpose,
        regions=request.regions,
        from_entries=request.from_entries,
        options=request.options,
        user_name=request.user_name,
        path=request.path,
        policy_name=naming.policy_name(Kind(request.kind)),
        policy_hash=requesting.policy_hash(request.policy),
        state=State.ISSUING,
        expires_at=request.expires_at,
        created_at=now,
    )


def _subject(credential: Credential) -> audit.Subject:
    return audit.Subject(credential.application, credential, credential.team)


def _key(made: Made) -> dict[str, object]:
    return {"key": made.key.access_key_id} if made.key else {}


def _detail(request: CredentialRequest, credential: Credential) -> dict[str, object]:
    return {
        "kind": request.kind,
        "user": request.user_name,
        "path": request.path,
        "account": request.account.account_id,
        "boundary": request.boundary_arn,
        "regions": request.regions,
        "from": request.from_entries,
        "options": request.options,
        "expires": request.expires_at.isoformat() if request.expires_at else None,
        "policy": credential.policy_hash,
        "purpose": request.purpose,
        **approved.named(request),
    }
