"""Which IAM action, on which resource and with which condition keys, each operation needs.

Source: AWS Service Authorization Reference for IAM, STS and SES v2. An operation without a row here is not answered.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from .boundaries import boundary_of
from .principals import Caller
from .wire import Call, Service
from .world import PARTITION, World

_ON_USER = {
    *("GetUser", "DeleteUser", "CreateAccessKey", "DeleteAccessKey", "UpdateAccessKey", "ListAccessKeys"),
    *("PutUserPolicy", "GetUserPolicy", "DeleteUserPolicy", "ListUserPolicies"),
    *("AttachUserPolicy", "DetachUserPolicy", "ListAttachedUserPolicies"),
    *("PutUserPermissionsBoundary", "DeleteUserPermissionsBoundary"),
    *("TagUser", "UntagUser", "ListUserTags", "ListGroupsForUser", "ListMFADevices"),
    *("ListSigningCertificates", "ListSSHPublicKeys", "ListServiceSpecificCredentials"),
    *("CreateLoginProfile", "GetLoginProfile", "UpdateLoginProfile", "DeleteLoginProfile", "ChangePassword"),
    *("EnableMFADevice", "DeactivateMFADevice", "UploadSSHPublicKey", "DeleteSSHPublicKey"),
}
_ON_GROUP = {
    *("CreateGroup", "GetGroup", "DeleteGroup", "AddUserToGroup", "RemoveUserFromGroup"),
    *("PutGroupPolicy", "GetGroupPolicy", "DeleteGroupPolicy", "ListGroupPolicies"),
    *("AttachGroupPolicy", "DetachGroupPolicy", "ListAttachedGroupPolicies"),
}
_ON_ROLE = {
    *("CreateRole", "GetRole", "DeleteRole", "PutRolePolicy", "GetRolePolicy", "DeleteRolePolicy"),
    *("ListRolePolicies", "AttachRolePolicy", "DetachRolePolicy", "ListAttachedRolePolicies"),
    "UpdateAssumeRolePolicy",
}
_ON_POLICY = {
    *("CreatePolicy", "GetPolicy", "DeletePolicy", "CreatePolicyVersion", "GetPolicyVersion", "DeletePolicyVersion"),
    *("ListPolicyVersions", "SetDefaultPolicyVersion", "ListEntitiesForPolicy"),
}
_ON_ANYTHING = {
    *("ListUsers", "ListGroups", "ListRoles", "ListPolicies", "ListAccountAliases", "CreateAccountAlias"),
    *("GetAccountSummary", "GetAccountAuthorizationDetails", "GenerateCredentialReport", "GetCredentialReport"),
    *("GetAccountPasswordPolicy", "UpdateAccountPasswordPolicy", "DeleteAccountPasswordPolicy"),
    "ListVirtualMFADevices",
}
_ON_DEVICE = {"CreateVirtualMFADevice", "DeleteVirtualMFADevice"}
# Only these carry iam:PermissionsBoundary; CreateAccessKey, DeleteUser and login profiles do not.
_KNOWS_BOUNDARY = {
    *("PutUserPolicy", "DeleteUserPolicy", "AttachUserPolicy", "DetachUserPolicy", "DeleteUserPermissionsBoundary"),
}
_OWN_USER_BY_DEFAULT = {
    *("GetUser", "CreateAccessKey", "ListAccessKeys", "DeleteAccessKey", "UpdateAccessKey"),
    *("ChangePassword", "ListMFADevices"),
}

_SES_ON_ANYTHING = {
    Service.SESV2: {"GetAccount", "ListEmailIdentities"},
    Service.SES: {"GetSendQuota", "ListIdentities", "GetIdentityVerificationAttributes"},
}
# What each is about: the first part of its resource, and the parameter that names it.
_SES_ON_ONE = {
    "GetEmailIdentity": ("identity", "EmailIdentity"),
    "CreateEmailIdentity": ("identity", "EmailIdentity"),
    "DeleteEmailIdentity": ("identity", "EmailIdentity"),
    "CreateConfigurationSet": ("configuration-set", "ConfigurationSetName"),
    "CreateEmailTemplate": ("template", "TemplateName"),
}
# These ask for themselves once the message is read (mail.py).
_SENDING = {Service.SESV2: {"SendEmail", "SendBulkEmail"}, Service.SES: {"SendRawEmail"}}
# GetCallerIdentity needs no permission, not even against an explicit deny.
_FREE = {"GetCallerIdentity"}


@dataclass(frozen=True)
class Demand:
    """One permission that a call needs."""

    action: str
    resource: str
    context: dict[str, tuple[str, ...]] = field(default_factory=dict)


def with_own_user(call: Call, caller: Caller) -> Call:
    """IAM takes the caller's own user where a call names none."""
    if call.operation in _OWN_USER_BY_DEFAULT and "UserName" not in call.params and caller.kind == "User":
        return Call(**{**vars(call), "params": {**call.params, "UserName": caller.name}})
    return call


def is_answered(call: Call) -> bool:
    """Whether the sandbox knows what this operation needs."""
    if call.service is Service.IAM:
        known = _ON_USER | _ON_GROUP | _ON_ROLE | _ON_POLICY | _ON_DEVICE | _ON_ANYTHING
        return call.operation in known | {"CreateUser", "GetAccessKeyLastUsed", "SimulatePrincipalPolicy"}
    if call.service is Service.STS:
        return call.operation in _FREE | {"AssumeRole"}
    known = _SES_ON_ANYTHING[call.service] | _SENDING[call.service]
    return call.operation in known or (call.service is Service.SESV2 and call.operation in _SES_ON_ONE)


