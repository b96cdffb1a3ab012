"""Ports for programs that tests start: free now, and outside of the range that outgoing connections take by chance."""

import secrets
import socket

_FIRST, _COUNT = 20_000, 10_000  # Linux takes outgoing ports from 32768 on
_STEP = 10  # the sandbox's second region listens so much further on


def free_ports(count: int) -> list[int]:
    """Return ports that are free, and free again one step further on; no two share a step."""
    found: list[int] = []
    while len(found) < count:
        port = _FIRST + secrets.randbelow(_COUNT)
        if all(abs(port - other) > _STEP for other in found) and _is_free(port) and _is_free(port + _STEP):
            found.append(port)
    return found


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
