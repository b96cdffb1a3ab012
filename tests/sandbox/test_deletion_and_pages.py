"""Deleting needs an empty user, and listings come in pages."""

import pytest

from .conftest import allow, code_of, policy


@pytest.fixture
def bare(root):
    root.create_user(UserName="x")
    return root


def test_a_user_with_a_key_stays(bare):
    key = bare.create_access_key(UserName="x")["AccessKey"]["AccessKeyId"]
    bare.update_access_key(UserName="x", AccessKeyId=key, Status="Inactive")
    assert code_of(lambda: bare.delete_user(UserName="x")) == "DeleteConflict"
    bare.delete_access_key(UserName="x", AccessKeyId=key)
    bare.delete_user(UserName="x")


def test_a_user_with_an_inline_policy_stays(bare):
    bare.put_user_policy(UserName="x", PolicyName="p", PolicyDocument=policy(allow("ses:*")))
    assert code_of(lambda: bare.delete_user(UserName="x")) == "DeleteConflict"


def test_a_user_with_an_attached_policy_stays(bare):
    arn = bare.create_policy(PolicyName="p", PolicyDocument=policy(allow("ses:*")))["Policy"]["Arn"]
    bare.attach_user_policy(UserName="x", PolicyArn=arn)
    assert code_of(lambda: bare.delete_user(UserName="x")) == "DeleteConflict"
    assert code_of(lambda: bare.delete_policy(PolicyArn=arn)) == "DeleteConflict"
    bare.detach_user_policy(UserName="x", PolicyArn=arn)
    bare.delete_user(UserName="x")


def test_a_user_in_a_group_stays_and_so_does_the_group(bare):
    bare.create_group(GroupName="g")
    bare.add_user_to_group(GroupName="g", UserName="x")
    assert code_of(lambda: bare.delete_user(UserName="x")) == "DeleteConflict"
    assert code_of(lambda: bare.delete_group(GroupName="g")) == "DeleteConflict"
    bare.remove_user_from_group(GroupName="g", UserName="x")
    bare.delete_user(UserName="x")


def test_a_user_with_a_login_profile_stays(bare):
    bare.create_login_profile(UserName="x", Password="Good-enough-1")
    assert code_of(lambda: bare.delete_user(UserName="x")) == "DeleteConflict"
    bare.delete_login_profile(UserName="x")
    bare.delete_user(UserName="x")


def test_a_user_with_an_mfa_device_stays(bare):
    serial = bare.create_virtual_mfa_device(VirtualMFADeviceName="d")["VirtualMFADevice"]["SerialNumber"]
    codes = {"AuthenticationCode1": "123456", "AuthenticationCode2": "654321"}
    bare.enable_mfa_device(UserName="x", SerialNumber=serial, **codes)
    assert bare.list_mfa_devices(UserName="x")["MFADevices"]
    assert code_of(lambda: bare.delete_user(UserName="x")) == "DeleteConflict"
    bare.deactivate_mfa_device(UserName="x", SerialNumber=serial)
    bare.delete_user(UserName="x")


def test_a_user_with_an_ssh_public_key_stays(bare):
    key = bare.upload_ssh_public_key(UserName="x", SSHPublicKeyBody="ssh-ed25519 " + "A" * 68)["SSHPublicKey"]
    assert bare.list_ssh_public_keys(UserName="x")["SSHPublicKeys"]
    assert code_of(lambda: bare.delete_user(UserName="x")) == "DeleteConflict"
    bare.delete_ssh_public_key(UserName="x", SSHPublicKeyId=key["SSHPublicKeyId"])
    bare.delete_user(UserName="x")


def test_the_boundary_and_the_tags_go_with_the_user(bare):
    boundary = "arn:aws:iam::123456789012:policy/sescreds-boundary"
    bare.put_user_permissions_boundary(UserName="x", PermissionsBoundary=boundary)
    bare.tag_user(UserName="x", Tags=[{"Key": "a", "Value": "1"}])
    bare.delete_user(UserName="x")
    bare.create_user(UserName="x")
    assert not {"PermissionsBoundary", "Tags"} & set(bare.get_user(UserName="x")["User"])


def test_what_may_hang_on_a_user_can_all_be_asked(bare):
    assert bare.list_ssh_public_keys(UserName="x")["SSHPublicKeys"] == []
    assert bare.list_signing_certificates(UserName="x")["Certificates"] == []
    assert bare.list_service_specific_credentials(UserName="x")["ServiceSpecificCredentials"] == []
    assert bare.list_attached_user_policies(UserName="x")["AttachedPolicies"] == []
    assert code_of(lambda: bare.get_login_profile(UserName="x")) == "NoSuchEntity"
    assert code_of(lambda: bare.delete_login_profile(UserName="x")) == "NoSuchEntity"


@pytest.fixture
def many(root):
    for number in range(120):
        root.create_user(UserName=f"u{number:03}", Path="/many/")
    return root


def test_users_come_in_pages_of_a_hundred(many):
    first = many.list_users()
    assert (len(first["Users"]), first["IsTruncated"]) == (100, True)
    rest = many.list_users(Marker=first["Marker"])
    assert rest["IsTruncated"] is False
    names = [user["UserName"] for user in (*first["Users"], *rest["Users"])]
    assert names == sorted(set(names))
    assert len([name for name in names if name.startswith("u")]) == 120


def test_the_size_of_a_page_can_be_asked_for(many):
    pages = list(many.get_paginator("list_users").paginate(PathPrefix="/many/", PaginationConfig={"PageSize": 50}))
    assert [len(page["Users"]) for page in pages] == [50, 50, 20]
    assert code_of(lambda: many.list_users(MaxItems=1001)) == "ValidationError"
    assert code_of(lambda: many.list_users(Marker="???")) == "ValidationError"


def test_a_page_does_not_move_when_an_earlier_user_goes(many):
    first = many.list_users(PathPrefix="/many/", MaxItems=10)
    many.delete_user(UserName="u003")
    second = many.list_users(PathPrefix="/many/", MaxItems=10, Marker=first["Marker"])
    assert second["Users"][0]["UserName"] == "u010"


def test_authorization_details_come_in_pages_of_all_kinds(many):
    pages = list(many.get_paginator("get_account_authorization_details").paginate())
    assert len(pages) == 2
    users = [user for page in pages for user in page["UserDetailList"]]
    assert len(users) == 124
    assert {policy["PolicyName"] for page in pages for policy in page["Policies"]} == {
        "sescreds-boundary",
        "sescreds-console-boundary",
        "sescreds-dashboard",
    }
    stranger = next(user for user in users if user["UserName"] == "website")
    assert stranger["UserPolicyList"][0]["PolicyDocument"]["Statement"][0]["Action"] == "ses:*"
    only = many.get_account_authorization_details(Filter=["Group"])
    assert [group["GroupName"] for group in only["GroupDetailList"]] == ["AWSSESSendingGroupDoNotRename"]
    assert only["UserDetailList"] == []
