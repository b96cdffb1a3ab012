"""The pretend account: the dashboard's user with exactly the printed policy, identities, and strangers to find."""

import json
from collections.abc import Callable
from datetime import timedelta

from moto.iam.models import AccessKeyLastUsed, ManagedPolicy, User

from provisioning.domain.own_policy import boundary_policy, console_boundary_policy, own_policy, trust_policy

from .rules import MANAGED_POLICY_SIZE, demand_room
from .world import ACCOUNT, ACCOUNTS, IAM_REGION, PARTITION, SECOND_ACCOUNT, KeyPair, SesRegion, World

DASHBOARD_USER = "sescreds-dashboard"
DASHBOARD_ARN = f"arn:{PARTITION}:iam::{ACCOUNT}:user/{DASHBOARD_USER}"
ACCOUNT_PATH = "/ses-dashboard/"
BOUNDARY_NAME = "sescreds-boundary"
BOUNDARY_ARN = f"arn:{PARTITION}:iam::{ACCOUNT}:policy/{BOUNDARY_NAME}"
# The role in the second account; its trust is made when an external ID is known, by whoever is root there.
SECOND_ROLE = "sescreds"
SECOND_ROLE_ARN = f"arn:{PARTITION}:iam::{SECOND_ACCOUNT}:role/{SECOND_ROLE}"
SECOND_EXTERNAL_ID = "sandbox-external-id"
IDENTITIES = ("example.com", "billing.example.com")
CONSOLE_BOUNDARY_NAME = "sescreds-console-boundary"
CONSOLE_BOUNDARY_ARN = f"arn:{PARTITION}:iam::{ACCOUNT}:policy/{CONSOLE_BOUNDARY_NAME}"
# The others are in the SES sandbox, as every new region of an account is.
WITH_PRODUCTION_ACCESS = {"us-east-1"}
CONSOLE_GROUP = "AWSSESSendingGroupDoNotRename"
_CONSOLE_POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "ses:SendRawEmail", "Resource": "*"}],
    }
)


def fill(world: World) -> None:
    """Put the accounts into their first state; the world is empty."""
    for account in ACCOUNTS:
        world.all_ses[account] = {
            region: SesRegion(region in WITH_PRODUCTION_ACCESS, dict.fromkeys(IDENTITIES, True))
            for region in world.regions
        }
    set_dashboard(world)
    set_role(world.within(SECOND_ACCOUNT))
    _strangers(world)


def set_dashboard(world: World) -> None:
    """The dashboard's user and the boundaries, as the product prints them now (also over an older snapshot)."""
    where = {"account_id": ACCOUNT, "path": ACCOUNT_PATH, "partition": PARTITION}
    _set_policy(world, BOUNDARY_NAME, boundary_policy(**where))
    _set_policy(world, CONSOLE_BOUNDARY_NAME, console_boundary_policy(**where))
    own = own_policy(
        **where,
        boundary_arn=BOUNDARY_ARN,
        console_boundary_arn=CONSOLE_BOUNDARY_ARN,
        principal_arn=DASHBOARD_ARN,
        role_arns=(SECOND_ROLE_ARN,),
    )
    policy = _set_policy(world, DASHBOARD_USER, own)
    if DASHBOARD_USER not in world.iam.users:
        world.iam.create_user(IAM_REGION, DASHBOARD_USER, "/")
    user = world.iam.users[DASHBOARD_USER]
    if policy.arn not in user.managed_policies:
        policy.attach_to(user)
    _set_key(world, user, world.dashboard)


def set_role(world: World) -> None:
    """The role in the second account, as the product prints it: its policy, its trust, and the boundaries beside it."""
    where = {"account_id": SECOND_ACCOUNT, "path": ACCOUNT_PATH, "partition": PARTITION}
    boundary = _set_policy(world, BOUNDARY_NAME, boundary_policy(**where))
    console = _set_policy(world, CONSOLE_BOUNDARY_NAME, console_boundary_policy(**where))
    own = own_policy(
        boundary_arn=boundary.arn, console_boundary_arn=console.arn, principal_arn=SECOND_ROLE_ARN, **where
    )
    policy = _set_policy(world, SECOND_ROLE, own)
    trust = json.dumps(trust_policy(principal_arn=DASHBOARD_ARN, external_id=SECOND_EXTERNAL_ID))
    if not any(role.name == SECOND_ROLE for role in world.iam.roles.values()):
        role = world.iam.create_role(SECOND_ROLE, trust, "/", None, "", [], "3600")
        policy.attach_to(role)


def _set_policy(world: World, name: str, document: dict[str, object]) -> ManagedPolicy:
    text = json.dumps(document)
    demand_room([text], MANAGED_POLICY_SIZE, f"{name} is longer than a managed policy may be.")
    arn = f"{world.iam_arn}policy/{name}"
    if arn not in world.iam.managed_policies:
        return world.iam.create_policy("", "/", text, name, [])
    policy = world.iam.managed_policies[arn]
    next(version for version in policy.versions if version.is_default).document = text
    return policy


def _set_key(world: World, user: User, pair: KeyPair) -> None:
    """Give the user exactly this key pair, so that its file stays right over every reset."""
    for key in list(user.access_keys):
        world.iam.delete_access_key(key.access_key_id, user.name)
    key = world.iam.create_access_key(user.name)
    del world.iam.access_keys[key.access_key_id]
    key.access_key_id, key.secret_access_key = pair.access_key_id, pair.secret_access_key
    world.iam.access_keys[pair.access_key_id] = key


def _strangers(world: World) -> None:
    """Users that the product did not make, as consoles and people leave them behind."""
    iam = world.iam
    group = iam.create_group(CONSOLE_GROUP)
    group.put_policy("AmazonSesSendingAccess", _CONSOLE_POLICY)

    def old(user: User) -> None:
        user.put_policy("AmazonSesSendingAccess", _CONSOLE_POLICY)
        iam.tag_user(user.name, [{"Key": "InvokedBy", "Value": "SESConsole"}])

    _stranger(world, "ses-smtp-user.20230114-101500", days=1040, used_days=2, more=old)
    _stranger(world, "ses-smtp-user.20250303-090000", days=260, used_days=None, more=group.users.append)

    def by_hand(user: User) -> None:
        user.put_policy("mail", _CONSOLE_POLICY.replace("ses:SendRawEmail", "ses:*"))

    _stranger(world, "website", days=1900, used_days=400, more=by_hand)


def _stranger(world: World, name: str, days: int, used_days: int | None, more: Callable[[User], None]) -> None:
    now = world.clock.naive()
    user = world.iam.create_user(IAM_REGION, name, "/")
    user.create_date = now - timedelta(days=days)
    key = world.iam.create_access_key(name)
    key.create_date = user.create_date
    if used_days is not None:
        key.last_used = AccessKeyLastUsed(now - timedelta(days=used_days), "ses", world.regions[0])
    more(user)
