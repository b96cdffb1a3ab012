"""Extending: a credential lasts longer with the same passwords, within limits, in one call, proved over SMTP."""

import json
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from provisioning.domain.lifecycle import Outcome, State
from provisioning.domain.refusals import Reason, Refusal
from provisioning.gateway import smtp
from provisioning.gateway.aws import aws
from provisioning.gateway.smtp import Answer
from provisioning.models import AuditEvent, Claim, Credential, Person
from provisioning.services import extension, handover
from tests.builders import Clock, browser
from tests.services.acts import as_approved, end_expired, extend, faulted, revoke, suspend
from tests.services.test_guardrails import change
from tests.services.truth import Truth, recover_all

pytestmark = pytest.mark.django_db
REGION, DAY = "eu-central-1", timedelta(days=1)


@pytest.fixture
def truth(world, aws_account):
    yield Truth(aws_account)
    aws_account.clock_offset = 0


@pytest.fixture
def later(aws_account):
    """Move the clock of the sandbox and return one of ours that agrees with it."""

    def move(by: timedelta) -> Clock:
        aws_account.clock_offset = by.total_seconds()
        return Clock(timezone.now() + by)

    return move


def sends(login):
    attempt = smtp.send_test(smtp.endpoints(REGION)[0], login, "digest@example.com")
    return attempt.answer is Answer.ACCEPTED, attempt.code


def test_what_has_ended_no_longer_sends_and_extended_does_again(world, truth, later):
    ours = browser()
    credential = world.issued(shown_in=ours, lifetime_days=10)
    opened = handover.look(credential.request_id, by=world.actor("member"), browser=ours, now=timezone.now())
    login = smtp.SmtpLogin(opened.handover.key.key_id, opened.secrets[REGION])
    assert sends(login)[0]
    clock = later(10 * DAY + timedelta(hours=1))
    assert sends(login) == (False, 554)
    extend(credential, 30, clock=clock)
    assert sends(login)[0]
    assert end_expired(Clock(clock() + 2 * DAY)) == 0, "it has an end in the future again"
    later(40 * DAY + timedelta(hours=2))
    assert sends(login) == (False, 554)
    assert truth.agrees()


def test_it_is_one_put_and_told_with_before_and_after(world, truth, aws_account):
    credential = world.issued(lifetime_days=30)
    before, clock = len(aws_account.calls), Clock()
    extend(credential, 60, clock=clock)
    assert [name for name, _ in aws_account.calls[before:]] == ["GetUser", "PutUserPolicy"]
    longer = Credential.objects.get()
    assert longer.expires_at == clock().replace(microsecond=0) + 60 * DAY
    detail = json.loads(AuditEvent.objects.filter(act="credential:extend", outcome="done").get().text)["detail"]
    assert detail["before"] == {"expires": credential.expires_at.isoformat(), "policy": credential.policy_hash}
    assert datetime.fromisoformat(detail["after"]["expires"]) == longer.expires_at
    assert detail["after"]["policy"] == longer.policy_hash != credential.policy_hash
    assert truth.agrees()


@pytest.mark.parametrize(
    ("days", "words"),
    [(181, "181 days is longer than Newsletter may"), (None, "needs an end date"), (29, "Give more days")],
)
def test_what_is_outside_the_limits_is_said_and_aws_is_not_asked(world, aws_account, days, words):
    credential = world.issued(lifetime_days=30)
    before = len(aws_account.calls)
    with pytest.raises(Refusal) as caught:
        extend(credential, days)
    assert caught.value.why is Reason.OUTSIDE_GUARDRAIL
    assert words in caught.value.reason
    assert caught.value.breaches[0].field == "lifetime_days"
    assert len(aws_account.calls) == before
    assert AuditEvent.objects.first().outcome == Outcome.REFUSED


def test_the_longest_lifetime_counts_from_now_not_from_the_issue(world, truth):
    credential = world.issued(lifetime_days=30)
    extend(credential, 180, clock=Clock(timezone.now() + 29 * DAY))
    assert Credential.objects.get().expires_at > timezone.now() + 208 * DAY
    assert truth.agrees()


def test_no_end_only_where_the_guardrail_allows_one_and_then_there_is_nothing_to_extend(world, truth):
    credential = world.issued()
    world.newsletter.allows_no_expiry = True
    world.newsletter.save()
    extend(credential, None)
    assert Credential.objects.get().expires_at is None
    assert truth.agrees()
    with pytest.raises(Refusal) as caught:
        extend(credential, 100)
    assert "has no end" in caught.value.title


