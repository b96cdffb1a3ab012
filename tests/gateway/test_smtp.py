"""Trying a sign-in: what counts as accepted, refused and unreachable, and that no password meets a stranger."""

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Iterator

import pytest

from guidance.regions import Mode
from provisioning.gateway import smtp
from provisioning.gateway.smtp import Answer, Endpoint, SmtpLogin
from provisioning.sandbox.certificates import CA_FILE, server_context

LOGIN = SmtpLogin("AKIAEXAMPLEEXAMPLE00", "Hx7/secret+password+of+forty+four+characters")
MODES = (Mode.STARTTLS, Mode.TLS)


class OddPost:
    """An SMTP server of a few lines, which keeps what it heard."""

    def __init__(self, context: ssl.SSLContext | None, mode: Mode, auth: str = "235 ok", address: str = "127.0.0.1"):
        self.context, self.mode, self.auth = context, mode, auth
        self.closes_after_auth, self.says_goodbye = False, True
        self.heard: list[str] = []
        self._socket = socket.create_server((address, 0))
        self.endpoint = Endpoint("eu-central-1", address, self._socket.getsockname()[1], mode)
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):  # closed at the end
            while True:
                connection, _ = self._socket.accept()
                with contextlib.suppress(OSError), connection:
                    self._converse(connection)

    def _converse(self, raw: socket.socket) -> None:
        with contextlib.ExitStack() as stack:
            self._talk(raw, stack)

    def _talk(self, connection: socket.socket, stack: contextlib.ExitStack) -> None:
        if self.mode is Mode.TLS and self.context:
            connection = stack.enter_context(self.context.wrap_socket(connection, server_side=True))
        connection.sendall(b"220 odd ESMTP\r\n")
        stream = connection.makefile("rb")
        while line := stream.readline().decode().strip():
            self.heard.append(line)
            verb = line.split()[0].upper()
            if verb == "STARTTLS":
                connection.sendall(b"220 go\r\n")
                connection = stack.enter_context(self.context.wrap_socket(connection, server_side=True))
                stream = connection.makefile("rb")
            elif verb == "EHLO":
                offers = ["odd", "AUTH PLAIN LOGIN"] + (["STARTTLS"] if self.context else [])
                connection.sendall("".join(f"250-{each}\r\n" for each in offers).encode() + b"250 8BITMIME\r\n")
            elif verb == "QUIT":
                connection.sendall(b"221 bye\r\n" if self.says_goodbye else b"500 what?\r\n")
                return
            else:
                connection.sendall(f"{self.auth}\r\n".encode())
                if self.closes_after_auth:
                    connection.shutdown(socket.SHUT_RDWR)
                    return

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def post(tmp_path, settings) -> Iterator:
    """Make an odd server; `trusted` says whether its certificate's authority is the one that we know."""
    made = []

    def make(mode=Mode.STARTTLS, *, trusted=True, **more):
        ours = server_context(tmp_path / "ours")
        settings.SES_SMTP_CA_FILE = str(tmp_path / "ours" / CA_FILE)
        made.append(OddPost(ours if trusted else server_context(tmp_path / "strangers"), mode, **more))
        return made[-1]

    yield make
    for each in made:
        each.close()


def masked(attempt):
    said = "\n".join(attempt.conversation)
    assert LOGIN.password not in said
    assert LOGIN.user not in said
    return True


@pytest.mark.parametrize("mode", MODES)
def test_a_sign_in_that_works_is_accepted(post, mode):
    server = post(mode)
    attempt = smtp.sign_in(server.endpoint, LOGIN)
    assert attempt.answer is Answer.ACCEPTED
    assert any(line.startswith("AUTH PLAIN ") for line in server.heard)
    assert "> AUTH PLAIN [masked]" in attempt.conversation
    assert masked(attempt)


@pytest.mark.parametrize("mode", MODES)
def test_a_certificate_of_another_authority_ends_before_auth(post, mode):
    server = post(mode, trusted=False)
    attempt = smtp.sign_in(server.endpoint, LOGIN)
    assert attempt.answer is Answer.UNREACHABLE
    assert attempt.words.startswith(f"The certificate of {server.endpoint.host}, port")
    assert "may reach" not in attempt.words
    assert not any("AUTH" in line for line in server.heard)


