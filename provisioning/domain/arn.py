"""Reading Amazon Resource Names."""

import re
from dataclasses import dataclass

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
