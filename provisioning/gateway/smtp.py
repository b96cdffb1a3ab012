"""The SES SMTP interface: does this login work, and does this message go through? Certificates are always verified."""

import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

from django.conf import settings

from guidance import regions
from provisioning.gateway.attempts import SIMULATOR, Answer, Attempt

SECONDS = 5.0
_OUR_NAME = "localhost"  # what we say in EHLO; smtplib would ask DNS for one


@dataclass(frozen=True)
class Endpoint:
    """Where a region's SMTP interface answers."""

    region: str
    host: str
    port: int
    mode: regions.Mode


@dataclass(frozen=True)
class SmtpLogin:
    """An SMTP user name and its password for one region."""

    user: str
    password: str = field(repr=False)


def endpoints(region: str) -> tuple[Endpoint, ...]:
    """Return where the SMTP interface of `region` answers: STARTTLS first, then TLS from the start.

    The environment (`SES_SMTP_ENDPOINTS`) decides, else the catalogue: nothing that is typed leads anywhere.
    """
    from_environment = parse_endpoints(settings.SES_SMTP_ENDPOINTS)
    if from_environment:
        return tuple(endpoint for endpoint in from_environment if endpoint.region == region)
    return endpoints_in_aws(region)


def endpoints_in_aws(region: str) -> tuple[Endpoint, ...]:
    """Return where AWS answers in `region`, whatever the environment says."""
    known = regions.REGIONS[region]
    if not known.has_smtp:
        return ()
    return (
        Endpoint(region, known.smtp_host, 587, regions.Mode.STARTTLS),
        Endpoint(region, known.smtp_host, 465, regions.Mode.TLS),
    )


def parse_endpoints(text: str) -> tuple[Endpoint, ...]:
    """Read ``region=host:port/mode,...``; raise `ValueError` naming the piece that does not fit."""
    found = []
    for piece in filter(None, (piece.strip() for piece in text.split(","))):
        region, _, rest = piece.partition("=")
        address, _, mode = rest.partition("/")
        host, _, port = address.rpartition(":")
        if region not in regions.REGIONS or not host or not port.isdigit() or mode not in list(regions.Mode):
            raise ValueError(f"{piece!r} in SES_SMTP_ENDPOINTS is not region=host:port/mode")
        found.append(Endpoint(region, host, int(port), regions.Mode(mode)))
    return tuple(sorted(found, key=lambda endpoint: endpoint.mode is not regions.Mode.STARTTLS))


def sign_in(endpoint: Endpoint, login: SmtpLogin) -> Attempt:
    """Sign in and leave again; within about `SECONDS` of waiting."""
    return _converse(endpoint, login, lambda _client: None)


