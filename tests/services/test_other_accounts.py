"""Issuing, changing, revoking and recovering in another account; and that trouble in one leaves the others alone."""

from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from provisioning.domain.lifecycle import Outcome, State
from provisioning.domain.refusals import Reason, Refusal
from provisioning.domain.roles import system
from provisioning.gateway.aws import aws
from provisioning.gateway.contract import GatewayFault
from provisioning.models import Claim, Credential, RegionReading
from provisioning.services import accounts, issuance, posture, set_up, stops, sweeps, usage
from tests.builders import browser
from tests.services.acts import faulted, issue, resume, revoke, suspend
from tests.services.elsewhere import TruthThere, added, nameless_trust, printed_trust, ready, trust, wanted
from tests.services.truth import Truth, after_the_lease, recover, recover_all

pytestmark = pytest.mark.django_db
NOBODY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}],
}


@pytest.fixture
def there(world, aws_account):
    """The second account, ready."""
    return ready(world, aws_account)


@pytest.fixture
def truth(aws_account):
    return TruthThere(aws_account)


def asked(aws_account):
    return [operation for operation, _ in aws_account.calls]


def checked(of):
    return set_up.check(aws(), by=system("test"), now=timezone.now(), of=of)


def test_issue_suspend_resume_and_revoke(world, aws_account, there, truth):
    credential = issue(world.reviewed(account_id=there.pk))
    assert credential.account == there
    assert truth.agrees()
    assert Truth(aws_account).users() == {}, "nothing of it is in the first account"
    suspend(credential)
    assert truth.agrees()
    resume(credential)
    assert truth.agrees()
    revoke(credential)
    assert truth.agrees()
    credential.refresh_from_db()
    assert credential.state == State.REVOKED


def test_issuing_there_is_three_calls_once_the_account_is_known(world, aws_account, there):
    issue(world.reviewed(account_id=there.pk))
    request = world.reviewed(account_id=there.pk, application="second")
    aws_account.world.calls.clear()
    issue(request)
    assert asked(aws_account) == ["CreateUser", "PutUserPolicy", "CreateAccessKey"]


def test_aws_names_the_person_and_the_request(world, aws_account, there):
    issue(world.reviewed(account_id=there.pk))
    sessions = aws_account.world.within("210987654321").sts.assumed_roles
    assert sessions[-1].source_identity == "member@example.com"
    assert {entry.caller for entry in aws_account.world.calls.entries() if entry.operation == "CreateUser"} == {
        sessions[-1].arn
    }


def test_without_the_right_to_name_the_person_it_works_all_the_same(world, aws_account, there, truth):
    trust(aws_account, nameless_trust(there))
    issue(world.reviewed(account_id=there.pk))
    assert truth.agrees()
    assert aws_account.world.within("210987654321").sts.assumed_roles[-1].source_identity == ""


def test_the_check_asks_to_be_let_in_without_and_with_a_wrong_external_id(there, aws_account):
    aws_account.world.calls.clear()
    row = checked(there)
    assert row.trouble == ""
    assert row.principal_arn.startswith("arn:aws:sts::210987654321:assumed-role/sescreds/")
    asked_for = [(operation, status) for operation, status in aws_account.calls if operation == "AssumeRole"]
    assert Counter(asked_for) == {("AssumeRole", 200): 1, ("AssumeRole", 403): 2}


def open_door(account, condition):
    policy = printed_trust(account)
    policy["Statement"][0]["Condition"] = condition
    return policy


@pytest.mark.parametrize(
    ("condition", "words"),
    [({}, "without its external ID"), ({"Null": {"sts:ExternalId": "false"}}, "with a wrong external ID")],
    ids=["no condition", "any external ID"],
)
def test_nothing_is_issued_through_a_door_that_opens_to_others(world, aws_account, there, condition, words):
    trust(aws_account, open_door(there, condition))
    request = world.reviewed(account_id=there.pk)
    with pytest.raises(Refusal, match=words) as caught:
        issue(request)
    assert caught.value.why is Reason.UNSAFE_SET_UP
    assert "CreateUser" not in asked(aws_account)
    there.refresh_from_db()
    assert [problem.text for problem in posture.problems(there) if words in problem.text]
    trust(aws_account, printed_trust(there))
    issue(request)  # mended, so it holds at once


def test_through_such_a_door_what_is_there_is_still_revoked(world, aws_account, there, truth):
    credential = issue(world.reviewed(account_id=there.pk))
    trust(aws_account, open_door(there, {}))
    assert checked(there).trouble
    revoke(credential)
    assert truth.agrees()


def test_a_role_that_does_not_let_us_in(world, aws_account):
    account = added(world)
    row = checked(account)
    assert "does not let the dashboard into the account" in row.trouble
    assert row.principal_arn == ""
    with pytest.raises(Refusal, match="does not let the dashboard into the account"):
        set_up.require_account(account, aws(), now=timezone.now())


def test_from_a_gateway_that_is_inside_already_each_account_is_found(world, there):
    now = timezone.now()
    inside = set_up.require_safe(there, aws(), now=now)
    assert inside.caller().account_id == "210987654321"
    home = set_up.require_account(set_up.account(), inside, now=now)
    assert home.caller().account_id == "123456789012"
    assert set_up.require_safe(there, inside, now=now).caller().account_id == "210987654321"


