"""One run of pytest, in an environment of its own, and what it counted."""

import os
import secrets
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from pathlib import Path

from sescreds.run_environment import ROOT, without_foreign
from sescreds.run_parts import die_with_parent

_NO_TESTS = 5
# What the person set for a product of their own must not reach a test; nor what make tells its children.
_NOT_FOR_TESTS = ("SANDBOX_", "SES_", "MAKE", "MFLAGS", "PYTEST_", "DJANGO_")
_NOT_FOR_TESTS_EITHER = {
    *("SECRET_KEY", "VAR_DIR", "DATABASE_URL", "BASE_URL", "ALLOWED_HOSTS", "PORT", "BEHIND_PROXY", "LOG_LEVEL"),
    *("SECRET_KEY_FILE", "DATABASE_URL_FILE", "WEB_CONCURRENCY"),
}


@dataclass
class Counts:
    """How many tests ended how."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


@dataclass
class Run:
    """A part of the suite on one database."""

    title: str
    arguments: list[str]
    counts: Counts = field(default_factory=Counts)
    trouble: str = ""
    seconds: float = 0

    def carry_out(self, scratch: Path, extra: dict[str, str]) -> None:
        """Run it; its output goes to the terminal."""
        print(f"\n{'=' * 20} {self.title}", flush=True)
        home = scratch / self.title.replace(" ", "-").replace(",", "")
        home.mkdir()
        report, began = home / "report.xml", time.monotonic()
        command = [sys.executable, "-m", "pytest", "--junit-xml", str(report), "-o", "faulthandler_timeout=900"]
        process = subprocess.Popen(
            [*command, *self.arguments],
            cwd=ROOT,
            env=environment_for_tests(home / "var") | extra,
            preexec_fn=die_with_parent(),  # noqa: PLW1509 - one thread
        )
        try:
            code = process.wait()
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait(30)
        self.seconds = time.monotonic() - began
        self.counts = _counted(report)
        if code == _NO_TESTS:
            self.trouble = "no test was found"
        elif code:
            self.trouble = f"pytest ended with code {code}"


def environment_for_tests(var: Path) -> dict[str, str]:
    """Return an environment in which nothing of the person's products and accounts is to be seen."""
    kept = {
        name: value
        for name, value in without_foreign(os.environ).items()
        if not name.startswith(_NOT_FOR_TESTS) and name not in _NOT_FOR_TESTS_EITHER
    }
    return kept | {"VAR_DIR": str(var), "SECRET_KEY": secrets.token_urlsafe(50)}


def _counted(report: Path) -> Counts:
    if not report.exists():
        return Counts(failed=1)
    total = Counts()
    for suite in ET.parse(report).getroot().iter("testsuite"):
        number = {name: int(suite.get(name, "0")) for name in ("tests", "failures", "errors", "skipped")}
        failed = number["failures"] + number["errors"]
        total += Counts(number["tests"] - failed - number["skipped"], failed, number["skipped"])
    return total
