"""The printed policy: each action of it is needed, and nothing outside the path can be touched with it."""

import inspect
import json

import boto3
import pytest
from botocore.exceptions import ClientError

from provisioning.gateway.aws.users import Users
from provisioning.gateway.contract import ACCESS_DENIED, GatewayFault, NewUser, Verdict
from tests.gateway.conftest import BOUNDARY, PATH
from tests.rights import CONSOLE_BOUNDARY, SELF, actions, hold, printed, without

SENDING = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ses:SendRawEmail", "Resource": "*"}]}
)
TAGS = {"managed-by": "sescreds"}
NEW = NewUser("ses-newsletter-new-12345678", PATH, BOUNDARY, TAGS)
FOR_CONSOLE = NewUser("ses-newsletter-console-12345678", PATH, CONSOLE_BOUNDARY, TAGS)


class Furnished:
    """A user of ours on whom hangs everything that can hang there."""

    def __init__(self, gateway, root, name):
        self.name = name
        self.extra = root.create_policy(PolicyName="extra", PolicyDocument=SENDING)["Policy"]["Arn"]
        self.key = root.create_access_key(UserName=name)["AccessKey"]["AccessKeyId"]
        root.attach_user_policy(UserName=name, PolicyArn=self.extra)
        root.put_user_policy(UserName=name, PolicyName="inline", PolicyDocument=SENDING)
        root.create_login_profile(UserName=name, Password="Long-enough-1")
        self.bare = "ses-newsletter-bare-12345678"
        root.create_user(UserName=self.bare, Path=PATH, PermissionsBoundary=BOUNDARY)
        self.console = "ses-newsletter-person-12345678"
        root.create_user(UserName=self.console, Path=PATH, PermissionsBoundary=CONSOLE_BOUNDARY)
        root.put_user_policy(UserName=self.console, PolicyName="inline", PolicyDocument=SENDING)
        root.attach_user_policy(UserName=self.console, PolicyArn=self.extra)
        spare = root.create_virtual_mfa_device(VirtualMFADeviceName="ses-newsletter-spare-12345678")
        self.spare = spare["VirtualMFADevice"]["SerialNumber"]


@pytest.fixture
def furnished(gateway, root, made_user):
    return Furnished(gateway, root, made_user)


@pytest.fixture
def with_mfa(root, furnished):
    """The serial number of an MFA device that the user has."""
    serial = root.create_virtual_mfa_device(VirtualMFADeviceName="phone")["VirtualMFADevice"]["SerialNumber"]
    root.enable_mfa_device(
        UserName=furnished.name, SerialNumber=serial, AuthenticationCode1="123456", AuthenticationCode2="654321"
    )
    return serial


def is_seen_and_missed(gateway, user, _mfa):
    assert gateway.user(user.name) is not None
    assert gateway.user("ses-newsletter-gone-12345678") is None


def denied_expressly(action):
    """The product needs these to stay denied whatever else its principal is given: it says so on the set-up page."""

    def exercise(gateway, _user, _mfa):
        verdict = gateway.simulate(SELF, [action], BOUNDARY, {})[action]
        if verdict is not Verdict.EXPLICIT_DENY:
            raise GatewayFault("SimulatePrincipalPolicy", ACCESS_DENIED, f"{action}: {verdict}")

    return exercise


