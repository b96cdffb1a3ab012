"""A second account: entered through its role alone, with users, identities and rights of its own."""

import json

import boto3
import pytest

from provisioning.domain.own_policy import boundary_policy, console_boundary_policy, own_policy, trust_policy
from provisioning.sandbox.account import DASHBOARD_ARN, SECOND_EXTERNAL_ID, SECOND_ROLE, SECOND_ROLE_ARN
from provisioning.sandbox.server import Sandbox
from provisioning.sandbox.world import SECOND_ACCOUNT, KeyPair

from .conftest import PATH, code_of, policy

WHERE = {"account_id": SECOND_ACCOUNT, "path": "/ses-dashboard/", "partition": "aws"}
BOUNDARY = f"arn:aws:iam::{SECOND_ACCOUNT}:policy/sescreds-boundary"
CONSOLE_BOUNDARY = f"arn:aws:iam::{SECOND_ACCOUNT}:policy/sescreds-console-boundary"
ASKED = {"RoleArn": SECOND_ROLE_ARN, "RoleSessionName": "request-1", "ExternalId": SECOND_EXTERNAL_ID}


@pytest.fixture
def sts(sandbox, client_of):
    return client_of("sts", sandbox.dashboard_keys)


@pytest.fixture
def root_there(sandbox, client_of):
    return client_of("iam", sandbox.second_root_keys)


@pytest.fixture
def there(sts, client_of):
    """Clients of a session of the role."""
    given = sts.assume_role(**ASKED)["Credentials"]
    keys = KeyPair(given["AccessKeyId"], given["SecretAccessKey"])
    return lambda service, **more: client_of(service, keys, aws_session_token=given["SessionToken"], **more)


def trust(root_there, *statements):
    """Let the role trust whom these say."""
    root_there.update_assume_role_policy(RoleName=SECOND_ROLE, PolicyDocument=policy(*statements))


def test_the_role_is_as_printed(root_there):
    role = root_there.get_role(RoleName=SECOND_ROLE)["Role"]
    assert role["Arn"] == SECOND_ROLE_ARN
    printed = trust_policy(principal_arn=DASHBOARD_ARN, external_id=SECOND_EXTERNAL_ID)
    assert role["AssumeRolePolicyDocument"] == printed
    held = root_there.list_attached_role_policies(RoleName=SECOND_ROLE)["AttachedPolicies"]
    documents = {
        arn: root_there.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]["Document"]
        for arn in (held[0]["PolicyArn"], BOUNDARY, CONSOLE_BOUNDARY)
    }
    own = own_policy(
        boundary_arn=BOUNDARY, console_boundary_arn=CONSOLE_BOUNDARY, principal_arn=SECOND_ROLE_ARN, **WHERE
    )
    assert list(documents.values()) == [own, boundary_policy(**WHERE), console_boundary_policy(**WHERE)]


@pytest.mark.parametrize("external_id", [None, "another"])
def test_it_opens_with_its_external_id_only(sts, external_id):
    asked = {**ASKED, "ExternalId": external_id} if external_id else {**ASKED}
    if external_id is None:
        del asked["ExternalId"]
    assert code_of(lambda: sts.assume_role(**asked)) == "AccessDenied"


def test_it_opens_for_the_dashboard_only(sandbox, make_user, as_user):
    other = as_user("sts", make_user("other", policy({"Effect": "Allow", "Action": "sts:*", "Resource": "*"})))
    assert code_of(lambda: other.assume_role(**ASKED)) == "AccessDenied"


def test_a_role_there_that_the_dashboards_policy_does_not_name(sts, root_there):
    everybody = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    root_there.create_role(RoleName="open", AssumeRolePolicyDocument=policy(everybody))
    asked = {**ASKED, "RoleArn": SECOND_ROLE_ARN.replace("sescreds", "open")}
    assert code_of(lambda: sts.assume_role(**asked)) == "AccessDenied"


def test_a_source_identity_wants_a_trust_of_its_own(sts, root_there):
    named = sts.assume_role(**ASKED, SourceIdentity="ada@example.com")
    assert named["SourceIdentity"] == "ada@example.com"
    entering = {"Effect": "Allow", "Principal": {"AWS": DASHBOARD_ARN}, "Action": "sts:AssumeRole"}
    trust(root_there, entering)
    assert code_of(lambda: sts.assume_role(**ASKED, SourceIdentity="ada@example.com")) == "AccessDenied"
    assert "SourceIdentity" not in sts.assume_role(**ASKED)


