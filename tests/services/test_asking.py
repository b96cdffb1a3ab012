"""Asking for what lies outside the guardrail: kept, told, taken back, and let lapse when its time is over."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from provisioning.domain.from_entries import FromEntry
from provisioning.domain.lifecycle import Asking
from provisioning.domain.refusals import Reason, Refusal
from provisioning.domain.roles import system
from provisioning.gateway.aws import aws
from provisioning.models import AuditEvent, CredentialRequest, Membership, Notice, Person, Standing
from provisioning.services import approval, approved, asking, identities, sweeps
from tests.builders import Clock, description
from tests.services import acts
from tests.services.test_second_word import refused

pytestmark = pytest.mark.django_db
LONG = {"lifetime_days": 400}
WHY = "The contract runs for a year."


def ask(world, name="member", now=None, reason=WHY, **changes):
    """Ask for more than the guardrail of Newsletter allows: 400 days, unless told otherwise."""
    described = description(world.newsletter, **(LONG | changes))
    return asking.ask(described, reason, by=world.actor(name), now=now or timezone.now())


def detail(act, outcome="done"):
    return json.loads(AuditEvent.objects.filter(act=act, outcome=outcome).first().text)["detail"]


def lapse(now):
    return asking.lapse_due(by=system("requests"), now=now)


def test_it_is_kept_exactly_and_the_administrators_are_told(world):
    now = timezone.now()
    asked = ask(world, now=now)
    asked.refresh_from_db()
    assert (asked.asking, asked.reason, asked.asked_at) == (Asking.ASKED, WHY, now)
    assert asked.lapses_at == now + timedelta(days=14)
    assert asked.expires_at == now.replace(microsecond=0) + timedelta(days=400)
    assert asked.expires_at.strftime("%Y-%m-%dT%H:%M:%SZ") in asked.policy
    told = detail("request:ask")
    assert told["outside"] == ["400 days is longer than Newsletter may: 180."]
    assert (told["request"], told["reason"]) == (str(asked.pk), WHY)
    assert {each.recipient.email for each in Notice.objects.all()} == {"admin@example.com", "admin2@example.com"}
    assert "400 days is longer than Newsletter may: 180." in Notice.objects.first().text


def test_an_administrator_who_asks_is_not_told_of_their_own(world):
    ask(world, "admin")
    assert [each.recipient.email for each in Notice.objects.all()] == ["admin2@example.com"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"regions": ("ap-southeast-3",)}, "no SMTP endpoint in ap-southeast-3"),
        ({"from_entries": (FromEntry.parse("boss@elsewhere.example"),)}, "no verified identity"),
        ({"application": "Bad Name!"}, "hyphens only"),
        ({"from_entries": tuple(FromEntry.parse(f"{'x' * 50}{n}@example.com") for n in range(39))}, "characters"),
        ({"reason": "  "}, "Say why"),
    ],
)
def test_what_nobody_can_approve_is_not_asked(world, changes, words):
    refused(lambda: ask(world, **changes), words)
    assert not CredentialRequest.objects.exists()
    assert AuditEvent.objects.first().outcome == "refused"


def test_a_region_of_which_nothing_was_read_can_be_asked_for_and_is_looked_at_before_the_issue(world):
    asked, now = ask(world, regions=("eu-central-1", "eu-west-1"), lifetime_days=90), timezone.now()
    assert asked.asking == Asking.ASKED
    approval.approve(asked.pk, None, "", by=world.actor("admin"), now=now)
    refused(lambda: approved.review(asked.pk, by=world.actor("member"), now=now), "eu-west-1 have not been read yet")
    identities.refresh_everywhere(by=system("test"), gateway=aws(), now=now)
    words = "no verified identity in eu-west-1 covers it"
    refused(lambda: approved.review(asked.pk, by=world.actor("member"), now=now), words)
    refused(lambda: ask(world, application="second", regions=("eu-west-1",)), words)


def test_nor_for_another_team_nor_by_who_changes_nothing(world):
    refused(lambda: ask(world, "outsider"), "There is no such team")
    for name in ("auditor", "guest"):
        assert refused(lambda name=name: ask(world, name)).why is Reason.NOT_PERMITTED


def test_within_the_guardrail_nobody_is_asked(world):
    reviewed = ask(world, lifetime_days=90)
    assert reviewed.asking == Asking.NOT_ASKED
    assert not Notice.objects.exists()
    assert not CredentialRequest.objects.asked().exists()


def test_the_number_of_credentials_can_be_asked_for(world):
    world.newsletter.live_limit = 1
    world.newsletter.save()
    world.issued()
    assert ask(world, lifetime_days=90, application="second").asking == Asking.ASKED
    assert detail("request:ask")["outside"][0].startswith("Newsletter holds 1 of 1")


def test_the_same_again_asks_once(world):
    assert ask(world) == ask(world)
    assert CredentialRequest.objects.count() == AuditEvent.objects.filter(act="request:ask").count() == 1
    assert ask(world, lifetime_days=500) != ask(world)


def test_ten_can_wait_and_the_eleventh_is_told(world):
    for number in range(10):
        ask(world, application=f"number-{number}")
    refusal = refused(lambda: ask(world, application="one-more"), "10 requests of yours wait already. Withdraw one")
    assert refusal.why is Reason.TOO_MANY
    asking.withdraw(CredentialRequest.objects.first().pk, by=world.actor("member"), now=timezone.now())
    assert ask(world, application="one-more")
    assert ask(world, "admin", application="of-somebody-else")


def ask_and_withdraw(world, number, now):
    asked = ask(world, now=now, application=f"number-{number}")
    return asking.withdraw(asked.pk, by=world.actor("member"), now=now)


def test_twenty_in_a_day_are_enough_withdrawn_or_not(world):
    first = timezone.now()
    for number in range(asking.MOST_ASKED):
        ask_and_withdraw(world, number, first + timedelta(minutes=number))
    told, later = Notice.objects.count(), first + timedelta(hours=23)
    until = f"From {first + timedelta(hours=24):%-d %b %Y, %H:%M} UTC on you can ask again."
    for number in range(3):
        words = "You have asked 20 times within 24 hours", until
        refusal = refused(lambda number=number: ask(world, now=later, application=f"more-{number}"), *words)
        assert refusal.why is Reason.TOO_MANY
    assert Notice.objects.count() == told == 2 * asking.MOST_ASKED
    assert AuditEvent.objects.filter(act="request:ask", outcome="refused").count() == 1
    assert ask(world, "admin", now=later), "somebody else has their own day"
    assert ask(world, now=first + timedelta(hours=24), application="the-next-day")
    refused(lambda: ask(world, now=first + timedelta(hours=24), application="and-one"), "asked 20 times")


def test_the_same_again_is_not_asked_once_more(world):
    for number in range(asking.MOST_ASKED - 1):
        ask_and_withdraw(world, number, timezone.now())
    last = ask(world)
    assert [ask(world) for _ in range(3)] == [last] * 3


def test_what_carries_an_approval_on_was_not_asked_for(world, aws_account):
    asked, now = ask(world, application="refused-by-aws"), timezone.now()
    approval.approve(asked.pk, None, "", by=world.actor("admin"), now=now)
    approved.review(asked.pk, by=world.actor("member"), now=now)
    aws_account.faults.set("CreateUser", "error", code="LimitExceeded", status=409, times=9)
    with acts.faulted():
        acts.issue(asked)
    assert CredentialRequest.objects.asked().count() == 2
    for number in range(asking.MOST_ASKED - 1):
        ask_and_withdraw(world, number, now)
    refused(lambda: ask(world), "asked 20 times")


def test_withdrawing_is_for_whoever_asked_and_twice_is_once(world):
    asked, now = ask(world), timezone.now()
    for name, why in (
        ("admin", Reason.NOT_PERMITTED),
        ("auditor", Reason.NOT_PERMITTED),
        ("outsider", Reason.NOT_THERE),
    ):
        with pytest.raises(Refusal) as caught:
            asking.withdraw(asked.pk, by=world.actor(name), now=now)
        assert caught.value.why is why
    for _ in range(2):
        assert asking.withdraw(asked.pk, by=world.actor("member"), now=now).asking == Asking.WITHDRAWN
    assert AuditEvent.objects.filter(act="request:withdraw", outcome="done").count() == 1


def test_what_nobody_decided_lapses_after_two_weeks_and_who_asked_is_told(world):
    asked, now = ask(world), timezone.now()
    assert lapse(now + timedelta(days=13)) == 0
    Notice.objects.all().delete()
    assert (lapse(now + timedelta(days=15)), lapse(now + timedelta(days=15))) == (1, 0)
    asked.refresh_from_db()
    assert (asked.asking, asked.lapses_at) == (Asking.LAPSED, None)
    assert Notice.objects.get().recipient == world.people["member"]
    assert "its time is over" in Notice.objects.get().text
    assert detail("request:lapse")["before"] == "asked"
    refused(lambda: asking.withdraw(asked.pk, by=world.actor("member"), now=now), "is lapsed", "Its time is over.")


def test_a_sweep_does_it(world):
    ask(world)
    clock = Clock(timezone.now() + timedelta(days=15))
    assert sweeps.run_now("requests", aws(), clock).handled == 1


@pytest.mark.parametrize(
    "leave",
    [
        lambda member: Membership.objects.filter(person=member).delete(),
        lambda member: Person.objects.filter(pk=member.pk).update(is_active=False),
        lambda member: (
            Person.objects.filter(pk=member.pk).update(standing=Standing.AUDITOR)
            and Membership.objects.filter(person=member).delete()
        ),
    ],
)
def test_what_somebody_asked_for_who_has_left_lapses_at_once(world, leave):
    asked = ask(world)
    leave(world.people["member"])
    assert lapse(timezone.now()) == 1
    asked.refresh_from_db()
    assert asked.asking == Asking.LAPSED
    assert detail("request:lapse")["reason"] == "who asked may no longer issue there"
    by = world.actor("admin")
    late = lambda: approval.approve(asked.pk, None, "", by=by, now=timezone.now())  # noqa: E731
    assert "Its time" not in refused(late, "is lapsed", "Who asked may no longer issue there.").reason


def test_time_ends_it_before_the_sweep_does(world):
    asked = ask(world)
    later = asked.lapses_at + timedelta(seconds=1)
    assert asked.shown(later) is Asking.LAPSED
    assert not CredentialRequest.objects.waiting(later).exists()
    assert CredentialRequest.objects.in_state("lapsed", later).get() == asked
    refused(lambda: asking.withdraw(asked.pk, by=world.actor("member"), now=later), "is lapsed", "Its time is over.")


def test_each_state_finds_its_own(world):
    asked, now = ask(world), timezone.now()
    for state in Asking:
        CredentialRequest.objects.update(asking=state)
        found = [each.value for each in Asking if CredentialRequest.objects.in_state(each, now).exists()]
        assert found == [state.value]
    assert CredentialRequest.objects.in_state("nonsense", now).get() == asked