@pytest.mark.parametrize("mode", MODES)
def test_a_certificate_for_another_host_name_ends_before_auth(post, mode):
    server = post(mode, address="127.0.0.2")
    attempt = smtp.sign_in(server.endpoint, LOGIN)
    assert (attempt.answer, "is not one to trust" in attempt.words) == (Answer.UNREACHABLE, True)
    assert not any("AUTH" in line for line in server.heard)


def test_a_server_that_offers_no_tls_never_sees_the_password(post):
    server = post(Mode.STARTTLS)
    server.context = None
    attempt = smtp.sign_in(server.endpoint, LOGIN)
    assert attempt.answer is Answer.UNREACHABLE
    assert not any("AUTH" in line for line in server.heard)


@pytest.mark.parametrize("closes", [False, True], ids=["stays", "hangs up"])
@pytest.mark.parametrize("said", ["535 Authentication Credentials Invalid", "454 Temporary authentication failure"])
def test_a_refused_sign_in_is_refused_even_if_the_server_hangs_up(post, said, closes):
    server = post(auth=said)
    server.closes_after_auth = closes
    attempt = smtp.sign_in(server.endpoint, LOGIN)
    assert (attempt.answer, attempt.code) == (Answer.REFUSED, int(said[:3]))
    assert masked(attempt)


@pytest.mark.parametrize("mode", MODES)
def test_a_closed_port_is_unreachable(mode):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    attempt = smtp.sign_in(Endpoint("eu-central-1", "127.0.0.1", port, mode), LOGIN)
    assert attempt.answer is Answer.UNREACHABLE
    assert (
        attempt.words == f"Nothing takes connections at 127.0.0.1, port {port}. Check that the dashboard may reach it."
    )


@pytest.mark.parametrize("mode", MODES)
def test_a_server_that_says_nothing_is_unreachable_in_time(monkeypatch, mode):
    monkeypatch.setattr(smtp, "SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = time.monotonic()
        attempt = smtp.sign_in(Endpoint("eu-central-1", "127.0.0.1", silent.getsockname()[1], mode), LOGIN)
    assert attempt.answer is Answer.UNREACHABLE
    assert time.monotonic() - began < 2.5


def test_a_server_that_drips_is_given_up_in_time(monkeypatch):
    monkeypatch.setattr(smtp, "SECONDS", 0.6)
    with socket.create_server(("127.0.0.1", 0)) as dripping:

        def drip():
            connection, _ = dripping.accept()
            with contextlib.suppress(OSError), connection:
                while True:
                    connection.sendall(b"2")
                    time.sleep(0.2)

        threading.Thread(target=drip, daemon=True).start()
        began = time.monotonic()
        attempt = smtp.sign_in(Endpoint("eu-central-1", "127.0.0.1", dripping.getsockname()[1], Mode.STARTTLS), LOGIN)
    assert attempt.answer is Answer.UNREACHABLE
    assert time.monotonic() - began < 3


def test_a_host_that_drops_packets_takes_no_longer_for_having_more_addresses(monkeypatch):
    """The backlog of a listener that accepts nobody is soon full; then its kernel drops what comes."""
    monkeypatch.setattr(smtp, "SECONDS", 1.0)
    with contextlib.ExitStack() as stack:
        deaf = stack.enter_context(socket.socket())
        deaf.bind(("0.0.0.0", 0))
        deaf.listen(0)
        port = deaf.getsockname()[1]
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(("127.0.0.1", port))
        known = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (f"127.0.0.{last}", port)) for last in (1, 2, 3)]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: known)
        began = time.monotonic()
        attempt = smtp.sign_in(Endpoint("eu-central-1", "localhost", port, Mode.STARTTLS), LOGIN)
    assert attempt.answer is Answer.UNREACHABLE
    assert time.monotonic() - began < 2


def test_what_was_accepted_stays_so_however_they_part(post):
    server = post()
    server.says_goodbye = False
    assert smtp.sign_in(server.endpoint, LOGIN).answer is Answer.ACCEPTED


def test_the_password_stays_out_of_words_for_a_log():
    assert LOGIN.password not in f"{LOGIN!r} {LOGIN}"
