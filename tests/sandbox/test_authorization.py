"""Authorization on every call, over HTTP: policies of users and groups, ARNs with paths, boundaries, conditions."""

import pytest
from botocore.exceptions import ClientError

from .conftest import BOUNDARY, PATH, allow, code_of, deny, policy

UNDER_PATH = "arn:aws:iam::123456789012:user/ses-dashboard/*"


@pytest.fixture
def holder(make_user, as_user):
    """IAM as a user with this policy."""

    def make(*statements, name="holder", **more):
        return as_user("iam", make_user(name, policy(*statements) if statements else "", path="/", **more))

    return make


def test_a_user_without_a_policy_may_nothing_but_say_who_it_is(make_user, as_user):
    key = make_user("nobody")
    assert as_user("sts", key).get_caller_identity()["Arn"].endswith(f"user{PATH}nobody")
    assert code_of(as_user("iam", key).list_users) == "AccessDenied"
    assert code_of(as_user("sesv2", key).get_account) == "AccessDeniedException"


def test_the_message_names_caller_action_and_resource(holder, make_user):
    make_user("x")
    with pytest.raises(ClientError) as caught:
        holder().get_user(UserName="x")
    assert caught.value.response["Error"]["Message"] == (
        "User: arn:aws:iam::123456789012:user/holder is not authorized to perform: iam:GetUser on resource: "
        "arn:aws:iam::123456789012:user/ses-dashboard/newsletter/x because no identity-based policy allows the "
        "iam:GetUser action"
    )


def test_an_allow_on_a_path_covers_that_path_only(holder, make_user):
    make_user("mine")
    make_user("theirs", path="/else/")
    client = holder(allow("iam:*", UNDER_PATH))
    client.get_user(UserName="mine")
    client.create_user(UserName="new", Path="/ses-dashboard/")
    assert code_of(lambda: client.get_user(UserName="theirs")) == "AccessDenied"
    assert code_of(lambda: client.create_user(UserName="newer")) == "AccessDenied"
    assert code_of(client.list_users) == "AccessDenied"


def test_a_user_that_is_gone_has_no_path_to_allow(holder):
    """Under a policy for one path AWS answers AccessDenied, not NoSuchEntity."""
    assert code_of(lambda: holder(allow("iam:*", UNDER_PATH)).get_user(UserName="gone")) == "AccessDenied"
    everywhere = holder(allow("iam:*"), name="wide")
    assert code_of(lambda: everywhere.get_user(UserName="gone")) == "NoSuchEntity"
    by_name = holder(allow("iam:*", "arn:aws:iam::123456789012:user/go*"), name="named")
    assert code_of(lambda: by_name.delete_user(UserName="gone")) == "NoSuchEntity"


def test_group_policies_count(root, make_user, as_user):
    key = make_user("member")
    root.create_group(GroupName="readers")
    root.put_group_policy(GroupName="readers", PolicyName="read", PolicyDocument=policy(allow("iam:ListUsers")))
    client = as_user("iam", key)
    assert code_of(client.list_users) == "AccessDenied"
    root.add_user_to_group(GroupName="readers", UserName="member")
    assert client.list_users()["Users"]
    root.remove_user_from_group(GroupName="readers", UserName="member")
    assert code_of(client.list_users) == "AccessDenied"


def test_attached_policies_count_with_their_default_version(root, make_user, as_user):
    client = as_user("iam", make_user("member"))
    document = policy(allow("iam:ListUsers"))
    arn = root.create_policy(PolicyName="lists", PolicyDocument=document)["Policy"]["Arn"]
    root.attach_user_policy(UserName="member", PolicyArn=arn)
    assert client.list_users()["Users"]
    new = policy(deny("iam:ListUsers"))
    root.create_policy_version(PolicyArn=arn, PolicyDocument=new, SetAsDefault=True)
    assert code_of(client.list_users) == "AccessDenied"


def test_an_explicit_deny_wins(holder, make_user):
    make_user("x")
    client = holder(allow("iam:*"), deny("iam:DeleteUser"))
    assert code_of(lambda: client.delete_user(UserName="x")) == "AccessDenied"


def test_a_boundary_limits_what_policies_give(root, holder):
    limit = policy(allow("iam:ListUsers"))
    arn = root.create_policy(PolicyName="limit", PolicyDocument=limit)["Policy"]["Arn"]
    client = holder(allow("iam:*"), PermissionsBoundary=arn)
    assert client.list_users()["Users"]
    with pytest.raises(ClientError, match="no permissions boundary allows"):
        client.list_groups()


