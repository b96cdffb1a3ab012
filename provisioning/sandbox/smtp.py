"""The SES SMTP interface: STARTTLS and implicit TLS listeners of every region, in one thread of their own."""

import asyncio
import hmac
import logging
import ssl
import threading
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from provisioning.domain.smtp_password import derive

from .calls import Visit
from .conditions import EvaluationError
from .errors import AwsError
from .faults import Fault, When
from .mail import Letter, NotSentError, send
from .principals import Caller, caller_with_key, record_use
from .world import World

log = logging.getLogger("provisioning.sandbox")

Aio = Any  # objects of aiosmtpd, which has no types
LOGIN, SEND = "SmtpLogin", "SmtpSend"
_INVALID = "535 Authentication Credentials Invalid"
_SIZE = 40 * 1024 * 1024
_REPLIES = {
    ("throttle", LOGIN): "454 Throttling failure: Maximum sending rate exceeded.",
    ("throttle", SEND): "454 Throttling failure: Maximum sending rate exceeded.",
    ("error", LOGIN): "454 Temporary authentication failure",
    ("error", SEND): "451 Temporary service failure",
}
# What SMTP says where the API has a code.
_WORDS = {
    "AccessDenied": "554 Access denied: {}",
    "MessageRejected": "554 Message rejected: {}",
    "ConfigurationSetDoesNotExist": "554 {}",
    "Throttling": "454 Throttling failure: {}",
}


def caller_with_password(world: World, region: str, login: str, password: str) -> Caller | None:
    """The user whose active key and password for this region these are, or None.

    Temporary keys never work on the SMTP interface. Whether a root key would is not known; here it does not.
    """
    try:
        caller = caller_with_key(world, login)
    except (AwsError, EvaluationError):
        return None
    right = hmac.compare_digest(derive(caller.secret, region).encode(), password.encode("utf-8", "replace"))
    return caller if right and caller.kind == "User" else None


class _Hooks:
    """aiosmtpd's handler: takes messages of one session."""

    async def handle_DATA(self, server: "Session", _session: object, envelope: Aio) -> str:  # noqa: N802
        return await server.deliver(envelope)


