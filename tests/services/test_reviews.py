"""Reviews that nobody has used: they are deleted after a day, nothing else is, and nobody makes any number of them."""

import copy
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from provisioning.domain.refusals import Reason
from provisioning.domain.roles import system
from provisioning.gateway.aws import aws
from provisioning.models import AuditEvent, Credential, CredentialRequest, Handover
from provisioning.services import (
    approval,
    approved,
    asking,
    console_resumption,
    requesting,
    reviews,
    second_keys,
    sweeps,
)
from tests.builders import Clock, browser, description
from tests.services import acts
from tests.services.test_asking import ask
from tests.services.test_second_word import refused
from tests.services.test_two_at_once import at_once
from tests.services.truth import Truth, recover_all

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def truth(world, aws_account):
    world.newsletter.live_limit = 100
    world.newsletter.save()
    return Truth(aws_account)


def copies(review, count, at):
    """So many more of an unused review, as if its person had made them `at`."""
    made = []
    for number in range(count):
        made.append(copy.copy(review))
        made[-1].pk, made[-1].reviewed_at = uuid4(), at + timedelta(microseconds=number)
    return CredentialRequest.objects.bulk_create(made, batch_size=500)


def sweep(days: float = 40) -> int:
    return sweeps.run_now("reviews", aws(), Clock(timezone.now() + days * DAY)).handled


def test_a_review_goes_after_a_day_and_not_before(world):
    review = world.reviewed()
    assert (sweep(0.99), CredentialRequest.objects.get()) == (0, review)
    assert (sweep(1.01), sweep(1.01), CredentialRequest.objects.count()) == (1, 0, 0)


def issued_in_each_way(world, aws_account) -> None:
    """What was issued, and stored, lost, revoked or left; what AWS refused; what recovery has to settle."""
    world.issued()
    world.stored()
    acts.revoke(world.stored())
    aws_account.faults.set("CreateUser", "error", code="LimitExceeded", status=409, times=9)
    with acts.faulted():
        world.issued()
    aws_account.faults.clear()
    aws_account.faults.set("CreateAccessKey", "lose_reply")
    with acts.faulted():
        world.issued()
    aws_account.faults.clear()


def asked_in_each_state(world, aws_account) -> None:
    """What waits, was withdrawn, declined, approved, lapsed, issued; and what AWS refused, with what carries it on."""
    by, admin, now = world.actor("member"), world.actor("admin"), timezone.now()
    named = {
        name: ask(world, application=name).pk
        for name in ("waiting", "withdrawn", "declined", "approved", "reviewed", "lapsed", "used", "refused")
    }
    asking.withdraw(named["withdrawn"], by=by, now=now)
    approval.decline(named["declined"], "No.", by=admin, now=now)
    for name in ("approved", "reviewed", "used", "refused"):
        approval.approve(named[name], None, "", by=admin, now=now)
    CredentialRequest.objects.filter(pk=named["lapsed"]).update(lapses_at=now)
    assert asking.lapse_due(by=system("requests"), now=now) == 1
    for name in ("reviewed", "used", "refused"):
        approved.review(named[name], by=by, now=now)
    acts.issue(CredentialRequest.objects.get(pk=named["used"]))
    aws_account.faults.set("CreateAccessKey", "error", code="LimitExceeded", status=409, times=9)
    with acts.faulted():
        acts.issue(CredentialRequest.objects.get(pk=named["refused"]))
    aws_account.faults.clear()
    assert CredentialRequest.objects.filter(carries_on=named["refused"]).exists()


def renewed_in_each_way(world, aws_account) -> None:
    """A second key that was made, one that AWS refused, and a console login that was resumed."""
    acts.rotate(world.stored())
    aws_account.faults.set("CreateAccessKey", "error", code="AccessDenied", status=403, times=9)
    with acts.faulted():
        acts.rotate(world.stored())
    aws_account.faults.clear()
    login = world.console_login(shown_in=(ours := browser()))
    acts.stored(login.request_id, shown_in=ours)
    acts.suspend(login)
    acts.resume_console(login)


@pytest.mark.parametrize("used", [issued_in_each_way, asked_in_each_state, renewed_in_each_way])
def test_what_was_used_stays_however_old(world, aws_account, truth, used):
    used(world, aws_account)
    kept = set(CredentialRequest.objects.values_list("pk", flat=True))
    left = {world.reviewed().pk, world.reviewed("admin").pk}
    events, handovers = AuditEvent.objects.count(), Handover.objects.count()
    assert sweep() == len(left)
    assert set(CredentialRequest.objects.values_list("pk", flat=True)) == kept
    assert (AuditEvent.objects.count(), Handover.objects.count()) == (events, handovers)
    recover_all()
    assert truth.agrees()


