"""The gateway's waits without the waiting: time goes on by itself, and AWS's delays with it."""

import time

from provisioning.sandbox.server import Sandbox


class Hurry:
    """Stands in for the clock by which the gateway waits; says how long it would have waited."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox, self.waited = sandbox, 0.0

    def monotonic(self) -> float:
        return time.monotonic() + self.waited

    def sleep(self, seconds: float) -> None:
        self.waited += seconds
        self._sandbox.settings.user_delay = max(0.0, self._sandbox.settings.user_delay - seconds)
