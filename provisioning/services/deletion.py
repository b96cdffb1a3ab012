"""Deleting an IAM user whole: what we know of first, the rest only when AWS says that something is in the way."""

from collections.abc import Callable
from dataclasses import dataclass, field

from guidance.catalogue import Kind
from provisioning.domain.naming import ACT_TAG, NAME_PREFIX, SUSPENDED_POLICY_NAME
from provisioning.gateway.contract import ACCESS_DENIED, DELETE_CONFLICT, Aws, GatewayFault, Holdings, IamUser
from provisioning.models import Credential

PASSWORD = "a password for the console"  # noqa: S105 - in words
NOT_OURS = "an IAM user of this name that is not ours: left alone"
_SOMETHING = (
    "Something hangs on the IAM user that the dashboard may not remove: a signing certificate, an SSH public key or a "
    "credential for another service. Remove it in AWS."
)


@dataclass
class Gone:
    """How far a deletion came: the calls that AWS has answered, the keys that are no more, and what nobody had made."""

    calls: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    foreign: tuple[str, ...] = ()
    left_alone: bool = False


def is_ours(user: IamUser, credential: Credential) -> bool:
    """Return whether the act that issued `credential` made this user: it carries the act's tag."""
    return user.tags.get(ACT_TAG) == str(credential.request_id)


@dataclass(frozen=True)
class Foreign:
    """What hangs on a user that nobody here made, in words: what is deleted with it, and the groups that keep it.

    `unseen` is what our rights do not let us see: those of an earlier release know less.
    """

    goes: tuple[str, ...]
    stays: tuple[str, ...]
    unseen: tuple[str, ...] = ()


def foreign(credential: Credential, held: Holdings) -> Foreign:
    """Return what of `held` is not in the books. The MFA device of a console login is its owner's own."""
    keys = set(credential.keys.values_list("key_id", flat=True))
    policies = {credential.policy_name, SUSPENDED_POLICY_NAME}
    devices = () if credential.kind == Kind.CONSOLE else held.mfa_devices
    return Foreign(
        goes=(
            *(f"the access key {key_id}" for key_id in held.access_keys if key_id not in keys),
            *(f"the MFA device {serial}" for serial in devices),
            *(f"the inline policy {name}" for name in held.inline_policies if name not in policies),
            *(f"the attachment of {arn}" for arn in held.attached_policies),
        ),
        stays=tuple(f"the group {name}" for name in held.groups),
    )


@dataclass(frozen=True)
class Removal:
    """One call that takes something of a user away; "not there" may for some seconds mean "too new to be seen"."""

    operation: str
    subject: str
    make: Callable[[Aws, float], bool]
    key_id: str = ""


def known(credential: Credential, *, was_suspended: bool) -> list[Removal]:
    """Return what takes away all that hangs on the user by the books, in the order that AWS wants."""
    name = credential.user_name

    def policy(named: str) -> Removal:
        return Removal("DeleteUserPolicy", named, lambda gateway, _: gateway.delete_policy(name, named))

    def key(key_id: str) -> Removal:
        def make(gateway: Aws, unseen_for: float) -> bool:
            return gateway.delete_key(name, key_id, unseen_for=unseen_for)

        return Removal("DeleteAccessKey", key_id, make, key_id)

    def password(gateway: Aws, unseen_for: float) -> bool:
        return gateway.delete_login(name, unseen_for=unseen_for)

    removals = [key(key_id) for key_id in credential.keys.filter(deleted_at=None).values_list("key_id", flat=True)]
    if credential.kind == Kind.CONSOLE and not was_suspended:
        removals.append(Removal("DeleteLoginProfile", name, password))
    removals.append(policy(credential.policy_name))
    if credential.kind == Kind.CONSOLE and was_suspended:  # last, lest open sessions come back for a moment
        removals.append(policy(SUSPENDED_POLICY_NAME))
    return removals


