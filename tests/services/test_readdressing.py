"""Changing the From addresses of a live credential: within limits, in one call, proved over SMTP."""

import json

import pytest
from django.utils import timezone

from provisioning.domain.from_entries import FromEntry
from provisioning.domain.lifecycle import Outcome, State
from provisioning.domain.refusals import Reason, Refusal
from provisioning.gateway import smtp
from provisioning.gateway.aws import aws
from provisioning.gateway.smtp import Answer
from provisioning.models import AuditEvent, Credential, Team
from provisioning.services import handover, readdressing
from provisioning.services.clock import MOMENT
from tests.builders import Clock, browser
from tests.services.acts import as_approved, readdress, revoke, suspend
from tests.services.truth import Truth

pytestmark = pytest.mark.django_db
REGION = "eu-central-1"


@pytest.fixture
def truth(world, aws_account):
    return Truth(aws_account)


def test_it_sends_as_the_new_address_and_no_longer_as_the_old_one(world, truth):
    ours = browser()
    credential = world.issued(shown_in=ours)
    by = world.actor("member")
    opened = handover.look(credential.request_id, by=by, browser=ours, now=timezone.now())
    login = smtp.SmtpLogin(opened.handover.key.key_id, opened.secrets[REGION])

    def sends_as(address):
        attempt = smtp.send_test(smtp.endpoints(REGION)[0], login, address)
        return attempt.answer is Answer.ACCEPTED, attempt.code

    assert sends_as("digest@example.com")[0]
    readdress(credential, "news@example.com")
    assert sends_as("news@example.com")[0]
    assert sends_as("digest@example.com") == (False, 554)
    assert truth.agrees()


def test_it_is_one_put_and_told_with_before_and_after(world, truth, aws_account):
    credential = world.issued()
    before = len(aws_account.calls)
    readdress(credential, "*@example.com", "news@example.com")
    assert [name for name, _ in aws_account.calls[before:]] == ["GetUser", "PutUserPolicy"]
    changed = Credential.objects.get()
    assert changed.from_entries == ["*@example.com", "news@example.com"]
    assert changed.policy_hash != credential.policy_hash
    detail = json.loads(AuditEvent.objects.filter(act="credential:readdress", outcome="done").get().text)["detail"]
    assert detail["before"] == {"from": ["digest@example.com"], "policy": credential.policy_hash}
    assert detail["after"] == {"from": changed.from_entries, "policy": changed.policy_hash}
    assert truth.agrees()


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        (["boss@elsewhere.example"], "outside what Newsletter may send as"),
        (["digest@example.com"], "has already"),
        ([f"{'long' * 15}{number:02}@example.com" for number in range(40)], "of at most 2,048 characters"),
    ],
)
def test_what_is_outside_the_limits_is_said_and_aws_is_not_asked(world, aws_account, entries, words):
    credential = world.issued()
    before = len(aws_account.calls)
    with pytest.raises(Refusal) as caught:
        readdress(credential, *entries)
    assert caught.value.why is Reason.OUTSIDE_GUARDRAIL
    assert words in caught.value.reason
    assert {breach.field for breach in caught.value.breaches} == {"from_addresses"}
    assert len(aws_account.calls) == before
    assert AuditEvent.objects.first().outcome == Outcome.REFUSED


WIDE = FromEntry.parse("*@example.com")
NEWS = FromEntry.parse("news@example.com")


def test_what_an_approval_took_away_does_not_come_back(world, truth, aws_account):
    credential = as_approved(world, from_entries=(WIDE,), less={"from_entries": (NEWS,)})
    before = len(aws_account.calls)
    with pytest.raises(Refusal) as caught:
        readdress(credential, "*@example.com")
    assert [(breach.field, breach.text) for breach in caught.value.breaches] == [
        ("from_addresses", "3,650 days is longer than Newsletter may: 180."),
        ("from_addresses", approved_for(credential)),
        ("from_addresses", MORE),
    ]
    assert len(aws_account.calls) == before
    assert Credential.objects.get().from_entries == ["news@example.com"]
    assert truth.agrees()


MORE = "weekly-digest keeps what it has. For more than that, ask an administrator for a new credential."


def approved_for(credential):
    return (
        "admin2@example.com approved it for news@example.com in eu-central-1 and us-east-1, until "
        f"{credential.expires_at:{MOMENT}}, and no more."
    )


def test_within_what_was_approved_for_it_it_goes_to_and_fro(world, truth):
    credential = as_approved(world, from_entries=(WIDE,))
    readdress(credential, "news@example.com")
    readdress(credential, "other@example.com", "news@example.com")
    readdress(credential, "*@example.com")
    assert Credential.objects.get().from_entries == ["*@example.com"]
    assert truth.agrees()


