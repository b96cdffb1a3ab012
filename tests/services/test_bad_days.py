"""What AWS may answer, or not, at each call: everything ends undone or done, and the books agree with AWS."""

import time
from contextlib import suppress
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from provisioning.domain.lifecycle import Login, Outcome, State
from provisioning.domain.refusals import Reason, Refusal
from provisioning.gateway.aws import aws
from provisioning.gateway.contract import GatewayFault
from provisioning.models import AuditEvent, Claim, Credential, SmtpLogin, Stop
from provisioning.services import handover, stops, verification
from tests.builders import Clock, browser
from tests.services.acts import faulted, issue, revoke, suspend
from tests.services.truth import Truth, recover_all

pytestmark = pytest.mark.django_db
ISSUING = ("CreateUser", "PutUserPolicy", "CreateAccessKey")
DELETING = ("DeleteAccessKey", "DeleteUserPolicy", "DeleteUser")
# code: status. Those below 500 say that nothing was done.
CODES = {
    "EntityAlreadyExists": 409,
    "LimitExceeded": 409,
    "MalformedPolicyDocument": 400,
    "ConcurrentModification": 409,
    "InvalidInput": 400,
    "ValidationError": 400,
    "InvalidClientTokenId": 403,
    "ServiceFailure": 500,
}


@pytest.fixture
def truth(world, aws_account):
    return Truth(aws_account)


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("call", ISSUING)
def test_an_error_while_issuing_leaves_nothing_behind(world, truth, aws_account, call, code):
    request = world.reviewed()
    aws_account.faults.set(call, "error", code=code, status=CODES[code], times=20)
    with faulted() as caught:
        issue(request)
    assert (caught.value.code, bool(caught.value.aws_request_id)) == (code, True)
    aws_account.faults.clear()
    claim = Claim.objects.get()
    assert (claim.code, claim.aws_request_id) == (code, caught.value.aws_request_id)
    if CODES[code] >= 500:
        assert claim.outcome == Outcome.UNKNOWN
        recover_all()
    request.credential.refresh_from_db()
    assert request.credential.state == State.FAILED
    assert truth.agrees()


@pytest.mark.parametrize("code", ["ConcurrentModification", "InvalidClientTokenId", "ServiceFailure"])
@pytest.mark.parametrize("call", DELETING)
def test_an_error_while_revoking_can_be_tried_again(world, truth, aws_account, call, code):
    credential = issue(world.reviewed())
    aws_account.faults.set(call, "error", code=code, status=CODES[code], times=20)
    with faulted():
        revoke(credential)
    aws_account.faults.clear()
    if Claim.objects.open().exists():
        recover_all()
    else:
        revoke(credential)
    credential.refresh_from_db()
    assert credential.state == State.REVOKED
    assert truth.agrees()


@pytest.mark.parametrize("call", [*ISSUING, *DELETING])
def test_a_reply_that_is_lost_is_settled_by_recovery(world, truth, aws_account, call):
    request = world.reviewed()
    if call in DELETING:
        credential = issue(request)
    aws_account.faults.set(call, "lose_reply", times=1)
    if call in ISSUING:
        with suppress(GatewayFault):  # a call that may be repeated hides the loss
            issue(request)
    else:
        revoke(credential)
    aws_account.faults.clear()
    recover_all()
    assert truth.agrees()
    assert Credential.objects.get().state in {State.FAILED, State.LIVE, State.REVOKED}


def test_every_second_call_throttled_ends_the_same_in_bounded_time(world, truth, aws_account):
    request = world.reviewed()
    before, began = len(aws_account.calls), time.monotonic()
    aws_account.faults.set("*", "throttle", every=2, times=100)
    credential = issue(request)
    revoke(credential)
    took = time.monotonic() - began
    aws_account.faults.clear()
    asked = [call for call in aws_account.calls[before:] if not call[0].startswith("Smtp")]
    assert [name for name, status in asked if status == 200] == [*ISSUING, *DELETING]
    assert len(asked) <= 14
    assert took < 15
    assert truth.agrees()


def test_a_user_that_is_not_visible_at_once_is_waited_for(world, truth, aws_account):
    aws_account.settings.user_delay = 1.5
    credential = issue(world.reviewed())
    assert credential.state == State.LIVE
    aws_account.settings.user_delay = 0.0
    assert truth.agrees()


def test_a_user_deleted_behind_our_back_ends_well(world, truth, aws_account):
    credential = issue(world.reviewed())
    name = credential.user_name
    for key in truth.root.list_access_keys(UserName=name)["AccessKeyMetadata"]:
        truth.root.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
    truth.root.delete_user_policy(UserName=name, PolicyName=credential.policy_name)
    truth.root.delete_user(UserName=name)
    revoke(credential)
    credential.refresh_from_db()
    assert credential.state == State.REVOKED
    assert truth.agrees()


def test_what_somebody_hung_on_the_user_is_removed(world, truth, aws_account):
    credential = issue(world.reviewed())
    name = credential.user_name
    truth.root.create_access_key(UserName=name)
    truth.root.put_user_policy(UserName=name, PolicyName="extra", PolicyDocument=credential.request.policy)
    truth.root.create_login_profile(UserName=name, Password="Long-enough-1234")
    revoke(credential)
    assert truth.agrees()


