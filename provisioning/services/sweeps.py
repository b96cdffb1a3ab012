"""Sweeps: what is due is done, by whichever worker comes first. A lost run loses nothing: the rows stay due."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from provisioning import audit
from provisioning.domain.refusals import Refusal
from provisioning.domain.roles import Actor, system
from provisioning.gateway.contract import Aws, GatewayFault
from provisioning.models import SweepRun
from provisioning.services import (
    asking,
    expiry,
    handover,
    identities,
    notices,
    posture,
    recovery,
    reminders,
    retirement,
    reviews,
    set_up,
    stops,
    telling_people,
    usage,
)
from provisioning.services.clock import Clock, real_time

log = logging.getLogger(__name__)
KEPT_FOR = timedelta(days=14)


@dataclass(frozen=True)
class Sweep:
    """One kind of sweep: what it does, and how often, in minutes."""

    name: str
    every: int
    does: str
    run: Callable[[Actor, Aws, Clock], int]

    def due(self, now: datetime) -> datetime | None:
        """Return the minute this run is due, or None if it is not due in the present minute."""
        minute = now.replace(second=0, microsecond=0)
        since_midnight = minute.hour * 60 + minute.minute
        return minute if since_midnight % self.every == 0 else None

    @property
    def often(self) -> str:
        """How often it is due, in words."""
        words = {1: "every minute", 60: "every hour", 24 * 60: "every day"}
        return words.get(self.every, f"every {self.every} minutes")


def _recover(by: Actor, gateway: Aws, clock: Clock) -> int:
    return recovery.recover_interrupted(by=by, gateway=gateway, clock=clock)


def _handovers(by: Actor, gateway: Aws, clock: Clock) -> int:
    return handover.end_overdue(by=by, gateway=gateway, clock=clock)


def _refusals(by: Actor, _gateway: Aws, clock: Clock) -> int:
    return audit.note_repeats(by=by, now=clock())


def _account(by: Actor, gateway: Aws, clock: Clock) -> int:
    return posture.look_at_each(set_up.in_use(), gateway, by=by, now=clock())


def _identities(by: Actor, gateway: Aws, clock: Clock) -> int:
    return identities.refresh_everywhere(by=by, gateway=gateway, now=clock())


def _usage(by: Actor, gateway: Aws, _clock: Clock) -> int:
    return usage.read_everywhere(by=by, gateway=gateway)


def _keys(by: Actor, gateway: Aws, clock: Clock) -> int:
    return retirement.delete_due(by=by, gateway=gateway, clock=clock)


def _notices(by: Actor, _gateway: Aws, clock: Clock) -> int:
    telling_people.tell_of_issues(by=by, clock=clock)
    return notices.deliver(by=by, clock=clock)


def _requests(by: Actor, _gateway: Aws, clock: Clock) -> int:
    return asking.lapse_due(by=by, now=clock())


def _reviews(_by: Actor, _gateway: Aws, clock: Clock) -> int:
    return reviews.delete_unused(now=clock())


def _stops(by: Actor, gateway: Aws, clock: Clock) -> int:
    return stops.go_on_all(by=by, gateway=gateway, clock=clock)


def _expiry(by: Actor, gateway: Aws, clock: Clock) -> int:
    return expiry.expire_due(by=by, gateway=gateway, clock=clock)


def _reminders(by: Actor, _gateway: Aws, clock: Clock) -> int:
    return reminders.remind_due(by=by, clock=clock)


SWEEPS: dict[str, Sweep] = {
    sweep.name: sweep
    for sweep in (
        Sweep("recovery", 1, "settles acts that were cut or got no answer", _recover),
        Sweep("handovers", 1, "wipes secrets whose time is over and revokes what nobody looked at", _handovers),
        Sweep("refusals", 1, "writes down how often a refusal was repeated", _refusals),
        Sweep("stops", 1, "goes on with stops that a request had no time to finish, or to undo", _stops),
        Sweep("expiry", 1, "deletes the users of what AWS ended a day ago", _expiry),
        Sweep("notices", 1, "sends the mail that is due", _notices),
        Sweep("requests", 60, "lets lapse what was asked for or approved, and not used in time", _requests),
        Sweep("reviews", 60, "deletes reviews that nobody used within a day", _reviews),
        Sweep("account", 15, "asks AWS who we are, whether the boundary is there, and what we may do", _account),
        Sweep("identities", 60, "reads the verified identities of each region", _identities),
        Sweep("keys", 60, "deletes retired keys whose time is over", _keys),
        Sweep("reminders", 60, "reminds of ends and of keys to rotate, 30, 14, 7 and 1 days before", _reminders),
        Sweep("usage", 24 * 60, "reads the credential report for last uses", _usage),
    )
}


def run_due(gateway: Aws, clock: Clock = real_time) -> list[SweepRun]:
    """Run every sweep that is due in this minute and that no other worker has taken."""
    now, runs = clock(), []
    for sweep in SWEEPS.values():
        due = sweep.due(now)
        run = _claim(sweep, due, now) if due else None
        if run is not None:
            runs.append(_carry_out(sweep, run, gateway, clock))
    SweepRun.objects.filter(due__lt=now - KEPT_FOR).delete()
    return runs


def run_now(name: str, gateway: Aws, clock: Clock = real_time) -> SweepRun:
    """Run one sweep at once, due or not."""
    now = clock()
    run, _ = SweepRun.objects.get_or_create(sweep=name, due=now, defaults={"began_at": now})
    return _carry_out(SWEEPS[name], run, gateway, clock)


def _claim(sweep: Sweep, due: datetime, now: datetime) -> SweepRun | None:
    try:
        with transaction.atomic():
            return SweepRun.objects.create(sweep=sweep.name, due=due, began_at=now)
    except IntegrityError:  # another worker has this minute
        return None


def _carry_out(sweep: Sweep, run: SweepRun, gateway: Aws, clock: Clock) -> SweepRun:
    try:
        run.handled = sweep.run(system(sweep.name), gateway, clock)
    except (GatewayFault, Refusal) as trouble:
        run.trouble = str(trouble)
        log.warning("sweep_troubled", extra={"sweep": sweep.name, "trouble": run.trouble})
    except Exception as bug:  # a bug in one sweep must not keep the others from running
        run.trouble = type(bug).__name__
        log.exception("sweep_crashed", extra={"sweep": sweep.name})
    run.ended_at = clock()
    run.save()
    return run