def test_an_approval_for_another_team_is_none(world):
    credential = as_approved(world, from_entries=(WIDE,))
    readdress(credential, "news@example.com")
    Credential.objects.update(team=world.billing)
    with pytest.raises(Refusal, match="longer than Billing may"):
        readdress(credential, "*@example.com", by=world.actor("admin"))


@pytest.mark.parametrize(
    ("narrowed", "words"),
    [
        ({"longest_lifetime_days": 30}, "90 days is longer than Newsletter may: 30."),
        ({"regions": ["us-east-1"]}, "eu-central-1 is outside the regions of Newsletter: us-east-1."),
        ({"kinds": ["api"]}, "Newsletter may not issue this kind of credential: SMTP credential."),
        ({"live_limit": 0}, "Newsletter holds 0 of 0 live credentials."),
    ],
)
def test_what_the_guardrail_no_longer_allows_gets_no_more_but_may_get_less(world, truth, narrowed, words):
    credential = world.issued(from_entries=(WIDE,))
    Team.objects.filter(pk=world.newsletter.pk).update(**narrowed)
    for less in (["news@example.com", "digest@example.com"], ["digest@example.com"]):
        readdress(credential, *less)
    with pytest.raises(Refusal) as caught:
        readdress(credential, "digest@example.com", "news@example.com")
    assert words in caught.value.reason
    assert MORE in caught.value.reason
    assert truth.agrees()


def test_what_it_sends_as_outside_the_guardrail_may_stay_where_it_gets_less(world, truth):
    credential = world.issued(from_entries=(NEWS, FromEntry.parse("digest@example.com")))
    Team.objects.filter(pk=world.newsletter.pk).update(from_entries=["other@example.com"])
    readdress(credential, "news@example.com")
    with pytest.raises(Refusal, match=r"news@example\.com is outside what Newsletter may send as"):
        readdress(credential, "news@example.com", "other@example.com")
    assert truth.agrees()


def test_an_address_that_no_identity_covers_is_refused(world):
    credential = world.issued()
    world.newsletter.from_entries = ["*@unverified.example"]
    world.newsletter.save()
    with pytest.raises(Refusal) as caught:
        readdress(credential, "x@unverified.example")
    assert "no verified identity" in caught.value.reason


def test_limits_are_judged_in_the_act_again(world, truth):
    credential = world.issued()
    by, entries = world.actor("member"), (FromEntry.parse("news@example.com"),)
    review = readdressing.review(credential.pk, entries, by=by, now=timezone.now())
    world.newsletter.from_entries = ["digest@example.com"]
    world.newsletter.save()
    with pytest.raises(Refusal) as caught:
        readdressing.readdress(credential.pk, entries, reviewed=review.reviewed, by=by, gateway=aws())
    assert caught.value.why is Reason.OUTSIDE_GUARDRAIL
    assert truth.agrees()


def test_an_old_review_changes_nothing_and_the_same_again_is_once(world, truth):
    credential = world.issued()
    by, entries = world.actor("member"), (FromEntry.parse("news@example.com"),)
    old = readdressing.review(credential.pk, entries, by=by, now=timezone.now()).reviewed
    readdressing.readdress(credential.pk, entries, reviewed=old, by=by, gateway=aws())
    readdressing.readdress(credential.pk, entries, reviewed=old, by=by, gateway=aws())
    assert AuditEvent.objects.filter(act="credential:readdress", outcome="done").count() == 1
    other = (FromEntry.parse("other@example.com"),)
    with pytest.raises(Refusal) as caught:
        readdressing.readdress(credential.pk, other, reviewed=old, by=by, gateway=aws())
    assert caught.value.title == "It has changed since you reviewed it"
    assert truth.agrees()


def test_a_suspended_one_may_be_changed_an_ended_one_may_not(world, truth):
    credential = world.issued()
    suspend(credential)
    readdress(credential, "news@example.com")
    assert Credential.objects.get().state == State.SUSPENDED
    assert truth.agrees()
    later = Clock(timezone.now() + timezone.timedelta(days=100))
    with pytest.raises(Refusal) as expired:
        readdress(credential, "more@example.com", clock=later)
    assert expired.value.title == "weekly-digest is expired"
    revoke(credential)
    with pytest.raises(Refusal) as revoked:
        readdress(credential, "more@example.com")
    assert revoked.value.title == "weekly-digest is revoked"


@pytest.mark.parametrize(("name", "why"), [("outsider", Reason.NOT_THERE), ("auditor", Reason.NOT_PERMITTED)])
def test_only_its_team_and_administrators_may(world, name, why):
    with pytest.raises(Refusal) as caught:
        readdress(world.issued(), "news@example.com", by=world.actor(name))
    assert caught.value.why is why
