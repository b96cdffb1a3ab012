"""Giving the sandbox's dashboard other rights than the printed ones, as the account's root user would."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import boto3

from provisioning.domain.own_policy import own_policy
from provisioning.sandbox.server import Sandbox

ACCOUNT = "123456789012"
SELF = f"arn:aws:iam::{ACCOUNT}:user/sescreds-dashboard"
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/sescreds-boundary"
CONSOLE_BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/sescreds-console-boundary"
_OWN = f"arn:aws:iam::{ACCOUNT}:policy/sescreds-dashboard"


def printed() -> dict[str, Any]:
    """The dashboard's own policy, as the sandbox's user holds it on a good day."""
    where = {"account_id": ACCOUNT, "path": "/ses-dashboard/", "partition": "aws"}
    return own_policy(boundary_arn=BOUNDARY, console_boundary_arn=CONSOLE_BOUNDARY, principal_arn=SELF, **where)


def actions(effect: str = "") -> Iterator[tuple[str, str]]:
    """Every action of the printed policy, with the statement that names it."""
    for statement in printed()["Statement"]:
        if effect in ("", statement["Effect"]):
            yield from ((statement["Sid"], action) for action in statement["Action"])


def without(sid: str, action: str) -> dict[str, Any]:
    """The printed policy but for one action of one statement."""
    policy = copy.deepcopy(printed())
    statement = next(each for each in policy["Statement"] if each["Sid"] == sid)
    statement["Action"].remove(action)
    if not statement["Action"]:
        policy["Statement"].remove(statement)
    return policy


def root_of(sandbox: Sandbox) -> Any:
    """IAM of the sandbox as its root user."""
    return boto3.client(
        "iam",
        region_name="us-east-1",
        endpoint_url=sandbox.aws_url,
        aws_access_key_id=sandbox.root_keys.access_key_id,
        aws_secret_access_key=sandbox.root_keys.secret_access_key,
    )


def hold(root: Any, policy: dict[str, Any], arn: str = _OWN) -> None:
    """Let the managed policy (the dashboard's own) say this from now on."""
    before = root.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    root.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(policy), SetAsDefault=True)
    root.delete_policy_version(PolicyArn=arn, VersionId=before)
