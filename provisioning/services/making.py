"""What a credential of each kind is made of: the calls, the last of which gives the secret, and what undoes them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from guidance.catalogue import Kind
from provisioning.domain.smtp_password import derive
from provisioning.gateway.contract import Aws, NewKey
from provisioning.models import CredentialRequest
from provisioning.services import console_logins
from provisioning.services.claiming import Call

SECRET = "secret_access_key"  # noqa: S105 - the name under which that of an access key is sealed


@dataclass(frozen=True)
class Made:
    """What the last call gave: the secrets by name, as they are sealed, and the access key where it is one."""

    secrets: Mapping[str, str] = field(repr=False)
    key: NewKey | None = None


@dataclass(frozen=True)
class Last:
    """The last call of a kind: its operation, the operation that undoes it, and both as they are done."""

    operation: str
    undo: str
    make: Callable[[CredentialRequest, Aws], Made]
    unmake: Callable[[CredentialRequest, Made, Aws], object]


def last(kind: Kind) -> Last:
    """Return the call that gives a credential of `kind` its secret."""
    return _LAST[kind]


def calls(request: CredentialRequest) -> tuple[Call, ...]:
    """Return the calls that make what was reviewed, each with its undo, as they are written down beforehand."""
    gives = last(Kind(request.kind))
    return (
        Call("CreateUser", request.user_name, "DeleteUser"),
        Call("PutUserPolicy", request.user_name, "DeleteUserPolicy"),
        Call(gives.operation, request.user_name, gives.undo),
    )


def _smtp_key(request: CredentialRequest, gateway: Aws) -> Made:
    key = gateway.create_key(request.user_name, is_new=request.renews_id is None)
    return Made({region: derive(key.secret_access_key, region) for region in request.regions}, key)


def _api_key(request: CredentialRequest, gateway: Aws) -> Made:
    key = gateway.create_key(request.user_name, is_new=request.renews_id is None)
    return Made({SECRET: key.secret_access_key}, key)


def _delete_key(request: CredentialRequest, made: Made, gateway: Aws) -> object:
    return made.key and gateway.delete_key(request.user_name, made.key.access_key_id)


def _console_login(request: CredentialRequest, gateway: Aws) -> Made:
    return Made({console_logins.PASSWORD: console_logins.give_password(request.account, request.user_name, gateway)})


def _delete_login(request: CredentialRequest, _made: Made, gateway: Aws) -> object:
    return gateway.delete_login(request.user_name)


_LAST: dict[Kind, Last] = {
    Kind.SMTP: Last("CreateAccessKey", "DeleteAccessKey", _smtp_key, _delete_key),
    Kind.API: Last("CreateAccessKey", "DeleteAccessKey", _api_key, _delete_key),
    Kind.CONSOLE: Last("CreateLoginProfile", "DeleteLoginProfile", _console_login, _delete_login),
}