def send_test(endpoint: Endpoint, login: SmtpLogin, sender: str) -> Attempt:
    """Send the fixed test message from `sender` to the mailbox simulator; accepted only if SES took the message."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = SIMULATOR
    message["Subject"] = "Test of an SMTP credential"
    message.set_content("This message proves that the credential can send.\n")

    def send(client: smtplib.SMTP) -> None:
        client.send_message(message, from_addr=sender, to_addrs=[SIMULATOR])

    return _converse(endpoint, login, send)


def _converse(endpoint: Endpoint, login: SmtpLogin, then: Callable[[smtplib.SMTP], None]) -> Attempt:
    lines: list[str] = []
    client = _client(endpoint, lines)
    end = threading.Timer(SECONDS, client.hang_up)  # also on a server that says a little now and then
    end.start()
    try:
        answer, code, words = _outcome(client, endpoint, login, then)
        with suppress(OSError, smtplib.SMTPException):  # what is known is known, however they part
            client.quit()
    finally:
        end.cancel()
        client.close()
    return Attempt(answer, code, words, tuple(lines))


_NOT_SMTP = (Answer.UNREACHABLE, 0, "The other end does not speak SMTP.")


def _outcome(
    client: "_Conversation", endpoint: Endpoint, login: SmtpLogin, then: Callable[[smtplib.SMTP], None]
) -> tuple[Answer, int, str]:
    try:
        client.connect(endpoint.host, endpoint.port)
        client.ehlo_or_helo_if_needed()
        if endpoint.mode is regions.Mode.STARTTLS:
            client.starttls(context=_context())
            client.ehlo()
        client.login(login.user, login.password)
        then(client)
    except smtplib.SMTPRecipientsRefused as error:
        code, words = next(iter(error.recipients.values()))
        return Answer.REFUSED, code, _text(words)
    except smtplib.SMTPResponseException as error:
        speaks_smtp = error.smtp_code != -1
        return (Answer.REFUSED, error.smtp_code, _text(error.smtp_error)) if speaks_smtp else _NOT_SMTP
    except (OSError, smtplib.SMTPException) as error:
        if client.refusal is not None:  # it hung up before smtplib could try another mechanism
            return Answer.REFUSED, *client.refusal
        return Answer.UNREACHABLE, 0, _trouble(error, endpoint)
    return Answer.ACCEPTED, 235, "Accepted"


def _trouble(error: OSError | smtplib.SMTPException, endpoint: Endpoint) -> str:
    """Return why no conversation came about, and what to check."""
    where = f"{endpoint.host}, port {endpoint.port}"
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"The certificate of {where} is not one to trust: {error.verify_message}. Check who answers there, and "
            "SES_SMTP_CA_FILE if it is not AWS."
        )
    if isinstance(error, ssl.SSLError):
        return f"TLS with {where} failed ({error.reason}). Check whether that port begins with TLS."
    if isinstance(error, ConnectionRefusedError):
        return f"Nothing takes connections at {where}. Check that the dashboard may reach it."
    if isinstance(error, TimeoutError):
        return f"No answer in time from {where}. Check that the dashboard may reach it."
    if isinstance(error, socket.gaierror):
        return f"The name {endpoint.host} is not known here. Check the name servers of the dashboard's machine."
    return f"The connection to {where} ended too early. Check that the dashboard may reach it."


def _context() -> ssl.SSLContext:
    # A bare starttls() would verify nothing.
    return ssl.create_default_context(cafile=settings.SES_SMTP_CA_FILE or None)


def _client(endpoint: Endpoint, lines: list[str]) -> "_Conversation":
    if endpoint.mode is regions.Mode.TLS:
        return _TlsClient(lines, context=_context(), timeout=SECONDS, local_hostname=_OUR_NAME)
    return _Conversation(lines, timeout=SECONDS, local_hostname=_OUR_NAME)


class _Paced(smtplib.SMTP):
    """Shares its time among the addresses of a host: a firewall that drops packets makes each of them hang."""

    _deadline: float

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        found = socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)
        addresses = list(dict.fromkeys((str(each[4][0]), port) for each in found))
        for left, address in zip(range(len(addresses), 0, -1), addresses, strict=True):
            share = max(0.05, (self._deadline - time.monotonic()) / left)
            try:
                connection = socket.create_connection(address, share)
            except OSError:
                if left == 1:
                    raise
            else:
                connection.settimeout(timeout)
                return connection
        raise OSError("the host has no address")


class _Conversation(_Paced):
    """Keeps what was said, with everything that follows AUTH masked, and one deadline over all of it."""

    def __init__(self, lines: list[str], **arguments: Any) -> None:  # noqa: ANN401 - smtplib's own
        self._lines = lines
        self._authenticating = False
        self._deadline = time.monotonic() + SECONDS
        self._host = ""
        self.refusal: tuple[int, str] | None = None  # the first answer to AUTH that was a no
        super().__init__(**arguments)

    def connect(  # type: ignore[override] # nobody here binds a source address
        self, host: str = "localhost", port: int = 0, source_address: None = None
    ) -> tuple[int, bytes]:
        self._host = host  # what the certificate is compared with
        return super().connect(host, port, source_address)

    def hang_up(self) -> None:
        """Cut the connection, so that whoever waits for its other end waits no longer."""
        if self.sock is not None:
            with suppress(OSError):  # it was cut already
                socket.socket.shutdown(self.sock, socket.SHUT_RDWR)

    def auth(self, *arguments: Any, **named: Any) -> tuple[int, bytes]:  # noqa: ANN401 - smtplib's own
        self._authenticating = True
        try:
            return super().auth(*arguments, **named)
        except smtplib.SMTPAuthenticationError as error:
            self.refusal = self.refusal or (error.smtp_code, _text(error.smtp_error))
            raise
        finally:
            self._authenticating = False

    def putcmd(self, cmd: str, args: str = "") -> None:
        said = f"{cmd} {args}".strip()
        if self._authenticating:
            said = f"AUTH {args.split(maxsplit=1)[0]} [masked]" if cmd == "AUTH" else "[masked]"
        self._lines.append(f"> {said}")
        super().putcmd(cmd, args)

    def getreply(self) -> tuple[int, bytes]:
        sock = self.sock
        if sock is not None:
            sock.settimeout(max(0.05, self._deadline - time.monotonic()))
        code, words = super().getreply()
        shown = "[challenge]" if code == 334 else _text(words)
        self._lines.extend(f"< {code} {line}" for line in shown.splitlines() or [""])
        return code, words


class _TlsClient(_Conversation, smtplib.SMTP_SSL, _Paced):
    """TLS from the start."""


def _text(words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return " ".join(text.split())[:500]