def test_who_a_session_is(there):
    who = there("sts").get_caller_identity()
    assert (who["Account"], who["Arn"]) == (
        SECOND_ACCOUNT,
        f"arn:aws:sts::{SECOND_ACCOUNT}:assumed-role/sescreds/request-1",
    )


def test_a_session_is_no_key_of_root_or_of_the_first_account(there):
    iam = there("iam")
    assert code_of(iam.list_users) == "AccessDenied"
    assert code_of(lambda: iam.get_policy(PolicyArn=BOUNDARY.replace(SECOND_ACCOUNT, "123456789012"))) == "AccessDenied"


def test_users_of_the_two_accounts_have_nothing_in_common(there, root, root_there, iam, post):
    made = {"UserName": "ses-same-name", "Path": PATH, "PermissionsBoundary": BOUNDARY}
    arn = there("iam").create_user(**made)["User"]["Arn"]
    assert arn == f"arn:aws:iam::{SECOND_ACCOUNT}:user{PATH}ses-same-name"
    assert code_of(lambda: root.get_user(UserName="ses-same-name")) == "NoSuchEntity"
    assert [each["UserName"] for each in root_there.list_users()["Users"]] == ["ses-same-name"]
    iam.create_user(**{**made, "PermissionsBoundary": BOUNDARY.replace(SECOND_ACCOUNT, "123456789012")})
    there("iam").delete_user(UserName="ses-same-name")
    assert root.get_user(UserName="ses-same-name")["User"]["Arn"].startswith("arn:aws:iam::123456789012:")


def sends_in(account):
    arns = [f"arn:aws:ses:*:{account}:identity/*", f"arn:aws:ses:*:{account}:configuration-set/*"]
    return policy({"Effect": "Allow", "Action": "ses:SendRawEmail", "Resource": arns})


def test_a_key_of_the_second_account_sends_as_its_identities(sandbox, there, post):
    iam = there("iam")
    for name, account in (("ses-here", SECOND_ACCOUNT), ("ses-elsewhere", "123456789012")):
        iam.create_user(UserName=name, Path=PATH, PermissionsBoundary=BOUNDARY)
        iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=sends_in(account))
    here, elsewhere = (iam.create_access_key(UserName=name)["AccessKey"] for name in ("ses-here", "ses-elsewhere"))
    assert post.send(here)[0] == 250
    assert post.send(elsewhere)[0] == 554, "the identity is that of the user's own account"
    sandbox.world.all_ses[SECOND_ACCOUNT]["eu-central-1"].identities.clear()
    assert post.send(here)[0] == 554


def test_a_report_and_a_summary_are_of_one_account(sandbox, there, root):
    iam = there("iam")
    iam.generate_credential_report()
    rows = iam.get_credential_report()["Content"].decode().splitlines()
    assert [row.split(",")[1] for row in rows[1:]] == [f"arn:aws:iam::{SECOND_ACCOUNT}:root"]
    assert iam.get_account_summary()["SummaryMap"]["Users"] == 0
    assert root.get_account_summary()["SummaryMap"]["Users"] == 4


def test_a_session_of_a_session_is_an_hour_at_most(there, root_there, sandbox):
    everybody = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    root_there.create_role(RoleName="next", AssumeRolePolicyDocument=policy(everybody), MaxSessionDuration=43200)
    allowed = policy({"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"})
    root_there.put_role_policy(RoleName=SECOND_ROLE, PolicyName="p", PolicyDocument=allowed)
    asked = {"RoleArn": SECOND_ROLE_ARN.replace("sescreds", "next"), "RoleSessionName": "chained"}
    assert code_of(lambda: there("sts").assume_role(**asked, DurationSeconds=7200)) == "ValidationError"
    assert there("sts").assume_role(**asked)["Credentials"]


def test_both_accounts_are_kept_over_a_restart(tmp_path):
    first = Sandbox(tmp_path, snapshot=True)
    first.start()
    root = {"aws_access_key_id": first.second_root_keys.access_key_id}
    root["aws_secret_access_key"] = first.second_root_keys.secret_access_key
    boto3.client("iam", "us-east-1", endpoint_url=first.aws_url, **root).create_user(UserName="kept")
    first.stop()
    second = Sandbox(tmp_path, snapshot=True)
    second.start()
    try:
        listed = boto3.client("iam", "us-east-1", endpoint_url=second.aws_url, **root).list_users()["Users"]
        assert [each["UserName"] for each in listed] == ["kept"]
        assert json.loads((tmp_path / "sandbox-second-root.json").read_text())["access_key_id"] in root.values()
    finally:
        second.stop()
