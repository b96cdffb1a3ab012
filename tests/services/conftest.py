"""Processes to be killed, AWS as its root user sees it, waits that take no time, and a history that takes nothing."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator

import pytest
from django.db import connection

from provisioning.models import AuditEvent
from provisioning.sandbox.server import Sandbox
from tests.services.beside import environment
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
    """Starts acts in processes of their own, one after the other or several at once."""

    def __init__(self) -> None:
        self._program = subprocess.Popen(
            [sys.executable, "-m", "tests.services.killed"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment(),
        )
        self._lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        for line in self._program.stdout:
            self._lines.put(line.strip())

    def begin(self, what: str, about: object = None, **more: object) -> Victim:
        return self._order([{"what": what, "about": str(about), **more}])[0]

    def race(self, what: str, about: object) -> list[int]:
        """Have two processes do the same from the same moment on; return how each ended."""
        return [each.ended() for each in self._order([{"what": what, "about": str(about)}] * 2)]

    def _order(self, orders: list[dict[str, object]]) -> list[Victim]:
        self._program.stdin.write(json.dumps(orders) + "\n")
        self._program.stdin.flush()
        return [Victim(self._lines) for _ in orders]

    def end(self) -> None:
        self._program.stdin.close()
        try:
            self._program.wait(5)
        except subprocess.TimeoutExpired:
            self._program.kill()
            self._program.wait()
        self._program.stdout.close()


@pytest.fixture
def unwritable(db: None) -> tuple[Callable[[], None], Callable[[], None]]:
    """How to have the database refuse new events, and how to have it take them again."""
    table = AuditEvent._meta.db_table
    if connection.vendor == "sqlite":
        make = [f"CREATE TRIGGER shut BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'shut'); END"]
        undo = ["DROP TRIGGER shut"]
    else:
        make = [
            "CREATE FUNCTION shut() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'shut'; END $$",
            f"CREATE TRIGGER shut BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION shut()",
        ]
        undo = [f"DROP TRIGGER shut ON {table}", "DROP FUNCTION shut"]

    def run(statements: list[str]) -> None:
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    return lambda: run(make), lambda: run(undo)


@pytest.fixture(scope="session")
def nursery(sandbox: Sandbox, django_db_setup: None) -> Iterator[Nursery]:
    started = Nursery()
    yield started
    started.end()


@pytest.fixture
def truth(aws_account: Sandbox) -> Truth:
    return Truth(aws_account)