class Session(SMTP):
    """One client on a port of one region."""

    def __init__(
        self, world: World, region: str, context: ssl.SSLContext | None, all_sessions: "weakref.WeakSet[Session]"
    ) -> None:
        super().__init__(
            _Hooks(),
            hostname="localhost",
            ident="ESMTP SimpleEmailService-sandbox",
            data_size_limit=_SIZE,
            enable_SMTPUTF8=False,
            tls_context=context,
            require_starttls=context is not None,
            # On the implicit port aiosmtpd does not know that the socket is TLS already.
            auth_require_tls=context is not None,
            auth_exclude_mechanism=["CRAM-MD5"],
            authenticator=self._authenticate_key,
            timeout=60,
        )
        self._auth_required = True  # given to the constructor it would warn about the implicit port
        self.world = world
        self.region = region
        self._login = self._peer = ""
        all_sessions.add(self)

    def _authenticate_key(
        self, _server: object, session: Aio, _envelope: object, _mechanism: str, data: object
    ) -> AuthResult:
        if not isinstance(data, LoginPassword):
            return AuthResult(success=False, handled=False, message=_INVALID)
        login, password = data.login.decode("utf-8", "replace"), data.password.decode("utf-8", "replace")
        with self.world.lock:
            caller = caller_with_password(self.world, self.region, login, password)
            if caller:
                # domain facts 5.5: whether AWS records `ses` or `ses-smtp` is not confirmed.
                record_use(self.world.within(caller.account), login, "ses", self.region)
        self.world.calls.add(
            Visit(LOGIN, caller.arn if caller else "", self.world.known_key(login)), 235 if caller else 535
        )
        if caller is None:
            return AuthResult(success=False, handled=False, message=_INVALID)
        self._login, self._peer = login, str(session.peer[0])
        self.world.changed()
        return AuthResult(success=True, handled=False, message="235 Authentication successful.", auth_data=data)

    async def smtp_AUTH(self, arg: str) -> None:  # noqa: N802
        if reply := await self._disturbed(self.world.faults.hitting(LOGIN), "before", LOGIN):
            await self.push(reply)
        elif not self._gone:
            await super().smtp_AUTH(arg)

    @property
    def _gone(self) -> bool:
        return self.transport is None or self.transport.is_closing()

    def cut(self) -> None:
        """End the connection without a word."""
        if isinstance(self.transport, asyncio.Transport):
            self.transport.abort()

    async def deliver(self, envelope: Aio) -> str:
        """The reply to a message, with the faults around it."""
        faults = self.world.faults.hitting(SEND)
        if (reply := await self._disturbed(faults, "before", SEND)) or self._gone:
            return reply or ""
        reply = self._decide(envelope)
        return await self._disturbed(faults, "after", SEND) or reply

    def _decide(self, envelope: Aio) -> str:
        visit, code = Visit(SEND, key_id=self._login), ""
        letter = Letter(envelope.mail_from or "", tuple(envelope.rcpt_tos), envelope.content, self._peer, "2")
        try:
            with self.world.lock:
                caller = caller_with_key(self.world, self._login)  # the key may have been ended since the sign-in
                visit.caller = caller.arn
                reply = f"250 Ok {send(self.world, caller, self.region, letter)}"
            self.world.changed()
        except NotSentError as refused:
            code, reply = refused.code, _WORDS[refused.code].format(refused.words)
        except EvaluationError as gap:
            code, reply = "SandboxCannotAnswer", f"554 SandboxCannotAnswer: {gap}"
        except AwsError as error:
            gone = error.code == "InvalidClientTokenId"
            code, reply = error.code, _INVALID if gone else f"554 {error.code}: {error.message}"
        self.world.calls.add(visit, int(reply[:3]), code)
        return reply

    async def _disturbed(self, faults: list[Fault], moment: When, operation: str) -> str:
        """Do what the faults of this moment ask for; the reply that replaces the real one, or nothing."""
        for fault in faults:
            if fault.moment != moment:
                continue
            if fault.effect == "delay":
                await asyncio.sleep(fault.seconds)
            elif fault.effect == "hold":
                loop = asyncio.get_running_loop()
                there = lambda: not self._gone  # noqa: E731
                if not await loop.run_in_executor(None, self.world.faults.hold, operation, moment, there):
                    self.cut()
            elif fault.effect == "lose_reply":
                self.cut()
            else:
                return _REPLIES[(fault.effect, operation)]
        return ""


@dataclass(frozen=True)
class Endpoint:
    region: str
    port: int
    mode: str  # starttls or tls


class SmtpDoor:
    """All listeners."""

    def __init__(self, world: World, context: ssl.SSLContext, ports: list[tuple[str, int, int]]) -> None:
        """`ports` are rows of region, STARTTLS port and TLS port; 0 takes a free one."""
        self._world = world
        self._context = context
        self._ports = ports
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True, name="sandbox-smtp")
        self._servers: list[asyncio.Server] = []
        self._sessions: weakref.WeakSet[Session] = weakref.WeakSet()
        self.endpoints: list[Endpoint] = []

    def start(self) -> None:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)

    async def _listen(self) -> None:
        for region, starttls_port, tls_port in self._ports:
            await self._one(region, starttls_port, "starttls")
            await self._one(region, tls_port, "tls")

    async def _one(self, region: str, port: int, mode: str) -> None:
        starttls = mode == "starttls"
        factory: Callable[[], Any] = lambda: Session(  # noqa: E731
            self._world, region, self._context if starttls else None, self._sessions
        )
        context = None if starttls else self._context
        server = await self._loop.create_server(factory, "127.0.0.1", port, ssl=context)
        self._servers.append(server)
        self.endpoints.append(Endpoint(region, server.sockets[0].getsockname()[1], mode))

    def stop(self) -> None:
        """Close the ports and cut all sessions."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    async def _close(self) -> None:
        for server in self._servers:
            server.close()
        for session in list(self._sessions):
            session.cut()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
