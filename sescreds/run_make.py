"""What GNU make does not tell the program that it waits for: that it was interrupted, or killed."""

import ctypes
import os
import signal
import sys
from pathlib import Path

PR_SET_PDEATHSIG = 1
_NOT_PASSED_ON = 1 << (signal.SIGINT - 1) | 1 << (signal.SIGHUP - 1)


class Make:
    """The make that started this process, where one did and Linux tells about it."""

    def __init__(self) -> None:
        started_by_make = "MAKELEVEL" in os.environ and sys.platform.startswith("linux")
        self._status = Path(f"/proc/{os.getppid()}/status") if started_by_make else None
        if started_by_make:  # killed outright, make cannot pass anything on: let Linux do it
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)

    def was_interrupted(self) -> bool:
        """Whether make alone got SIGINT or SIGHUP. It then waits for us inside its handler, with that signal blocked.

        A terminal sends both to everybody; `kill -INT` of make, or a program that started it, to make alone.
        """
        if self._status is None:
            return False
        try:
            fields = dict(line.split(":", 1) for line in self._status.read_text().splitlines() if ":" in line)
            return bool(int(fields["SigBlk"], 16) & _NOT_PASSED_ON)
        except (OSError, KeyError, ValueError):
            return False
