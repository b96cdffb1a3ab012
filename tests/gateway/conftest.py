"""Other ends that are not AWS: they answer what a test tells them, and count what they are asked."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
import pytest
from botocore.config import Config

from provisioning.gateway.aws import BotoAws, calls, sessions
from provisioning.gateway.aws.sessions import Clients
from provisioning.gateway.contract import NewUser
from provisioning.sandbox.server import Sandbox

PATH, BOUNDARY = "/ses-dashboard/newsletter/", "arn:aws:iam::123456789012:policy/sescreds-boundary"
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"


@dataclass(frozen=True)
class Answer:
    """One answer over HTTP; `then` says what happens to the connection instead of or after it."""

    status: int = 500
    code: str = ""
    body: str = ""
    request_id: str = "req-1"
    hangs: bool = False
    closes: bool = False
    stops_listening: bool = False

    @property
    def text(self) -> str:
        if not self.code:
            return self.body
        return (
            f"<ErrorResponse><Error><Type>Sender</Type><Code>{self.code}</Code><Message>No.</Message></Error>"
            f"<RequestId>{self.request_id}</RequestId></ErrorResponse>"
        )


class OddServer(ThreadingHTTPServer):
    """Answers the n-th request with the n-th answer, and from then on with the last."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: list[Answer] = []
        self.asked: list[str] = []
        self.released = threading.Event()
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    def begin(self, *answers: Answer) -> None:
        self.released.set()  # whoever still hangs
        self.released = threading.Event()
        self.answers, self.asked = list(answers), []

    def next(self, operation: str) -> Answer:
        self.asked.append(operation)
        return self.answers[min(len(self.asked), len(self.answers)) - 1]

    def heard(self, times: int) -> list[str]:
        """Return what was asked, once it was so often: a client that gave up may be heard a little later."""
        deadline = time.monotonic() + 10
        while len(self.asked) < times and time.monotonic() < deadline:
            time.sleep(0.01)
        return self.asked

    def handle_error(self, *_: object) -> None:
        pass  # a client that does not wait for the answer


class _Handler(BaseHTTPRequestHandler):
    server: OddServer

    def do_POST(self) -> None:
        asked = self.rfile.read(int(self.headers["Content-Length"])).decode()
        answer = self.server.next(asked.partition("Action=")[2].partition("&")[0])
        if answer.stops_listening:
            self.server.socket.close()
        if answer.hangs:
            self.server.released.wait(10)
        if answer.hangs or answer.closes:
            self.close_connection = True
            return
        body = answer.text.encode()
        self.send_response(answer.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="session")
def _odd_servers() -> Iterator[list[OddServer]]:
    started: list[OddServer] = []
    yield started
    for server in started:
        server.begin()
        server.shutdown()
        server.server_close()


@pytest.fixture
def odd_server(_odd_servers: list[OddServer]) -> OddServer:
    """The server that a test tells what to answer; without being told it always answers 500."""
    if not _odd_servers or _odd_servers[-1].socket.fileno() < 0:
        _odd_servers.append(OddServer())
    server = _odd_servers[-1]
    server.begin(Answer(500, "ServiceFailure"))
    return server


@pytest.fixture
def patience() -> float:
    """Seconds that a client waits for an answer: more than a busy machine takes to give one."""
    return sessions.READ_SECONDS


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch, patience: float) -> None:
    """Wait for hundredths of a second between tries, where the product waits for seconds."""
    monkeypatch.setattr(sessions, "_ONCE", sessions._ONCE.merge(Config(read_timeout=patience)))
    monkeypatch.setattr(calls, "_UNCLEAR_WAITS", (0.01, 0.01))
    monkeypatch.setattr(calls, "_THROTTLE_WAITS", (0.01, 0.01, 0.01, 0.01))


@pytest.fixture(scope="session")
def _gateways() -> dict[tuple[str, float], BotoAws]:
    return {}


@pytest.fixture
def gateway_to(
    monkeypatch: pytest.MonkeyPatch, impatient: None, patience: float, _gateways: dict[tuple[str, float], BotoAws]
) -> Callable[[str], BotoAws]:
    """A gateway whose other end is at an address; making clients takes boto3 a while, so they are kept."""

    def make(url: str) -> BotoAws:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLEEXAMPLE00")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
        if (url, patience) not in _gateways:
            _gateways[url, patience] = BotoAws(Clients())
        return _gateways[url, patience]

    return make


@pytest.fixture
def odd(odd_server: OddServer, gateway_to: Callable[[str], BotoAws]) -> BotoAws:
    """A gateway to the server that answers what it is told."""
    return gateway_to(odd_server.url)


@pytest.fixture(scope="session")
def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def made_user(gateway: BotoAws) -> str:
    """A user that the gateway has made in the sandbox."""
    gateway.create_user(NewUser("ses-newsletter-made-12345678", PATH, BOUNDARY, {"managed-by": "sescreds"}))
    return "ses-newsletter-made-12345678"


@pytest.fixture
def root(aws_account: Sandbox) -> Any:
    """IAM of the sandbox as its root user."""
    return boto3.client(
        "iam",
        region_name="us-east-1",
        endpoint_url=aws_account.aws_url,
        aws_access_key_id=aws_account.root_keys.access_key_id,
        aws_secret_access_key=aws_account.root_keys.secret_access_key,
    )