# What the product does with each action, through the gateway. An action without a row fails by name.
EXERCISES = {
    "iam:CreateAccessKey": lambda gateway, user, mfa: gateway.create_key(user.bare),
    "iam:CreateLoginProfile": lambda gateway, user, mfa: gateway.create_login(user.bare, "Long-enough-1"),
    "iam:CreateUser": lambda gateway, user, mfa: gateway.create_user(NEW),
    "iam:DeactivateMFADevice": lambda gateway, user, mfa: gateway.deactivate_mfa(user.name, mfa),
    "iam:DeleteAccessKey": lambda gateway, user, mfa: gateway.delete_key(user.name, user.key),
    "iam:DeleteLoginProfile": lambda gateway, user, mfa: gateway.delete_login(user.name),
    "iam:DeleteVirtualMFADevice": lambda gateway, user, mfa: gateway.delete_mfa(user.spare),
    "iam:DeleteUser": lambda gateway, user, mfa: gateway.delete_user(user.bare),
    "iam:DeleteUserPolicy": lambda gateway, user, mfa: gateway.delete_policy(user.name, "inline"),
    "iam:DetachUserPolicy": lambda gateway, user, mfa: gateway.detach_policy(user.name, user.extra),
    "iam:GenerateCredentialReport": lambda gateway, user, mfa: gateway.key_uses(),
    "iam:GetAccessKeyLastUsed": lambda gateway, user, mfa: gateway.key_last_used(user.key),
    "iam:GetAccountPasswordPolicy": lambda gateway, user, mfa: gateway.password_policy(),
    "iam:GetAccountSummary": lambda gateway, user, mfa: gateway.account_summary(),
    "iam:GetCredentialReport": lambda gateway, user, mfa: gateway.keys_made(SELF),
    "iam:GetLoginProfile": lambda gateway, user, mfa: gateway.has_login(user.name),
    "iam:GetPolicy": lambda gateway, user, mfa: gateway.policy_exists(BOUNDARY),
    "iam:GetPolicyVersion": lambda gateway, user, mfa: gateway.policy_document(BOUNDARY),
    "iam:GetUser": is_seen_and_missed,
    "iam:ListAccessKeys": lambda gateway, user, mfa: gateway.holdings(user.name),
    "iam:ListAccountAliases": lambda gateway, user, mfa: gateway.alias(),
    "iam:ListAttachedUserPolicies": lambda gateway, user, mfa: gateway.holdings(user.name),
    "iam:ListGroupsForUser": lambda gateway, user, mfa: gateway.holdings(user.name),
    "iam:ListMFADevices": lambda gateway, user, mfa: gateway.holdings(user.name),
    "iam:ListSSHPublicKeys": lambda gateway, user, mfa: gateway.obstacles(user.name),
    "iam:ListServiceSpecificCredentials": lambda gateway, user, mfa: gateway.obstacles(user.name),
    "iam:ListSigningCertificates": lambda gateway, user, mfa: gateway.obstacles(user.name),
    "iam:ListUserPolicies": lambda gateway, user, mfa: gateway.holdings(user.name),
    "iam:PutUserPolicy": lambda gateway, user, mfa: gateway.put_policy(user.name, "sescreds-send", SENDING),
    "iam:SimulatePrincipalPolicy": lambda gateway, user, mfa: gateway.simulate(SELF, ["iam:GetUser"], SELF, {}),
    "iam:TagUser": lambda gateway, user, mfa: gateway.create_user(NEW),
    "iam:UpdateAccessKey": lambda gateway, user, mfa: gateway.set_key_status(user.name, user.key, active=False),
    "ses:GetAccount": lambda gateway, user, mfa: gateway.sending_account("eu-central-1"),
    "ses:ListEmailIdentities": lambda gateway, user, mfa: gateway.identities("eu-central-1"),
    **{action: denied_expressly(action) for _, action in actions("Deny")},
}

# Users of the other boundary have a statement of their own.
ON_CONSOLE_USERS = {
    "iam:CreateUser": lambda gateway, user, mfa: gateway.create_user(FOR_CONSOLE),
    "iam:DeleteUserPolicy": lambda gateway, user, mfa: gateway.delete_policy(user.console, "inline"),
    "iam:DetachUserPolicy": lambda gateway, user, mfa: gateway.detach_policy(user.console, user.extra),
    "iam:PutUserPolicy": lambda gateway, user, mfa: gateway.put_policy(user.console, "sescreds-console", SENDING),
}


def test_no_exercise_is_left_over():
    assert set(EXERCISES) <= {action for _, action in actions()}


@pytest.mark.parametrize(("sid", "action"), list(actions()))
def test_each_action_of_the_printed_policy_is_needed(gateway, root, furnished, with_mfa, sid, action):
    exercise = (ON_CONSOLE_USERS if sid == "MakeConsoleUsersWithinTheirBoundary" else EXERCISES)[action]
    hold(root, without(sid, action))
    with pytest.raises(GatewayFault) as caught:
        exercise(gateway, furnished, with_mfa)
    assert caught.value.code in {ACCESS_DENIED, "AccessDeniedException"}
    hold(root, printed())
    exercise(gateway, furnished, with_mfa)


