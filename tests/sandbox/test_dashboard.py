"""The dashboard's own user: exactly the printed policy, enough for its work and for nothing else."""

import json

import pytest

from provisioning.domain.own_policy import boundary_policy, console_boundary_policy, own_policy
from provisioning.sandbox.account import SECOND_ROLE_ARN

from .conftest import BOUNDARY, PATH, code_of, sending

CONSOLE_BOUNDARY = "arn:aws:iam::123456789012:policy/sescreds-console-boundary"
SELF = "arn:aws:iam::123456789012:user/sescreds-dashboard"
WHERE = {"account_id": "123456789012", "path": "/ses-dashboard/", "partition": "aws"}


def document_of(root, arn):
    version = root.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    return root.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]


def test_it_holds_exactly_the_printed_policies(root):
    own = "arn:aws:iam::123456789012:policy/sescreds-dashboard"
    attached = root.list_attached_user_policies(UserName="sescreds-dashboard")["AttachedPolicies"]
    assert [each["PolicyArn"] for each in attached] == [own]
    assert root.list_user_policies(UserName="sescreds-dashboard")["PolicyNames"] == []
    assert root.list_groups_for_user(UserName="sescreds-dashboard")["Groups"] == []
    assert document_of(root, own) == own_policy(
        boundary_arn=BOUNDARY,
        console_boundary_arn=CONSOLE_BOUNDARY,
        principal_arn=SELF,
        role_arns=[SECOND_ROLE_ARN],
        **WHERE,
    )
    assert document_of(root, BOUNDARY) == boundary_policy(**WHERE)
    assert document_of(root, CONSOLE_BOUNDARY) == console_boundary_policy(**WHERE)


def test_it_is_no_user_under_its_own_path(sandbox, client_of):
    arn = client_of("sts", sandbox.dashboard_keys).get_caller_identity()["Arn"]
    assert arn == "arn:aws:iam::123456789012:user/sescreds-dashboard"


def test_it_issues_and_revokes(iam):
    tags = [{"Key": "managed-by", "Value": "sescreds"}]
    iam.create_user(UserName="ses-a", Path=PATH, PermissionsBoundary=BOUNDARY, Tags=tags)
    iam.put_user_policy(UserName="ses-a", PolicyName="sescreds-send", PolicyDocument=sending())
    key = iam.create_access_key(UserName="ses-a")["AccessKey"]
    iam.delete_access_key(UserName="ses-a", AccessKeyId=key["AccessKeyId"])
    iam.delete_user_policy(UserName="ses-a", PolicyName="sescreds-send")
    iam.delete_user(UserName="ses-a")


@pytest.mark.parametrize("more", [{"Path": "/"}, {"Path": "/elsewhere/"}])
def test_it_makes_no_user_elsewhere(iam, more):
    assert code_of(lambda: iam.create_user(UserName="x", PermissionsBoundary=BOUNDARY, **more)) == "AccessDenied"


def test_it_makes_no_user_without_the_boundary(iam, root):
    assert code_of(lambda: iam.create_user(UserName="x", Path=PATH)) == "AccessDenied"
    other = root.create_policy(PolicyName="wide", PolicyDocument=sending())["Policy"]["Arn"]
    wrong = {"UserName": "x", "Path": PATH, "PermissionsBoundary": other}
    assert code_of(lambda: iam.create_user(**wrong)) == "AccessDenied"


def test_it_touches_no_stranger_and_not_itself(iam):
    put = {"PolicyName": "p", "PolicyDocument": sending()}
    for name in ("website", "sescreds-dashboard"):
        assert code_of(lambda name=name: iam.create_access_key(UserName=name)) == "AccessDenied"
        assert code_of(lambda name=name: iam.put_user_policy(UserName=name, **put)) == "AccessDenied"
        assert code_of(lambda name=name: iam.delete_user(UserName=name)) == "AccessDenied"


def test_it_lifts_no_boundary(iam, make_user):
    make_user("x", PermissionsBoundary=BOUNDARY)
    assert code_of(lambda: iam.delete_user_permissions_boundary(UserName="x")) == "AccessDenied"
    version = {"PolicyArn": BOUNDARY, "PolicyDocument": json.dumps(own_policy(boundary_arn=BOUNDARY, **WHERE))}
    assert code_of(lambda: iam.create_policy_version(**version)) == "AccessDenied"


def test_strangers_are_there_to_be_found(root):
    names = {user["UserName"] for user in root.list_users()["Users"]}
    assert {"ses-smtp-user.20230114-101500", "ses-smtp-user.20250303-090000", "website"} <= names
    old = root.list_user_tags(UserName="ses-smtp-user.20230114-101500")["Tags"]
    assert old == [{"Key": "InvokedBy", "Value": "SESConsole"}]
    group = root.get_group(GroupName="AWSSESSendingGroupDoNotRename")
    assert [user["UserName"] for user in group["Users"]] == ["ses-smtp-user.20250303-090000"]
    summary = root.get_account_summary()["SummaryMap"]
    assert (summary["AccountAccessKeysPresent"], summary["AccountMFAEnabled"]) == (1, 0)
