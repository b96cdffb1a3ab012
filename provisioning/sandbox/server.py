"""The sandbox as one object: the AWS port, the SMTP ports, and the state behind them."""

import json
import logging
import secrets
import string
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from moto.core.model_instances import reset_model_data

from . import control, door
from .account import fill, set_dashboard, set_role
from .certificates import CA_FILE, server_context, write_private
from .faults import Faults
from .listener import HttpDoor
from .smtp import SmtpDoor
from .snapshot import FILE, Keeper, load
from .wire import Raw, Reply
from .world import ACCOUNT, SECOND_ACCOUNT, Delivered, KeyPair, Settings, World, new_secret

log = logging.getLogger("provisioning.sandbox")

REGIONS = ("eu-central-1", "us-east-1")
PORT_STEP = 10


class Sandbox:
    """A pretend AWS in this process. moto's state is global: one at a time."""

    def __init__(  # noqa: PLR0917 (its callers use names)
        self,
        var_dir: Path | str,
        aws_port: int = 0,
        smtp_port: int = 0,
        smtps_port: int = 0,
        regions: Sequence[str] = REGIONS,
        key_delay: float = 0.0,
        user_delay: float = 0.0,
        snapshot: bool = False,  # noqa: FBT001, FBT002
    ) -> None:
        """Port 0 takes free ports; any other is the first region's, and the next regions follow in steps of ten."""
        self.var_dir = Path(var_dir)
        self.var_dir.mkdir(parents=True, exist_ok=True)
        self.root_keys = _key_pair(self.var_dir / "sandbox-root.json")
        self.dashboard_keys = _key_pair(self.var_dir / "sandbox-dashboard.json")
        self.ca_file = self.var_dir / CA_FILE
        self.second_root_keys = _key_pair(self.var_dir / "sandbox-second-root.json")
        roots = {ACCOUNT: self.root_keys, SECOND_ACCOUNT: self.second_root_keys}
        self.world = World(tuple(regions), roots, self.dashboard_keys)
        self._first = Settings(key_delay, user_delay)
        self._state = self.var_dir / FILE if snapshot else None
        self._keeper: Keeper | None = None
        self._aws_port = aws_port
        self._smtp_ports = [
            (region, _step(smtp_port, index), _step(smtps_port, index)) for index, region in enumerate(regions)
        ]
        self._http: HttpDoor | None = None
        self._smtp: SmtpDoor | None = None

    def start(self) -> None:
        self._fresh()
        if self._state and load(self.world, self._state):
            set_dashboard(self.world)
            set_role(self.world.within(SECOND_ACCOUNT))
        self._smtp = SmtpDoor(self.world, server_context(self.var_dir), self._smtp_ports)
        self._smtp.start()
        self._http = HttpDoor(self._aws_port, self._answer)
        if self._state:
            # Only now, when the ports are ours: a second sandbox by mistake must not write over the first one's state.
            self._keeper = Keeper(self.world, self._state)
            self._keeper.start()
            self.world.changed()
        self._http.start()

    def stop(self) -> None:
        """End every port; held calls end too."""
        self.world.faults.abandon()
        if self._http:
            self._http.stop()
        if self._smtp:
            self._smtp.stop()
        if self._keeper:
            self._keeper.stop()

    def reset(self) -> None:
        """A fresh account on the same ports and with the same key pairs; no faults, no offset, an empty log."""
        self._fresh()
        self.world.changed()

    def _fresh(self) -> None:
        self.world.faults.abandon()
        with self.world.lock:
            self.world.empty()
            reset_model_data()  # moto keeps a list of every object it ever made
            self.world.settings = replace(self._first)
            fill(self.world)

    def _answer(self, raw: Raw, still_there: Callable[[], bool]) -> Reply | None:
        if raw.path.startswith(control.PREFIX):
            return control.answer(self.world, raw, self.reset)
        return door.answer(self.world, raw, still_there)

    @property
    def aws_url(self) -> str:
        assert self._http is not None, "the sandbox is not started"
        return f"http://127.0.0.1:{self._http.port}"

    @property
    def smtp_endpoints(self) -> str:
        """The value of SES_SMTP_ENDPOINTS: region=host:port/mode, STARTTLS before TLS, region by region."""
        assert self._smtp is not None, "the sandbox is not started"
        return ",".join(f"{each.region}=localhost:{each.port}/{each.mode}" for each in self._smtp.endpoints)

    @property
    def faults(self) -> Faults:
        return self.world.faults

    @property
    def settings(self) -> Settings:
        return self.world.settings

    @property
    def calls(self) -> list[tuple[str, int]]:
        """Operation and HTTP (or SMTP) status of every call since the last reset; 0 where the reply was lost."""
        return self.world.calls.outcomes()

    @property
    def mailbox(self) -> list[Delivered]:
        return list(self.world.mailbox)

    @property
    def clock_offset(self) -> float:
        return self.world.clock.offset

    @clock_offset.setter
    def clock_offset(self, seconds: float) -> None:
        self.world.clock.offset = seconds


def _step(port: int, index: int) -> int:
    return port + PORT_STEP * index if port else 0


def _key_pair(path: Path) -> KeyPair:
    """The pair in the file; made and written (mode 0600) where there is none."""
    try:
        return KeyPair(**json.loads(path.read_text()))
    except FileNotFoundError:
        letters = string.ascii_uppercase + "234567"
        key_id = "AKIA" + "".join(secrets.choice(letters) for _ in range(16))
        pair = KeyPair(key_id, new_secret())
        document = {"access_key_id": pair.access_key_id, "secret_access_key": pair.secret_access_key}
        write_private(path, json.dumps(document).encode())
        return pair
