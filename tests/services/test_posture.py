"""How the set-up stands: what is asked, what is kept, what is said of it; and that it keeps nobody from issuing."""

import json
from contextlib import suppress
from datetime import timedelta

import boto3
import pytest
from django.utils import timezone

from provisioning.domain.posture import AS_PRINTED, DIFFERENT, GONE, WHO
from provisioning.domain.refusals import Refusal
from provisioning.domain.roles import system
from provisioning.gateway.aws import aws
from provisioning.gateway.contract import GatewayFault
from provisioning.models import AuditEvent, AwsAccount, RegionReading
from provisioning.services import posture, set_up, sweeps
from tests.rights import BOUNDARY, CONSOLE_BOUNDARY, SELF, actions, hold, printed, root_of, without

pytestmark = pytest.mark.django_db
ROLE = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}],
}


@pytest.fixture
def root(aws_account):
    return root_of(aws_account)


def looked(at=None, **options):
    """The account after a look, and what that found."""
    posture.look(aws(), by=system("test"), now=at or timezone.now(), **options)
    account = AwsAccount.objects.get()
    return account, posture.findings_of(account)


def titles(account):
    return [problem.title for problem in posture.problems(account)]


def checks():
    return list(AuditEvent.objects.filter(act="account:check").order_by("sequence"))


def test_a_good_day(world):
    account, found = looked()
    assert (found["kind"], found["keys"], found["key_days"]) == ("IAM user", 1, 0)
    assert (found["missing"], found["excess"], found["boundary"]) == ([], [], AS_PRINTED)
    assert (found["users"], found["users_quota"]) == (4, 5000)
    assert (found["uncovered"], found["unasked"]) == ([], [])
    assert titles(account) == [
        "The account's root user has access keys",
        "The account's root user has no MFA",
    ]


def test_what_is_found_is_plain_data(world):
    _, found = looked()
    assert json.loads(json.dumps(found)) == found


def test_only_administrators_and_sweeps_look_and_auditors_read(world):
    for name in ("member", "auditor", "guest"):
        with pytest.raises(Refusal):
            posture.look(aws(), by=world.actor(name), now=timezone.now())
    for name in ("member", "guest"):
        with pytest.raises(Refusal):
            posture.read(by=world.actor(name))
    for name in ("admin", "auditor"):
        assert posture.read(by=world.actor(name)).principal_arn == SELF


def test_reading_asks_aws_nothing(world, aws_account):
    before = len(aws_account.calls)
    account = posture.read(by=world.actor("auditor"))
    posture.problems(account)
    assert len(aws_account.calls) == before


def test_before_the_first_look_nothing_is_said(world):
    account = posture.read(by=world.actor("admin"))
    assert account.findings is None
    assert posture.problems(account) == []


QUIET = {"iam:SimulatePrincipalPolicy"}  # without it nobody can say what is missing


def test_whatever_action_is_missing_is_named(world, root):
    named = {}
    for sid, action in actions():
        if action in QUIET:
            continue
        hold(root, without(sid, action))
        with suppress(GatewayFault):  # where the check itself may not ask, it says so once the findings are kept
            posture.look(aws(), by=system("test"), now=timezone.now())
        account = AwsAccount.objects.get()
        assert any(action in title for title in titles(account)), action
        assert account.findings["excess"] == []
        named[action] = {right["action"] for right in account.findings["missing"]}
    assert named == {action: {action} for _, action in actions() if action not in QUIET}


def test_without_the_simulator_the_rest_is_asked_and_issuing_goes_on(world, root):
    hold(root, without("AskAboutItself", "iam:SimulatePrincipalPolicy"))
    account, found = looked()
    assert (found["missing"], found["excess"], found["boundary"]) == (None, None, AS_PRINTED)
    (unasked,) = found["unasked"]
    assert (unasked["what"], unasked["code"]) == ("Its rights", "AccessDenied")
    assert unasked["aws_request_id"]
    assert account.trouble == ""
    assert world.issued().state == "live"


@pytest.mark.parametrize(
    ("operation", "empty"),
    [
        ("GetAccountSummary", "users"),
        ("GetCredentialReport", "key_days"),
        ("GetPolicyVersion", "boundary"),
        ("SimulatePrincipalPolicy", "missing"),
    ],
)
def test_what_cannot_be_asked_is_noted_and_the_rest_is_there(world, aws_account, operation, empty):
    aws_account.faults.set(operation, "error", code="ServiceFailure", status=500)
    account, found = looked()
    assert found[empty] is None
    assert [title for title in titles(account) if title.startswith("AWS did not answer: ")]
    assert {(each["code"], bool(each["aws_request_id"])) for each in found["unasked"]} == {("ServiceFailure", True)}
    assert found["kind"] == "IAM user"
    assert account.trouble == ""


