"""What the gateway reads of the set-up: the boundary's text, the simulator, the account's counts, our own keys."""

from datetime import UTC, datetime, timedelta

import pytest

from provisioning.domain.own_policy import boundary_policy
from provisioning.gateway.contract import NO_SUCH_ENTITY, AccountSummary, GatewayFault, Verdict
from tests.gateway.conftest import BOUNDARY, Answer
from tests.rights import ACCOUNT, SELF

USERS = f"arn:aws:iam::{ACCOUNT}:user/ses-dashboard/x"
COUNTS_NOTHING = (
    '<GetAccountSummaryResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><GetAccountSummaryResult>'
    "<SummaryMap/></GetAccountSummaryResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata>"
    "</GetAccountSummaryResponse>"
)


def test_the_boundary_is_read_word_for_word(gateway):
    printed = boundary_policy(account_id=ACCOUNT, path="/ses-dashboard/", partition="aws")
    assert gateway.policy_document(BOUNDARY) == printed


def test_a_policy_that_is_gone_is_none(gateway, root):
    root.delete_policy(PolicyArn=BOUNDARY)
    assert gateway.policy_document(BOUNDARY) is None


def test_a_policy_that_may_not_be_read_is_a_fault(gateway):
    with pytest.raises(GatewayFault, match="AccessDenied"):
        gateway.policy_document(f"arn:aws:iam::{ACCOUNT}:policy/sescreds-dashboard")


def test_the_simulator_answers_for_each_action(gateway):
    bound = {"iam:PermissionsBoundary": BOUNDARY}
    assert gateway.simulate(SELF, ["iam:CreateUser", "iam:CreateRole"], USERS, bound) == {
        "iam:CreateUser": Verdict.ALLOWED,
        "iam:CreateRole": Verdict.IMPLICIT_DENY,
    }
    assert gateway.simulate(SELF, ["iam:CreateUser"], USERS, {}) == {"iam:CreateUser": Verdict.IMPLICIT_DENY}
    denied = gateway.simulate(SELF, ["iam:DeletePolicy"], BOUNDARY, {})
    assert denied == {"iam:DeletePolicy": Verdict.EXPLICIT_DENY}


def test_the_simulators_answer_is_read_to_its_last_page(gateway, aws_account):
    actions = [f"iam:Invented{number}" for number in range(120)]
    aws_account.world.calls.clear()
    assert set(gateway.simulate(SELF, actions, USERS, {})) == set(actions)
    assert [operation for operation, _ in aws_account.calls] == ["SimulatePrincipalPolicy"] * 2


def test_the_simulator_answers_about_nobody_else(gateway, root):
    root.create_user(UserName="website-2")
    with pytest.raises(GatewayFault, match="AccessDenied"):
        gateway.simulate(f"arn:aws:iam::{ACCOUNT}:user/website-2", ["iam:GetUser"], USERS, {})


def test_the_account_is_counted(gateway, aws_account, root):
    aws_account.settings.quota_users = 4_321
    users = len(root.list_users()["Users"])
    assert gateway.account_summary() == AccountSummary(users, 4_321, root_has_mfa=False, root_has_keys=True)


def test_what_aws_does_not_count_is_unknown(odd, odd_server):
    odd_server.begin(Answer(200, body=COUNTS_NOTHING))
    assert odd.account_summary() == AccountSummary(None, None, None, None)


def test_our_keys_are_as_old_as_the_report_says(gateway, root):
    (made,) = gateway.keys_made(SELF)
    assert timedelta(0) <= datetime.now(UTC) - made < timedelta(minutes=5)
    assert gateway.keys_made(f"arn:aws:iam::{ACCOUNT}:user/nobody") == ()


def test_only_active_keys_count(gateway, root):
    second = root.create_access_key(UserName="sescreds-dashboard")["AccessKey"]["AccessKeyId"]
    third = root.create_access_key(UserName="website")["AccessKey"]["AccessKeyId"]
    root.update_access_key(UserName="website", AccessKeyId=third, Status="Inactive")
    assert len(gateway.keys_made(SELF)) == 2
    assert len(gateway.keys_made(f"arn:aws:iam::{ACCOUNT}:user/website")) == 1
    assert second not in str(gateway.keys_made(SELF))


def test_while_aws_makes_the_report_there_is_no_answer_yet(gateway, aws_account):
    aws_account.faults.set("GetCredentialReport", "error", code="ReportInProgress", status=404)
    assert gateway.keys_made(SELF) is None


def test_a_user_that_aws_does_not_know_cannot_be_asked_about(gateway, root, aws_account):
    aws_account.faults.set("SimulatePrincipalPolicy", "error", code=NO_SUCH_ENTITY, status=404)
    with pytest.raises(GatewayFault, match="NoSuchEntity"):
        gateway.simulate(SELF, ["iam:GetUser"], USERS, {})
