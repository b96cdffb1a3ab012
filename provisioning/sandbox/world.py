"""Everything that one sandbox knows: moto's IAM, our SES regions, the clock, faults, log and delays."""

import copy
import secrets
import string
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from moto.iam.models import AccessKeyLastUsed, IAMBackend, iam_backends
from moto.sts.models import STSBackend, sts_backends

from .calls import CallLog
from .clock import Clock, ticks
from .faults import Faults

ACCOUNT = "123456789012"  # the dashboard's own
SECOND_ACCOUNT = "210987654321"  # one that it enters through a role
ACCOUNTS = (ACCOUNT, SECOND_ACCOUNT)
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
    """All accounts together; what belongs to one is that of `account`, and `within` looks at another."""

    def __init__(self, regions: tuple[str, ...], roots: dict[str, KeyPair], dashboard: KeyPair) -> None:
        self.account = ACCOUNT
        self.lock = threading.RLock()  # moto's dictionaries are not made for many threads
        self.regions = regions
        self.roots = roots
        self.dashboard = dashboard
        self.clock = Clock()
        self.faults = Faults()
        self.calls = CallLog()
        self.settings = Settings()
        self.all_ses: dict[str, dict[str, SesRegion]] = {account: {} for account in ACCOUNTS}
        self.born_users: dict[tuple[str, str], float] = {}
        self.born_keys: dict[str, float] = {}
        self.root_keys_used: dict[str, AccessKeyLastUsed] = {}
        self.reports: dict[str, tuple[datetime, str]] = {}  # (generated at, CSV)
        self.mailbox: deque[Delivered] = deque(maxlen=MAILBOX_SIZE)
        self.changed: Callable[[], None] = _nothing

    def within(self, account: str) -> Self:
        """The same world, seen from another account."""
        other = copy.copy(self)
        other.account = account
        return other

    @property
    def root(self) -> KeyPair:
        return self.roots[self.account]

    @property
    def root_arn(self) -> str:
        return f"{self.iam_arn}root"

    @property
    def iam_arn(self) -> str:
        """How the ARN of everything in this account's IAM begins."""
        return f"arn:{PARTITION}:iam::{self.account}:"

    @property
    def ses(self) -> dict[str, SesRegion]:
        return self.all_ses[self.account]

    @property
    def iam(self) -> IAMBackend:
        return iam_backends[self.account][PARTITION]

    @property
    def sts(self) -> STSBackend:
        return sts_backends[self.account][PARTITION]

    def empty(self) -> None:
        """Back to accounts with nothing in them, no offset and an empty log."""
        for account in ACCOUNTS:
            self.within(account).iam.reset()
            self.within(account).sts.reset()
            self.all_ses[account] = {region: SesRegion(production=False) for region in self.regions}
        self.born_users.clear()
        self.born_keys.clear()
        self.root_keys_used.clear()
        self.reports.clear()
        self.mailbox.clear()
        self.calls.clear()
        self.clock.offset = 0.0

    def known_key(self, key_id: str) -> str:
        """The id if it is one of ours, else a dash: what people type in its place may be a secret."""
        return key_id if self.account_of(key_id) else "-"

    def account_of(self, key_id: str) -> str | None:
        """The account whose key this is."""
        places = map(self.within, ACCOUNTS)
        found = (each for each in places if key_id == each.root.access_key_id or key_id in each.iam.access_keys)
        return next((each.account for each in found), None)

    def key_is_settled(self, key_id: str) -> bool:
        """Whether a new key already works; the delay in force now counts, so that ending it frees all keys."""
        return ticks() - self.born_keys.get(key_id, float("-inf")) >= self.settings.key_delay

    def user_is_visible(self, name: str) -> bool:
        return ticks() - self.born_users.get((self.account, name), float("-inf")) >= self.settings.user_delay
