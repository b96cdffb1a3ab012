"""The inline policy of a sending credential: as whom, in which regions, until when.

`ses:SendRawEmail` is all that the SMTP interface needs. The resource names every identity of the account in the chosen
regions, because SES also checks the other verified identities that a message involves; the From condition does the
narrowing (Amazon SES developer guide, "Controlling access").
"""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

# IAM counts a user's inline policies together, white space left out.
SIZE_LIMIT = 2_048

Policy = dict[str, object]


def sending_policy(
    *, partition: str, account_id: str, regions: Iterable[str], from_entries: Iterable[str], expires_at: datetime | None
) -> Policy:
    """Return the policy as a document; `expires_at` (UTC, whole seconds) is enforced by AWS itself."""
    return document(
        statement(
            "SendAsTheseAddresses",
            "ses:SendRawEmail",
            arns(partition, account_id, regions, ("identity/*", "configuration-set/*")),
            {**only_as(from_entries), **until(expires_at)},
        )
    )


def document(*statements: Policy) -> Policy:
    """Return the statements as one policy."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def statement(sid: str, action: str | Sequence[str], resource: Sequence[str], condition: Policy) -> Policy:
    """Return one statement that allows something, under a condition if there is one."""
    allowed: Policy = {"Sid": sid, "Effect": "Allow", "Action": action, "Resource": resource}
    return allowed | ({"Condition": condition} if condition else {})


def arns(partition: str, account_id: str, regions: Iterable[str], whats: Iterable[str]) -> list[str]:
    """Return the ARN of each of `whats` of SES, such as ``identity/*``, in each region."""
    names = list(whats)
    return [f"arn:{partition}:ses:{region}:{account_id}:{what}" for region in regions for what in names]


def only_as(from_entries: Iterable[str]) -> Policy:
    """Return the condition on the From address."""
    return {"StringLike": {"ses:FromAddress": list(from_entries)}}


def until(expires_at: datetime | None) -> Policy:
    """Return the condition on the end, or none."""
    if expires_at is None:
        return {}
    return {"DateLessThan": {"aws:CurrentTime": expires_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}}


def as_text(policy: Policy) -> str:
    """Return the document as it is sent to AWS and shown to people."""
    return json.dumps(policy, indent=2)


def size(text: str) -> int:
    """Return how many characters IAM counts of a policy text: all but white space."""
    return sum(1 for character in text if not character.isspace())
