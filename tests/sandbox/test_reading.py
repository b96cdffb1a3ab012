"""What the product asks about the account: identities, quotas, the simulator, the report, last uses, policies."""

import csv
import io

import pytest

from .conftest import BOUNDARY, PATH, allow, code_of, deny, policy, sending


@pytest.fixture
def ses(sandbox, client_of):
    return client_of("sesv2", sandbox.dashboard_keys)


def test_account_state_is_that_of_the_region(sandbox, client_of, ses):
    assert ses.get_account()["ProductionAccessEnabled"] is False
    assert ses.get_account()["SendQuota"]["Max24HourSend"] == 200
    other = client_of("sesv2", sandbox.dashboard_keys, "us-east-1").get_account()
    assert (other["ProductionAccessEnabled"], other["SendingEnabled"]) == (True, True)
    assert other["EnforcementStatus"] == "HEALTHY"


def test_a_region_that_the_sandbox_does_not_serve_is_one_that_nobody_has_used(sandbox, client_of):
    elsewhere = client_of("sesv2", sandbox.dashboard_keys, "sa-east-1")
    assert elsewhere.list_email_identities()["EmailIdentities"] == []
    assert elsewhere.get_account()["ProductionAccessEnabled"] is False
    of_root = client_of("sesv2", sandbox.root_keys, "sa-east-1")
    assert code_of(lambda: of_root.create_email_identity(EmailIdentity="example.com")) == "SandboxCannotAnswer"


def test_a_region_without_ses_is_named(sandbox, client_of):
    assert code_of(client_of("sesv2", sandbox.root_keys, "xx-nowhere-1").get_account) == "SandboxCannotAnswer"


def test_sent_messages_count(sandbox, ses, make_user, post):
    key = make_user("x", sending())
    assert post.send(key, to="someone@example.com")[0] == 250
    assert ses.get_account()["SendQuota"]["SentLast24Hours"] == 1
    sandbox.clock_offset = 90_000
    assert ses.get_account()["SendQuota"]["SentLast24Hours"] == 0


def test_identities_and_their_pages(sandbox, client_of, ses):
    rows = ses.list_email_identities()["EmailIdentities"]
    assert [(row["IdentityName"], row["IdentityType"], row["VerificationStatus"]) for row in rows] == [
        ("billing.example.com", "DOMAIN", "SUCCESS"),
        ("example.com", "DOMAIN", "SUCCESS"),
    ]
    first = ses.list_email_identities(PageSize=1)
    rest = ses.list_email_identities(PageSize=1, NextToken=first["NextToken"])
    assert [row["IdentityName"] for row in rest["EmailIdentities"]] == ["example.com"]
    assert "NextToken" not in rest


def test_one_identity(sandbox, client_of):
    root = client_of("sesv2", sandbox.root_keys)
    assert root.get_email_identity(EmailIdentity="example.com")["VerifiedForSendingStatus"] is True
    assert code_of(lambda: root.get_email_identity(EmailIdentity="other.example")) == "NotFoundException"
    root.create_email_identity(EmailIdentity="a@other.example")
    assert root.get_email_identity(EmailIdentity="a@other.example")["VerificationStatus"] == "PENDING"
    assert code_of(lambda: root.create_email_identity(EmailIdentity="example.com")) == "AlreadyExistsException"
    root.delete_email_identity(EmailIdentity="example.com")
    assert len(root.list_email_identities()["EmailIdentities"]) == 2


def simulate(root, arn, action, resource="*", **context):
    entries = [
        {"ContextKeyName": name, "ContextKeyType": "string", "ContextKeyValues": [value]}
        for name, value in context.items()
    ]
    asked = {"ActionNames": [action], "ResourceArns": [resource], "ContextEntries": entries}
    (result,) = root.simulate_principal_policy(PolicySourceArn=arn, **asked)["EvaluationResults"]
    return result


def test_the_simulator_gives_the_three_answers(root, make_user):
    make_user("x", policy(allow("ses:SendRawEmail"), deny("ses:SendRawEmail", "arn:aws:ses:us-east-1:*:*")))
    arn = f"arn:aws:iam::123456789012:user{PATH}x"
    here, there = (f"arn:aws:ses:{region}:123456789012:identity/a" for region in ("eu-central-1", "us-east-1"))
    assert simulate(root, arn, "ses:SendRawEmail", here)["EvalDecision"] == "allowed"
    assert simulate(root, arn, "ses:SendRawEmail", there)["EvalDecision"] == "explicitDeny"
    assert simulate(root, arn, "ses:SendEmail", here)["EvalDecision"] == "implicitDeny"


def test_the_simulator_knows_conditions_and_what_is_missing(root, make_user):
    make_user("x", sending())
    arn, identity = f"arn:aws:iam::123456789012:user{PATH}x", "arn:aws:ses:eu-central-1:123456789012:identity/a"
    missing = simulate(root, arn, "ses:SendRawEmail", identity)
    assert (missing["EvalDecision"], missing["MissingContextValues"]) == ("implicitDeny", ["ses:fromaddress"])
    good = simulate(root, arn, "ses:SendRawEmail", identity, **{"ses:FromAddress": "a@example.com"})
    assert (good["EvalDecision"], good["MissingContextValues"]) == ("allowed", [])


