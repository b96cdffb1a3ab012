"""The inline policy of a console login: SES to read or to run, its own password and MFA device, until when.

`${aws:username}` is IAM's own word for the user that asks (IAM user guide, "Policy variables"), so that each of these
rights is one on itself. Without the first two the sign-in that demands a new password comes to a dead end.
"""

from datetime import UTC, datetime

from provisioning.domain.guardrails import ConsoleAccess

Policy = dict[str, object]

SES_ACTIONS: dict[ConsoleAccess, tuple[str, ...]] = {
    ConsoleAccess.READ: ("ses:Describe*", "ses:Get*", "ses:List*"),
    ConsoleAccess.FULL: ("ses:*",),
}
ON_ITSELF = (
    "iam:ChangePassword",
    "iam:EnableMFADevice",
    "iam:GetUser",
    "iam:ListMFADevices",
    "iam:ResyncMFADevice",
)
ON_ITS_DEVICE = ("iam:CreateVirtualMFADevice", "iam:DeleteVirtualMFADevice")
ON_THE_ACCOUNT = ("iam:GetAccountPasswordPolicy", "iam:ListVirtualMFADevices")
ITSELF = "${aws:username}"

# What suspending puts beside it: sessions that are open last up to twelve hours, whatever becomes of the password.
SUSPENDED: Policy = {
    "Version": "2012-10-17",
    "Statement": [{"Sid": "Suspended", "Effect": "Deny", "Action": "*", "Resource": "*"}],
}


def console_policy(*, partition: str, account_id: str, access: ConsoleAccess, expires_at: datetime | None) -> Policy:
    """Return the policy as a document; `expires_at` (UTC, whole seconds) is enforced by AWS itself."""
    iam = f"arn:{partition}:iam::{account_id}"
    sid = {ConsoleAccess.READ: "ReadSes", ConsoleAccess.FULL: "RunSes"}[access]
    allowed: tuple[tuple[str, tuple[str, ...], str], ...] = (
        (sid, SES_ACTIONS[access], "*"),
        ("OwnPasswordAndMfa", ON_ITSELF, f"{iam}:user/*/{ITSELF}"),
        ("OwnMfaDevice", ON_ITS_DEVICE, f"{iam}:mfa/{ITSELF}"),
        ("ReadThePasswordPolicy", ON_THE_ACCOUNT, "*"),
    )
    return {"Version": "2012-10-17", "Statement": [_allow(*each, expires_at) for each in allowed]}


def _allow(sid: str, actions: tuple[str, ...], resource: str, expires_at: datetime | None) -> Policy:
    statement: Policy = {"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": resource}
    if expires_at is not None:
        end = expires_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        statement["Condition"] = {"DateLessThan": {"aws:CurrentTime": end}}
    return statement
