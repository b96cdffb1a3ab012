"""Suspending and resuming: the key stops and works again, in AWS and over SMTP; what AWS may answer; who may."""

from datetime import timedelta

import pytest
from django.utils import timezone

from provisioning.domain.lifecycle import Outcome, State
from provisioning.domain.refusals import Reason, Refusal
from provisioning.domain.roles import system
from provisioning.gateway import smtp
from provisioning.gateway.aws import aws
from provisioning.gateway.smtp import Answer
from provisioning.models import AuditEvent, Claim, Credential, Handover
from provisioning.services import handover, recovery, suspension
from tests.builders import Clock, browser
from tests.services.acts import expire, faulted, in_a_minute, resume, revoke, suspend
from tests.services.truth import Truth, recover_all

pytestmark = pytest.mark.django_db


@pytest.fixture
def truth(world, aws_account):
    return Truth(aws_account)


def events(act):
    return list(AuditEvent.objects.filter(act=act).order_by("sequence").values_list("outcome", flat=True))


def passwords(world, credential, shown_in):
    opened = handover.look(
        credential.request_id, by=world.actor("member"), browser=shown_in, now=timezone.now(), how="test"
    )
    return opened.handover.key.key_id, opened.secrets["eu-central-1"]


def signs_in(login):
    return smtp.sign_in(smtp.endpoints("eu-central-1")[0], smtp.SmtpLogin(*login))


def test_a_suspended_credential_is_refused_over_smtp_and_a_resumed_one_works_again(world, truth):
    ours = browser()
    credential = world.issued(shown_in=ours)
    login = passwords(world, credential, ours)
    assert signs_in(login).answer is Answer.ACCEPTED
    suspend(credential)
    refused = signs_in(login)
    assert (refused.answer is Answer.ACCEPTED, refused.code) == (False, 535)
    credential.refresh_from_db()
    assert credential.state == State.SUSPENDED
    assert credential.keys.get().stopped_at is not None
    assert truth.agrees()
    resume(credential)
    assert signs_in(login).answer is Answer.ACCEPTED
    credential.refresh_from_db()
    assert (credential.state, credential.keys.get().stopped_at) == (State.LIVE, None)
    assert events("credential:suspend") == events("credential:resume") == [Outcome.BEGUN, Outcome.DONE]
    assert truth.agrees()


@pytest.mark.parametrize("act", [suspend, resume])
def test_twice_is_once(world, truth, aws_account, act):
    credential = world.issued()
    if act is resume:
        suspend(credential)
    act(credential)
    before = len(aws_account.calls)
    act(credential)
    assert "UpdateAccessKey" not in [name for name, _ in aws_account.calls[before:]]
    assert truth.agrees()


def test_replies_that_stay_lost_leave_it_to_recovery(world, truth, aws_account):
    credential = world.issued()
    aws_account.faults.set("UpdateAccessKey", "lose_reply")
    with faulted():
        suspend(credential)
    aws_account.faults.clear()
    shown = Credential.objects.with_unresolved().get().shown_state(timezone.now())
    assert shown is State.UNRESOLVED
    with pytest.raises(Refusal) as busy:
        revoke(credential)
    assert busy.value.why is Reason.NOT_NOW
    assert "began to suspend" in busy.value.reason
    recover_all()
    assert Credential.objects.get().state == State.SUSPENDED
    assert truth.agrees()


def test_a_user_deleted_behind_our_back_is_said_precisely(world, truth, aws_account):
    credential = world.issued()
    name, key = credential.user_name, credential.keys.get().key_id
    truth.root.delete_access_key(UserName=name, AccessKeyId=key)
    truth.root.delete_user_policy(UserName=name, PolicyName=credential.policy_name)
    truth.root.delete_user(UserName=name)
    with faulted() as caught:
        suspend(credential)
    assert name in caught.value.words
    assert "revoke weekly-digest" in caught.value.words
    assert Credential.objects.get().state == State.LIVE
    revoke(credential)
    assert truth.agrees()


def test_a_key_deleted_behind_our_back_ends_the_act_of_recovery_too(world, truth, aws_account):
    credential = world.issued()
    aws_account.faults.set("UpdateAccessKey", "error", code="ServiceFailure", status=500, times=20)
    with faulted():
        suspend(credential)
    aws_account.faults.clear()
    truth.root.delete_access_key(UserName=credential.user_name, AccessKeyId=credential.keys.get().key_id)
    recover_all()
    assert Claim.objects.get(act="credential:suspend").outcome == Outcome.FAILED
    revoke(credential)
    assert truth.agrees()