def test_the_simulator_knows_boundaries_groups_and_several_questions(root, make_user):
    make_user("x", policy(allow("iam:*")), PermissionsBoundary=BOUNDARY)
    arn = f"arn:aws:iam::123456789012:user{PATH}x"
    result = simulate(root, arn, "iam:ListUsers")
    assert result["EvalDecision"] == "implicitDeny"
    assert result["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": False}
    group = "arn:aws:iam::123456789012:group/AWSSESSendingGroupDoNotRename"
    assert simulate(root, group, "ses:SendRawEmail")["EvalDecision"] == "allowed"
    asked = {"ActionNames": ["iam:GetUser", "iam:ListUsers"], "ResourceArns": ["*", arn]}
    assert len(root.simulate_principal_policy(PolicySourceArn=group, **asked)["EvaluationResults"]) == 4


def test_the_simulator_has_a_permission_of_its_own_and_an_existing_source(root, make_user, as_user):
    key = make_user("x")
    arn = f"arn:aws:iam::123456789012:user{PATH}x"
    assert code_of(lambda: simulate(as_user("iam", key), arn, "iam:GetUser")) == "AccessDenied"
    assert code_of(lambda: simulate(root, arn + "-gone", "iam:GetUser")) == "NoSuchEntity"


def report(iam):
    assert iam.generate_credential_report()["State"] in ("STARTED", "COMPLETE")
    text = iam.get_credential_report()["Content"].decode()
    return {row["user"]: row for row in csv.DictReader(io.StringIO(text))}


def test_the_report_has_every_user_root_first_and_no_key_id(root, iam, make_user):
    key = make_user("x")
    rows = report(iam)
    assert next(iter(rows)) == "<root_account>"
    assert rows["<root_account>"]["mfa_active"] == "false"
    assert rows["<root_account>"]["access_key_1_active"] == "true"
    assert set(rows) == {"<root_account>", *(user["UserName"] for user in root.list_users()["Users"])}
    row = rows["x"]
    assert (row["access_key_1_active"], row["access_key_1_last_used_date"]) == ("true", "N/A")
    assert (row["access_key_2_active"], row["password_enabled"]) == ("false", "false")
    assert key["AccessKeyId"] not in str(rows)


def test_an_smtp_sign_in_is_a_last_use_of_ses_in_its_region(sandbox, root, iam, make_user, post):
    key = make_user("x", sending())
    unused = root.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])
    assert unused["AccessKeyLastUsed"] == {"ServiceName": "N/A", "Region": "N/A"}
    assert unused["UserName"] == "x"
    post.login(key, "us-east-1").quit()
    used = root.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])["AccessKeyLastUsed"]
    assert (used["ServiceName"], used["Region"]) == ("ses", "us-east-1")
    row = report(iam)["x"]
    assert (row["access_key_1_last_used_service"], row["access_key_1_last_used_region"]) == ("ses", "us-east-1")
    assert row["access_key_1_last_used_date"].startswith(f"{sandbox.world.clock.now():%Y-%m-%dT}")


def test_a_refused_sign_in_is_no_use(root, make_user, post):
    key = make_user("x", sending())
    assert post.login_code({**key, "SecretAccessKey": "wrong"})[0] == 535
    assert "LastUsedDate" not in root.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])["AccessKeyLastUsed"]


def test_only_the_first_use_in_fifteen_minutes_is_kept(sandbox, root, make_user, as_user, post):
    key = make_user("x", sending())
    last = lambda: root.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])["AccessKeyLastUsed"]  # noqa: E731
    as_user("sts", key).get_caller_identity()
    post.login(key).quit()
    assert last()["ServiceName"] == "sts"
    sandbox.clock_offset = 16 * 60
    post.login(key).quit()
    assert last()["ServiceName"] == "ses"


def test_a_report_is_made_at_most_every_four_hours(sandbox, iam, make_user):
    assert code_of(iam.get_credential_report) == "ReportNotPresent"
    assert iam.generate_credential_report()["State"] == "STARTED"
    make_user("later")
    assert iam.generate_credential_report()["State"] == "COMPLETE"
    assert "later" not in iam.get_credential_report()["Content"].decode()
    sandbox.clock_offset = 4 * 3600 + 1
    assert code_of(iam.get_credential_report) == "ReportExpired"
    assert "later" in report(iam)


def test_the_last_use_of_a_key_of_nobody_is_denied(root):
    assert code_of(lambda: root.get_access_key_last_used(AccessKeyId="AKIAAAAAAAAAAAAAAAAA")) == "AccessDenied"


def test_policies_can_be_read(iam, root):
    assert iam.get_policy(PolicyArn=BOUNDARY)["Policy"]["PolicyName"] == "sescreds-boundary"
    assert code_of(lambda: root.get_policy(PolicyArn=BOUNDARY + "-gone")) == "NoSuchEntity"
    names = {each["PolicyName"] for each in root.list_policies(Scope="Local")["Policies"]}
    assert names == {"sescreds-boundary", "sescreds-console-boundary", "sescreds-dashboard"}


def test_users_look_as_in_aws(sandbox, root, make_user):
    sandbox.clock_offset = 86_400
    make_user("x", Tags=[{"Key": "a", "Value": "1"}])
    user = root.get_user(UserName="x")["User"]
    assert user["UserId"].startswith("AIDA")
    assert len(user["UserId"]) == 21
    assert user["Tags"] == [{"Key": "a", "Value": "1"}]
    assert (user["CreateDate"] - sandbox.world.clock.now()).total_seconds() < 5
    assert root.get_user()["User"]["Arn"] == "arn:aws:iam::123456789012:root"
