"""A second AWS account: added as an administrator does, its role made ready as root does there."""

import json
from typing import Any

import boto3
from django.utils import timezone

from provisioning.domain.own_policy import trust_policy
from provisioning.domain.roles import system
from provisioning.gateway.aws import aws
from provisioning.models import AwsAccount
from provisioning.sandbox.account import DASHBOARD_ARN, SECOND_ROLE, SECOND_ROLE_ARN
from provisioning.sandbox.server import Sandbox
from provisioning.sandbox.world import SECOND_ACCOUNT
from provisioning.services import accounts, identities
from provisioning.services.accounts import Wanted
from tests.builders import REGIONS, World
from tests.services.truth import Truth

BOUNDARY_THERE = f"arn:aws:iam::{SECOND_ACCOUNT}:policy/sescreds-boundary"
CONSOLE_BOUNDARY_THERE = f"arn:aws:iam::{SECOND_ACCOUNT}:policy/sescreds-console-boundary"
WANTED: dict[str, Any] = {
    "name": "Subsidiary",
    "role_arn": SECOND_ROLE_ARN,
    "path": "/ses-dashboard/",
    "boundary_arn": BOUNDARY_THERE,
    "regions": REGIONS,
}


def wanted(**changes: Any) -> Wanted:
    return Wanted(**{**WANTED, **changes})


def added(world: World, **changes: Any) -> AwsAccount:
    """The account as the books have it; nothing in AWS knows of it yet."""
    return accounts.add(wanted(**changes), by=world.actor("admin"), now=timezone.now())


def trust(sandbox: Sandbox, policy: object) -> None:
    """Give the role in the second account another trust policy."""
    there = root_there(sandbox)
    there.update_assume_role_policy(RoleName=SECOND_ROLE, PolicyDocument=json.dumps(policy))


def printed_trust(account: AwsAccount) -> dict[str, Any]:
    return dict(trust_policy(principal_arn=DASHBOARD_ARN, external_id=account.external_id))


def nameless_trust(account: AwsAccount) -> dict[str, Any]:
    """The printed trust but for what lets the dashboard name the person."""
    policy = printed_trust(account)
    return {**policy, "Statement": policy["Statement"][:1]}


def ready(world: World, sandbox: Sandbox, **changes: Any) -> AwsAccount:
    """The account with its role trusting us, and its identities read."""
    account = added(world, **changes)
    trust(sandbox, printed_trust(account))
    identities.refresh_everywhere(by=system("test"), gateway=aws(), now=timezone.now())
    return account


def root_there(sandbox: Sandbox) -> Any:
    """IAM of the second account as its root user."""
    return boto3.client(
        "iam",
        region_name="us-east-1",
        endpoint_url=sandbox.aws_url,
        aws_access_key_id=sandbox.second_root_keys.access_key_id,
        aws_secret_access_key=sandbox.second_root_keys.secret_access_key,
    )


class TruthThere(Truth):
    """What is true of the second account, where all that a test has made lies there."""

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(sandbox)
        self.root = root_there(sandbox)
