"""Stopping everything of a team, or everything that may send as one address, and undoing it.

A stop is one decision and one event; its credentials are suspended one by one, each an act of its own. A request works
on them for a while, and a sweep does the rest. In it is what sends when it is decided, and what an act begun before it
lets send: that is suspended as soon as the act has ended. What is issued or resumed after it is a decision of its own.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from provisioning import audit
from provisioning.domain.from_entries import FromEntry
from provisioning.domain.lifecycle import STAYING, Outcome
from provisioning.domain.permission import Target, demand, not_there
from provisioning.domain.refusals import Reason, Refusal
from provisioning.domain.roles import Act, Actor
from provisioning.gateway.contract import Aws, GatewayFault
from provisioning.models import Credential, Stop, Stopped, Team
from provisioning.models.credential import CredentialQuerySet
from provisioning.services import by_hand, suspension, telling_people
from provisioning.services.amending import USER_TROUBLE
from provisioning.services.clock import Clock, real_time

WORKS_FOR = timedelta(seconds=20)  # how long one request, or one run of the sweep, takes up further credentials
_COVERED = "Another stop that is in force covers it too. Undo that one, or resume it by itself."
# Refusals that pass by themselves: another act on the credential ends, the set-up is mended. The row stays due.
PASSING = frozenset({Reason.NOT_NOW, Reason.UNSAFE_SET_UP})


@dataclass(frozen=True)
class Scope:
    """What is to be stopped: everything of `team`, or everything that may send as `sender`; one of the two is set."""

    team: Team | None = None
    sender: FromEntry | None = None

    def __str__(self) -> str:
        return f"everything of {self.team}" if self.team else f"everything that sends as {self.sender}"


def found(scope: Scope, *, by: Actor, now: datetime) -> CredentialQuerySet:
    """Return what a stop of `scope` would suspend: what sends, or is about to, in the teams where `by` may stop it."""
    return _within(scope, by=by).sending(now)


def _within(scope: Scope, *, by: Actor) -> CredentialQuerySet:
    demand(by, Act.STOP_BEGIN)
    visible = Credential.objects.visible_to(by)
    if scope.team is not None:
        demand(by, Act.STOP_BEGIN, Target(team_id=scope.team.pk))
        return visible.filter(team=scope.team)
    return visible.sending_as(scope.sender) if scope.sender is not None else visible.none()


def _sends_as(entries: Iterable[str], sender: FromEntry) -> bool:
    """Return whether one of `entries` allows `sender`, or an address that it stands for."""
    allowed = map(FromEntry.parse, entries)
    return any(entry.contains(sender) or sender.contains(entry) for entry in allowed)


def begin(scope: Scope, reason: str, *, stop_id: UUID, by: Actor, gateway: Aws, clock: Clock = real_time) -> None:
    """Decide the stop, then suspend what it found. `stop_id` comes with the preview: pressing twice stops once."""
    now = clock()
    subject = audit.Subject(str(scope), team=scope.team)
    with audit.refusals_recorded(Act.STOP_BEGIN, subject, by=by, at=now):
        demand(by, Act.STOP_BEGIN)
        if not Stop.objects.filter(pk=stop_id).exists():
            _begin(scope, reason, stop_id, by=by, now=now)
        if not Stop.objects.filter(pk=stop_id, by=by.person_id).exists():  # the id of somebody else's stop
            raise not_there("stop")
    go_on(stop_id, by=by, gateway=gateway, clock=clock)


def _begin(scope: Scope, reason: str, stop_id: UUID, *, by: Actor, now: datetime) -> None:
    if by.person_id is None:
        raise TypeError("only people begin stops")
    stopped: list[Credential] = []
    with _told_by_hand(stopped), transaction.atomic():
        _hold(scope, by=by)
        stopped += found(scope, by=by, now=now).order_by("pk").prefetch_related("keys")
        if not stopped:
            raise _nothing_to_stop(scope)
        stop, is_new = Stop.objects.get_or_create(
            pk=stop_id,
            defaults={
                "team": scope.team,
                "sender": str(scope.sender or ""),
                "reason": reason,
                "by_id": by.person_id,
                "at": now,
            },
        )
        if not is_new:  # the other click was quicker
            return
        Stopped.objects.bulk_create(Stopped(stop=stop, credential=each) for each in stopped)
        telling_people.stopped(stop, len(stopped), by_name=by.name, at=now)
        audit.record(
            Act.STOP_BEGIN,
            Outcome.DONE,
            audit.Subject(str(scope), team=scope.team),
            by=by,
            at=now,
            detail={"stop": str(stop_id), "why": reason, "found": [each.user_name for each in stopped]},
        )


def _hold(scope: Scope, *, by: Actor) -> None:
    """Lock whatever could begin to send again while the stop is being decided: that either is in it, or sees it."""
    held = _within(scope, by=by).filter(state__in=STAYING).select_for_update(no_key=True).order_by("pk")
    list(held.values_list("pk"))


def _nothing_to_stop(scope: Scope) -> Refusal:
    return Refusal(
        why=Reason.NOT_NOW,
        title="There is nothing to stop",
        reason=f"You asked to stop {scope}. Among what you may stop, nothing of that sends.",
    )


@contextmanager
def _told_by_hand(credentials: Iterable[Credential]) -> Iterator[None]:
    """While the history cannot be written, let the refusal carry the commands that stop them all without us."""
    try:
        yield
    except Refusal as refusal:
        if refusal.why is Reason.HISTORY_UNWRITABLE:
            refusal.commands = tuple(command for each in credentials for command in by_hand.stopping(each))
        raise


def undo(stop_id: UUID, *, by: Actor, gateway: Aws, clock: Clock = real_time) -> None:
    """Resume what this stop suspended and what is still suspended. Pressing twice undoes once."""
    now = clock()
    with audit.refusals_recorded(Act.STOP_UNDO, _named(stop_id, by=by), by=by, at=now):
        demand(by, Act.STOP_UNDO)
        with transaction.atomic():
            stop = own(stop_id, Act.STOP_UNDO, by=by)
            if Stop.objects.in_force().filter(pk=stop_id).update(undone_at=now, undone_by_id=by.person_id):
                stop.stopped.update(trouble="")
                names = stop.stopped.exclude(suspended_at=None).filter(resumed_at=None)
                audit.record(
                    Act.STOP_UNDO,
                    Outcome.DONE,
                    audit.Subject(str(stop), team=stop.team),
                    by=by,
                    at=now,
                    detail={
                        "stop": str(stop_id),
                        "resumes": list(names.values_list("credential__user_name", flat=True)),
                    },
                )
    go_on(stop_id, by=by, gateway=gateway, clock=clock)


def own(stop_id: UUID, act: Act, *, by: Actor) -> Stop:
    """Return the stop if `by` may do `act` to it."""
    stop = Stop.objects.visible_to(by).select_related("team").filter(pk=stop_id).first()
    if stop is None:
        raise not_there("stop")
    demand(by, act, stop.target_for(by))
    if act is Act.STOP_UNDO and stop.stopped.unfinished().beyond(by).exists():
        raise Refusal(
            why=Reason.NOT_PERMITTED,
            title="It reaches further than you do",
            reason="This stop holds credentials of teams that you are not in. An administrator can undo it.",
        )
    return stop


def _named(stop_id: UUID, *, by: Actor) -> audit.Subject:
    """Return what a stop is of, for who may see it; else its id."""
    stop = Stop.objects.visible_to(by).select_related("team").filter(pk=stop_id).first()
    return audit.Subject(str(stop), team=stop.team) if stop else audit.Subject(f"stop {stop_id}")


def try_again(stop_id: UUID, *, by: Actor, gateway: Aws, clock: Clock = real_time) -> None:
    """Go on with a stop, or with its undoing, and take up again what met trouble."""
    with audit.refusals_recorded(Act.STOP_BEGIN, _named(stop_id, by=by), by=by, at=clock()):
        demand(by, Act.STOP_BEGIN)
        own(stop_id, Act.STOP_BEGIN, by=by).stopped.visible_to(by).update(trouble="")
    go_on(stop_id, by=by, gateway=gateway, clock=clock)


def go_on_all(*, by: Actor, gateway: Aws, clock: Clock) -> int:
    """Go on with every stop that has something due; return how many credentials were turned."""
    demand(by, Act.CREDENTIAL_SUSPEND)
    unfinished = Stopped.objects.due().values_list("stop", flat=True).distinct().order_by()
    return sum(go_on(stop_id, by=by, gateway=gateway, clock=clock) for stop_id in list(unfinished))


def go_on(stop_id: UUID, *, by: Actor, gateway: Aws, clock: Clock) -> int:
    """Suspend, or resume, what is due of this stop and `by` may see, while a request may take; return how many were."""
    until, turned, unreached = clock() + WORKS_FOR, 0, set[int]()
    stop = Stop.objects.get(pk=stop_id)
    for row in stop.stopped.visible_to(by).due().select_related("credential"):
        if clock() >= until:
            break
        if row.credential.account_id in unreached:
            continue
        if stop.undone_at and _is_stopped(row.credential):
            _note(row, _COVERED)
            continue
        try:
            _turn(row, stop, by=by, gateway=gateway, clock=clock)
            turned += 1
        except Refusal as refusal:
            if refusal.why is Reason.HISTORY_UNWRITABLE:
                raise
            _note(row, "" if refusal.why in PASSING else refusal.reason)
        except GatewayFault as fault:
            if not _lasts(row, fault) and not fault.aws_request_id:
                unreached.add(row.credential.account_id)  # the rest in this account would only wait for that too
    return turned


def _lasts(row: Stopped, fault: GatewayFault) -> bool:
    """Keep trouble that trying again would only meet again; return whether it is such."""
    lasts = fault.is_certain and bool(fault.aws_request_id or fault.code in USER_TROUBLE)
    if lasts:
        _note(row, f"{fault.words} ({fault.reference})")
    return lasts


def _turn(row: Stopped, stop: Stop, *, by: Actor, gateway: Aws, clock: Clock) -> None:
    if stop.undone_at:
        suspension.resume(
            row.credential_id, by=by, gateway=gateway, clock=clock, stop_id=stop.pk, require=_require_uncovered
        )
    else:
        suspension.suspend(row.credential_id, by=by, gateway=gateway, clock=clock, stop_id=stop.pk)


def _require_uncovered(credential: Credential) -> None:
    """Look once more under the lock: a stop that began meanwhile has found it suspended, so it is not in that stop."""
    if _is_stopped(credential):
        raise Refusal(why=Reason.NOT_PERMITTED, title=f"{credential.application} stays stopped", reason=_COVERED)


def _is_stopped(credential: Credential) -> bool:
    """Return whether a stop covers it; asked anew for each row, for one may begin while another is being undone."""
    return any(_covers(stop, credential) for stop in Stop.objects.in_force())


def _covers(stop: Stop, credential: Credential) -> bool:
    if stop.team_id is not None:
        return stop.team_id == credential.team_id
    return _sends_as(credential.from_entries, FromEntry.parse(stop.sender))


def _note(row: Stopped, trouble: str) -> None:
    Stopped.objects.filter(pk=row.pk).update(trouble=trouble)
