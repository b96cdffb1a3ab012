"""A load generator, as a process of its own: `load.py PORT PATH REQUESTS CONNECTIONS` prints the seconds it took.

Several connections, each kept alive with one request under way, so that the server always has work: what is measured
is the server, not the way there and back. It asks as browsers do, for gzip too.
"""

import selectors
import socket
import sys
import time

LAST_CHUNK = b"\r\n0\r\n\r\n"


class Connection:
    """One request after another, until there is none left to send."""

    def __init__(self, port: int, request: bytes) -> None:
        self.request = request
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = bytearray()

    def send(self) -> None:
        self.received.clear()
        self.socket.sendall(self.request)

    def is_answered(self) -> bool:
        """Take what has come; return whether the answer is whole."""
        part = self.socket.recv(1 << 17)
        if not part:
            raise SystemExit("the server closed the connection")
        self.received += part
        head, end, body = self.received.partition(b"\r\n\r\n")
        if not end:
            return False
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"not 200: {head[:80]!r}")
        head = head.lower()
        if b"\r\ntransfer-encoding: chunked" in head:  # nothing in the bare arm counts the length
            return body.endswith(LAST_CHUNK)
        length = head.partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0]
        return len(body) >= int(length)


def run(port: int, path: str, requests: int, connections: int) -> float:
    """Return the seconds that `requests` requests took."""
    lines = (f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Accept: text/html", "Accept-Encoding: gzip", "", "")
    waiting = selectors.DefaultSelector()
    everyone = [Connection(port, "\r\n".join(lines).encode()) for _ in range(connections)]
    began, sent, answered = time.perf_counter(), 0, 0
    for each in everyone:
        waiting.register(each.socket, selectors.EVENT_READ, each)
        each.send()
        sent += 1
    while answered < requests:
        for key, _ in waiting.select(timeout=30) or sys.exit("the server does not answer"):
            if not key.data.is_answered():
                continue
            answered += 1
            if sent < requests:
                key.data.send()
                sent += 1
    return time.perf_counter() - began


if __name__ == "__main__":
    print(run(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
