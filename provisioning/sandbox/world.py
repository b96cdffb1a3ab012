"""Everything that one sandbox knows: moto's IAM, our SES regions, the clock, faults, log and delays."""

import secrets
import string
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from moto.iam.models import AccessKeyLastUsed, IAMBackend, iam_backends
from moto.sts.models import STSBackend, sts_backends

from .calls import CallLog
from .clock import Clock, ticks
from .faults import Faults

ACCOUNT = "123456789012"
PARTITION = "aws"
IAM_REGION = "us-east-1"  # IAM is global and reports this region as its own
MAILBOX_SIZE = 1000
_SECRET_SIGNS = string.ascii_letters + string.digits + "+/"


@dataclass(frozen=True)
class KeyPair:
    access_key_id: str
    secret_access_key: str = field(repr=False)


def new_secret() -> str:
    """A secret access key as AWS makes them: 40 signs, among them plus and slash (moto's have neither)."""
    return "".join(secrets.choice(_SECRET_SIGNS) for _ in range(40))


@dataclass
class Settings:
    """What the control document changes."""

    key_delay: float = 0.0
    user_delay: float = 0.0
    quota_users: int = 5000


@dataclass
class SesRegion:
    """The SES state of one region."""

    production: bool
    identities: dict[str, bool] = field(default_factory=dict)  # domain or address -> verified
    configuration_sets: set[str] = field(default_factory=set)
    templates: set[str] = field(default_factory=set)
    sent: deque[float] = field(default_factory=lambda: deque(maxlen=100_000))  # one entry per recipient, seconds

    def identity_of(self, address: str) -> str | None:
        """The most specific verified identity of an address, or None.

        A local part counts case, a domain does not. A verified domain covers its subdomains in AWS too.
        """
        local, _, domain = address.rpartition("@")
        domain = domain.lower()
        labels = domain.split(".")
        wider = [".".join(labels[index:]) for index in range(len(labels) - 1)]
        candidates = [f"{local}@{domain}", *wider]
        return next((each for each in candidates if self.identities.get(each)), None)


@dataclass(frozen=True)
class Delivered:
    """One message that the SMTP endpoint or the API took."""

    region: str
    message_id: str
    sender: str
    recipients: tuple[str, ...]
    headers: tuple[tuple[str, str], ...]
    key_id: str


def _nothing() -> None:
    pass


class World:
    def __init__(self, regions: tuple[str, ...], root: KeyPair, dashboard: KeyPair) -> None:
        self.lock = threading.RLock()  # moto's dictionaries are not made for many threads
        self.regions = regions
        self.root = root
        self.dashboard = dashboard
        self.clock = Clock()
        self.faults = Faults()
        self.calls = CallLog()
        self.settings = Settings()
        self.ses: dict[str, SesRegion] = {}
        self.born_users: dict[str, float] = {}
        self.born_keys: dict[str, float] = {}
        self.root_key_used: AccessKeyLastUsed | None = None
        self.report: tuple[datetime, str] | None = None  # (generated at, CSV)
        self.mailbox: deque[Delivered] = deque(maxlen=MAILBOX_SIZE)
        self.changed: Callable[[], None] = _nothing

    @property
    def iam(self) -> IAMBackend:
        return iam_backends[ACCOUNT][PARTITION]

    @property
    def sts(self) -> STSBackend:
        return sts_backends[ACCOUNT][PARTITION]

    def empty(self) -> None:
        """Back to an account with nothing in it, no offset and an empty log."""
        self.iam.reset()
        self.sts.reset()
        self.ses = {region: SesRegion(production=False) for region in self.regions}
        self.born_users.clear()
        self.born_keys.clear()
        self.root_key_used = self.report = None
        self.mailbox.clear()
        self.calls.clear()
        self.clock.offset = 0.0

    def known_key(self, key_id: str) -> str:
        """The id if it is one of ours, else a dash: what people type in its place may be a secret."""
        return key_id if key_id in self.iam.access_keys or key_id == self.root.access_key_id else "-"

    def key_is_settled(self, key_id: str) -> bool:
        """Whether a new key already works; the delay in force now counts, so that ending it frees all keys."""
        return ticks() - self.born_keys.get(key_id, float("-inf")) >= self.settings.key_delay

    def user_is_visible(self, name: str) -> bool:
        return ticks() - self.born_users.get(name, float("-inf")) >= self.settings.user_delay
