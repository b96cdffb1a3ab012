"""Two workers at what ends: each credential is told of once, and deleted by one of them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from provisioning.domain.lifecycle import State
from provisioning.domain.roles import system
from provisioning.models import AuditEvent, Credential, Notice, Reminder, Team
from provisioning.services import expiry, extension, reminders
from tests.builders import Clock
from tests.services.acts import end_expired
from tests.services.test_two_at_once import at_once
from tests.services.truth import Truth

ROUNDS, EACH = 6, 4
DAY = timedelta(days=1)


@pytest.fixture
def truth(committed_world, aws_account):
    Team.objects.update(live_limit=100)
    return Truth(aws_account)


def test_two_workers_remind_once(committed_world, truth):
    for number in range(EACH):
        committed_world.issued(application=f"app-{number}", lifetime_days=60)
    Notice.objects.all().delete()
    start, counted = timezone.now(), 0
    for days in (30, 46, 53, 59, 61):
        told = []
        clock = Clock(start + days * DAY + timedelta(minutes=1))  # never a day earlier, at whatever hour this runs
        raised = at_once(*[lambda c=clock, t=told: t.append(reminders.remind_due(by=system("r"), clock=c))] * 2)
        assert raised == [None, None]
        counted += sum(told)
    assert counted == Reminder.objects.count() == EACH * 5
    assert Notice.objects.count() == EACH * 5 * 3, "the owner and two administrators, once each"


def test_two_workers_expire_once_and_share(committed_world, truth):
    shared = 0
    for turn in range(ROUNDS):
        for number in range(EACH):
            committed_world.issued(application=f"app-{turn}-{number}", lifetime_days=10)
        clock, ended = Clock(timezone.now() + 12 * DAY), []
        assert at_once(*[lambda c=clock, e=ended: e.append(end_expired(c))] * 2) == [None, None]
        assert sum(ended) == EACH
        shared += min(ended) > 0
    assert Credential.objects.filter(state=State.EXPIRED).count() == ROUNDS * EACH
    assert AuditEvent.objects.filter(act="credential:revoke", outcome="done").count() == ROUNDS * EACH
    assert shared, "never did both have a part"
    assert truth.agrees()


def test_who_extends_while_a_worker_deletes_wins_or_is_told(committed_world, truth, gateway):
    by = committed_world.actor("member")
    for turn in range(ROUNDS):
        credential = committed_world.issued(application=f"app-{turn}", lifetime_days=10)
        clock = Clock(timezone.now() + 12 * DAY)
        review = extension.review(credential.pk, 30, by=by, now=clock())

        def extend(pk=credential.pk, review=review, clock=clock):
            extension.extend(pk, review.until, reviewed=review.reviewed, by=by, gateway=gateway, clock=clock)

        raised = at_once(extend, lambda c=clock: expiry.expire_due(by=system("expiry"), gateway=gateway, clock=c))
        credential.refresh_from_db()
        assert raised[1] is None
        assert credential.state == (State.EXPIRED if raised[0] else State.LIVE)
        assert truth.agrees()
