"""An access key for the API, from its three calls to its proof; what it may send, and when it no longer may."""

from datetime import timedelta

import boto3
import pytest
from botocore.exceptions import ClientError
from django.utils import timezone

from guidance.catalogue import Kind
from provisioning.domain.from_entries import FromEntry
from provisioning.domain.lifecycle import Login, State
from provisioning.domain.refusals import Refusal
from provisioning.domain.roles import system
from provisioning.gateway.attempts import Answer
from provisioning.gateway.aws import aws
from provisioning.models import AuditEvent, Credential, Handover, RegionReading, Team
from provisioning.services import sealing, usage, verification
from provisioning.services.making import SECRET
from tests.builders import Clock, browser
from tests.services.acts import issue, readdress, resume, revoke, suspend, transfer

pytestmark = pytest.mark.django_db
SENDER = "digest@example.com"
SENDING = {"actions": ["SendEmail", "SendRawEmail"]}
WHOLE = (FromEntry.parse("*@example.com"),)


@pytest.fixture
def here():
    return browser()


def key_of(world, here, options=SENDING, **changes) -> Credential:
    return world.issued(shown_in=here, kind=Kind.API, options=options, **changes)


def secret_of(credential, here) -> str:
    handover = Handover.objects.get(credential=credential)
    return sealing.unseal(here.handover_key, bytes(handover.sealed), handover.pk)[SECRET]


def send(credential, secret, sender=SENDER, region="eu-central-1"):
    """Send with the key as software would; return AWS's code, or "" if the message was taken."""
    key_id = credential.keys.values_list("key_id", flat=True)[0]
    ses = boto3.client("sesv2", region_name=region, aws_access_key_id=key_id, aws_secret_access_key=secret)
    content = {"Simple": {"Subject": {"Data": "x"}, "Body": {"Text": {"Data": "y"}}}}
    to = {"ToAddresses": ["success@simulator.amazonses.com"]}
    try:
        ses.send_email(FromEmailAddress=sender, Destination=to, Content=content)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return ""


def verify(world, credential, here, clock=timezone.now):
    verification.verify(credential.request_id, by=world.actor("member"), browser=here, clock=clock)
    return [login.state for login in credential.keys.get().logins.all()]


def try_message(world, credential, here, sender=SENDER):
    by = world.actor("member")
    return verification.send_test(credential.request_id, region="eu-central-1", sender=sender, by=by, browser=here)


# Making it -----------------------------------------------------------------------------------------------------------


def test_three_calls_and_the_secret_alone_is_sealed(world, aws_account, here):
    request = world.reviewed(kind=Kind.API, options=SENDING)
    before = len(aws_account.calls)
    credential = issue(request, shown_in=here)
    calls = [(call[0], call[1]) for call in aws_account.calls[before:]]
    assert calls == [("CreateUser", 200), ("PutUserPolicy", 200), ("CreateAccessKey", 200)]
    assert (credential.state, credential.kind, credential.options) == (State.LIVE, "api", SENDING)
    sealed = bytes(Handover.objects.get(pk=request.pk).sealed)
    secrets = sealing.unseal(here.handover_key, sealed, request.pk)
    assert list(secrets) == [SECRET]
    assert len(secrets[SECRET]) == 40
    done = AuditEvent.objects.filter(act="credential:issue", outcome="done").get()
    assert secrets[SECRET] not in done.text


def test_a_region_without_smtp_will_do(world):
    Team.objects.filter(slug="newsletter").update(regions=["eu-central-2"])
    RegionReading.objects.filter(region="us-east-1").update(region="eu-central-2")
    assert world.reviewed(kind=Kind.API, options=SENDING, regions=("eu-central-2",)).regions == ["eu-central-2"]
    with pytest.raises(Refusal, match="no SMTP endpoint in eu-central-2"):
        world.reviewed(regions=("eu-central-2",))


def test_a_team_that_may_not_issue_keys_is_refused(world):
    Team.objects.update(kinds=["smtp"])
    with pytest.raises(Refusal, match="may not issue this kind"):
        world.reviewed(kind=Kind.API, options=SENDING)


def test_bulk_needs_whole_domains_with_an_identity_of_their_own(world):
    bulk = {"actions": ["SendBulkEmail"]}
    assert world.reviewed(kind=Kind.API, options=bulk, from_entries=WHOLE)
    with pytest.raises(Refusal, match="it needs whole domains"):
        world.reviewed(kind=Kind.API, options=bulk)
    Team.objects.filter(slug="newsletter").update(from_entries=["*@news.example.com"])
    with pytest.raises(Refusal, match=r"needs news\.example\.com as a verified identity of its own in eu-central-1"):
        world.reviewed(kind=Kind.API, options=bulk, from_entries=(FromEntry.parse("*@news.example.com"),))


# Proving it ----------------------------------------------------------------------------------------------------------


def test_sts_proves_it_in_each_region(world, aws_account, here):
    credential = key_of(world, here)
    before = len(aws_account.calls)
    assert verify(world, credential, here) == [Login.VERIFIED, Login.VERIFIED]
    assert [call[0] for call in aws_account.calls[before:]] == ["GetCallerIdentity"] * 2
    asked_with = {entry.key_id for entry in aws_account.world.calls.entries()[before:]}
    assert asked_with == {credential.keys.get().key_id}
    verified = AuditEvent.objects.filter(act="handover:verify")
    assert {event.outcome for event in verified} == {"done"}


