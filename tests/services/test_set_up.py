"""Nothing is issued while the set-up is not safe: each danger is refused in words, and nothing is made in AWS."""

import json
from datetime import timedelta

import boto3
import pytest
from django.utils import timezone

from provisioning.domain.refusals import Reason, Refusal
from provisioning.domain.roles import system
from provisioning.gateway.aws import aws
from provisioning.gateway.contract import GatewayFault
from provisioning.models import AuditEvent, AwsAccount, Credential
from provisioning.services import issuance, set_up
from tests.builders import browser
from tests.web.visits import signed_in, text

pytestmark = pytest.mark.django_db
BOUNDARY = "arn:aws:iam::123456789012:policy/sescreds-boundary"


@pytest.fixture
def sign_in_as(monkeypatch):
    """Give the credential chain other keys, as another environment would."""

    def keys(pair):
        for name, value in (("ACCESS_KEY_ID", pair.access_key_id), ("SECRET_ACCESS_KEY", pair.secret_access_key)):
            monkeypatch.setenv(f"AWS_{name}", value)
        aws.cache_clear()

    yield keys
    monkeypatch.undo()
    aws.cache_clear()


def issuing(world):
    request = world.reviewed()
    issuance.issue(request.pk, by=world.actor("member"), browser=browser(), gateway=aws())


def refused(world, aws_account, words):
    before = len(aws_account.calls)
    with pytest.raises(Refusal, match=words) as caught:
        issuing(world)
    assert caught.value.why is Reason.UNSAFE_SET_UP
    assert caught.value.status == 503
    assert "CreateUser" not in [call[0] for call in aws_account.calls[before:]]
    assert not Credential.objects.exists()
    return True


def test_no_credentials(world, aws_account, monkeypatch):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    aws.cache_clear()
    assert refused(world, aws_account, "gives no credentials")
    monkeypatch.undo()
    aws.cache_clear()


def test_the_root_user(world, aws_account, sign_in_as):
    sign_in_as(aws_account.root_keys)
    assert refused(world, aws_account, "root user")


def test_a_principal_under_its_own_path(world, aws_account, settings):
    settings.AWS_ACCOUNT_PATH = "/ses-dashboard/"
    account = set_up.account()
    AwsAccount.objects.filter(pk=account.pk).update(checked_at=None)
    caller = set_up.Caller("123456789012", "arn:aws:iam::123456789012:user/ses-dashboard/the-dashboard")
    assert "lies under /ses-dashboard/" in set_up._caller_trouble(caller, account)
    beside = set_up.Caller("123456789012", "arn:aws:iam::123456789012:user/ses-dashboards/the-dashboard")
    assert set_up._caller_trouble(beside, account) == ""


def test_another_account(world, aws_account, settings):
    settings.AWS_BOUNDARY_ARN = BOUNDARY.replace("123456789012", "210987654321")
    assert not AwsAccount.objects.filter(account_id="210987654321").exists()
    row = set_up.check(aws(), by=system("test"), now=timezone.now())
    assert "signs in to account 123456789012" in row.trouble
    with pytest.raises(Refusal, match="signs in to account"):
        set_up.require_safe(set_up.account(), aws(), now=timezone.now())


def test_what_the_environment_named_once_is_no_account_of_ours(world, settings):
    wrong = BOUNDARY.replace("123456789012", "210987654321")
    settings.AWS_BOUNDARY_ARN, right = wrong, settings.AWS_BOUNDARY_ARN
    set_up.check(aws(), by=system("test"), now=timezone.now())
    assert [account.account_id for account in set_up.known()] == ["210987654321"]
    settings.AWS_BOUNDARY_ARN = right
    assert [account.account_id for account in set_up.known()] == ["123456789012"]
    admin = signed_in(world, "admin")
    assert "210987654321" not in text(admin.get("/")).partition("<h2")[0]
    assert "123456789012" not in text(admin.get("/credentials/"))