def test_a_group_blocks_and_is_named_while_nothing_is_sent_any_more(world, truth, aws_account):
    credential = issue(world.reviewed())
    truth.root.create_group(GroupName="somebody-s")
    truth.root.add_user_to_group(GroupName="somebody-s", UserName=credential.user_name)
    with faulted() as caught:
        revoke(credential)
    assert "somebody-s" in caught.value.words
    assert "sends nothing any more" in caught.value.created_note
    assert truth.users()[credential.user_name].keys == []
    truth.root.remove_user_from_group(GroupName="somebody-s", UserName=credential.user_name)
    revoke(credential)
    assert truth.agrees()


# Proof ---------------------------------------------------------------------------------------------------------------


def verify(credential, shown_in, clock):
    verification.verify(
        credential.request_id, by=credential.owner.as_actor(is_fresh=True), browser=shown_in, clock=clock
    )
    return set(SmtpLogin.objects.values_list("state", flat=True))


def test_a_key_that_propagates_is_verified_with_its_time(world, aws_account):
    ours, clock = browser(), Clock()
    aws_account.settings.key_delay = 600.0
    credential = issue(world.reviewed(), shown_in=ours, clock=clock)
    assert verify(credential, ours, clock) == {Login.PROPAGATING}
    clock.now += timedelta(seconds=25)
    aws_account.settings.key_delay = 0.0
    assert verify(credential, ours, clock) == {Login.VERIFIED}
    assert SmtpLogin.objects.first().usable_after_seconds == 25


def test_a_key_that_never_works_is_stuck_after_a_minute_and_may_still_recover(world, aws_account):
    ours, clock = browser(), Clock()
    aws_account.settings.key_delay = 600.0
    credential = issue(world.reviewed(), shown_in=ours, clock=clock)
    verify(credential, ours, clock)
    clock.now += timedelta(seconds=61)
    assert verify(credential, ours, clock) == {Login.STUCK}
    aws_account.settings.key_delay = 0.0
    clock.now += timedelta(seconds=5)
    assert verify(credential, ours, clock) == {Login.VERIFIED}


def test_an_endpoint_that_does_not_answer_is_an_outcome_of_its_own(world, aws_account, settings):
    ours, clock = browser(), Clock()
    credential = issue(world.reviewed(), shown_in=ours, clock=clock)
    settings.SES_SMTP_ENDPOINTS = "eu-central-1=127.0.0.1:9/starttls,us-east-1=127.0.0.1:9/starttls"
    began = time.monotonic()
    assert verify(credential, ours, clock) == {Login.UNREACHABLE}
    assert time.monotonic() - began < 8


# The history cannot be written ---------------------------------------------------------------------------------------


@pytest.fixture
def unwritable(db):
    """Have the database refuse new events; return how to have it take them again."""
    table = AuditEvent._meta.db_table
    if connection.vendor == "sqlite":
        make = [f"CREATE TRIGGER shut BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'shut'); END"]
        undo = ["DROP TRIGGER shut"]
    else:
        make = [
            "CREATE FUNCTION shut() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'shut'; END $$",
            f"CREATE TRIGGER shut BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION shut()",
        ]
        undo = [f"DROP TRIGGER shut ON {table}", "DROP FUNCTION shut"]

    def run(statements):
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    return lambda: run(make), lambda: run(undo)


def test_while_the_history_cannot_be_written_nothing_is_done(world, truth, aws_account, unwritable):
    shut, _ = unwritable
    ours = browser()
    credential = issue(world.reviewed(), shown_in=ours)
    request = world.reviewed(application="second")
    before = len(aws_account.calls)
    shut()
    with pytest.raises(Refusal) as issuing:
        issue(request)
    by = credential.owner.as_actor(is_fresh=True)
    with pytest.raises(Refusal) as looking:
        handover.look(credential.request_id, by=by, browser=ours, now=timezone.now())
    with pytest.raises(Refusal) as revoking:
        revoke(credential)
    with pytest.raises(Refusal) as suspending:
        suspend(credential)
    with pytest.raises(Refusal) as stopping:
        stops.begin(stops.Scope(credential.team), "Misused.", stop_id=uuid4(), by=by, gateway=aws())
    assert {each.value.why for each in (issuing, looking, revoking, suspending, stopping)} == {
        Reason.HISTORY_UNWRITABLE
    }
    assert aws_account.calls[before:] == []
    key = credential.keys.get().key_id
    stop = f"aws iam update-access-key --user-name {credential.user_name} --access-key-id {key} --status Inactive"
    assert stop in revoking.value.commands
    assert suspending.value.commands == stopping.value.commands == (stop,)
    assert not Stop.objects.exists()
    credential.refresh_from_db()
    assert credential.state == State.LIVE


def test_an_issue_that_cannot_record_its_end_is_undone_once_it_can(world, truth, aws_account, unwritable):
    shut, take_again = unwritable
    request = world.reviewed()

    class ThenShut:
        def __getattr__(self, name):
            return getattr(aws(), name)

        def create_key(self, user_name):
            key = aws().create_key(user_name)
            shut()
            return key

    with pytest.raises(Refusal) as caught:
        issue(request, gateway=ThenShut())
    assert caught.value.why is Reason.HISTORY_UNWRITABLE
    take_again()
    assert Claim.objects.open().count() == 1
    recover_all()
    assert request.credential.claims.get().outcome == Outcome.FAILED
    assert truth.agrees()