def delete_known(
    credential: Credential,
    gateway: Aws,
    gone: Gone,
    *,
    was_suspended: bool,
    go_on: Callable[[], None],
    unseen_for: float = 0.0,
) -> None:
    """Delete the user of `credential`, noting in `gone` how far it came; `go_on` is asked before unforeseen calls.

    For `unseen_for` seconds "not there" is taken for a user who is too new to be seen; then what is gone is done.
    """
    name, expected = credential.user_name, True
    for removal in known(credential, was_suspended=was_suspended):
        expected &= removal.make(gateway, unseen_for)
        gone.keys += [removal.key_id] if removal.key_id else []
        gone.calls.append(removal.operation)
    if not expected and not _still_ours(credential, gateway, gone):
        return
    try:
        gateway.delete_user(name, unseen_for=unseen_for)
    except GatewayFault as fault:
        if fault.code != DELETE_CONFLICT or not fault.is_certain:
            raise
        if not _still_ours(credential, gateway, gone):
            return
        delete_everything(credential, gateway, gone, go_on=go_on)
    gone.calls.append("DeleteUser")


def _still_ours(credential: Credential, gateway: Aws, gone: Gone) -> bool:
    """Something is not as we left it: look whether the user is there, and the one that we made."""
    user = gateway.user(credential.user_name)
    gone.left_alone = user is not None and not is_ours(user, credential)
    return user is not None and not gone.left_alone


def delete_everything(credential: Credential, gateway: Aws, gone: Gone, *, go_on: Callable[[], None]) -> bool:
    """Delete whatever hangs on the user, in the order that AWS wants, then the user; return whether it was there.

    Notes in `gone` what of it was not in the books.
    """
    user_name = credential.user_name
    go_on()
    held = gateway.holdings(user_name)
    gone.foreign = foreign(credential, held).goes
    removals: list[Callable[[], bool]] = [
        *(lambda key_id=key_id: gateway.delete_key(user_name, key_id) for key_id in held.access_keys),
        lambda: _delete_login(credential, gateway, gone),
        *(lambda serial=serial: gateway.deactivate_mfa(user_name, serial) for serial in held.mfa_devices),
        *(lambda serial=serial: _delete_device(serial, gateway) for serial in held.mfa_devices if _is_its_own(serial)),
        *(lambda policy=policy: gateway.delete_policy(user_name, policy) for policy in held.inline_policies),
        *(lambda arn=arn: gateway.detach_policy(user_name, arn) for arn in held.attached_policies),
    ]
    for remove in removals:
        go_on()
        remove()
    go_on()
    try:
        return gateway.delete_user(user_name)
    except GatewayFault as fault:
        if fault.code == DELETE_CONFLICT and fault.is_certain:
            fault.words = _in_the_way(user_name, held, gateway)
        raise


def _delete_login(credential: Credential, gateway: Aws, gone: Gone) -> bool:
    was_there = gateway.delete_login(credential.user_name)
    if was_there and credential.kind != Kind.CONSOLE:
        gone.foreign += (PASSWORD,)
    return was_there


def _is_its_own(serial: str) -> bool:
    """Return whether it is a virtual device that its user has made: named like the user, it is of no use any more."""
    return f":mfa/{NAME_PREFIX}" in serial


def _delete_device(serial: str, gateway: Aws) -> bool:
    """Delete a device that nobody uses; without the right to, it stays, and does no harm."""
    try:
        return gateway.delete_mfa(serial)
    except GatewayFault as fault:
        if fault.code != ACCESS_DENIED:
            raise
        return False


def _in_the_way(user_name: str, held: Holdings, gateway: Aws) -> str:
    """Return what blocks, by name: only somebody with other rights can take it away."""
    try:
        hung = gateway.obstacles(user_name)
    except GatewayFault:  # the dashboard has the rights of an earlier release: what blocks is said all the same
        hung = ()
    said = []
    if held.groups:
        said.append(f"Somebody put the IAM user into {', '.join(held.groups)}. Take it out there.")
    if hung:
        said.append(f"On the IAM user hangs {', '.join(hung)}, which the dashboard may not remove. Remove it in AWS.")
    what = " ".join(said) or _SOMETHING
    return f"{what} Then revoke again. Its keys and its password are deleted: nobody can use it any more."