def test_a_check_that_does_not_come_to_its_end_says_nothing_of_whoever_it_was_before(world, aws_account):
    account = set_up.account()
    AwsAccount.objects.filter(pk=account.pk).update(trouble="The dashboard's own IAM user lies under its path.")
    aws_account.faults.set("GetPolicy", "error", code="AccessDenied")
    with pytest.raises(GatewayFault):
        set_up.check(aws(), by=system("test"), now=timezone.now())
    account.refresh_from_db()
    assert account.trouble == f"AWS does not say whether the permissions boundary {BOUNDARY} exists."
    with pytest.raises(GatewayFault):
        set_up.require_safe(account, aws(), now=timezone.now())


@pytest.fixture
def boundary_is_gone(aws_account):
    """Somebody deletes the boundary in AWS."""
    root = boto3.client(
        "iam",
        region_name="us-east-1",
        endpoint_url=aws_account.aws_url,
        aws_access_key_id=aws_account.root_keys.access_key_id,
        aws_secret_access_key=aws_account.root_keys.secret_access_key,
    )
    document = json.dumps(root.get_policy_version(PolicyArn=BOUNDARY, VersionId="v1")["PolicyVersion"]["Document"])
    root.delete_policy(PolicyArn=BOUNDARY)
    AwsAccount.objects.update(checked_at=None)
    return lambda: root.create_policy(PolicyName="sescreds-boundary", PolicyDocument=document)


def test_a_boundary_that_is_not_there(world, aws_account, boundary_is_gone):
    assert refused(world, aws_account, "boundary")


@pytest.mark.parametrize("arn", ["", "sescreds-boundary", "arn:aws:iam::aws:policy/AdministratorAccess"])
def test_no_boundary_is_named(world, aws_account, settings, arn):
    settings.AWS_BOUNDARY_ARN = arn
    assert refused(world, aws_account, "AWS_BOUNDARY_ARN")


@pytest.mark.parametrize("path", ["", "/", "ses-dashboard", "/ses-dashboard"])
def test_no_path_of_its_own(world, aws_account, settings, path):
    settings.AWS_ACCOUNT_PATH = path
    assert refused(world, aws_account, "AWS_ACCOUNT_PATH")


def test_a_check_holds_for_a_day_and_for_its_key(world, aws_account, sign_in_as):
    before = len(aws_account.calls)
    now = timezone.now()
    set_up.require_safe(set_up.account(), aws(), now=now)
    assert len(aws_account.calls) == before, "what is known is not asked again"
    set_up.require_safe(set_up.account(), aws(), now=now + set_up.CHECK_HOLDS + timedelta(minutes=1))
    assert [call[0] for call in aws_account.calls[before:]] == ["GetCallerIdentity", "GetPolicy"]
    sign_in_as(aws_account.root_keys)
    with pytest.raises(Refusal, match="root user"):
        set_up.require_safe(set_up.account(), aws(), now=now)


def test_what_is_mended_holds_at_once_and_both_are_in_the_history(world, boundary_is_gone):
    now = timezone.now()
    with pytest.raises(Refusal):
        set_up.require_safe(set_up.account(), aws(), now=now)
    boundary_is_gone()
    set_up.require_safe(set_up.account(), aws(), now=now)
    outcomes = AuditEvent.objects.filter(act="account:check").order_by("sequence").values_list("outcome", flat=True)
    assert list(outcomes) == ["done", "failed", "done"]


def test_only_administrators_and_sweeps_check(world):
    with pytest.raises(Refusal):
        set_up.check(aws(), by=world.actor("member"), now=timezone.now())


def test_another_boundary_of_console_logins_is_taken_up_at_once(aws_account, settings, db):
    known, now = set_up.account(), timezone.now()
    set_up.require_safe(known, aws(), now=now)
    before, settings.AWS_CONSOLE_BOUNDARY_ARN = known.console_boundary_arn, known.boundary_arn + "-of-logins"
    set_up.require_safe(known, aws(), now=now)
    known.refresh_from_db()
    assert known.console_boundary_arn == settings.AWS_CONSOLE_BOUNDARY_ARN != before
