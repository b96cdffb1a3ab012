"""Sockets are closed except to this machine."""

from types import ModuleType

import pytest

_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


def close(monkeypatch: pytest.MonkeyPatch, socket: ModuleType) -> None:
    """Make every connection to another machine an error that names it."""
    connect = socket.socket.connect

    def guarded(self, address):
        if isinstance(address, tuple) and address[0] not in _LOOPBACK and not str(address[0]).startswith("127."):
            raise RuntimeError(f"a test tried to reach {address[0]}")
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
