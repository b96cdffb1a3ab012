"""The sandbox's one clock: real time plus an offset, so that expiry is tried without waiting."""

import time
from datetime import UTC, datetime, timedelta


class Clock:
    def __init__(self) -> None:
        self.offset = 0.0

    def now(self) -> datetime:
        """Aware UTC time as the pretend AWS sees it."""
        return datetime.now(UTC) + timedelta(seconds=self.offset)

    def naive(self) -> datetime:
        """The same without a zone: moto keeps its dates so."""
        return self.now().replace(tzinfo=None)


def ticks() -> float:
    """Seconds that only go forward: delays of propagation are measured with these, never with the shifted clock."""
    return time.monotonic()