def test_a_boundary_is_kept_shown_changed_and_removed(root, make_user):
    make_user("x", PermissionsBoundary=BOUNDARY)
    shown = {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": BOUNDARY}
    assert root.get_user(UserName="x")["User"]["PermissionsBoundary"] == shown
    details = root.get_account_authorization_details(Filter=["User"])["UserDetailList"]
    assert next(each for each in details if each["UserName"] == "x")["PermissionsBoundary"] == shown
    assert "PermissionsBoundary" not in next(each for each in root.list_users()["Users"] if each["UserName"] == "x")
    root.delete_user_permissions_boundary(UserName="x")
    assert "PermissionsBoundary" not in root.get_user(UserName="x")["User"]
    assert code_of(lambda: root.delete_user_permissions_boundary(UserName="x")) == "NoSuchEntity"
    root.put_user_permissions_boundary(UserName="x", PermissionsBoundary=BOUNDARY)
    assert root.get_user(UserName="x")["User"]["PermissionsBoundary"] == shown


def test_a_boundary_that_does_not_exist_makes_no_user(root):
    gone = BOUNDARY + "-gone"
    assert code_of(lambda: root.create_user(UserName="x", PermissionsBoundary=gone)) == "NoSuchEntity"
    assert code_of(lambda: root.get_user(UserName="x")) == "NoSuchEntity"


def test_a_policy_in_use_as_a_boundary_cannot_be_deleted(root, make_user):
    make_user("x", PermissionsBoundary=BOUNDARY)
    assert code_of(lambda: root.delete_policy(PolicyArn=BOUNDARY)) == "DeleteConflict"


def test_the_boundary_condition_is_the_requests_when_a_user_is_made(holder):
    needs = {"iam:PermissionsBoundary": BOUNDARY}
    client = holder(allow("iam:CreateUser", StringEquals=needs))
    assert code_of(lambda: client.create_user(UserName="x")) == "AccessDenied"
    client.create_user(UserName="x", PermissionsBoundary=BOUNDARY)


def test_the_boundary_condition_is_the_users_own_when_its_policy_is_put(holder, make_user):
    make_user("free")
    make_user("bound", PermissionsBoundary=BOUNDARY)
    needs = {"iam:PermissionsBoundary": BOUNDARY}
    client = holder(allow(["iam:PutUserPolicy", "iam:CreateAccessKey"], StringEquals=needs))
    put = {"PolicyName": "p", "PolicyDocument": policy(allow("ses:SendRawEmail"))}
    client.put_user_policy(UserName="bound", **put)
    assert code_of(lambda: client.put_user_policy(UserName="free", **put)) == "AccessDenied"
    # CreateAccessKey has no such key, so a statement that asks for it never holds.
    assert code_of(lambda: client.create_access_key(UserName="bound")) == "AccessDenied"


def test_tags_at_creation_need_tag_user_too(holder):
    tags = [{"Key": "team", "Value": "1"}]
    narrow = holder(allow("iam:CreateUser"))
    assert code_of(lambda: narrow.create_user(UserName="x", Tags=tags)) == "AccessDenied"
    wide = holder(allow(["iam:CreateUser", "iam:TagUser"]), name="wide")
    wide.create_user(UserName="x", Tags=tags)


def test_request_tags_and_their_keys(holder):
    statement = allow(
        ["iam:CreateUser", "iam:TagUser"],
        StringEquals={"aws:RequestTag/managed-by": "sescreds"},
        **{"ForAllValues:StringEquals": {"aws:TagKeys": ["managed-by", "team"]}},
    )
    client = holder(statement)
    good = [{"Key": "managed-by", "Value": "sescreds"}]
    client.create_user(UserName="a", Tags=good)
    assert code_of(lambda: client.create_user(UserName="b")) == "AccessDenied"
    wrong = [{"Key": "managed-by", "Value": "me"}]
    assert code_of(lambda: client.create_user(UserName="b", Tags=wrong)) == "AccessDenied"
    more = [*good, {"Key": "other", "Value": "1"}]
    assert code_of(lambda: client.create_user(UserName="b", Tags=more)) == "AccessDenied"


@pytest.mark.parametrize("prefix", ["aws:ResourceTag/", "iam:ResourceTag/"])
def test_resource_tags(holder, make_user, prefix):
    make_user("ours", Tags=[{"Key": "managed-by", "Value": "sescreds"}])
    make_user("theirs")
    client = holder(allow("iam:CreateAccessKey", StringEquals={f"{prefix}managed-by": "sescreds"}))
    client.create_access_key(UserName="ours")
    assert code_of(lambda: client.create_access_key(UserName="theirs")) == "AccessDenied"


def test_current_time_follows_the_sandbox_clock(sandbox, holder):
    until = sandbox.world.clock.now().replace(microsecond=0)
    before = {"aws:CurrentTime": f"{until.year + 1}-01-01T00:00:00Z"}
    client = holder(allow("iam:ListUsers", DateLessThan=before))
    assert client.list_users()["Users"]
    sandbox.clock_offset = 400 * 86_400
    assert code_of(client.list_users) == "AccessDenied"


def test_source_address_and_transport(holder):
    near = holder(allow("iam:ListUsers", IpAddress={"aws:SourceIp": "127.0.0.0/8"}), name="near")
    assert near.list_users()["Users"]
    far = holder(allow("iam:ListUsers", IpAddress={"aws:SourceIp": "203.0.113.0/24"}), name="far")
    assert code_of(far.list_users) == "AccessDenied"
    plain = holder(allow("iam:*"), deny("*", Bool={"aws:SecureTransport": "false"}), name="secure")
    assert plain.list_users()["Users"]


def test_an_operator_that_aws_does_not_have_is_malformed(root, make_user):
    make_user("x")
    document = policy(allow("iam:*", StringSmells={"aws:username": "x"}))
    put = {"UserName": "x", "PolicyName": "p", "PolicyDocument": document}
    assert code_of(lambda: root.put_user_policy(**put)) == "MalformedPolicyDocument"


def test_a_policy_variable_is_a_named_gap(root, make_user):
    make_user("x")
    document = policy(allow("iam:*", "arn:aws:iam::123456789012:user/${aws:userid}"))
    put = {"UserName": "x", "PolicyName": "p", "PolicyDocument": document}
    assert code_of(lambda: root.put_user_policy(**put)) == "SandboxCannotAnswer"


def test_a_call_without_a_user_name_is_about_the_caller(holder):
    client = holder(allow("iam:*", "arn:aws:iam::123456789012:user/holder"))
    assert client.get_user()["User"]["UserName"] == "holder"
    assert len(client.list_access_keys()["AccessKeyMetadata"]) == 1
