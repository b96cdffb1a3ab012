"""What the dashboard's own principal needs in AWS, and the boundaries of the users it makes: least privilege, as JSON.

The sandbox's dashboard user holds exactly this, so an action that is missing here fails the tests.
Never the writing actions on every resource: that would be as good as administrator rights.
"""

from collections.abc import Mapping, Sequence

from provisioning.domain.console_policy import ITSELF, ON_ITS_DEVICE, ON_ITSELF, ON_THE_ACCOUNT
from provisioning.domain.naming import NAME_PREFIX

Policy = dict[str, object]

_WITH_BOUNDARY = ("CreateUser", "PutUserPolicy", "DeleteUserPolicy", "DetachUserPolicy")
_ON_USERS = (
    "CreateAccessKey",
    "DeactivateMFADevice",
    "DeleteAccessKey",
    "DeleteLoginProfile",
    "DeleteUser",
    "GetAccessKeyLastUsed",
    "GetLoginProfile",
    "ListAccessKeys",
    "ListAttachedUserPolicies",
    "ListGroupsForUser",
    "ListMFADevices",
    "ListSSHPublicKeys",
    "ListServiceSpecificCredentials",
    "ListSigningCertificates",
    "ListUserPolicies",
    "TagUser",
    "UpdateAccessKey",
)
_ENTERING = ("sts:AssumeRole", "sts:SetSourceIdentity")
_SENDING = ("SendBulkEmail", "SendBulkTemplatedEmail", "SendEmail", "SendRawEmail", "SendTemplatedEmail")


def own_policy(
    *,
    account_id: str,
    path: str,
    partition: str,
    boundary_arn: str,
    console_boundary_arn: str = "",
    principal_arn: str = "",
    role_arns: Sequence[str] = (),
) -> Policy:
    """Return the identity policy of the dashboard's principal for one account; `path` such as ``/ses-dashboard/``.

    With `console_boundary_arn` it may also make console logins, within that boundary. With `principal_arn`, of a user
    or a role, it may also ask AWS's policy simulator, about itself alone. `role_arns` are the roles through which it
    enters other accounts: exactly these.
    """
    boundaries = [boundary_arn, *([console_boundary_arn] if console_boundary_arn else [])]
    account = f"arn:{partition}:iam::{account_id}"
    users = f"{account}:user{path}*"
    statements = [
        _statement(
            "MakeUsersWithinTheBoundary",
            [f"iam:{action}" for action in _WITH_BOUNDARY],
            users,
            {"StringEquals": {"iam:PermissionsBoundary": boundary_arn}},
        ),
        _statement("LookAfterOwnUsers", [f"iam:{action}" for action in _ON_USERS], users),
        # IAM knows no path for a user that is gone, so without the second it would deny instead of saying so.
        _statement("SeeUsersAndThatOneIsGone", ["iam:GetUser"], [users, f"{account}:user/{NAME_PREFIX}*"]),
        # What the boundary says, too: one that somebody has widened is no boundary.
        _statement("ReadTheBoundary", ["iam:GetPolicy", "iam:GetPolicyVersion"], _one_or_all(boundaries)),
        _statement(
            "ReadTheAccount",
            [
                "iam:GenerateCredentialReport",
                "iam:GetAccountSummary",
                "iam:GetCredentialReport",
                "ses:GetAccount",
                "ses:ListEmailIdentities",
            ],
            "*",
        ),
        _statement(
            "NeverLiftTheBoundary",
            ["iam:DeleteUserPermissionsBoundary", "iam:PutUserPermissionsBoundary"],
            "*",
            effect="Deny",
        ),
        _statement(
            "NeverEditTheBoundary",
            [
                "iam:CreatePolicyVersion",
                "iam:DeletePolicy",
                "iam:DeletePolicyVersion",
                "iam:SetDefaultPolicyVersion",
            ],
            _one_or_all(boundaries),
            effect="Deny",
        ),
    ]
    if console_boundary_arn:
        statements += _for_console_logins(account, users, console_boundary_arn)
    if principal_arn:
        statements.append(_statement("AskAboutItself", ["iam:SimulatePrincipalPolicy"], principal_arn))
    if role_arns:
        statements.append(_statement("EnterOtherAccounts", list(_ENTERING), sorted(role_arns)))
    return _document(*statements)


def _for_console_logins(account: str, users: str, boundary_arn: str) -> list[Policy]:
    return [
        _statement(
            "MakeConsoleUsersWithinTheirBoundary",
            [f"iam:{action}" for action in _WITH_BOUNDARY],
            users,
            {"StringEquals": {"iam:PermissionsBoundary": boundary_arn}},
        ),
        _statement("GivePasswordsToOwnUsers", ["iam:CreateLoginProfile"], users),
        # Their own policy lets them make a device of their own name alone; one in use cannot be deleted.
        _statement("DeleteTheirMfaDevices", ["iam:DeleteVirtualMFADevice"], f"{account}:mfa/{NAME_PREFIX}*"),
        _statement("ReadWhatPasswordsNeed", ["iam:GetAccountPasswordPolicy", "iam:ListAccountAliases"], "*"),
    ]


def trust_policy(*, principal_arn: str, external_id: str) -> Policy:
    """Return the trust policy of the role in another account: the dashboard alone, and only with the external ID.

    The second statement lets CloudTrail there name the person; without it the dashboard works all the same.
    """
    trusted = {"Effect": "Allow", "Principal": {"AWS": principal_arn}}
    alone = {"Condition": {"StringEquals": {"sts:ExternalId": external_id}}}
    enter, name = _ENTERING
    return _document(
        {"Sid": "EnterWithTheExternalId", **trusted, "Action": enter, **alone},
        {"Sid": "NameThePerson", **trusted, "Action": name},
    )


def boundary_policy(*, account_id: str, path: str, partition: str) -> Policy:  # noqa: ARG001 - asked alike for both
    """Return the permissions boundary of the users that send: they can send in this account, and no more."""
    return _document(
        _statement("SendAndNoMore", [f"ses:{action}" for action in _SENDING], f"arn:{partition}:ses:*:{account_id}:*")
    )


def console_boundary_policy(*, account_id: str, path: str, partition: str) -> Policy:
    """Return the permissions boundary of console logins under `path`: SES, and what concerns each one itself."""
    iam = f"arn:{partition}:iam::{account_id}"
    return _document(
        _statement("RunSesAndNoMore", ["ses:*"], "*"),
        _statement("OwnPasswordAndMfa", list(ON_ITSELF), f"{iam}:user{path}*/{ITSELF}"),
        _statement("OwnMfaDevice", list(ON_ITS_DEVICE), f"{iam}:mfa/{ITSELF}"),
        _statement("ReadThePasswordPolicy", list(ON_THE_ACCOUNT), "*"),
    )


def _one_or_all(names: list[str]) -> str | list[str]:
    return names[0] if len(names) == 1 else names


def _document(*statements: Policy) -> Policy:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _statement(
    sid: str,
    actions: list[str],
    resource: str | list[str],
    condition: Mapping[str, object] | None = None,
    *,
    effect: str = "Allow",
) -> Policy:
    statement: Policy = {"Sid": sid, "Effect": effect, "Action": actions, "Resource": resource}
    if condition:
        statement["Condition"] = dict(condition)
    return statement
