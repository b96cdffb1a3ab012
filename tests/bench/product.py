"""The product as `make run` serves it, on ports of its own and in a directory of its own."""

import http.client
import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sescreds import run_environment, web_server
from sescreds.run_parts import Part, stop
from tests.ports import free_ports

BARE_APP = "tests.bench.bare:application"
LONGEST_START = 60.0
SERVER = ["-m", "gunicorn", "--config", "python:sescreds.web_server"]


class Product:
    """Sandbox, gunicorn with the product, and the same gunicorn with the bare Django page."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.web_port, self.bare_port, self.aws_port, *smtp = free_ports(7)
        ports = run_environment.Ports(
            self.web_port,
            self.aws_port,
            (
                run_environment.RegionPorts("eu-central-1", smtp[0], smtp[1]),
                run_environment.RegionPorts("us-east-1", smtp[2], smtp[3]),
            ),
        )
        person = {
            name: value
            for name, value in run_environment.without_foreign(os.environ).items()
            if name not in {"DATABASE_URL", "BASE_URL", "ALLOWED_HOSTS", "WEB_CONCURRENCY", "BIND"}
        }
        person |= {"VAR_DIR": str(var), "PORT": str(self.web_port), "SANDBOX_AWS_PORT": str(self.aws_port)}
        self.environment = person | run_environment.compose(person, ports)
        # The sandbox counts SMTP ports up by itself; nothing here signs in there.
        self.environment |= {"SANDBOX_SMTP_PORT": str(smtp[0]), "SANDBOX_SMTPS_PORT": str(smtp[1])}
        self.database = var / "sescreds.sqlite3"
        self._parts: list[Part] = []

    @property
    def aws_url(self) -> str:
        return f"http://127.0.0.1:{self.aws_port}"

    @property
    def settings(self) -> str:
        """Say how both web servers run."""
        return f"gunicorn, {web_server.workers} worker, {web_server.threads} threads ({web_server.worker_class})"

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run all parts; end them whatever happens."""
        keep_open = os.open(os.devnull, os.O_RDONLY)
        try:
            self._begin("sandbox", ["-m", "provisioning.sandbox"], keep_open, self._sandbox_answers)
            pair = self._dashboard_keys()
            self.environment["AWS_ACCESS_KEY_ID"], self.environment["AWS_SECRET_ACCESS_KEY"] = pair
            preparation = self._begin("preparation", ["manage.py", "prepare_sandbox"], keep_open)
            self._until(lambda: preparation.exit_code() == 0, preparation)
            self._begin("web", SERVER, keep_open, lambda: answers(self.web_port, "/healthz"))
            bare = self.environment | {"PORT": str(self.bare_port)}
            self._begin("bare", [*SERVER, BARE_APP], keep_open, lambda: answers(self.bare_port, "/"), bare)
            yield
        finally:
            stop(self._parts[1:], lambda: False)
            stop(self._parts[:1], lambda: False)
            os.close(keep_open)

    def _begin(
        self,
        name: str,
        command: list[str],
        keep_open: int,
        ready: Callable[[], bool] = lambda: True,
        environment: dict[str, str] | None = None,
    ) -> Part:
        part = Part(name, command, stop_signal=signal.SIGTERM)
        part.start(environment or self.environment, self.var, keep_open)
        self._parts.append(part)
        self._until(ready, part)
        return part

    def _until(self, ready: Callable[[], bool], part: Part) -> None:
        deadline = time.monotonic() + LONGEST_START
        while not ready():
            if time.monotonic() > deadline or part.exit_code() not in {None, 0}:
                raise SystemExit(f"The {part.name} does not answer. {part.end_of_log()}")
            time.sleep(0.05)

    def _sandbox_answers(self) -> bool:
        return answers(self.aws_port, "/sandbox/healthz")

    def _dashboard_keys(self) -> tuple[str, str]:
        pair = json.loads((self.var / "sandbox-dashboard.json").read_text())
        return pair["access_key_id"], pair["secret_access_key"]


def answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
