"""What AWS has of a credential at this moment, for pages that ask before they change something. Only reads."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from guidance.catalogue import Kind
from provisioning.domain import last_use
from provisioning.domain.permission import demand
from provisioning.domain.roles import Act, Actor
from provisioning.gateway.contract import ACCESS_DENIED, Aws, GatewayFault, KeyLastUse, UserKey
from provisioning.models import AccessKey, Credential
from provisioning.services import by_hand, deletion, set_up
from provisioning.services.amending import say_if_gone
from provisioning.services.deletion import Foreign


@dataclass(frozen=True)
class Held:
    """A key by the books and in AWS. `row` is None where nobody made it here, `in_aws` where AWS has it no more."""

    key_id: str
    made_at: datetime
    row: AccessKey | None
    in_aws: UserKey | None
    last: KeyLastUse | None
    service: str
    ending: str  # the command that deletes it by hand


def held(
    credential: Credential, kept: Iterable[AccessKey] | None = None, *, by: Actor, gateway: Aws, now: datetime
) -> list[Held]:
    """Return the keys that the credential's user has, by the books or in AWS, oldest first. A read, and one a key.

    `kept`: those of the books, where they are read already.
    """
    gateway = _let_in(credential, by=by, gateway=gateway, now=now)
    rows = {row.key_id: row for row in (credential.keys.kept() if kept is None else kept)}
    found = {key.key_id: key for key in keys_of(credential, gateway)}
    ids = dict.fromkeys([*rows, *found])
    keys = [_held(credential, key_id, rows.get(key_id), found.get(key_id), gateway) for key_id in ids]
    return sorted(keys, key=lambda key: key.made_at)


def _held(credential: Credential, key_id: str, row: AccessKey | None, in_aws: UserKey | None, gateway: Aws) -> Held:
    last = gateway.key_last_used(key_id) if in_aws else None
    made_at = row.made_at if row else in_aws.made_at if in_aws else credential.created_at
    service = last_use.service(Kind(credential.kind), last.service) if last else ""
    return Held(key_id, made_at, row, in_aws, last, service, by_hand.ending_of_key(credential, key_id))


def keys_of(credential: Credential, gateway: Aws) -> Sequence[UserKey]:
    """Return the keys of the credential's user; that somebody has deleted the user is said."""
    try:
        return gateway.keys(credential.user_name)
    except GatewayFault as fault:
        say_if_gone(credential, fault, gateway)
        raise


def signed_in_at(credential: Credential, *, by: Actor, gateway: Aws, now: datetime) -> datetime | None:
    """Return when somebody last signed in with a console login, None if AWS knows of nobody. One read."""
    gateway = _let_in(credential, by=by, gateway=gateway, now=now)
    return gateway.known_user(credential.user_name).signed_in_at


def foreign(credential: Credential, *, by: Actor, gateway: Aws, now: datetime) -> Foreign:
    """Return what hangs on the credential's user that nobody here made. Six reads."""
    gateway = _let_in(credential, by=by, gateway=gateway, now=now)
    found = deletion.foreign(credential, gateway.holdings(credential.user_name))
    has_password = _has_foreign_password(credential, gateway)
    if has_password is None:
        return replace(found, unseen=(deletion.PASSWORD,))
    return replace(found, goes=(*found.goes, deletion.PASSWORD)) if has_password else found


def has_foreign_password(credential: Credential, *, by: Actor, gateway: Aws, now: datetime) -> bool | None:
    """Return whether somebody gave a user that only sends a password; None where we may not look. One read."""
    return _has_foreign_password(credential, _let_in(credential, by=by, gateway=gateway, now=now))


def _has_foreign_password(credential: Credential, gateway: Aws) -> bool | None:
    if credential.kind == Kind.CONSOLE:
        return False
    try:
        return gateway.has_login(credential.user_name)
    except GatewayFault as fault:
        if fault.code != ACCESS_DENIED:
            raise
        return None


def _let_in(credential: Credential, *, by: Actor, gateway: Aws, now: datetime) -> Aws:
    demand(by, Act.CREDENTIAL_READ, credential.target)
    return set_up.require_account(credential.account, gateway, now=now)
