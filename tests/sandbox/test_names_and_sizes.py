"""Names, tags, sizes, quotas and policy documents: AWS's code for each refusal."""

import json

import pytest
from botocore.exceptions import ClientError

from .conftest import allow, code_of, policy


@pytest.mark.parametrize("name", ["a b!", "x" * 65, "ümlaut", "a/b", "a:b", "a\nb"])
def test_names_that_aws_refuses(root, name):
    with pytest.raises(ClientError, match="validation error detected") as caught:
        root.create_user(UserName=name)
    assert caught.value.response["Error"]["Code"] == "ValidationError"


def test_the_longest_name_and_all_its_characters(root):
    root.create_user(UserName="x" * 64)
    root.create_user(UserName="A_z0+=,.@-")


@pytest.mark.parametrize("path", ["no-slashes", "/open", "/with space/"])
def test_paths_that_aws_refuses(root, path):
    assert code_of(lambda: root.create_user(UserName="x", Path=path)) == "ValidationError"


def test_names_are_unique_without_case_and_across_paths(root):
    root.create_user(UserName="Newsletter", Path="/one/")
    assert code_of(lambda: root.create_user(UserName="newsletter", Path="/two/")) == "EntityAlreadyExists"
    assert code_of(lambda: root.create_user(UserName="Newsletter")) == "EntityAlreadyExists"


@pytest.mark.parametrize(
    ("tags", "code"),
    [
        ([{"Key": "a,b", "Value": "1"}], "ValidationError"),
        ([{"Key": "a", "Value": "it's"}], "ValidationError"),
        ([{"Key": "k" * 129, "Value": "1"}], "ValidationError"),
        ([{"Key": "a", "Value": "v" * 257}], "ValidationError"),
        ([{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}], "InvalidInput"),
        ([{"Key": "aws:mine", "Value": "1"}], "InvalidInput"),
        ([{"Key": f"k{number}", "Value": "1"} for number in range(51)], "ValidationError"),
    ],
)
def test_tags_that_aws_refuses(root, tags, code):
    assert code_of(lambda: root.create_user(UserName="x", Tags=tags)) == code
    assert code_of(lambda: root.get_user(UserName="x")) == "NoSuchEntity"


def test_fifty_tags_and_not_one_more(root):
    root.create_user(UserName="x", Tags=[{"Key": f"k{number}", "Value": "é /=+-@:._"} for number in range(50)])
    assert code_of(lambda: root.tag_user(UserName="x", Tags=[{"Key": "more", "Value": ""}])) == "LimitExceeded"
    root.tag_user(UserName="x", Tags=[{"Key": "k1", "Value": "changed"}])


def document_of(size: int) -> str:
    empty = policy(allow("ses:SendRawEmail", ""))
    room = size - sum(not sign.isspace() for sign in empty)
    return policy(allow("ses:SendRawEmail", "arn:aws:ses:::" + "x" * (room - len("arn:aws:ses:::"))))


def test_inline_policies_of_a_user_have_2048_characters_together(root):
    root.create_user(UserName="x")
    put = {"UserName": "x", "PolicyName": "one"}
    root.put_user_policy(**put, PolicyDocument=document_of(2048))
    root.put_user_policy(**put, PolicyDocument=json.dumps(json.loads(document_of(2048)), indent=8))
    assert code_of(lambda: root.put_user_policy(**put, PolicyDocument=document_of(2049))) == "LimitExceeded"
    root.put_user_policy(**put, PolicyDocument=document_of(1024))
    more = {"UserName": "x", "PolicyName": "two"}
    assert code_of(lambda: root.put_user_policy(**more, PolicyDocument=document_of(1025))) == "LimitExceeded"
    root.put_user_policy(**more, PolicyDocument=document_of(1024))


def test_a_managed_policy_has_6144_characters(root):
    root.create_policy(PolicyName="long", PolicyDocument=document_of(6144))
    too_long = {"PolicyName": "longer", "PolicyDocument": document_of(6145)}
    assert code_of(lambda: root.create_policy(**too_long)) == "LimitExceeded"


@pytest.mark.parametrize(
    "document",
    [
        "no json",
        "{}",
        '{"Version": "2012-10-17"}',
        policy({"Effect": "Perhaps", "Action": "ses:*", "Resource": "*"}),
        policy({"Effect": "Allow", "Action": "ses:*"}),
        policy({"Effect": "Allow", "Resource": "*"}),
        policy({"Effect": "Allow", "Action": "SendRawEmail", "Resource": "*"}),
        policy({"Effect": "Allow", "Action": "ses:*", "Resource": "no arn"}),
        policy({"Effect": "Allow", "Action": "ses:*", "Resource": "*", "Spelling": 1}),
    ],
)
def test_documents_that_aws_calls_malformed(root, document):
    root.create_user(UserName="x")
    put = {"UserName": "x", "PolicyName": "p", "PolicyDocument": document}
    assert code_of(lambda: root.put_user_policy(**put)) == "MalformedPolicyDocument"
    assert root.list_user_policies(UserName="x")["PolicyNames"] == []


def test_the_quota_of_users_can_be_reached(sandbox, root):
    sandbox.settings.quota_users = len(root.list_users()["Users"]) + 1
    root.create_user(UserName="last")
    assert code_of(lambda: root.create_user(UserName="too-many")) == "LimitExceeded"
    assert root.get_account_summary()["SummaryMap"]["UsersQuota"] == sandbox.settings.quota_users


@pytest.mark.parametrize("call", ["get_user", "list_access_keys", "list_user_policies", "create_access_key"])
def test_users_that_are_not_there(root, call):
    assert code_of(lambda: getattr(root, call)(UserName="nobody")) == "NoSuchEntity"


def test_an_inline_policy_that_is_not_there(root):
    root.create_user(UserName="x")
    for call in (root.get_user_policy, root.delete_user_policy):
        assert code_of(lambda call=call: call(UserName="x", PolicyName="p")) == "NoSuchEntity"


def test_a_user_has_ten_groups_and_ten_attached_policies(root):
    root.create_user(UserName="x")
    arns = []
    for number in range(11):
        root.create_group(GroupName=f"g{number}")
        made = root.create_policy(PolicyName=f"p{number}", PolicyDocument=policy(allow("ses:*")))
        arns.append(made["Policy"]["Arn"])
    for number in range(10):
        root.add_user_to_group(GroupName=f"g{number}", UserName="x")
        root.attach_user_policy(UserName="x", PolicyArn=arns[number])
    assert code_of(lambda: root.add_user_to_group(GroupName="g10", UserName="x")) == "LimitExceeded"
    assert code_of(lambda: root.attach_user_policy(UserName="x", PolicyArn=arns[10])) == "LimitExceeded"
