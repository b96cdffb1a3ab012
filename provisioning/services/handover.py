"""Handing over: a secret that one browser may look at for fifteen minutes, each look on record before it happens."""

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hmac import compare_digest
from uuid import UUID

from django.db import transaction
from django.db.models import F

from provisioning import audit
from provisioning.domain.lifecycle import STAYING, Outcome, Seal, State
from provisioning.domain.permission import Target, demand, not_there, reaches
from provisioning.domain.refusals import Reason, Refusal
from provisioning.domain.roles import Act, Actor, Role, system
from provisioning.gateway.contract import Aws, GatewayFault
from provisioning.models import AccessKey, Credential, Handover
from provisioning.services import by_hand, retirement, revocation, sealing, suspension
from provisioning.services.amending import USER_TROUBLE
from provisioning.services.claiming import Pressed
from provisioning.services.clock import Clock, real_time
from provisioning.services.handover_refusals import over, recorded, wrong_browser
from provisioning.services.sealing import Browser

log = logging.getLogger(__name__)
_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=1)


@dataclass(frozen=True)
class Opened:
    """An opened hand-over and what it held, by name (SMTP passwords by region), for the page that shows it alone."""

    handover: Handover
    secrets: Mapping[str, str] = field(repr=False)


def look(handover_id: UUID, *, by: Actor, browser: Browser, now: datetime, how: str = "page") -> Opened:
    """Open the seal to show it; the look is in the history before anybody sees anything."""
    with recorded(Act.HANDOVER_LOOK, handover_id, by=by, now=now), transaction.atomic():
        opened = open_seal(handover_id, Act.HANDOVER_LOOK, by=by, browser=browser, now=now)
        seen = Handover.objects.sealed().filter(pk=handover_id).update(state=Seal.SEEN, looks=F("looks") + 1)
        if not seen:
            raise over()
        _record(Act.HANDOVER_LOOK, opened.handover, by=by, now=now, detail={"how": how})
    return opened


def open_seal(handover_id: UUID, act: Act, *, by: Actor, browser: Browser, now: datetime) -> Opened:
    """Open the seal for `act`, inside the caller's transaction; the caller records what it was for."""
    demand(by, act)
    handover = _locked(handover_id)
    demand_own(by, act, _target(handover))
    if not handover.is_open(now):
        raise over()
    try:
        return Opened(handover, _secrets(handover, browser))
    except sealing.WrongKey:
        raise wrong_browser() from None


def opens_in(browser: Browser, handover: Handover) -> bool:
    """Return whether an open hand-over would open in this browser."""
    try:
        return bool(_secrets(handover, browser))
    except sealing.WrongKey:
        return False


def _secrets(handover: Handover, browser: Browser) -> Mapping[str, str]:
    if not compare_digest(handover.session_digest, browser.session_digest):
        raise sealing.WrongKey
    return sealing.unseal(browser.handover_key, bytes(handover.sealed), handover.pk)


def burn(handover_id: UUID, *, by: Actor, now: datetime) -> None:
    """Wipe the secret: its owner has stored it. Twice is once."""
    with recorded(Act.HANDOVER_BURN, handover_id, by=by, now=now), transaction.atomic():
        demand(by, Act.HANDOVER_BURN)
        handover = _locked(handover_id)
        demand_own(by, Act.HANDOVER_BURN, _target(handover))
        if handover.state == Seal.EXPIRING or handover.is_taken_back:
            raise over()
        if handover.state == Seal.OPEN:
            raise Refusal(
                why=Reason.NOT_NOW,
                title="Nobody has looked at it yet",
                reason="Show the secret and store it first. Once confirmed, it is gone for good.",
            )
        if Handover.objects.filter(pk=handover_id).burn(now):
            _record(Act.HANDOVER_BURN, handover, by=by, now=now)


