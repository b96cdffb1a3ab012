"""The SES SMTP interface: does this login work, and does this message go through? Certificates are always verified."""

import smtplib
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from enum import StrEnum

from django.conf import settings

from guidance import regions

SECONDS = 5.0
SIMULATOR = "success@simulator.amazonses.com"
_OUR_NAME = "localhost"  # what we say in EHLO; smtplib would ask DNS for one


class Answer(StrEnum):
    """What came of trying."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"


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


@dataclass(frozen=True)
class Attempt:
    """One try: what came of it, the server's code (0: none) and words, the conversation with secrets masked."""

    answer: Answer
    code: int
    words: str
    conversation: tuple[str, ...] = ()


def endpoints(region: str) -> tuple[Endpoint, ...]:
    """Return where the SMTP interface of `region` answers: STARTTLS first, then TLS from the start.

    The environment (`SES_SMTP_ENDPOINTS`) decides, else the catalogue: nothing that is typed leads anywhere.
    """
    from_environment = parse_endpoints(settings.SES_SMTP_ENDPOINTS)
    if from_environment:
        return tuple(endpoint for endpoint in from_environment if endpoint.region == region)
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
    try:
        with _client(endpoint, lines) as client:
            client.connect(endpoint.host, endpoint.port)
            client.ehlo_or_helo_if_needed()
            if endpoint.mode is regions.Mode.STARTTLS:
                client.starttls(context=_context())
                client.ehlo()
            client.login(login.user, login.password)
            then(client)
    except smtplib.SMTPRecipientsRefused as error:
        code, words = next(iter(error.recipients.values()))
        return Attempt(Answer.REFUSED, code, _text(words), tuple(lines))
    except smtplib.SMTPResponseException as error:
        if error.smtp_code == -1:  # not SMTP at all
            return Attempt(Answer.UNREACHABLE, 0, "The other end does not speak SMTP.", tuple(lines))
        return Attempt(Answer.REFUSED, error.smtp_code, _text(error.smtp_error), tuple(lines))
    except ssl.SSLError as error:
        return Attempt(Answer.UNREACHABLE, 0, f"TLS failed: {error.reason or type(error).__name__}", tuple(lines))
    except (OSError, smtplib.SMTPException) as error:
        return Attempt(Answer.UNREACHABLE, 0, f"No connection: {type(error).__name__}", tuple(lines))
    return Attempt(Answer.ACCEPTED, 235, "Accepted", tuple(lines))


def _context() -> ssl.SSLContext:
    # A bare starttls() would verify nothing.
    return ssl.create_default_context(cafile=settings.SES_SMTP_CA_FILE or None)


def _client(endpoint: Endpoint, lines: list[str]) -> smtplib.SMTP:
    if endpoint.mode is regions.Mode.TLS:
        return _TlsClient(lines, context=_context(), timeout=SECONDS, local_hostname=_OUR_NAME)
    return _Client(lines, timeout=SECONDS, local_hostname=_OUR_NAME)


class _Conversation:
    """Keeps what was said, with everything that follows AUTH masked, and one deadline over all of it."""

    def __init__(self, lines: list[str], **arguments: object) -> None:
        self._lines = lines
        self._authenticating = False
        self._deadline = time.monotonic() + SECONDS
        self._host = ""
        super().__init__(**arguments)

    def connect(self, host: str = "localhost", port: int = 0, source_address: None = None) -> tuple[int, bytes]:
        self._host = host  # what the certificate is compared with
        reply: tuple[int, bytes] = super().connect(host, port, source_address)  # type: ignore[misc]
        return reply

    def auth(self, *arguments: object, **named: object) -> tuple[int, bytes]:
        self._authenticating = True
        try:
            reply: tuple[int, bytes] = super().auth(*arguments, **named)  # type: ignore[misc]
        finally:
            self._authenticating = False
        return reply

    def putcmd(self, cmd: str, args: str = "") -> None:
        said = f"{cmd} {args}".strip()
        if self._authenticating:
            said = f"AUTH {args.split(maxsplit=1)[0]} [masked]" if cmd == "AUTH" else "[masked]"
        self._lines.append(f"> {said}")
        super().putcmd(cmd, args)  # type: ignore[misc]

    def getreply(self) -> tuple[int, bytes]:
        sock = self.sock  # type: ignore[attr-defined]
        if sock is not None:
            sock.settimeout(max(0.05, self._deadline - time.monotonic()))
        code, words = super().getreply()  # type: ignore[misc]
        shown = "[challenge]" if code == 334 else _text(words)
        self._lines.extend(f"< {code} {line}" for line in shown.splitlines() or [""])
        return code, words


class _Client(_Conversation, smtplib.SMTP):  # type: ignore[misc]
    """STARTTLS."""


class _TlsClient(_Conversation, smtplib.SMTP_SSL):  # type: ignore[misc]
    """TLS from the start."""


def _text(words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return " ".join(text.split())[:500]
