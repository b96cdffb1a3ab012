"""The log of calls: what was asked, by whom and how it ended. Never a parameter, never a secret."""

import threading
import uuid
from collections import deque
from dataclasses import dataclass, field

from .clock import ticks

LONGEST = 20_000


@dataclass
class Visit:
    """What is known about a call while it runs."""

    operation: str = "?"
    caller: str = ""
    key_id: str = ""
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    start: float = field(default_factory=ticks)

    def milliseconds(self) -> float:
        return round((ticks() - self.start) * 1000, 2)


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

    def add(self, visit: Visit, status: int, code: str = "") -> None:
        entry = Entry(visit.operation, status, code, visit.caller, visit.key_id, visit.request_id, visit.milliseconds())
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