def lose(handover_id: UUID, *, by: Actor, gateway: Aws, clock: Clock = real_time) -> Pressed:
    """The secret is lost, or somebody else has seen it: take it back, so that its owner can start again. Twice is once.

    What cannot be taken back at once, because AWS or another act is in the way, the sweep takes back.
    """
    now = clock()
    with (
        recorded(Act.HANDOVER_LOSE, handover_id, by=by, now=now, commands=by_hand.ending),
        transaction.atomic(),
    ):
        demand(by, Act.HANDOVER_LOSE)
        handover = _locked(handover_id)
        demand_own(by, Act.HANDOVER_LOSE, _target(handover))
        if handover.state == Seal.BURNT and handover.lost_at is not None:
            return Pressed.ALREADY
        if handover.state == Seal.BURNT and handover.is_of_second_key:
            raise over()  # it is stored, and the old key may be gone
        Handover.objects.filter(pk=handover_id).lose(now)
        handover.lost_at = now
        _record(Act.HANDOVER_LOSE, handover, by=by, now=now)
    try:
        taken_back = _take_back(handover, by=by, gateway=gateway, clock=clock)
    except (GatewayFault, Refusal) as trouble:
        trouble.created_note = _lost_and_not_taken_back(handover, trouble)
        raise
    Handover.objects.filter(pk=handover_id).note_taken_back()
    return taken_back


def _lost_and_not_taken_back(handover: Handover, trouble: GatewayFault | Refusal) -> str:
    """Return what became of a lost secret: who reads it must not take it for harmless, nor look for it again."""
    gone = "The secret is gone for good."
    if Credential.objects.filter(pk=handover.credential_id, state__in=STAYING).exists():
        return f"{gone} It may still work for whoever has it; the dashboard takes it back within minutes."
    return f"{gone} {trouble.created_note}"


def end_overdue(*, by: Actor, gateway: Aws, clock: Clock) -> int:
    """Wipe what time has run out for, and take back what nobody looked at; return how many hand-overs ended."""
    demand(by, Act.HANDOVER_EXPIRE)
    now, ended = clock(), 0
    for handover in Handover.objects.overdue(now).select_related("credential__team", "key", "request"):
        ended += _end(handover, by=by, now=now)
    silence = _take_back_marked(by=by, gateway=gateway, clock=clock)
    Handover.objects.note_taken_back()
    if silence is not None:
        raise silence
    return ended


def _take_back_marked(*, by: Actor, gateway: Aws, clock: Clock) -> GatewayFault | None:
    """Take back what is marked: by its time, by its loss, by a process that was cut. Workers share it.

    One that AWS refuses does not keep the others. Where nobody answers at all, what is in that account stays marked;
    that fault is returned.
    """
    marked, closed = Handover.objects.to_take_back(), set[int]()
    silence: GatewayFault | None = None
    for handover in list(marked.select_related("credential", "key", "request").order_by("ended_at")):
        account_id = handover.credential.account_id
        if account_id in closed or _rests(handover, clock()) or not marked.filter(pk=handover.pk).exists():
            continue  # not yet, or another worker has it
        try:
            _take_back(handover, by=by, gateway=gateway, clock=clock)
        except GatewayFault as fault:
            log.warning("not_taken_back", extra={"credential": handover.credential_id, "why": str(fault)})
            if fault.code in USER_TROUBLE and fault.is_certain:
                marked.filter(pk=handover.pk).update(state=Seal.BURNT)  # without its user it opens nothing
            elif not fault.aws_request_id:
                closed.add(account_id)  # nobody answers there: its others would only wait for that too
                silence = silence or fault
        except Refusal as refusal:
            log.warning("not_taken_back", extra={"credential": handover.credential_id, "why": str(refusal)})
            if refusal.why is Reason.HISTORY_UNWRITABLE:
                raise
            if refusal.why is Reason.UNSAFE_SET_UP:
                closed.add(account_id)  # its others would be refused for the same
    return silence


def _rests(handover: Handover, now: datetime) -> bool:
    """Whether AWS has refused it lately. Each try is in the history, so the wait doubles with each."""
    since = handover.lost_at or handover.ended_at
    tries = handover.credential.claims.filter(actor_role=Role.SYSTEM, outcome=Outcome.FAILED, began_at__gte=since)
    last = tries.order_by("settled_at").last()
    if last is None or last.settled_at is None:
        return False
    return now < last.settled_at + min(_FIRST_WAIT * (1 << min(tries.count(), 10)), _LONGEST_WAIT)


