"""Amending: what every change of a credential that stays has in common: claim, act, record.

Each call of an amendment says how things shall be, not what to do, so it may be made again: an act that was cut is
finished by recovery, never undone.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from provisioning import audit
from provisioning.domain.lifecycle import Outcome, State
from provisioning.domain.permission import demand
from provisioning.domain.refusals import Reason, Refusal
from provisioning.domain.roles import Act, Actor
from provisioning.gateway.contract import NO_SUCH_ENTITY, Aws, Certainty, GatewayFault
from provisioning.models import Claim, Credential, Team
from provisioning.services import by_hand, claiming, set_up
from provisioning.services.claiming import ClaimLost, Pressed
from provisioning.services.clock import Clock
from provisioning.services.deletion import is_ours

NOTHING = "Nothing was changed."
NOT_OURS = "NotOurs"
USER_TROUBLE = frozenset({NO_SUCH_ENTITY, NOT_OURS})  # codes of our own: AWS answered, but not with our user
_OPEN = "The act stays open. Recovery looks at AWS within minutes and settles it."


@dataclass(frozen=True)
class Call:
    """One call of an amendment: its operation, what it is about, and the call itself. "": its undo is its own kind.

    `names_a_key`: it names one of our key IDs, which no other user has, so that it can hit nobody else's.
    """

    operation: str
    subject: str
    make: Callable[[Aws], object]
    undo: str = ""
    names_a_key: bool = False


@dataclass(frozen=True)
class Change:
    """What a credential was and shall be, as JSON that the claim and the history keep; `stop` is whose doing it is."""

    before: Mapping[str, object]
    after: Mapping[str, object]
    stop: str = ""


def _nothing_more(_claim: Claim, _now: datetime) -> None:
    """Whatever was asked for late, recovery has asked for the same."""


def _its_team(claim: Claim) -> Sequence[Team]:
    return (claim.credential.team,)


@dataclass(frozen=True)
class Amendment:
    """One kind of change: its calls, what is written down when AWS has done them, and at which teams it is told."""

    act: Act
    calls: Callable[[Credential, Mapping[str, object]], Sequence[Call]]
    remember: Callable[[Claim, datetime], None]
    teams: Callable[[Claim], Sequence[Team]] = _its_team
    # What is left to do where recovery has taken the act over, and this one may still have made a call.
    late: Callable[[Claim, datetime], None] = _nothing_more


# Looks at the locked credential and says what changes; None where that is so already. Raises `Refusal`. While another
# act is open neither None nor the refusal is an answer: what the books say may not hold in AWS any more.
Decide = Callable[[Credential], Change | None]


def amend(
    amendment: Amendment,
    credential_id: int,
    decide: Decide,
    *,
    by: Actor,
    gateway: Aws,
    clock: Clock,
    review: UUID | None = None,
) -> Pressed:
    """Do one amendment; pressing twice does it once. Raises `Refusal`, or `GatewayFault` if AWS said no or nothing.

    `review`, where there is one, is the id that the claim gets.
    """
    known = Credential.objects.visible_to(by).select_related("team", "account").filter(pk=credential_id).first()
    subject = about(known, credential_id)
    with (
        audit.refusals_recorded(amendment.act, subject, by=by, at=clock()),
        by_hand.told(known, by_hand.stopping),
    ):
        demand(by, amendment.act)
        if known is not None:
            gateway = set_up.require_account(known.account, gateway, now=clock(), by=by)
        begun = _begin(amendment, credential_id, decide, review, by=by, now=clock())
        if isinstance(begun, Pressed):
            return begun
        _carry_out(amendment, begun, by=by, gateway=gateway, clock=clock)
    return Pressed.DONE


def _begin(
    amendment: Amendment, credential_id: int, decide: Decide, review: UUID | None, *, by: Actor, now: datetime
) -> Claim | Pressed:
    """Claim the credential, or say that it is so already, or being made so; raise a `Refusal` if it is not free."""
    with transaction.atomic():
        credential = claiming.locked(credential_id, amendment.act, by=by)
        under_way = credential.claims.open().first()
        if under_way is not None and under_way.pk == review:
            return Pressed.UNDER_WAY
        change = _decided(decide, credential, under_way)  # after it: what is settled in between is not decided over
        if under_way is not None and _is_same(under_way, amendment, change):
            return Pressed.UNDER_WAY
        if under_way is not None:
            raise claiming.busy(credential, under_way)
        if change is None:
            return Pressed.ALREADY
        calls = [
            claiming.Call(call.operation, call.subject, undo=call.undo or call.operation)
            for call in amendment.calls(credential, change.after)
        ]
        claim = claiming.begin(
            credential,
            amendment.act,
            calls,
            ends_as=State.of(str(change.after.get("state", credential.state))),
            by=by,
            now=now,
            claim_id=review,
            change={"before": change.before, "after": change.after, "stop": change.stop},
        )
        _record(amendment, claim, Outcome.BEGUN, by=by, now=now)
    return claim


def _decided(decide: Decide, credential: Credential, under_way: Claim | None) -> Change | None:
    """Return what `decide` says; its refusal, too, speaks of how things are while nothing else is under way."""
    try:
        return decide(credential)
    except Refusal:
        if under_way is not None:
            raise claiming.busy(credential, under_way) from None
        raise


def _is_same(under_way: Claim, amendment: Amendment, change: Change | None) -> bool:
    asked = (under_way.change or {}).get("after")
    return change is not None and (under_way.act, asked) == (amendment.act, change.after)


def _carry_out(amendment: Amendment, claim: Claim, *, by: Actor, gateway: Aws, clock: Clock) -> None:
    made: list[str] = []
    try:
        try:
            _make(amendment, claim, made, gateway=gateway, clock=clock)
        except GatewayFault as fault:
            _fail(amendment, claim, fault, made, by=by, now=clock())
            raise
        finish(amendment, claim, by=by, now=clock())
    except ClaimLost:
        amendment.late(claim, clock())
        raise Refusal(
            why=Reason.NOT_NOW,
            title="It took too long",
            reason="AWS answered so late that recovery has taken the act over. It ends it within minutes.",
            created_note="What AWS has done stays done.",
        ) from None
    except Refusal as refusal:  # the history cannot be written: the claim stays open
        refusal.created_note = _OPEN
        raise


def _make(amendment: Amendment, claim: Claim, made: list[str], *, gateway: Aws, clock: Clock) -> None:
    """Look at the user, then make the calls. If none can hit another's user, look only where AWS misses one."""
    credential = claim.credential
    looked = not all(call.names_a_key for call in amendment.calls(credential, (claim.change or {})["after"]))
    if looked:
        _require_user(credential, gateway)
    try:
        make(amendment, claim, made, gateway=gateway, clock=clock)
    except GatewayFault as fault:
        if looked or fault.code != NO_SUCH_ENTITY or not fault.is_certain:
            raise
        _require_user(credential, gateway)
        fault.words = f"AWS has the IAM user {credential.user_name}, but no longer its key: somebody deleted it there. "
        fault.words += f"Revoke {credential.application}, so that it ends here too."
        raise