READS = {"user", "known_user", "holdings", "obstacles"}
WRITES = [name for name, _ in inspect.getmembers(Users, inspect.isfunction) if not name.startswith("_")]
WRITES = sorted(set(WRITES) - READS)
# What any writing call may be told, by the name of its parameter.
TOLD = {
    "user_name": "ses-website",
    "policy_name": "inline",
    "document": SENDING,
    "password": "Long-enough-1",
    "access_key_id": "AKIAEXAMPLEEXAMPLE00",
    "arn": BOUNDARY,
    "serial": "arn:aws:iam::123456789012:mfa/phone",
    "user": NewUser("ses-website-2", "/", BOUNDARY, TAGS),
    "active": False,
    "tags": TAGS,
}


def code_of(function, **told):
    with pytest.raises(GatewayFault) as caught:
        function(**told)
    assert caught.value.aws_request_id
    return caught.value.code


@pytest.mark.parametrize("elsewhere", ["/", "/ses-dashboard-2/", "/other/ses-dashboard/"])
@pytest.mark.parametrize("name", WRITES)
def test_nothing_outside_the_path_can_be_touched(gateway, root, name, elsewhere):
    root.create_user(UserName="ses-website", Path=elsewhere, PermissionsBoundary=BOUNDARY)
    root.put_user_policy(UserName="ses-website", PolicyName="inline", PolicyDocument=SENDING)
    write = getattr(gateway, name)
    named = [
        parameter.name
        for parameter in inspect.signature(write).parameters.values()
        if parameter.default is inspect.Parameter.empty
    ]
    told = TOLD | {"user": NewUser("ses-website-2", elsewhere, BOUNDARY, TAGS)}
    assert code_of(write, **{each: told[each] for each in named}) == ACCESS_DENIED
    assert root.list_user_policies(UserName="ses-website")["PolicyNames"] == ["inline"]
    assert root.get_user(UserName="ses-website")["User"]["Path"] == elsewhere


@pytest.mark.parametrize("boundary", ["", "arn:aws:iam::123456789012:policy/wide"])
def test_no_user_is_made_without_the_boundary_or_with_another(aws_account, root, boundary):
    root.create_policy(PolicyName="wide", PolicyDocument=SENDING)
    dashboard = client_of(aws_account)
    bound = {"PermissionsBoundary": boundary} if boundary else {}
    with pytest.raises(ClientError, match="AccessDenied"):
        dashboard.create_user(UserName="ses-free", Path=PATH, **bound)
    root.create_user(UserName="ses-free", Path=PATH, **bound)
    with pytest.raises(ClientError, match="AccessDenied"):
        dashboard.put_user_policy(UserName="ses-free", PolicyName="p", PolicyDocument=SENDING)


def client_of(sandbox):
    return boto3.client("iam", region_name="us-east-1", endpoint_url=sandbox.aws_url)


def test_what_is_denied_stays_denied_whatever_else_is_given(aws_account, root, made_user):
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    wide = root.create_policy(
        PolicyName="careless", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [everything]})
    )["Policy"]["Arn"]
    root.attach_user_policy(UserName="sescreds-dashboard", PolicyArn=wide)
    dashboard = client_of(aws_account)
    dashboard.list_roles()
    version = {"PolicyArn": BOUNDARY, "VersionId": "v1"}
    asked = {
        "iam:CreatePolicyVersion": lambda: dashboard.create_policy_version(PolicyArn=BOUNDARY, PolicyDocument=SENDING),
        "iam:DeletePolicy": lambda: dashboard.delete_policy(PolicyArn=BOUNDARY),
        "iam:DeletePolicyVersion": lambda: dashboard.delete_policy_version(**version),
        "iam:SetDefaultPolicyVersion": lambda: dashboard.set_default_policy_version(**version),
        "iam:DeleteUserPermissionsBoundary": lambda: dashboard.delete_user_permissions_boundary(UserName=made_user),
        "iam:PutUserPermissionsBoundary": lambda: dashboard.put_user_permissions_boundary(
            UserName=made_user, PermissionsBoundary=wide
        ),
    }
    assert set(asked) == {action for _, action in actions("Deny")}
    for act in asked.values():
        with pytest.raises(ClientError, match="explicit deny"):
            act()
