"""Processes of the product beside the tests: with the database, the AWS and the settings that the tests have."""

import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from django.conf import settings
from django.db import connection
from django.test import Client

from sescreds.run_environment import ROOT
from tests.ports import free_ports

SECONDS = 60.0
TOKEN = "t" * 32  # as cookie and as field it shows that the form came from this browser
_SETTINGS = (
    *("AWS_ENDPOINT_URL", "AWS_BOUNDARY_ARN", "AWS_CONSOLE_BOUNDARY_ARN", "AWS_ACCOUNT_PATH"),
    *("SES_SMTP_ENDPOINTS", "SES_SMTP_CA_FILE"),
)


def environment(**more: str) -> dict[str, str]:
    """What such a process has to know; `more` comes on top."""
    of_the_tests = {name: getattr(settings, name) for name in _SETTINGS}
    return {**os.environ, "DATABASE_URL": _database_url(), **of_the_tests, **more}


def _database_url() -> str:
    name = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{name['NAME']}"
    password = f":{name['PASSWORD']}" if name["PASSWORD"] else ""
    return f"postgres://{name['USER']}{password}@{name['HOST']}:{name['PORT']}/{name['NAME']}"


@dataclass(frozen=True)
class Press:
    """A button in somebody's browser, and what the form sends."""

    client: Client
    address: str
    typed: dict[str, object] = field(default_factory=dict)

    def body(self) -> str:
        return urlencode({**self.typed, "csrfmiddlewaretoken": TOKEN}, doseq=True)

    def headers(self) -> dict[str, str]:
        """What the browser sends: of its cookies those that are for this address."""
        kept = {each.key: each.value for each in self.client.cookies.values() if self.address.startswith(each["path"])}
        cookies = "; ".join(f"{name}={value}" for name, value in {**kept, "csrftoken": TOKEN}.items())
        return {"Cookie": cookies, "Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class Answer:
    """What came back of a press."""

    status: int
    leads_to: str
    page: str


class Web:
    """The product on two server processes: two browsers that press at once meet in the database and nowhere else."""

    def __init__(self, port: int) -> None:
        self.port = port

    @classmethod
    @contextmanager
    def running(cls, home: Path) -> Iterator["Web"]:
        port, log = free_ports(1)[0], home / "web.log"
        (home / "static").symlink_to(settings.STATIC_ROOT)
        more = {"WEB_CONCURRENCY": "2", "PORT": str(port), "VAR_DIR": str(home), "LOG_LEVEL": "WARNING"}
        command = [sys.executable, "-m", "gunicorn", "--config", "python:sescreds.web_server"]
        with log.open("wb") as out:
            server = subprocess.Popen(
                command,
                cwd=ROOT,
                env=environment(DJANGO_SETTINGS_MODULE="sescreds.settings", **more),
                stdout=out,
                stderr=out,
            )
        try:
            web = cls(port)
            web._wait(server, log)
            yield web
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(15)

    def _wait(self, server: "subprocess.Popen[bytes]", log: Path) -> None:
        deadline = time.monotonic() + SECONDS
        while True:
            with suppress(OSError):
                if self._ask("GET", "/healthz").status == 200:
                    return
            assert server.poll() is None, log.read_text()[-2000:]
            assert time.monotonic() < deadline, log.read_text()[-2000:]
            time.sleep(0.1)

    def at_once(self, *presses: Press) -> list[Answer]:
        """Press all of them in one moment; return what each browser was answered."""
        gate, answers = threading.Barrier(len(presses)), {}

        def run(press: Press) -> None:
            server = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
            server.connect()
            gate.wait()
            answers[id(press)] = self._ask("POST", press.address, press.body(), press.headers(), server)

        threads = [threading.Thread(target=run, args=(press,)) for press in presses]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return [answers[id(press)] for press in presses]

    def _ask(
        self, method: str, address: str, body: str | None = None, headers: dict[str, str] | None = None, server=None
    ) -> Answer:
        server = server or http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        server.request(method, address, body, headers or {})
        response = server.getresponse()
        answer = Answer(response.status, response.headers["Location"] or "", response.read().decode())
        server.close()
        return answer