def test_a_user_of_the_same_name_that_is_not_ours_is_left_alone(world, truth):
    credential = world.issued()
    name = credential.user_name
    truth.root.delete_access_key(UserName=name, AccessKeyId=credential.keys.get().key_id)
    truth.root.delete_user_policy(UserName=name, PolicyName=credential.policy_name)
    truth.root.delete_user(UserName=name)
    truth.root.create_user(UserName=name, Path="/ses-dashboard/newsletter/")
    truth.root.create_access_key(UserName=name)
    with faulted() as caught:
        suspend(credential)
    assert "not the one that was made here" in caught.value.words
    listed = truth.root.list_access_keys(UserName=name)["AccessKeyMetadata"]
    assert [key["Status"] for key in listed] == ["Active"]


def test_a_key_deleted_behind_our_back_is_said_precisely(world, truth):
    credential = world.issued()
    truth.root.delete_access_key(UserName=credential.user_name, AccessKeyId=credential.keys.get().key_id)
    with faulted() as caught:
        suspend(credential)
    assert "no longer its key" in caught.value.words
    assert Credential.objects.get().state == State.LIVE
    revoke(credential)
    assert truth.agrees()


def test_each_act_asks_aws_no_more_than_it_must(world, aws_account):
    def asked(act):
        before = len(aws_account.calls)
        result = act()
        return result, [name for name, _ in aws_account.calls[before:]]

    revoking = ["DeleteAccessKey", "DeleteUserPolicy", "DeleteUser"]
    credential, issuing = asked(world.issued)
    assert issuing == ["CreateUser", "PutUserPolicy", "CreateAccessKey"]
    assert asked(lambda: suspend(credential))[1] == ["UpdateAccessKey"]
    assert asked(lambda: resume(credential))[1] == ["UpdateAccessKey"]
    assert asked(lambda: revoke(credential))[1] == revoking
    stopped = world.issued()
    assert asked(lambda: (suspend(stopped), revoke(stopped)))[1] == ["UpdateAccessKey", *revoking]


def test_a_suspended_credential_can_be_revoked(world, truth):
    credential = world.issued()
    suspend(credential)
    revoke(credential)
    assert Credential.objects.get().state == State.REVOKED
    assert truth.agrees()


@pytest.mark.parametrize("was", [State.LIVE, State.SUSPENDED])
def test_a_revocation_that_did_nothing_gives_back_the_state_it_found(world, truth, aws_account, was):
    credential = world.issued()
    if was is State.SUSPENDED:
        suspend(credential)
    aws_account.faults.set("DeleteAccessKey", "error", code="ConcurrentModification", status=409, times=20)
    with faulted():
        revoke(credential)
    aws_account.faults.clear()
    assert Credential.objects.get().state == was
    assert truth.agrees()


def test_an_unseen_hand_over_of_a_suspended_credential_is_revoked_whole(world, truth):
    credential = world.issued()
    suspend(credential)
    expire(in_a_minute(17))
    assert Credential.objects.get().state == State.UNCLAIMED
    assert Handover.objects.get().sealed == b""
    assert truth.agrees()


def test_a_suspended_credential_whose_end_has_passed_shows_as_expired_in_lists_too(world):
    credential = world.issued()
    suspend(credential)
    now = timezone.now()
    marked = Credential.objects.with_unresolved()
    assert marked.in_state(State.SUSPENDED, now).count() == 1
    later = now + timedelta(days=100)
    assert marked.get().shown_state(later) is State.EXPIRED
    assert marked.in_state(State.EXPIRED, later).get() == credential
    assert not marked.in_state(State.SUSPENDED, later).exists()


@pytest.mark.parametrize(("name", "why"), [("outsider", Reason.NOT_THERE), ("auditor", Reason.NOT_PERMITTED)])
@pytest.mark.parametrize("act", [suspension.suspend, suspension.resume])
def test_only_its_team_and_administrators_may(world, truth, name, why, act):
    credential = world.issued()
    with pytest.raises(Refusal) as caught:
        act(credential.pk, by=world.actor(name), gateway=aws())
    assert caught.value.why is why
    assert AuditEvent.objects.first().outcome == Outcome.REFUSED
    assert truth.agrees()


def test_recovery_leaves_an_act_alone_while_its_lease_holds(world, truth, aws_account):
    credential = world.issued()
    aws_account.faults.set("UpdateAccessKey", "error", code="ServiceFailure", status=500, times=20)
    with faulted():
        suspend(credential)
    Claim.objects.open().update(lease_until=timezone.now() + timedelta(minutes=4))
    aws_account.faults.clear()
    assert recovery.recover_interrupted(by=system("recovery"), gateway=aws(), clock=Clock()) == 0
    recover_all()
    assert truth.agrees()
