"""`python -m tests.desk`: check the code, run every test on both databases, and say what could not be run."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sescreds.run_environment import ROOT
from tests.desk import postgresql, tools
from tests.desk.suite import Counts, Run

# Each worker has its own sandbox and database, and waits for a third of its time: three of them keep two cores busy.
# What drives a browser or ends processes has a part of its own, in which each kind stays with one worker.
_WORKERS = ["-n", "3", "--dist", "loadgroup", "--no-loadscope-reorder"]


class Desk:
    """One call of `make test`."""

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch
        self.runs: list[Run] = []
        self.missing: list[str] = []
        self.check_failed = False
        self.extra: dict[str, str] = {}
        self.apart = "journey or kill"

    def work(self) -> int:
        """Do everything, and return the exit code."""
        self._check()
        self._gather_tools()
        self._suite("SQLite", self.extra)
        self._on_postgresql()
        return self._last_words()

    def _check(self) -> None:
        print(f"{'=' * 20} make check", flush=True)
        self.check_failed = subprocess.run(["sh", "setup/check.sh"], check=False, cwd=ROOT).returncode != 0

    def _gather_tools(self) -> None:
        browser = tools.find_browser()
        if browser:
            self.extra["BROWSER_PATH"] = browser
        else:
            self.apart = "kill and not journey"
            self.missing.append("the journeys: no browser was found, and none could be installed. Install chromium.")
        for name in tools.find_mail_clients():
            self.missing.append(f"what {name} tries from outside: it is not installed.")

    def _suite(self, database: str, extra: dict[str, str], *more: str) -> None:
        parts = (
            ("tests", "not journey and not kill", _WORKERS),
            ("journeys and kills", f"({self.apart}) and not alone", _WORKERS),
            ("against the clock", "alone", []),
        )
        for title, which, how in parts:
            run = Run(f"{database}, {title}", [*how, "-m", which, *more])
            self.runs.append(run)
            run.carry_out(self.scratch, extra)

    def _on_postgresql(self) -> None:
        programs = postgresql.find_server()
        if programs is None:
            self.missing.append("the tests on PostgreSQL: no server was found, and none could be installed.")
            return
        try:
            with postgresql.private_server(programs) as url:
                self._suite("PostgreSQL", self.extra | {"DATABASE_URL": url}, "--another-database")
        except RuntimeError as trouble:
            self.missing.append(f"the tests on PostgreSQL: {trouble}")

    def _last_words(self) -> int:
        """Print what was run, what was not, and the sum."""
        print(f"\n{'=' * 20} make test")
        print(f"make check: {'FAILED' if self.check_failed else 'all is well'}")
        for run in self.runs:
            minutes = f"{int(run.seconds) // 60}:{int(run.seconds) % 60:02}"
            print(f"{run.title}: {run.counts}, {minutes} minutes{', ' + run.trouble if run.trouble else ''}")
        for what in self.missing or ["nothing, all tools were there"]:
            print(f"Not run: {what}")
        total = sum((run.counts for run in self.runs), Counts())
        failed = self.check_failed or any(run.trouble for run in self.runs) or total.failed > 0
        if self.missing and os.environ.get("CI"):
            print("Under CI nothing may be missing.")
            failed = True
        print(f"total: {total}", flush=True)
        return 1 if failed else 0


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    scratch = Path(tempfile.mkdtemp(prefix="sescreds-test-"))
    began = time.monotonic()
    try:
        return Desk(scratch).work()
    except KeyboardInterrupt:
        print("\nInterrupted.")
        return 130
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
        with contextlib.suppress(BrokenPipeError):
            print(f"{time.monotonic() - began:.0f} seconds in all", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