@pytest.mark.parametrize(
    ("operation", "known"),
    [("GetAccountSummary", "users"), ("GetPolicyVersion", "boundary"), ("SimulatePrincipalPolicy", "missing")],
)
def test_what_cannot_be_asked_once_more_stays_as_it_was_said(world, aws_account, operation, known):
    _, before = looked()
    aws_account.faults.set(operation, "error", code="ServiceFailure", status=500)
    _, found = looked()
    assert found["unasked"]
    assert found[known] == before[known] is not None


def test_when_aws_says_no_to_the_check_itself_the_rest_is_kept_and_the_sweep_says_so(world, aws_account):
    aws_account.faults.set("GetPolicy", "error", code="ServiceFailure", status=500)
    run = sweeps.run_now("account", aws())
    assert "ServiceFailure" in run.trouble
    found = posture.findings_of(AwsAccount.objects.get())
    assert (found["missing"], found["boundary"]) == ([], None)


def test_when_nobody_answers_nothing_is_forgotten(world, monkeypatch):
    _, before = looked()
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    aws.cache_clear()
    with pytest.raises(GatewayFault):
        posture.look(aws(), by=system("test"), now=timezone.now())
    found = posture.findings_of(AwsAccount.objects.get())
    assert [(each["what"], each["code"]) for each in found["unasked"]] == [(WHO, "EndpointConnectionError")]
    assert found | {"unasked": []} == before
    aws.cache_clear()


def test_rights_beyond_are_named(world, root):
    policy = printed()
    policy["Statement"].append(
        {"Effect": "Allow", "Action": ["iam:CreateUser", "iam:CreateAccessKey"], "Resource": "*"}
    )
    hold(root, policy)
    account, found = looked()
    assert found["missing"] == []
    assert {(right["action"], right["about"]) for right in found["excess"]} == {
        ("iam:CreateUser", "for its own users without the boundary"),
        ("iam:CreateUser", "for its own users with another boundary"),
        ("iam:CreateUser", "for users outside its path"),
        ("iam:CreateAccessKey", "for users outside its path"),
    }
    assert "The dashboard may do too much: iam:CreateUser and iam:CreateAccessKey" in titles(account)


def test_an_administrators_rights_are_far_too_many_but_for_what_is_denied(world, root):
    policy = printed()
    policy["Statement"].append({"Effect": "Allow", "Action": "*", "Resource": "*"})
    hold(root, policy)
    _, found = looked()
    named = {right["action"] for right in found["excess"]}
    assert {"iam:CreateRole", "iam:AttachUserPolicy", "iam:PassRole", "iam:AddUserToGroup"} <= named
    assert not {"iam:PutUserPermissionsBoundary", "iam:DeleteUserPermissionsBoundary"} & named
    assert ("iam:CreatePolicyVersion", "for the boundary") not in {(r["action"], r["about"]) for r in found["excess"]}


def test_a_boundary_that_was_widened_is_seen(world, root):
    wide = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    hold(root, wide, BOUNDARY)
    account, found = looked()
    assert found["boundary"] == DIFFERENT
    assert "The boundary does not say what this page prints" in titles(account)


def test_a_boundary_that_is_gone_stops_issuing_and_is_said_once(world, root):
    root.delete_policy(PolicyArn=BOUNDARY)
    account, found = looked()
    assert found["boundary"] == GONE
    assert [title for title in titles(account) if "oundary" in title or "issued" in title] == ["Nothing is issued"]


def test_the_age_of_our_own_key(world, aws_account):
    account, found = looked(at=timezone.now() + timedelta(days=91))
    assert found["key_days"] == 91
    assert "The dashboard's own access key is 91 days old" in titles(account)


def test_with_two_keys_the_older_counts(world, aws_account, root):
    root.create_access_key(UserName="sescreds-dashboard")
    _, found = looked(at=timezone.now() + timedelta(days=3))
    assert (found["keys"], found["key_days"]) == (2, 3)