def demands(world: World, call: Call) -> list[Demand]:
    """All permissions that the call needs; none for what everybody may do or what asks for itself later."""
    if call.service is Service.IAM:
        return list(_iam(world, call))
    if call.service is Service.STS:
        return [] if call.operation in _FREE else list(_assume_role(call.params))
    if call.operation in _SENDING[call.service]:
        return []
    if call.operation in _SES_ON_ONE:
        what, name = _SES_ON_ONE[call.operation]
        return [Demand(f"ses:{call.operation}", ses_arn(world, call.region, what, call.params[name]))]
    return [Demand(f"ses:{call.operation}", "*")]


def _assume_role(params: dict[str, Any]) -> Iterable[Demand]:
    yield Demand("sts:AssumeRole", params["RoleArn"])
    if "SourceIdentity" in params:
        given: dict[str, tuple[str, ...]] = {"sts:SourceIdentity": (params["SourceIdentity"],)}
        yield Demand("sts:SetSourceIdentity", params["RoleArn"], given)


def ses_arn(world: World, region: str, what: str, name: str) -> str:
    """The ARN of an identity, a configuration-set or a template."""
    return f"arn:{PARTITION}:ses:{region}:{world.account}:{what}/{name}"


def _iam(world: World, call: Call) -> Iterable[Demand]:
    operation, params = call.operation, call.params
    action = f"iam:{operation}"
    if operation == "CreateUser":
        yield from _create_user(world, params)
    elif operation in _ON_USER:
        yield _on_user(world, action, operation, params)
    elif operation in _ON_GROUP:
        group = world.iam.groups.get(params["GroupName"])
        path = group.path if group else params.get("Path", "/")
        yield Demand(action, f"{world.iam_arn}group{path}{params['GroupName']}")
    elif operation in _ON_ROLE:
        role = next((each for each in world.iam.roles.values() if each.name == params["RoleName"]), None)
        yield Demand(action, role.arn if role else f"{world.iam_arn}role{params.get('Path', '/')}{params['RoleName']}")
    elif operation in _ON_POLICY:
        made = f"{world.iam_arn}policy{params.get('Path', '/')}{params.get('PolicyName', '')}"
        yield Demand(action, params.get("PolicyArn", made))
    elif operation in _ON_DEVICE:
        made = f"{world.iam_arn}mfa{params.get('Path') or '/'}{params.get('VirtualMFADeviceName', '')}"
        yield Demand(action, params.get("SerialNumber", made))
    elif operation == "GetAccessKeyLastUsed":
        key = world.iam.access_keys.get(params["AccessKeyId"])
        yield Demand(action, user_arn(world, key.user_name) if key and key.user_name else "*")
    elif operation == "SimulatePrincipalPolicy":
        yield Demand(action, params["PolicySourceArn"])
    else:
        yield Demand(action, "*")


def _create_user(world: World, params: dict[str, Any]) -> Iterable[Demand]:
    arn = f"{world.iam_arn}user{params.get('Path') or '/'}{params['UserName']}"
    tags = _request_tags(params.get("Tags", []))
    boundary = params.get("PermissionsBoundary")
    yield Demand("iam:CreateUser", arn, {**tags, **({"iam:PermissionsBoundary": (boundary,)} if boundary else {})})
    if params.get("Tags"):
        # AWS asks for TagUser as well when a user is made with tags.
        yield Demand("iam:TagUser", arn, tags)


def user_arn(world: World, name: str) -> str:
    """The ARN that a policy is compared with. IAM looks the path up, so of a user that is not there it knows none.

    A policy that allows only one path therefore answers AccessDenied, not NoSuchEntity, for a user that is gone
    (cloud-gov/terraform-provision, pull requests 1923 and 1929, met exactly this).
    """
    user = world.iam.users.get(name)
    return user.arn if user else f"{world.iam_arn}user/{name}"


def _on_user(world: World, action: str, operation: str, params: dict[str, Any]) -> Demand:
    name = params.get("UserName", "")
    context: dict[str, tuple[str, ...]] = {}
    user = world.iam.users.get(name)
    for tag in (user.tags if user else None) or ():
        context[f"aws:ResourceTag/{tag['Key']}"] = context[f"iam:ResourceTag/{tag['Key']}"] = (tag["Value"],)
    if operation == "TagUser":
        context |= _request_tags(params.get("Tags", []))
    if operation == "UntagUser":
        context["aws:TagKeys"] = tuple(params.get("TagKeys", []))
    if operation == "PutUserPermissionsBoundary":
        context["iam:PermissionsBoundary"] = (params["PermissionsBoundary"],)
    elif operation in _KNOWS_BOUNDARY and user and (boundary := boundary_of(user)):
        context["iam:PermissionsBoundary"] = (boundary,)
    if "PolicyArn" in params:
        context["iam:PolicyARN"] = (params["PolicyArn"],)
    return Demand(action, user_arn(world, name), context)


def _request_tags(tags: list[dict[str, str]]) -> dict[str, tuple[str, ...]]:
    if not tags:
        return {}
    keys = tuple(tag["Key"] for tag in tags)
    return {"aws:TagKeys": keys, **{f"aws:RequestTag/{tag['Key']}": (tag["Value"],) for tag in tags}}