def test_a_second_key_and_a_new_password_that_were_only_reviewed_go_too(world, truth):
    credential, by, now = world.stored(), world.actor("member"), timezone.now()
    login = world.console_login(shown_in=(ours := browser()))
    acts.stored(login.request_id, shown_in=ours)
    acts.suspend(login)
    kept = set(CredentialRequest.objects.values_list("pk", flat=True))
    second_keys.review(credential.pk, (), by=by, now=now)
    console_resumption.prepare(login.pk, by=by, now=now)
    assert sweep() == 2
    assert set(CredentialRequest.objects.values_list("pk", flat=True)) == kept
    acts.rotate(credential)
    acts.resume_console(login)
    assert truth.agrees()


def test_one_run_goes_so_far_and_the_next_one_goes_on(world, monkeypatch):
    monkeypatch.setattr(reviews, "_BATCH", 3)
    monkeypatch.setattr(reviews, "_AT_ONCE", 7)
    copies(world.reviewed(), 9, timezone.now() - 3 * DAY)
    assert [sweep(2) for _ in range(3)] == [7, 3, 0]


def test_the_oldest_go_first(world, monkeypatch):
    monkeypatch.setattr(reviews, "_AT_ONCE", 1)
    review = world.reviewed()
    older = copies(review, 1, timezone.now() - 3 * DAY)
    assert sweep() == 1
    assert CredentialRequest.objects.get() == review, older


@pytest.mark.django_db(transaction=True)
def test_two_workers_delete_each_once(committed_world):
    copies(committed_world.reviewed(), 40, timezone.now() - 3 * DAY)
    told: list[int] = []
    later = timezone.now() + 2 * DAY
    assert at_once(*[lambda: told.append(reviews.delete_unused(now=later))] * 2) == [None, None]
    left = CredentialRequest.objects.count()  # what one had locked, the other has left alone
    assert (sum(told), left) == (41, 0)


def test_a_hundred_of_ten_thousand_are_found_by_their_age(world):
    from tests.bench.rows import Filling

    now, review = timezone.now(), world.reviewed()
    Filling(world.newsletter, world.billing, world.people["member"]).credentials(10_000)
    copies(review, 100, now - 3 * DAY)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    found = CredentialRequest.objects.only_looked_at().filter(reviewed_at__lte=now - reviews.KEPT_FOR)
    plan = found.order_by("reviewed_at").values_list("pk", flat=True)[:500].explain()
    assert "reviews_by_age" in plan
    # Nothing is walked through: neither the requests, nor what may refer to one.
    assert "Seq Scan on provisioning_credentialrequest" not in plan
    assert "SCAN provisioning_" not in plan
    assert reviews.delete_unused(now=now) == 100
    assert Credential.objects.count() == 10_000


def full(world, name="member", at=None):
    """As many unused reviews as one person may make in an hour."""
    first = world.reviewed(name)
    return [first, *copies(first, reviews.MOST - 1, at or timezone.now() - timedelta(minutes=30))]


def test_two_hundred_in_an_hour_are_enough(world):
    oldest = min(each.reviewed_at for each in full(world))
    until = f"From {oldest + reviews.PERIOD:%-d %b %Y, %H:%M} UTC on you can go on."
    refusal = refused(world.reviewed, "You have made 200 reviews within an hour and used none of them.", until)
    assert refusal.why is Reason.TOO_MANY
    assert CredentialRequest.objects.count() == reviews.MOST
    assert world.reviewed("admin"), "somebody else has their own"


def test_those_of_an_hour_ago_count_no_more(world):
    full(world, at=timezone.now() - timedelta(minutes=61))
    assert world.reviewed()


def test_what_was_issued_does_not_count(world, truth):
    kept = full(world)
    acts.issue(kept[0])
    assert world.reviewed()
    refused(world.reviewed, "used none of them")
    assert truth.agrees()


def test_every_review_counts_whatever_it_is_of(world, truth):
    credential, login = world.stored(), world.console_login(shown_in=(ours := browser()))
    acts.stored(login.request_id, shown_in=ours)
    acts.suspend(login)
    full(world)
    by, now = world.actor("member"), timezone.now()
    refused(lambda: ask(world, lifetime_days=90), "used none of them")
    refused(lambda: second_keys.review(credential.pk, (), by=by, now=now), "used none of them")
    refused(lambda: console_resumption.prepare(login.pk, by=by, now=now), "used none of them")
    assert ask(world), "what lies outside the guardrail is asked for, not reviewed"
    assert truth.agrees()


@pytest.mark.django_db(transaction=True)
def test_the_last_two_at_once_are_one_too_many(committed_world):
    copies(committed_world.reviewed(), reviews.MOST - 2, timezone.now())
    raised = at_once(*[committed_world.reviewed] * 3)
    assert [str(each) for each in raised].count("None") == 1
    assert CredentialRequest.objects.count() == reviews.MOST


def test_however_many_are_refused_the_history_grows_by_one(world):
    full(world)
    before, now = AuditEvent.objects.count(), timezone.now()
    for number in range(5):
        described = description(world.newsletter, application=f"number-{number}")
        refused(lambda wish=described: requesting.prepare(wish, by=world.actor("member"), now=now), "none of them")
    assert AuditEvent.objects.count() == before + 1