def test_a_new_key_propagates_and_one_that_never_works_is_stuck(world, aws_account, here):
    aws_account.settings.key_delay = 3600
    credential = key_of(world, here)
    made_at = Handover.objects.get(credential=credential).made_at
    assert set(verify(world, credential, here)) == {Login.PROPAGATING}
    login = credential.keys.get().logins.first()
    assert login.reply_code == 403
    assert login.reply.startswith("InvalidClientTokenId: AWS does not know the key. Request ")
    later = Clock(made_at + timedelta(seconds=61))
    assert set(verify(world, credential, here, later)) == {Login.STUCK}
    event = AuditEvent.objects.filter(act="handover:verify", outcome="failed").first()
    assert '"code":"InvalidClientTokenId"' in event.text
    aws_account.settings.key_delay = 0
    later.now += timedelta(seconds=5)
    assert set(verify(world, credential, here, later)) == {Login.VERIFIED}


@pytest.mark.parametrize("fault", [{"effect": "lose_reply"}, {"effect": "error", "code": "x", "status": 500}])
def test_aws_that_does_not_answer_says_nothing_of_the_key(world, aws_account, here, fault):
    credential = key_of(world, here)
    aws_account.faults.set("GetCallerIdentity", **fault)
    assert set(verify(world, credential, here)) == {Login.UNREACHABLE}
    aws_account.faults.clear()


@pytest.mark.parametrize(("actions", "what"), [(["SendEmail"], "simple"), (["SendRawEmail"], "raw")])
def test_a_message_goes_the_way_that_the_key_may(world, aws_account, here, actions, what):
    credential = key_of(world, here, {"actions": actions})
    attempt = try_message(world, credential, here)
    assert attempt.answer is Answer.ACCEPTED
    assert [each.sender for each in aws_account.mailbox] == [SENDER]
    handover = Handover.objects.get(credential=credential)
    assert f"SendEmail in eu-central-1 with {what} content" in handover.conversation
    assert f"request {attempt.aws_request_id}" in handover.conversation
    proved = credential.keys.get().logins.exclude(sending_proved_at=None)
    assert [login.region for login in proved] == ["eu-central-1"]


def test_where_only_others_may_send_from_the_refusal_explains_itself(world, here):
    credential = key_of(world, here, {**SENDING, "source_ips": ["203.0.113.0/24"]})
    assert set(verify(world, credential, here)) == {Login.VERIFIED}
    attempt = try_message(world, credential, here)
    assert (attempt.answer, attempt.aws_code) == (Answer.REFUSED, "AccessDeniedException")
    assert "sends from 203.0.113.0/24 alone" in attempt.words
    begun, event = AuditEvent.objects.filter(act="handover:test").order_by("sequence")
    assert (begun.outcome, event.outcome) == ("begun", "failed")
    assert attempt.aws_request_id in event.text


def test_from_the_right_address_it_sends_through_its_configuration_set(world, aws_account, here):
    credential = key_of(world, here, {**SENDING, "source_ips": ["127.0.0.1/32"], "configuration_set": "events"})
    assert try_message(world, credential, here).aws_code == "NotFoundException"
    aws_account.world.ses["eu-central-1"].configuration_sets.add("events")
    assert try_message(world, credential, here).answer is Answer.ACCEPTED


def test_a_key_for_templates_alone_is_not_tried_with_a_message(world, aws_account, here):
    credential = key_of(world, here, {"actions": ["SendTemplatedEmail"]})
    with pytest.raises(Refusal, match="sends templates alone"):
        try_message(world, credential, here)
    assert "SendEmail" not in [call[0] for call in aws_account.calls]


# Its life ------------------------------------------------------------------------------------------------------------


def test_it_sends_as_its_own_addresses_alone(world, here):
    credential = key_of(world, here, from_entries=WHOLE)
    secret = secret_of(credential, here)
    assert send(credential, secret) == ""
    assert send(credential, secret, "anybody@example.com") == ""
    assert send(credential, secret, "invoices@billing.example.com") == "AccessDeniedException"


def test_suspended_or_revoked_it_sends_no_longer(world, here):
    credential = key_of(world, here)
    secret = secret_of(credential, here)
    suspend(credential)
    assert send(credential, secret) == "UnrecognizedClientException"
    resume(credential)
    assert send(credential, secret) == ""
    revoke(credential)
    assert send(credential, secret) == "UnrecognizedClientException"


def test_expired_it_sends_no_longer(world, aws_account, here):
    credential = key_of(world, here)
    secret = secret_of(credential, here)
    aws_account.clock_offset = 91 * 24 * 60 * 60
    assert send(credential, secret) == "AccessDeniedException"
    aws_account.clock_offset = 0
    assert send(credential, secret) == ""


def test_its_last_use_is_read(world, here):
    credential = key_of(world, here)
    send(credential, secret_of(credential, here))
    assert usage.read(credential.account, by=system("usage"), gateway=aws()) == 1
    credential.refresh_from_db()
    assert credential.last_used_region == "eu-central-1"


def test_other_from_addresses_keep_its_options_and_its_bounds(world, here):
    credential = key_of(world, here, {"actions": ["SendEmail", "SendBulkEmail"]}, from_entries=WHOLE)
    with pytest.raises(Refusal, match="it needs whole domains"):
        readdress(credential, "news@example.com")
    plain = key_of(world, here, {**SENDING, "source_ips": ["127.0.0.1/32"]}, application="plain")
    secret = secret_of(plain, here)
    readdress(plain, "news@example.com")
    assert send(plain, secret, "news@example.com") == ""
    assert send(plain, secret) == "AccessDeniedException"


def test_it_goes_only_to_a_team_that_may_have_it(world, here):
    credential = key_of(world, here)
    with pytest.raises(Refusal, match="Billing may not issue this kind"):
        transfer(credential, world.billing)
