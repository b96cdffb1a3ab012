"""Who calls: from an access key to a principal with its policies and boundary."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from moto.iam.models import AccessKey, AccessKeyLastUsed, Group, ManagedPolicy, Role, User

from .authorization import Holder
from .boundaries import boundary_of
from .errors import AwsError
from .policies import Policy, read_policy
from .world import ACCOUNT, World

# AWS records only the first use of a key in such a span.
_LAST_USED_SPAN = timedelta(minutes=15)
SOURCE_IDENTITY = "source_identity"  # moto keeps none with a session


@dataclass(frozen=True)
class Caller:
    """The principal behind a key. `holder` is None for root, which no policy limits."""

    account: str
    kind: Literal["Account", "User", "AssumedRole"]
    arn: str
    unique_id: str
    name: str
    key_id: str
    secret: str = field(repr=False)
    holder: Holder | None
    tags: tuple[tuple[str, str], ...] = ()
    source_identity: str = ""


def caller_with_key(world: World, key_id: str, token: str = "") -> Caller:
    """The principal whose active, settled key this is; raises InvalidClientTokenId for anything else."""
    world = world.within(world.account_of(key_id) or ACCOUNT)
    if key_id == world.root.access_key_id:
        return Caller(
            world.account, "Account", world.root_arn, world.account, "root", key_id, world.root.secret_access_key, None
        )
    key = world.iam.access_keys.get(key_id)
    if key is None or key.status != "Active" or not world.key_is_settled(key_id):
        raise _unknown_key()
    if key.user_name is None:
        return _assumed_role(world, key, token)
    user = world.iam.users.get(key.user_name)
    if user is None or token:
        raise _unknown_key()
    tags = tuple((tag["Key"], tag["Value"]) for tag in user.tags or ())
    holder = holder_of_user(world, user)
    return Caller(world.account, "User", user.arn, user.id, user.name, key_id, key.secret_access_key, holder, tags)


def _assumed_role(world: World, key: AccessKey, token: str) -> Caller:
    session = next((each for each in world.sts.assumed_roles if each.access_key_id == key.access_key_id), None)
    if session is None or session.session_token != token:
        raise _unknown_key()
    if session.expiration < world.clock.naive():
        raise AwsError("ExpiredToken", "The security token included in the request is expired")
    role = next((each for each in world.iam.roles.values() if each.arn == session.role_arn), None)
    if role is None:
        raise _unknown_key()
    holder = holder_of_role(world, role)
    return Caller(
        account=world.account,
        kind="AssumedRole",
        arn=session.arn,
        unique_id=session.user_id,
        name=role.name,
        key_id=key.access_key_id,
        secret=key.secret_access_key,
        holder=holder,
        source_identity=getattr(session, SOURCE_IDENTITY, ""),
    )


def _unknown_key() -> AwsError:
    return AwsError("InvalidClientTokenId", "The security token included in the request is invalid.")


def holder_of_user(world: World, user: User) -> Holder:
    """Own inline and attached policies, those of all groups, and the boundary."""
    groups = [group for group in world.iam.groups.values() if user in group.users]
    documents = [*_documents(user), *(text for group in groups for text in _documents(group))]
    return Holder(_read(documents), _boundary(world, boundary_of(user)))


def holder_of_group(group: Group) -> Holder:
    return Holder(_read(_documents(group)))


def holder_of_role(world: World, role: Role) -> Holder:
    return Holder(_read(_documents(role)), _boundary(world, boundary_of(role)))


def _documents(entity: User | Group | Role) -> list[str]:
    attached = [default_document(policy) for policy in entity.managed_policies.values()]
    return [*entity.policies.values(), *attached]


def default_document(policy: ManagedPolicy) -> str:
    """The text of a managed policy's default version."""
    return next(str(version.document) for version in policy.versions if version.is_default)


def _read(documents: Iterable[str]) -> tuple[Policy, ...]:
    return tuple(read_policy(text) for text in documents)


def _boundary(world: World, arn: str | None) -> Policy | None:
    if arn is None:
        return None
    policy = world.iam.managed_policies.get(arn)
    # A boundary whose policy is gone allows nothing.
    return read_policy(default_document(policy)) if policy else Policy(())


def record_use(world: World, key_id: str, service: str, region: str) -> None:
    """Remember the last use of a key as AWS does: to the first use in fifteen minutes."""
    now = world.clock.naive()
    key = world.iam.access_keys.get(key_id)
    last = key.last_used if key else world.root_keys_used.get(world.account)
    if last and timedelta(0) <= now - last.timestamp < _LAST_USED_SPAN:
        return
    used = AccessKeyLastUsed(now, service, region)
    if key:
        key.last_used = used
    elif key_id == world.root.access_key_id:
        world.root_keys_used[world.account] = used
