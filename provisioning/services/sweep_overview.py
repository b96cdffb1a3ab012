"""How the sweeps are: when each ran last, how long it took, what it did, and which one is late."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from provisioning.domain.lifecycle import Labelled
from provisioning.domain.permission import demand
from provisioning.domain.roles import Act, Actor
from provisioning.models import SweepRun
from provisioning.services.sweeps import SWEEPS, Sweep

GRACE = timedelta(minutes=2)  # how much a minute's work may be late by itself
_OFTEN = min(sweep.every for sweep in SWEEPS.values())


class Pace(Labelled):
    """How a sweep keeps its time."""

    IN_TIME = "in-time", "In time", "good"
    RUNNING = "running", "Running", "info"
    WAITING = "waiting", "Not due yet", "off"
    TROUBLED = "troubled", "Trouble", "bad"
    LATE = "late", "Late", "warn"


@dataclass(frozen=True)
class Watched:
    """One sweep, its newest run (None: there is none), and its pace."""

    sweep: Sweep
    last: SweepRun | None
    pace: Pace

    @property
    def took(self) -> float | None:
        """How many seconds the newest run took; None while it runs."""
        return (self.last.ended_at - self.last.began_at).total_seconds() if self.last and self.last.ended_at else None

    @property
    def trouble(self) -> str:
        """What kept the newest run from its end, as a sentence."""
        words = self.last.trouble if self.last else ""
        return f"{words.rstrip('.')}." if words else ""


@dataclass(frozen=True)
class Overview:
    """All sweeps, and when a run of any of them began last."""

    watched: Sequence[Watched]
    newest: datetime | None
    has_worker: bool

    @property
    def late(self) -> list[str]:
        """The names of those that are late."""
        return [each.sweep.name for each in self.watched if each.pace is Pace.LATE]

    @property
    def troubled(self) -> list[Watched]:
        """Those whose newest run did not come to its end."""
        return [each for each in self.watched if each.pace is Pace.TROUBLED]


def overview(*, by: Actor, now: datetime) -> Overview:
    """Return how every sweep is at `now`; one query, whatever the number of runs."""
    demand(by, Act.SWEEP_READ)
    runs = {run.sweep: run for run in SweepRun.objects.newest_of(SWEEPS)}
    since = min((run.watched_since for run in runs.values()), default=None)
    newest = max((run.began_at for run in runs.values()), default=None)
    watched = [
        Watched(sweep, runs.get(name), _pace(sweep, runs.get(name), since, now)) for name, sweep in SWEEPS.items()
    ]
    return Overview(watched, newest, has_worker=not is_late(_OFTEN, newest, now))


def is_late(every: int, began: datetime | None, now: datetime) -> bool:
    """Return whether a sweep that is due `every` so many minutes should have begun again since `began`."""
    return began is None or now - began > 2 * timedelta(minutes=every) + GRACE


def _pace(sweep: Sweep, last: SweepRun | None, since: datetime | None, now: datetime) -> Pace:
    if is_late(sweep.every, last.began_at if last else since, now):
        return Pace.LATE
    if last is None:
        return Pace.WAITING
    if last.ended_at is None:
        return Pace.RUNNING
    return Pace.TROUBLED if last.trouble else Pace.IN_TIME
