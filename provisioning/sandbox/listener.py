"""The HTTP server on loopback: keeps connections open, so that a warm client pays for no handshake.

The servers that moto brings close every connection after one reply, and a reply cannot be lost with them.
"""

import contextlib
import logging
import select
import socket
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from .wire import Raw, Reply

log = logging.getLogger("provisioning.sandbox")

Answer = Callable[[Raw, Callable[[], bool]], Reply | None]
_LONGEST_BODY = 60 * 1024 * 1024


class HttpDoor(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, port: int, answer: Answer) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.answer = answer
        self.stopping = False
        self.connections: set[socket.socket] = set()
        self._thread = threading.Thread(target=self.serve_forever, args=(0.1,), daemon=True, name="sandbox-http")

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Stop listening and cut the connections that clients keep open."""
        self.stopping = True
        self.shutdown()
        self._thread.join(5)
        self.server_close()
        for connection in list(self.connections):
            _cut(connection)

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002
        log.debug("connection_failed", exc_info=sys.exc_info())  # a client that goes away is nothing to report


def _cut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):  # it was cut already
        connection.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "sandbox"
    sys_version = ""
    wbufsize = 65536
    disable_nagle_algorithm = True
    timeout = 120
    error_content_type = "text/xml"
    error_message_format = (
        "<ErrorResponse><Error><Type>Sender</Type><Code>SandboxCannotAnswer</Code>"
        "<Message>%(message)s</Message></Error></ErrorResponse>"
    )
    server: HttpDoor

    def setup(self) -> None:
        super().setup()
        self.server.connections.add(self.connection)

    def finish(self) -> None:
        self.server.connections.discard(self.connection)
        super().finish()

    def _serve(self) -> None:
        body = self._body()
        if body is None:
            self.send_error(411)
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        raw = Raw(self.command, self.path, headers, body, str(self.client_address[0]))
        reply = self.server.answer(raw, self._still_there)
        if reply is None:
            self.close_connection = True
            _cut(self.connection)
            return
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = _serve  # noqa: N815 (http.server's own names)

    def _body(self) -> bytes | None:
        """The body, or None where its length cannot be told."""
        if "transfer-encoding" in self.headers:
            return None
        try:
            length = int(self.headers.get("content-length") or 0)
        except ValueError:
            return None
        return self.rfile.read(length) if 0 <= length <= _LONGEST_BODY else None

    def _still_there(self) -> bool:
        """Whether the client still waits for its reply."""
        if self.server.stopping:
            return False
        try:
            readable, _, _ = select.select([self.connection], [], [], 0)
            return not readable or self.connection.recv(1, socket.MSG_PEEK) != b""
        except (OSError, ValueError):
            return False

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """The log of calls knows more."""
