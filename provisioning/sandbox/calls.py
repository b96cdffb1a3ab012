"""The log of calls: what was asked, by whom and how it ended. Never a parameter, never a secret."""

import threading
from collections import deque
from dataclasses import dataclass

from .clock import ticks

LONGEST = 20_000


@dataclass(frozen=True)
class Entry:
    operation: str
    status: int  # 0: the reply was lost on purpose, or the client went away
    code: str
    caller: str
    key_id: str
    request_id: str
    milliseconds: float


class CallLog:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: deque[Entry] = deque(maxlen=LONGEST)

    def add(self, operation: str, status: int, code: str, caller: str, key_id: str, request_id: str, start: float) -> None:
        entry = Entry(operation, status, code, caller, key_id, request_id, round((ticks() - start) * 1000, 2))
        with self._lock:
            self._entries.append(entry)

    def entries(self) -> list[Entry]:
        with self._lock:
            return list(self._entries)

    def outcomes(self) -> list[tuple[str, int]]:
        return [(entry.operation, entry.status) for entry in self.entries()]

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()
