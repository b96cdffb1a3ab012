"""Processes to be killed, and AWS as its root user sees it."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest
from django.db import connection

from provisioning.sandbox.server import Sandbox
from tests.services.truth import Truth


class Victim:
    """An act under way in a process of its own."""

    def __init__(self, lines: "queue.Queue[str]") -> None:
        self._lines = lines
        self.pid = int(self._line().removeprefix("pid "))

    def _line(self) -> str:
        return self._lines.get(timeout=30)

    def stands_still(self) -> bool:
        """Wait until the act has come to where it was told to stand still."""
        return self._line() == "reached"

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def kill(self) -> None:
        """End it as nothing can prepare for."""
        self.signal(signal.SIGKILL)
        assert self.ended() == -signal.SIGKILL, "it had ended before it was killed"

    def ended(self) -> int:
        """Wait for its end and return its exit code."""
        return int(self._line().removeprefix("ended "))


class Nursery:
    """Starts acts in processes of their own, one after the other."""

    def __init__(self) -> None:
        self._program = subprocess.Popen(
            [sys.executable, "-m", "tests.services.killed"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "DATABASE_URL": _database_url(), **_from_settings()},
        )
        self._lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        for line in self._program.stdout:
            self._lines.put(line.strip())

    def begin(self, what: str, about: object = None, **more: object) -> Victim:
        order = {"what": what, "about": about if isinstance(about, int | None) else str(about), **more}
        self._program.stdin.write(json.dumps(order) + "\n")
        self._program.stdin.flush()
        return Victim(self._lines)

    def end(self) -> None:
        self._program.stdin.close()
        try:
            self._program.wait(5)
        except subprocess.TimeoutExpired:
            self._program.kill()
            self._program.wait()
        self._program.stdout.close()


def _database_url() -> str:
    name = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{name['NAME']}"
    password = f":{name['PASSWORD']}" if name["PASSWORD"] else ""
    return f"postgres://{name['USER']}{password}@{name['HOST']}:{name['PORT']}/{name['NAME']}"


def _from_settings() -> dict[str, str]:
    from django.conf import settings

    names = ("AWS_ENDPOINT_URL", "AWS_BOUNDARY_ARN", "AWS_ACCOUNT_PATH", "SES_SMTP_ENDPOINTS", "SES_SMTP_CA_FILE")
    names = (*names, "AWS_CONSOLE_BOUNDARY_ARN")
    return {name: getattr(settings, name) for name in names}


@pytest.fixture(scope="session")
def nursery(sandbox: Sandbox, django_db_setup: None) -> Iterator[Nursery]:
    started = Nursery()
    yield started
    started.end()


@pytest.fixture
def truth(aws_account: Sandbox) -> Truth:
    return Truth(aws_account)