def _require_user(credential: Credential, gateway: Aws) -> None:
    """Raise a `GatewayFault` unless the user is there and the one that we made: a stranger's is never touched."""
    try:
        user = gateway.known_user(credential.user_name)
    except GatewayFault as fault:  # it was only a question
        fault.certainty = Certainty.NOT_DONE
        fault.words = (
            _no_user(credential)
            if fault.code == NO_SUCH_ENTITY
            else f"AWS did not say whether the IAM user {credential.user_name} is there, so no change was asked for."
        )
        raise
    if not is_ours(user, credential):
        words = f"The IAM user {credential.user_name} is not the one that was made here. Nobody touches it from here."
        raise GatewayFault("GetUser", NOT_OURS, words)


def say_if_gone(credential: Credential, fault: GatewayFault, gateway: Aws) -> None:
    """Let a fault say so where it is the user that AWS does not know; its code and its request stay."""
    with suppress(GatewayFault):  # then AWS's own words have to do
        if fault.code == NO_SUCH_ENTITY and gateway.user(credential.user_name) is None:
            fault.words = _no_user(credential)


def _no_user(credential: Credential) -> str:
    return (
        f"AWS knows no IAM user {credential.user_name}: somebody deleted it there, or it is seconds old. If it stays "
        f"so, revoke {credential.application}, so that it ends here too."
    )


def make(amendment: Amendment, claim: Claim, made: list[str], *, gateway: Aws, clock: Clock) -> None:
    """Make the calls of a claimed amendment, noting in `made` which AWS has done; recovery comes in here again."""
    for call in amendment.calls(claim.credential, (claim.change or {})["after"]):
        claiming.go_on(claim, now=clock())
        if call.make(gateway) is not False:  # as a deletion answers that found nothing
            made.append(call.operation)


def finish(amendment: Amendment, claim: Claim, *, by: Actor, now: datetime, found: str = "") -> None:
    """Record that AWS has done it."""
    with transaction.atomic():
        claiming.settle(claim, Outcome.DONE, now=now)
        amendment.remember(claim, now)
        _record(amendment, claim, Outcome.DONE, by=by, now=now, detail={"found": found} if found else None)


def give_up(amendment: Amendment, claim: Claim, *, by: Actor, now: datetime, found: str) -> None:
    """Record that it cannot be done any more: the books stay as they were."""
    with transaction.atomic():
        claiming.settle(claim, Outcome.FAILED, now=now)
        _record(amendment, claim, Outcome.FAILED, by=by, now=now, detail={"found": found})


def _fail(
    amendment: Amendment, claim: Claim, fault: GatewayFault, made: Sequence[str], *, by: Actor, now: datetime
) -> None:
    """AWS said no before anything was done: close the act. Anything else is left to recovery, which finishes it."""
    closes = fault.is_certain and not made
    fault.created_note = NOTHING if closes else _OPEN
    with transaction.atomic():
        if closes:
            claiming.settle(claim, Outcome.FAILED, now=now, fault=fault)
        else:
            claiming.leave_to_recovery(claim, fault, now=now)
        outcome = Outcome.FAILED if closes else Outcome.UNKNOWN
        _record(amendment, claim, outcome, by=by, now=now, detail=claiming.fault_detail(fault))


def _record(
    amendment: Amendment,
    claim: Claim,
    outcome: Outcome,
    *,
    by: Actor,
    now: datetime,
    detail: Mapping[str, object] | None = None,
) -> None:
    change = claim.change or {}
    kept = {"before": change["before"], "after": change["after"], "user": claim.credential.user_name}
    if change["stop"]:
        kept["stop"] = change["stop"]
    if by.name != claim.actor_name:
        kept |= {"begun_by": claim.actor_name, "begun_in": claim.request_id}
    for team in amendment.teams(claim):
        subject = _subject(claim.credential, team)
        audit.record(amendment.act, outcome, subject, by=by, at=now, detail={**kept, **(detail or {})})


def about(known: Credential | None, credential_id: int) -> audit.Subject:
    """Return what an act on a credential is about, by its number alone where who acts may not see it."""
    return _subject(known, known.team) if known else audit.Subject(f"credential {credential_id}")


def _subject(credential: Credential, team: Team) -> audit.Subject:
    return audit.Subject(credential.application, credential, team)
