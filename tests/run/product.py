"""A whole product, started the way a person starts it, on ports and in a folder of its own."""

import json
import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from sescreds.run_environment import ROOT
from tests.desk.suite import environment_for_tests
from tests.ports import free_ports

SUPERVISOR = [sys.executable, "-m", "sescreds.run"]
MAKE = ["make", "run"]
# What a person may have in the shell, and what must reach no part of the product.
PERSONS_OWN = {
    "AWS_PROFILE": "payroll",
    "AWS_ACCESS_KEY_ID": "AKIAOFTHEPERSON00000",
    "AWS_SECRET_ACCESS_KEY": "secret-of-the-person",
    "AWS_ENDPOINT_URL_IAM": "http://127.0.0.1:9/",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
    "MOTO_ACCOUNT_ID": "999999999999",
    "HTTP_PROXY": "http://127.0.0.1:9/",
    "http_proxy": "http://127.0.0.1:9/",
    "GUNICORN_CMD_ARGS": "--workers 7",
}


class Product:
    """One VAR_DIR with its ports; started and stopped as often as a test likes."""

    def __init__(self, var: Path) -> None:
        self.var = var
        web, aws, smtp, tls = free_ports(4)
        self.settings = {
            "VAR_DIR": str(var),
            "PORT": str(web),
            "SANDBOX_AWS_PORT": str(aws),
            "SANDBOX_SMTP_PORT": str(smtp),
            "SANDBOX_SMTPS_PORT": str(tls),
        }
        self.process: subprocess.Popen[bytes] | None = None
        self.output = var.parent / "terminal.txt"

    def start(self, command: list[str], **changes: str) -> None:
        """Type `command` in a terminal of its own."""
        surroundings = environment_for_tests(self.var) | PERSONS_OWN | self.settings | changes
        del surroundings["SECRET_KEY"]
        with self.output.open("wb") as terminal:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=surroundings,
                stdout=terminal,
                stderr=terminal,
                start_new_session=True,
                preexec_fn=_hears_ctrl_c,  # noqa: PLW1509 - it sets one signal and takes no lock
            )

    def start_and_wait(self, command: list[str] = SUPERVISOR, **changes: str) -> float:
        """Start, and return the seconds until it said that it is ready."""
        began = time.monotonic()
        self.start(command, **changes)
        until(lambda: "Ready: " in self.said() or self.process.poll() is not None, 90)
        assert f"Ready: {self.address}\n" in self.said(), self.said()
        return time.monotonic() - began

    def said(self) -> str:
        return self.output.read_text()

    def ended(self) -> int:
        """Return its exit code, once it has one."""
        return self.process.wait(30)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.settings['PORT']}"

    def processes(self) -> dict[int, str]:
        """Return every living process that knows this VAR_DIR: whoever started it, and whatever it is."""
        mark, found = f"VAR_DIR={self.var}".encode(), {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                known = (folder / "environ").read_bytes().split(b"\0")
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:  # it has gone, or it is somebody else's
                continue
            if mark in known and command:  # a zombie has no command
                found[int(folder.name)] = command
        return found

    def one(self, words: str) -> int:
        """Return the process whose command contains `words`: the first that was started."""
        return min(pid for pid, command in self.processes().items() if words in command)

    def leaves_nothing_behind(self, seconds: float = 15) -> bool:
        return until(lambda: not self.processes(), seconds)

    def end(self) -> None:
        """Tidy up after a test, however it went."""
        for pid in self.processes():
            os.kill(pid, signal.SIGKILL)
        if self.process is not None:
            self.process.wait(10)


def _hears_ctrl_c() -> None:
    """As in a terminal: a shell that runs the tests in the background has SIGINT ignored, and children inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def until(holds, seconds: float) -> bool:
    """Wait until `holds()`, and return whether it did in time."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def fetch(url: str, patience: float = 10) -> tuple[int, str]:
    """Return status and text of a page; no proxy of the person's is asked."""
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=patience) as reply:
        return reply.status, reply.read().decode()


def key_pair(var: Path, name: str) -> dict[str, str]:
    return json.loads((var / f"sandbox-{name}.json").read_text())


@contextmanager
def database() -> Iterator[dict[str, str]]:
    """Give the DATABASE_URL of an empty database on the server of this run; nothing where the run is on SQLite."""
    server = os.environ.get("DATABASE_URL", "")
    if not server.startswith("postgres"):
        yield {}
        return
    name = f"run_{secrets.token_hex(4)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield {"DATABASE_URL": f"{server.rpartition('/')[0]}/{name}"}
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
