"""What to ask the policy simulator of AWS: has the dashboard all that it needs, and nothing beyond."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from provisioning.domain.own_policy import Policy

BOUNDARY_KEY = "iam:PermissionsBoundary"
_PROBE = "sescreds-probe"  # nobody is called so: the simulator takes names of what does not exist


@dataclass(frozen=True)
class Question:
    """Some actions on one resource, under condition keys; `about` says the resource or the danger in words."""

    actions: tuple[str, ...]
    resource: str
    about: str
    context: Mapping[str, str] = field(default_factory=dict)
    denied: bool = False  # whether the printed policy denies it expressly, rather than allows it


def needed(policy: Policy) -> Iterator[Question]:
    """Yield what the policy says, as questions: each statement on each of its resources."""
    for statement in _statements(policy):
        conditions = statement.get("Condition", {}).get("StringEquals", {})
        for resource in _listed(statement["Resource"]):
            asked = resource if resource == "*" else resource.replace("*", _PROBE)
            denied = statement["Effect"] == "Deny"
            yield Question(tuple(_listed(statement["Action"])), asked, resource, conditions, denied)


def forbidden(*, account_id: str, path: str, partition: str, boundary_arn: str) -> Iterator[Question]:
    """Yield what the dashboard must not be able to do, lest whoever holds its key could take over the account."""
    account = f"arn:{partition}:iam::{account_id}"
    ours, theirs = f"{account}:user{path}{_PROBE}", f"{account}:user/{_PROBE}"
    within, other = {BOUNDARY_KEY: boundary_arn}, {BOUNDARY_KEY: f"{account}:policy/{_PROBE}"}
    making = ("CreateUser", "PutUserPolicy", "AttachUserPolicy")
    becoming = ("CreateLoginProfile", "UpdateLoginProfile")
    lifting = ("PutUserPermissionsBoundary", "DeleteUserPermissionsBoundary")
    ending = ("DeleteUser", "DeleteAccessKey", "UpdateAccessKey", "DeleteUserPolicy", "DetachUserPolicy")
    on_roles = ("CreateRole", "PutRolePolicy", "AttachRolePolicy", "UpdateAssumeRolePolicy", "PassRole")
    on_groups = ("AddUserToGroup", "PutGroupPolicy", "AttachGroupPolicy")
    on_policies = ("CreatePolicyVersion", "SetDefaultPolicyVersion", "DeletePolicyVersion", "DeletePolicy")
    for names, resource, about, context in (
        (making, ours, "for its own users without the boundary", {}),
        (making, ours, "for its own users with another boundary", other),
        (("AttachUserPolicy", "UpdateLoginProfile", *lifting), ours, "for its own users", within),
        ((*making, "CreateAccessKey", *becoming, *lifting, *ending), theirs, "for users outside its path", within),
        (on_roles, f"{account}:role/{_PROBE}", "for roles", {}),
        (on_groups, f"{account}:group/{_PROBE}", "for groups", {}),
        (on_policies, boundary_arn, "for the boundary", {}),
        (("CreatePolicy", *on_policies), f"{account}:policy/{_PROBE}", "for any policy", {}),
    ):
        yield Question(tuple(f"iam:{name}" for name in names), resource, about, context)


def alike(one: Policy, other: Policy) -> bool:
    """Return whether two documents say the same, whatever the order and the names of their statements."""
    return _normal(one) == _normal(other)


def _normal(policy: Policy) -> list[str]:
    return sorted(
        json.dumps(
            {
                name: sorted(_listed(value)) if isinstance(value, str | list) else value
                for name, value in statement.items()
                if name != "Sid"
            },
            sort_keys=True,
        )
        for statement in _statements(policy)
    )


def _statements(policy: Policy) -> list[dict[str, Any]]:
    statements: Any = policy.get("Statement", [])
    return statements if isinstance(statements, list) else [statements]


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
