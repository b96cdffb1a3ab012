"""Reading Amazon Resource Names."""

import re
from dataclasses import dataclass
from enum import StrEnum

_POLICY = re.compile(r"arn:(?P<partition>aws|aws-us-gov|aws-eusc):iam::(?P<account>[0-9]{12}):policy/[\x21-\x7e]+")


@dataclass(frozen=True)
class PolicyArn:
    """A customer managed policy: its partition and the account that holds it."""

    partition: str
    account_id: str
    text: str


def policy_arn(text: str) -> PolicyArn | None:
    """Return the parts of a managed policy's ARN, or None if `text` is not one of a single account."""
    match = _POLICY.fullmatch(text)
    return PolicyArn(match["partition"], match["account"], text) if match else None


_ROLE = re.compile(
    r"arn:(?P<partition>aws|aws-us-gov|aws-eusc):iam::(?P<account>[0-9]{12}):role/(?:[A-Za-z0-9_+=,.@-]+/)*"
    r"[A-Za-z0-9_+=,.@-]{1,64}"
)


@dataclass(frozen=True)
class RoleArn:
    """A role: its partition and the account that it leads into."""

    partition: str
    account_id: str
    text: str


def role_arn(text: str) -> RoleArn | None:
    """Return the parts of a role's ARN, or None if `text` is not one, from its first to its last character."""
    match = _ROLE.fullmatch(text)
    return RoleArn(match["partition"], match["account"], text) if match else None


class Kind(StrEnum):
    """What signs our calls to AWS."""

    ROOT = "root user"
    USER = "IAM user"
    ROLE = "role"
    OTHER = "something else"


@dataclass(frozen=True)
class Principal:
    """Who signs our calls; `arn` is the one that policies hang on, for a role's session that of the role."""

    kind: Kind
    arn: str
    name: str


_ASSUMED = re.compile(r"arn:(?P<partition>[a-z-]+):sts::(?P<account>[0-9]{12}):assumed-role/(?P<name>[^/]+)/.+")


def principal(caller_arn: str) -> Principal:
    """Return who that is, by the ARN that GetCallerIdentity gives; a session does not tell the path of its role."""
    name = caller_arn.rpartition("/")[2]
    if session := _ASSUMED.fullmatch(caller_arn):
        arn = f"arn:{session['partition']}:iam::{session['account']}:role/{session['name']}"
        return Principal(Kind.ROLE, arn, session["name"])
    if caller_arn.endswith(":root"):
        return Principal(Kind.ROOT, caller_arn, "root")
    return Principal(Kind.USER if ":user/" in caller_arn else Kind.OTHER, caller_arn, name)
