"""Bad days on demand: throttling, errors, delays, lost replies and calls that hang until they are released."""

import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from .clock import ticks

Effect = Literal["error", "throttle", "delay", "lose_reply", "hold"]
When = Literal["before", "after"]
Detail = Any  # a field of a fault; the dataclass says which
EFFECTS: tuple[Effect, ...] = ("error", "throttle", "delay", "lose_reply", "hold")


@dataclass
class Fault:
    """One disturbance of one operation (or of all: ``*``); the n-th fitting calls that it hits are counted."""

    operation: str
    effect: Effect
    when: When | None = None  # before the act; only a lost reply is lost after it unless told otherwise
    every: int = 1
    skip: int = 0
    times: int | None = None
    code: str = "ServiceFailure"
    status: int | None = None  # None: the status that AWS sends with the code
    seconds: float = 1.0
    seen: int = field(default=0)
    done: int = field(default=0)

    @property
    def moment(self) -> When:
        return self.when or ("after" if self.effect == "lose_reply" else "before")

    def hits(self, operation: str) -> bool:
        """Count the call and say whether it is disturbed: after `skip` calls every `every`-th, at most `times`."""
        if self.operation not in ("*", operation):
            return False
        self.seen += 1
        turn = self.seen - self.skip
        if turn < 1 or turn % self.every or (self.times is not None and self.done >= self.times):
            return False
        self.done += 1
        return True


@dataclass
class Held:
    """A call that waits for its release."""

    number: int
    operation: str
    when: When
    since: float
    released: threading.Event = field(default_factory=threading.Event)


class Faults:
    """All faults in force and the calls that they hold; used by many threads at once."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._faults: list[Fault] = []
        self._held: dict[int, Held] = {}
        self._count = 0
        self._round = 0  # counts how often everything under way was abandoned
        self._ended = threading.Event()  # set by clear(), so that no delay outlives the fault it came from

    def pause(self, seconds: float) -> bool:
        """Wait as a delay asks for, or until all faults are cleared; False when the call was abandoned."""
        round_, ended = self._round, self._ended
        ended.wait(seconds)
        return round_ == self._round

    def add(self, fault: Fault) -> None:
        with self._changed:
            self._faults.append(fault)

    def set(self, operation: str, effect: Effect, **details: Detail) -> Fault:
        """Add a fault from Python, with the same fields as the HTTP document."""
        fault = Fault(operation, effect, **details)
        self.add(fault)
        return fault

    def clear(self) -> None:
        """Forget all faults and let every held call go on."""
        with self._changed:
            self._faults.clear()
            self._ended.set()
            self._ended = threading.Event()
        self.release()

    def abandon(self) -> None:
        """Clear, and drop the calls that wait: they must not act on what comes after (a fresh account, an end)."""
        self._round += 1
        self.clear()

    def hitting(self, operation: str) -> list[Fault]:
        """The faults that hit this call; to be asked once per call."""
        with self._changed:
            return [fault for fault in self._faults if fault.hits(operation)]

    def hold(self, operation: str, when: When, still_there: Callable[[], bool]) -> bool:
        """Block until released; False when the client went away meanwhile or the call was abandoned."""
        with self._changed:
            round_ = self._round
            self._count += 1
            held = self._held[self._count] = Held(self._count, operation, when, ticks())
            self._changed.notify_all()
        try:
            while not held.released.wait(0.05):
                if not still_there():
                    return False
            return round_ == self._round
        finally:
            with self._changed:
                del self._held[held.number]
                self._changed.notify_all()

    def release(self, operation: str = "*") -> int:
        """Let held calls go on; returns how many."""
        with self._changed:
            going = [held for held in self._held.values() if operation in ("*", held.operation)]
        for held in going:
            held.released.set()
        return len(going)

    def wait_until_held(self, timeout: float = 10.0, operation: str = "*") -> bool:
        """Wait until at least one call (of this operation) is being held."""
        with self._changed:
            return self._changed.wait_for(
                lambda: any(operation in ("*", held.operation) for held in self._held.values()), timeout
            )

    def held(self) -> list[dict[str, Any]]:
        with self._changed:
            return [
                {"operation": held.operation, "when": held.when, "seconds": round(ticks() - held.since, 2)}
                for held in self._held.values()
            ]

    def listed(self) -> list[dict[str, Any]]:
        with self._changed:
            return [asdict(fault) for fault in self._faults]