def test_what_is_in_a_retired_account_is_still_stopped_and_revoked(world, there, truth):
    credential = issue(world.reviewed(account_id=there.pk))
    accounts.retire(there.pk, by=world.actor("admin"), now=timezone.now())
    suspend(credential)
    revoke(credential)
    assert truth.agrees()


def cut(request, aws_account):
    """An issue whose first call got no answer, though AWS did it."""
    aws_account.faults.set("CreateUser", "lose_reply", times=1)
    with faulted():
        issue(request)
    aws_account.faults.clear()


class Slow:
    """AWS, in whose first answer somebody changes the account."""

    def __init__(self, gateway, happens):
        self._gateway, self._happens = gateway, happens

    def __getattr__(self, name):
        return getattr(self._gateway, name)

    def into(self, *role, **how):
        self._happens()
        return self._gateway.into(*role, **how)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda account, by: accounts.retire(account.pk, by=by, now=timezone.now()), "retired"),
        (
            lambda account, by: accounts.change(account.pk, wanted(path="/elsewhere/"), by=by, now=timezone.now()),
            "out of date",
        ),
    ],
)
def test_an_account_that_changes_while_aws_answers_gets_nothing_new(world, there, truth, change, words):
    by, request = world.actor("admin"), world.reviewed(account_id=there.pk)
    slow = Slow(aws(), lambda: change(there, by))
    with pytest.raises(Refusal, match=words):
        issuance.issue(request.pk, by=world.actor("member"), browser=browser(), gateway=slow)
    assert not Credential.objects.exists()
    assert truth.agrees()


def test_recovery_looks_into_each_account(world, aws_account, there, truth):
    cut(world.reviewed(account_id=there.pk), aws_account)
    cut(world.reviewed(application="second"), aws_account)
    assert (len(truth.users()), len(Truth(aws_account).users())) == (1, 1)
    recover_all()
    assert truth.agrees()
    assert Truth(aws_account).users() == {}
    assert set(Claim.objects.values_list("outcome", flat=True)) == {Outcome.FAILED}


def test_recovery_goes_on_in_the_others_while_one_lets_nobody_in(world, aws_account, there, truth):
    cut(world.reviewed(account_id=there.pk), aws_account)
    cut(world.reviewed(application="second"), aws_account)
    trust(aws_account, NOBODY)
    aws.cache_clear()
    with pytest.raises(GatewayFault):
        recover(after_the_lease())
    assert Truth(aws_account).users() == {}
    assert len(truth.users()) == 1
    trust(aws_account, printed_trust(there))
    recover_all()
    assert truth.agrees()


def test_sweeps_read_each_account_and_one_trouble_stops_no_other(world, aws_account, there):
    RegionReading.objects.all().delete()
    trust(aws_account, NOBODY)
    aws.cache_clear()
    for name in ("identities", "usage"):
        run = sweeps.run_now(name, aws())
        assert "AssumeRole: AccessDenied" in run.trouble
    assert sweeps.run_now("account", aws()).trouble == "", "that it does not let us in is what the check finds"
    assert set(RegionReading.objects.values_list("account__account_id", flat=True)) == {"123456789012"}
    home = set_up.account()
    assert home.uses_read_at
    trust(aws_account, printed_trust(there))
    for name in ("identities", "usage", "account"):
        assert sweeps.run_now(name, aws()).trouble == ""
    there.refresh_from_db()
    assert there.uses_read_at
    assert RegionReading.objects.of(there).count() == 2
    assert posture.findings_of(there)["missing"] == []
    assert posture.findings_of(there)["excess"] == []


def test_the_dashboards_policy_names_exactly_the_roles_and_the_simulator_agrees(world, there):
    own, *_ = posture.policies_of(set_up.account())
    named = [each["Resource"] for each in own["Statement"] if each["Sid"] == "EnterOtherAccounts"]
    assert named == [[there.role_arn]]
    posture.look(aws(), by=system("test"), now=timezone.now())
    assert posture.findings_of(set_up.account())["missing"] == []
    theirs, *_ = posture.policies_of(there)
    assert "EnterOtherAccounts" not in [each["Sid"] for each in theirs["Statement"]]


def test_a_user_of_the_same_name_in_each_account_is_told_apart_by_last_use(world, aws_account, there):
    credential = issue(world.reviewed(account_id=there.pk))
    user = aws_account.world.within("210987654321").iam.users[credential.user_name]
    aws_account.world.iam.users[credential.user_name] = user
    key = user.access_keys[0]
    from moto.iam.models import AccessKeyLastUsed

    key.last_used = AccessKeyLastUsed(timezone.now().replace(tzinfo=None) - timedelta(hours=1), "ses", "us-east-1")
    usage.read(set_up.account(), by=system("test"), gateway=aws())
    credential.refresh_from_db()
    assert credential.last_used_at is None
    assert usage.read_everywhere(by=system("test"), gateway=aws()) == 1


def test_a_stop_goes_on_where_aws_answers(world, aws_account, there):
    from uuid import uuid4

    elsewhere = issue(world.reviewed(account_id=there.pk))
    here = issue(world.reviewed(application="second"))
    aws.cache_clear()
    aws_account.faults.set("AssumeRole", "lose_reply", times=100)
    by = world.actor("admin")
    stops.begin(stops.Scope(world.newsletter), "Misused.", stop_id=uuid4(), by=by, gateway=aws())
    states = dict(Credential.objects.values_list("pk", "state"))
    assert (states[here.pk], states[elsewhere.pk]) == (State.SUSPENDED, State.LIVE)