def test_a_role_is_asked_about_by_its_own_arn(world, aws_account, root, monkeypatch):
    arn = "arn:aws:iam::123456789012:role/sescreds"
    root.create_role(RoleName="sescreds", AssumeRolePolicyDocument=json.dumps(ROLE))
    policy = json.loads(json.dumps(printed()).replace(SELF, arn))
    root.put_role_policy(RoleName="sescreds", PolicyName="own", PolicyDocument=json.dumps(policy))
    assume = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": arn}
    root.put_user_policy(
        UserName="website", PolicyName="assume", PolicyDocument=json.dumps(ROLE | {"Statement": [assume]})
    )
    sign_in_as_role(aws_account, root, monkeypatch, arn)
    account, found = looked()
    assert (found["kind"], found["missing"], found["excess"], found["unasked"]) == ("role", [], [], [])
    assert (found["keys"], found["key_days"]) == (None, None)
    assert posture.policies_of(account)[0] == policy
    aws.cache_clear()


def sign_in_as_role(sandbox, root, monkeypatch, arn):
    key = root.create_access_key(UserName="website")["AccessKey"]
    sts = boto3.client(
        "sts",
        region_name="us-east-1",
        endpoint_url=sandbox.aws_url,
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
    )
    session = sts.assume_role(RoleArn=arn, RoleSessionName="web-1")["Credentials"]
    for name, value in (
        ("ACCESS_KEY_ID", session["AccessKeyId"]),
        ("SECRET_ACCESS_KEY", session["SecretAccessKey"]),
        ("SESSION_TOKEN", session["SessionToken"]),
    ):
        monkeypatch.setenv(f"AWS_{name}", value)
    aws.cache_clear()


def test_the_root_user_is_not_asked_about(world, aws_account, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", aws_account.root_keys.access_key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", aws_account.root_keys.secret_access_key)
    aws.cache_clear()
    account, found = looked()
    assert (found["kind"], found["missing"], found["unasked"]) == ("root user", None, [])
    assert titles(account)[0] == "Nothing is issued"
    assert "SimulatePrincipalPolicy" not in str(posture.policies_of(account))
    aws.cache_clear()


def test_identities_that_are_gone_are_named_by_who_sends_as_them(world, aws_account):
    world.issued(regions=("eu-central-1",))
    aws_account.world.ses["eu-central-1"].identities["example.com"] = False
    account, found = looked()
    assert found["uncovered"] == [], "the reading is older"
    account, found = looked(regions=("eu-central-1", "us-east-1"))
    assert found["uncovered"] == [{"entry": "digest@example.com", "region": "eu-central-1", "credentials": 1}]
    assert "No verified identity covers digest@example.com in eu-central-1" in titles(account)
    assert RegionReading.objects.count() == 2


def test_the_quota_of_users(world, aws_account):
    aws_account.settings.quota_users = 4
    account, _ = looked()
    assert "The account's quota of IAM users is nearly used up" in titles(account)


def test_the_history_says_when_rights_change_and_only_then(world, root):
    looked()
    before = len(checks())
    hold(root, without("LookAfterOwnUsers", "iam:TagUser"))
    looked()
    looked()
    hold(root, printed())
    looked()
    worse, better = checks()[before:]
    assert (worse.outcome, better.outcome) == ("failed", "done")
    missing = "iam:TagUser on arn:aws:iam::123456789012:user/ses-dashboard/*"
    after = {"missing": [missing], "excess": [], "boundary": [], "console boundary": []}
    assert json.loads(worse.text)["detail"]["after"] == json.loads(better.text)["detail"]["before"] == after


def test_no_look_makes_issuing_refuse(world, root):
    hold(root, without("LookAfterOwnUsers", "iam:ListMFADevices"))
    looked()
    assert set_up.require_safe(set_up.account(), aws(), now=timezone.now())


@pytest.mark.parametrize("name", ["different", "gone"])
def test_the_boundary_of_console_logins_is_looked_at_too(world, root, name):
    if name == "gone":
        root.delete_policy(PolicyArn=CONSOLE_BOUNDARY)
    else:
        hold(root, printed(), CONSOLE_BOUNDARY)
    account, found = looked()
    assert (found["console_boundary"], found["boundary"], account.trouble) == (name, AS_PRINTED, "")
    assert any("boundary of console logins" in title for title in titles(account))
    assert checks()[-1].outcome == "failed"


def test_where_there_are_no_console_logins_nothing_is_asked_for_them(world, aws_account, settings):
    settings.AWS_CONSOLE_BOUNDARY_ARN = ""
    before = len(aws_account.calls)
    account, found = looked()
    assert found["console_boundary"] is None
    assert "GetAccountPasswordPolicy" not in [name for name, _ in aws_account.calls[before:]]
    assert not any("console" in title for title in titles(account))
