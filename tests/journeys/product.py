"""The product as `make run` serves it, for a browser: gunicorn with its threads, a database of its own, the sandbox."""

import contextlib
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from provisioning.sandbox.server import Sandbox
from sescreds.run_environment import ROOT, compose, ports_of
from tests.ports import free_ports

SECONDS = 60.0
PASSWORD = "sandbox-only"


@dataclass
class Product:
    """A running product and the sandbox behind it."""

    url: str
    sandbox: Sandbox
    environment: dict[str, str]

    def manage(self, *words: str, **given: str) -> str:
        """Run manage.py beside it, and return what it printed."""
        command = [sys.executable, "manage.py", *words]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False, **given
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def endpoint(self, region: str, mode: str) -> tuple[str, int]:
        """Where the sandbox's SMTP answers for a region: mode is starttls or tls."""
        for piece in self.sandbox.smtp_endpoints.split(","):
            name, _, rest = piece.partition("=")
            address, _, how = rest.partition("/")
            if (name, how) == (region, mode):
                host, _, port = address.partition(":")
                return host, int(port)
        raise LookupError(f"{region} {mode}")


@contextlib.contextmanager
def running(var: Path, sandbox: Sandbox) -> Iterator[Product]:
    """Serve it as long as the block lasts."""
    with _database(var) as url:
        environment = _environment(var, sandbox, url)
        product = Product(f"http://127.0.0.1:{environment['PORT']}", sandbox, environment)
        product.manage("prepare_sandbox")
        # The journeys of one run share the teams; what they may hold is tested elsewhere.
        product.manage("shell", "-c", "from provisioning.models import Team; Team.objects.update(live_limit=500)")
        with (var / "web.log").open("wb") as log:
            web = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "--config", "python:sescreds.web_server"],
                cwd=ROOT,
                env=environment,
                stdout=log,
                stderr=log,
            )
        try:
            _wait(product.url, web, var / "web.log")
            yield product
        finally:
            web.send_signal(signal.SIGTERM)
            web.wait(15)


def _environment(var: Path, sandbox: Sandbox, database: str) -> dict[str, str]:
    person = {"PATH": os.environ["PATH"], "HOME": str(var), "VAR_DIR": str(var), "PORT": str(free_ports(1)[0])}
    composed = person | compose(person, ports_of(person))
    return composed | {
        "DATABASE_URL": database,
        "AWS_ENDPOINT_URL": sandbox.aws_url,
        "AWS_ACCESS_KEY_ID": sandbox.dashboard_keys.access_key_id,
        "AWS_SECRET_ACCESS_KEY": sandbox.dashboard_keys.secret_access_key,
        "SES_SMTP_ENDPOINTS": sandbox.smtp_endpoints,
        "SES_SMTP_CA_FILE": str(sandbox.ca_file),
        "LOG_LEVEL": "WARNING",
    }


@contextlib.contextmanager
def _database(var: Path) -> Iterator[str]:
    """Give an empty database beside the one of the tests: a file, or one on the same server."""
    server = os.environ.get("DATABASE_URL", "")
    if not server.startswith("postgres"):
        yield f"sqlite:///{var / 'journeys.sqlite3'}"
        return
    name = f"journeys_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield urlsplit(server)._replace(path=f"/{name}").geturl()
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _wait(url: str, web: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + SECONDS
    while True:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{url}/healthz", timeout=2) as answer:
            if answer.status == 200:
                return
        if web.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the product does not start: {log.read_text()[-2000:]}")
        time.sleep(0.1)