def test_what_the_team_may_no_longer_have_is_not_prolonged(world, truth):
    credential = world.issued(lifetime_days=30)
    world.newsletter.regions = ["us-east-1"]
    world.newsletter.save()
    with pytest.raises(Refusal) as caught:
        extend(credential, 60)
    assert "eu-central-1 is outside" in caught.value.reason
    assert truth.agrees()


def test_an_approval_lasts_as_long_as_it_was_left_and_no_longer(world, truth):
    credential = as_approved(world, less={"lifetime_days": 400})
    with pytest.raises(Refusal) as caught:
        extend(credential, 401)
    assert "401 days is longer than Newsletter may: 180." in caught.value.reason
    assert "admin2@example.com approved it for digest@example.com" in caught.value.reason
    assert truth.agrees()


def test_a_full_team_may_extend_what_it_holds(world, truth):
    credential = world.issued(lifetime_days=30)
    world.newsletter.live_limit = 1
    world.newsletter.save()
    extend(credential, 60)
    assert truth.agrees()


def test_an_old_review_changes_nothing_and_the_same_again_is_once(world, truth):
    credential, by = world.issued(lifetime_days=30), world.actor("member")
    reviews = [extension.review(credential.pk, days, by=by, now=timezone.now()) for days in (60, 90)]
    for _ in range(2):
        extension.extend(credential.pk, reviews[0].until, reviewed=reviews[0].reviewed, by=by, gateway=aws())
    assert AuditEvent.objects.filter(act="credential:extend", outcome="done").count() == 1
    with pytest.raises(Refusal) as caught:
        extension.extend(credential.pk, reviews[1].until, reviewed=reviews[1].reviewed, by=by, gateway=aws())
    assert caught.value.title == "It has changed since you reviewed it"
    assert truth.agrees()


def test_limits_are_judged_in_the_act_again_whatever_end_is_posted(world, truth):
    credential, by = world.issued(lifetime_days=30), world.actor("member")
    review = extension.review(credential.pk, 60, by=by, now=timezone.now())
    with pytest.raises(Refusal) as caught:
        extension.extend(credential.pk, review.until + 300 * DAY, reviewed=review.reviewed, by=by, gateway=aws())
    assert caught.value.why is Reason.OUTSIDE_GUARDRAIL
    assert truth.agrees()


@pytest.mark.parametrize(("code", "status"), [("MalformedPolicyDocument", 400), ("ServiceFailure", 500)])
def test_what_aws_answers_leaves_the_old_end_or_recovery_puts_the_new_one(world, truth, aws_account, code, status):
    credential = world.issued(lifetime_days=30)
    aws_account.faults.set("PutUserPolicy", "error", code=code, status=status, times=20)
    with faulted():
        extend(credential, 60)
    aws_account.faults.clear()
    assert Credential.objects.get().expires_at == credential.expires_at
    if status >= 500:
        recover_all()
        assert Credential.objects.get().expires_at > credential.expires_at
    assert not Claim.objects.open().exists()
    assert truth.agrees()


def test_a_suspended_one_may_be_extended_one_that_is_deleted_may_not(world, truth):
    credential = world.issued(lifetime_days=30)
    suspend(credential)
    extend(credential, 60)
    assert Credential.objects.get().state == State.SUSPENDED
    assert truth.agrees()
    end_expired(Clock(timezone.now() + 62 * DAY))
    with pytest.raises(Refusal) as ended:
        extend(credential, 90)
    assert ended.value.title == "weekly-digest is expired"
    other = world.issued(application="other")
    revoke(other)
    with pytest.raises(Refusal) as revoked:
        extend(other, 150)
    assert revoked.value.title == "other is revoked"


def test_whoever_widened_the_limits_waits_for_a_second_word(world, truth):
    credential = world.issued("admin", lifetime_days=30)
    change(world, "admin", live_limit=9)
    with pytest.raises(Refusal) as caught:
        extend(credential, 60)
    assert caught.value.title == "A second administrator has to agree first"
    assert truth.agrees()


@pytest.mark.parametrize(("name", "why"), [("outsider", Reason.NOT_THERE), ("auditor", Reason.NOT_PERMITTED)])
def test_only_its_team_and_administrators_may(world, name, why):
    with pytest.raises(Refusal) as caught:
        extend(world.issued(lifetime_days=30), 60, by=world.actor(name))
    assert caught.value.why is why


def test_a_sign_in_that_is_old_is_asked_for_once_more(world):
    by = Person.objects.get(email="member@example.com").as_actor(is_fresh=False)
    with pytest.raises(Refusal) as caught:
        extend(world.issued(lifetime_days=30), 60, by=by)
    assert caught.value.why is Reason.NOT_FRESH
