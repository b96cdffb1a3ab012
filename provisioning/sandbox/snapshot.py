"""The sandbox's state over a restart: one private file, written whole, read only by the moto that wrote it."""

import logging
import os
import pickle
import stat
import threading
from pathlib import Path
from typing import Any

import moto

from .certificates import write_private
from .world import ACCOUNTS, SesRegion, World

log = logging.getLogger("provisioning.sandbox")

FILE = "sandbox-state.pickle"
FORMAT = 2
_PAUSE_SECONDS = 0.2


def save(world: World, path: Path) -> None:
    """Write what an account would remember; faults, delays and the clock offset are not part of it."""
    with world.lock:
        state = {
            "moto": moto.__version__,
            "format": FORMAT,
            "moto_state": {account: _kept(world.within(account)) for account in ACCOUNTS},
            "ses": world.all_ses,
            "root_keys_used": world.root_keys_used,
            "reports": world.reports,
        }
        content = pickle.dumps(state)
    write_private(path, content)


def load(world: World, path: Path) -> bool:
    """Take over the state of the file; False, with a line in the log, where there is none that fits."""
    try:
        state = _read(path)
    except FileNotFoundError:
        return False
    except Exception as error:  # noqa: BLE001 - a damaged file raises whatever its bytes happen to mean
        log.warning("sandbox_state_unreadable error=%s", type(error).__name__)
        return False
    if (state.get("moto"), state.get("format")) != (moto.__version__, FORMAT) or _places(state["ses"]) != _places(
        world.all_ses
    ):
        log.warning("sandbox_state_of_another_version: starting with a fresh account")
        return False
    with world.lock:
        for account, (iam, sts) in state["moto_state"].items():
            vars(world.within(account).iam).update(iam)
            vars(world.within(account).sts).update(sts)
        world.all_ses, world.root_keys_used, world.reports = state["ses"], state["root_keys_used"], state["reports"]
    return True


def _kept(world: World) -> tuple[dict[str, Any], dict[str, Any]]:
    # The summary points back to the backend itself, and is made anew.
    iam = {name: value for name, value in vars(world.iam).items() if name != "account_summary"}
    return iam, vars(world.sts)


def _places(ses: dict[str, dict[str, SesRegion]]) -> set[tuple[str, str]]:
    return {(account, region) for account, regions in ses.items() for region in regions}


def _read(path: Path) -> dict[str, Any]:
    """Unpickling runs code, so only a file that nobody else can have written is read."""
    with path.open("rb") as file:
        info = os.fstat(file.fileno())
        if info.st_uid != os.getuid() or stat.S_IMODE(info.st_mode) & 0o077:
            raise PermissionError("the file is not private")
        state = pickle.load(file)  # noqa: S301
    return dict(state)


class Keeper:
    """Writes the file shortly after a change, in a thread of its own."""

    def __init__(self, world: World, path: Path) -> None:
        self._world = world
        self._path = path
        self._changed = threading.Event()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="sandbox-snapshot")

    def start(self) -> None:
        self._world.changed = self._changed.set
        self._thread.start()

    def stop(self) -> None:
        """Write once more and end."""
        self._stopped.set()
        self._changed.set()
        self._thread.join(10)
        save(self._world, self._path)

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._changed.wait()
            self._changed.clear()
            if self._stopped.is_set():
                return
            save(self._world, self._path)
            self._stopped.wait(_PAUSE_SECONDS)
