"""The parts of a running product: processes that never outlive the one that started them."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from sescreds.run_environment import ROOT
from sescreds.run_make import PR_SET_PDEATHSIG

GRACE_SECONDS = 6.0
_SHOWN_LINES = 12
_LOG_LIMIT = 5_000_000


@dataclass
class Part:
    """One process with its log, in a process group of its own: Ctrl-C reaches the supervisor alone."""

    name: str
    command: Sequence[str]
    stop_signal: signal.Signals = signal.SIGTERM
    speaks: bool = False  # what it prints is for the person, not for the log
    log: Path = Path(os.devnull)
    _process: subprocess.Popen[bytes] | None = None
    _log_begin: int = 0
    _said: IO[bytes] = field(default_factory=tempfile.TemporaryFile)

    def start(self, environment: Mapping[str, str], logs: Path, keep_open: int) -> None:
        """Start it; `keep_open` is the lock that it holds for as long as it lives."""
        self.log = logs / f"{self.name}.log"
        with open_log(self.log) as log:
            self._log_begin = log.tell()
            self._process = subprocess.Popen(  # noqa: S603 - our own commands, no shell
                [sys.executable, *self.command],
                cwd=ROOT,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=self._said if self.speaks else log,
                stderr=log,
                process_group=0,
                pass_fds=[keep_open],
                preexec_fn=die_with_parent(),  # noqa: PLW1509 - the supervisor has one thread
            )

    def exit_code(self) -> int | None:
        """Return how it ended (negative: by which signal); None where it runs, or was never started.

        It is not reaped yet: so its number stays taken, and a signal to its group cannot reach a stranger.
        """
        if self._process is None:
            return None
        result = os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if result is None:
            return None
        return result.si_status if result.si_code == os.CLD_EXITED else -result.si_status

    def written(self) -> str:
        """Return what it has written since it was started."""
        with self.log.open("rb") as file:
            file.seek(self._log_begin)
            return file.read().decode(errors="replace")

    def said(self) -> str:
        """Return what it printed for the person."""
        self._said.seek(0)
        return self._said.read().decode(errors="replace")

    def end_of_log(self) -> str:
        """Return where its log is and the last lines of it."""
        lines = "\n".join(f"    {line}" for line in self.written().splitlines()[-_SHOWN_LINES:])
        return f"Its log {self.log} ends with:\n{lines}"

    def ask_to_stop(self) -> None:
        """Send the signal on which it ends in good order."""
        if self._process is not None and self.exit_code() is None:
            os.kill(self._process.pid, self.stop_signal)

    def end(self) -> None:
        """End what is left of it and of its children."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process = None

    @property
    def runs(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self.exit_code() is None


def stop(parts: Sequence[Part], hurry: Callable[[], bool]) -> None:
    """Ask all of `parts` to stop, wait a little (not at all once there is `hurry`), and end what is left."""
    for part in parts:
        part.ask_to_stop()
    deadline = time.monotonic() + GRACE_SECONDS
    while any(part.runs for part in parts) and time.monotonic() < deadline and not hurry():
        time.sleep(0.02)
    for part in parts:
        part.end()


def open_log(path: Path) -> IO[bytes]:
    """Open a log for more lines; one that has grown long is put aside first."""
    if path.exists() and path.stat().st_size > _LOG_LIMIT:
        path.replace(path.with_suffix(".old.log"))
    log = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")
    log.seek(0, os.SEEK_END)
    return log


def die_with_parent(ending: signal.Signals = signal.SIGTERM) -> Callable[[], None] | None:
    """Return what a child does before it becomes its program: ask Linux for a signal when its parent is gone."""
    if not sys.platform.startswith("linux"):
        return None
    libc, parent = ctypes.CDLL(None), os.getpid()

    def ask() -> None:
        libc.prctl(PR_SET_PDEATHSIG, ending)
        if os.getppid() != parent:  # it went before we could ask
            os._exit(1)

    return ask