def _take_back(handover: Handover, *, by: Actor, gateway: Aws, clock: Clock) -> Pressed:
    """Let nobody use what was handed over: the credential ends, or becomes what it was before it got another secret.

    Of a rotation the new key alone is deleted. Regions that came with it stay in the policy, for the next one. A
    console login that was resumed is suspended again.
    """
    unclaimed = handover.lost_at is None
    if handover.is_of_second_key or (unclaimed and _is_replaced(handover)):
        return retirement.delete(handover.access_key, by=system("hand-over"), gateway=gateway, clock=clock)
    if handover.request.renews_id is not None:
        return suspension.suspend(handover.credential_id, by=by, gateway=gateway, clock=clock)
    ends_as = State.UNCLAIMED if unclaimed else State.REVOKED
    return revocation.revoke(handover.credential_id, by=by, gateway=gateway, clock=clock, ends_as=ends_as)


def _is_replaced(handover: Handover) -> bool:
    """Whether its owner has stored another key of the credential, which may be in use."""
    if handover.key is None:
        return False
    others = AccessKey.objects.in_use().filter(credential=handover.credential_id).exclude(pk=handover.key.pk)
    return others.filter(handover__state=Seal.BURNT, delete_due_at=None).exists()


def end_for_session(session_digest: str, *, by: Actor, now: datetime) -> None:
    """End every open hand-over of a session that is being signed out."""
    open_here = Handover.objects.sealed().filter(session_digest=session_digest)
    for handover in open_here.select_related("credential__team", "key", "request"):
        _end(handover, by=by, now=now)


def end_for_person(
    person_id: int, *, by: Actor, now: datetime, team_id: int | None = None, except_in: Collection[int] = ()
) -> None:
    """End every open hand-over of a person who may no longer have it (in one team, or in all but some)."""
    theirs = Handover.objects.sealed().filter(person_id=person_id)
    if team_id is not None:
        theirs = theirs.filter(credential__team_id=team_id)
    theirs = theirs.exclude(credential__team_id__in=except_in)
    for handover in theirs.select_related("credential__team", "key", "request"):
        _end(handover, by=by, now=now)


def close_for_person(person_id: int, *, by: Actor, now: datetime, except_in: Collection[int] = ()) -> None:
    """End every open hand-over of a person after an act that took them away; what cannot be ended, the sweep ends."""
    try:
        end_for_person(person_id, by=by, now=now, except_in=except_in)
    except Refusal as refusal:
        log.warning("handovers_left_open", extra={"why": str(refusal.why)})


def _end(handover: Handover, *, by: Actor, now: datetime) -> bool:
    """Wipe one secret. Unseen, its credential is of use to nobody: it is marked for revocation."""
    ends = Handover.objects.filter(pk=handover.pk)
    with transaction.atomic():
        unseen = ends.filter(state=Seal.OPEN).update(state=Seal.EXPIRING, sealed=b"", ended_at=now)
        if not unseen and not ends.filter(state=Seal.SEEN).burn(now):
            return False
        _record(Act.HANDOVER_EXPIRE, handover, by=by, now=now, detail={"unseen": bool(unseen)})
    return True


def demand_own(by: Actor, act: Act, target: Target) -> None:
    """Raise a `Refusal` unless it is theirs; for who may not see its credential, it does not exist."""
    if not reaches(by, Act.CREDENTIAL_READ, target):
        raise not_there("hand-over")
    demand(by, act, target)


def _locked(handover_id: UUID) -> Handover:
    handover = (
        Handover.objects.select_for_update(no_key=True, of=("self",))
        .select_related("credential__team", "key", "request")
        .filter(pk=handover_id)
        .first()
    )
    if handover is None:
        raise not_there("hand-over")
    return handover


def _target(handover: Handover) -> Target:
    return Target(team_id=handover.credential.team_id, person_id=handover.person_id)


def _record(
    act: Act, handover: Handover, *, by: Actor, now: datetime, detail: Mapping[str, object] | None = None
) -> None:
    credential = handover.credential
    audit.record(
        act,
        Outcome.DONE,
        audit.Subject(credential.application, credential, credential.team),
        by=by,
        at=now,
        detail={**({"key": handover.key.key_id} if handover.key else {}), **(detail or {})},
    )
