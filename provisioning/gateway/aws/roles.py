"""Sessions in other accounts: begun through their role, kept for their hour, begun anew before they end.

A session is kept for its role, external ID and person, because AWS holds the person (the source identity) to the
session. Its name is the id of the request that began it; every call carries its own request's id in the user agent.
"""

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from provisioning import request_id
from provisioning.gateway.aws.calls import call
from provisioning.gateway.aws.sessions import Clients
from provisioning.gateway.contract import ACCESS_DENIED, Certainty, GatewayFault, Role

if TYPE_CHECKING:  # the stubs are on desks only
    from mypy_boto3_sts.type_defs import AssumeRoleResponseTypeDef

SESSION = timedelta(hours=1)  # where the dashboard runs on a role itself, AWS gives no longer one
RENEWED_BEFORE = timedelta(minutes=15)  # so that none ends during an act: a claim's lease is shorter
_NAME_LENGTH = 64
_SAYABLE = re.compile(r"[^A-Za-z0-9_+=,.@-]")
_NO_ANSWER = "AWS did not answer when the dashboard asked to be let into the account. Try again in a moment."
_WORDS = {
    ACCESS_DENIED: "AWS does not let the dashboard into the account: the role is not there, or does not trust the "
    "dashboard with this external ID, or the dashboard's own policy does not name the role.",
    "RegionDisabledException": "AWS STS is switched off in the region that the dashboard asks.",
    "ExpiredTokenException": "The dashboard's own session in AWS has ended.",
}


@dataclass(frozen=True)
class _Kept:
    role: Role  # without the person where the role takes no source identity
    clients: Clients
    ends_at: datetime


def utc_now() -> datetime:
    """Return the time, as sessions end by it."""
    return datetime.now(UTC)


class Sessions:
    """The sessions that one process has in other accounts. Two threads that want the same one begin it once."""

    def __init__(self, clients: Clients, clock: Callable[[], datetime] = utc_now) -> None:
        self._clients = clients
        self._clock = clock
        self._lock = threading.Lock()
        self._locks: dict[Role, threading.Lock] = {}
        self._kept: dict[Role, _Kept] = {}
        self._name_nobody: set[Role] = set()  # roles that take no source identity

    def clients(self, role: Role, *, anew: bool) -> Clients:
        """Return the clients of a session that holds for a while; raise `GatewayFault` where AWS gives none."""
        if anew:
            self._name_nobody.discard(_nobody(role))
        if _nobody(role) in self._name_nobody:
            role = _nobody(role)
        with self._lock:
            lock = self._locks.setdefault(role, threading.Lock())
        with lock:
            kept = self._kept.get(role)
            if kept is None or anew or kept.ends_at - self._clock() < RENEWED_BEFORE:
                kept = self._begin(role)
                self._keep(kept)
            return kept.clients

    def _keep(self, begun: _Kept) -> None:
        now = self._clock()
        with self._lock:
            self._kept = {each: kept for each, kept in self._kept.items() if kept.ends_at > now} | {begun.role: begun}
            self._locks = {each: lock for each, lock in self._locks.items() if each in self._kept or lock.locked()}

    def _begin(self, role: Role) -> _Kept:
        try:
            reply = self.assume(role)
        except GatewayFault as fault:
            if not role.person or fault.code != ACCESS_DENIED:
                raise
            # The trust may only not let us name the person: then AWS keeps the request's id alone.
            role = _nobody(role)
            reply = self.assume(role)
            self._name_nobody.add(role)
        given = reply["Credentials"]
        keys = {
            "aws_access_key_id": given["AccessKeyId"],
            "aws_secret_access_key": given["SecretAccessKey"],
            "aws_session_token": given["SessionToken"],
        }
        return _Kept(role, Clients(base=self._clients, keys=keys), given["Expiration"])

    def assume(self, role: Role) -> "AssumeRoleResponseTypeDef":
        """Ask AWS to be let in; whatever goes wrong, nothing was done."""
        asked: dict[str, Any] = {"RoleArn": role.arn, "RoleSessionName": sayable(request_id.current()) or "sescreds"}
        if role.external_id:
            asked["ExternalId"] = role.external_id
        if person := sayable(role.person):
            asked["SourceIdentity"] = person
        seconds = int(SESSION.total_seconds())
        try:
            return call("AssumeRole", self._clients.sts.assume_role, again=True, DurationSeconds=seconds, **asked)
        except GatewayFault as fault:
            fault.words = _WORDS.get(fault.code, fault.words if fault.is_certain else _NO_ANSWER)
            fault.certainty = Certainty.NOT_DONE
            raise


def _nobody(role: Role) -> Role:
    return replace(role, person="")


def sayable(text: str) -> str:
    """Return `text` as STS takes names of sessions and people, or "" where too little of it is left."""
    name = _SAYABLE.sub("-", text)[:_NAME_LENGTH]
    return name if len(name) > 1 else ""
