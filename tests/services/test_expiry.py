"""Expiry: what AWS has ended is deleted after a day of grace, by any number of workers, each row by one of them."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from provisioning.domain.lifecycle import Outcome, State
from provisioning.domain.refusals import Refusal
from provisioning.gateway.aws import aws
from provisioning.gateway.contract import GatewayFault
from provisioning.models import AuditEvent, Claim, Credential, Handover, Notice, Team
from provisioning.services import expiry, sweeps
from provisioning.services.expiry import GRACE
from tests.builders import Clock
from tests.services.acts import end_expired, extend, faulted, revoke, suspend
from tests.services.truth import Truth, recover_all

pytestmark = pytest.mark.django_db
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


@pytest.fixture
def truth(world, aws_account):
    Team.objects.update(live_limit=200)
    return Truth(aws_account)


@pytest.fixture
def ended(world, truth):
    """Make credentials that ended so long ago, by a clock that is handed back."""

    def make(count=1):
        return [world.issued(application=f"app-{number}", lifetime_days=10) for number in range(count)]

    return make


AFTER = 10 * DAY + GRACE + MINUTE


def states():
    return list(Credential.objects.order_by("pk").values_list("state", flat=True))


def test_it_is_deleted_once_the_grace_is_over_and_told(ended, truth):
    ended()
    now = timezone.now()
    assert end_expired(Clock(now + 10 * DAY + GRACE - MINUTE)) == 0
    assert states() == [State.LIVE]
    assert end_expired(Clock(now + AFTER)) == 1
    credential = Credential.objects.get()
    assert credential.state == State.EXPIRED
    assert credential.keys.get().deleted_at is not None
    assert Handover.objects.get().sealed == b""
    assert truth.users() == {}
    assert truth.agrees()
    event = AuditEvent.objects.first()
    assert (event.act, event.outcome, event.actor_name) == ("credential:revoke", "done", "expiry")
    told = Notice.objects.filter(subject="app-0 has expired and is deleted").values_list("recipient__email", flat=True)
    assert sorted(told) == ["admin2@example.com", "admin@example.com", "member@example.com"]


def test_it_is_the_work_of_a_sweep_and_twice_is_once(ended, truth):
    ended(2)
    clock = Clock(timezone.now() + AFTER)
    assert sweeps.run_now("expiry", aws(), clock).handled == 2
    assert sweeps.run_now("expiry", aws(), clock).handled == 0
    assert states() == [State.EXPIRED] * 2


def test_what_is_extended_suspended_revoked_or_without_an_end(world, ended, truth):
    extended, suspended, revoked = ended(3)
    world.newsletter.allows_no_expiry = True
    world.newsletter.save()
    world.issued(application="endless", lifetime_days=None)
    extend(extended, 100)
    suspend(suspended)
    revoke(revoked)
    assert end_expired(Clock(timezone.now() + AFTER)) == 1
    assert states() == [State.LIVE, State.EXPIRED, State.REVOKED, State.LIVE]
    assert truth.agrees()


def test_one_that_aws_refuses_does_not_keep_the_others(ended, truth, aws_account):
    first, *_ = ended(3)
    truth.root.create_group(GroupName="theirs")
    truth.root.add_user_to_group(GroupName="theirs", UserName=first.user_name)
    assert end_expired(Clock(timezone.now() + AFTER)) == 2
    assert states() == [State.REVOKING, State.EXPIRED, State.EXPIRED]
    told = Notice.objects.filter(subject=f"{first.application} is not wholly deleted")
    assert told.count() == 3, "its owner and two administrators"
    assert "Somebody put the IAM user into theirs." in told[0].text
    assert end_expired(Clock(timezone.now() + AFTER)) == 0
    assert told.count() == 3, "once, not every minute"
    truth.root.remove_user_from_group(GroupName="theirs", UserName=first.user_name)
    revoke(first)
    assert truth.agrees()


def test_where_nobody_answers_the_run_ends_and_the_rest_stays_due(ended, truth, aws_account):
    ended(3)
    aws_account.faults.set("DeleteAccessKey", "lose_reply")
    with faulted():
        end_expired(Clock(timezone.now() + AFTER))
    assert states() == [State.REVOKING, State.LIVE, State.LIVE]
    aws_account.faults.clear()
    assert sweeps.run_now("expiry", aws(), Clock(timezone.now() + AFTER)).handled == 2
    recover_all(Clock(timezone.now() + AFTER + DAY))
    assert states() == [State.EXPIRED] * 3
    assert Claim.objects.filter(outcome=Outcome.DONE, ends_as=State.EXPIRED).count() == 3
    assert truth.agrees()


def test_what_is_busy_is_left_for_the_next_minute_without_a_word(ended, truth, aws_account):
    (credential,) = ended()
    aws_account.faults.set("UpdateAccessKey", "error", status=500, times=20)
    with pytest.raises(GatewayFault):
        suspend(credential)
    aws_account.faults.clear()
    before = AuditEvent.objects.count()
    assert end_expired(Clock(timezone.now() + AFTER)) == 0
    assert AuditEvent.objects.count() == before
    recover_all()
    assert end_expired(Clock(timezone.now() + AFTER)) == 1
    assert truth.agrees()


def test_only_the_system_may(world):
    with pytest.raises(Refusal):
        expiry.expire_due(by=world.actor("admin"), gateway=aws(), clock=timezone.now)


def test_each_due_row_costs_the_same_and_ten_thousand_others_nothing(world, ended):
    clock, asked = Clock(timezone.now() + AFTER), []
    for count in (1, 2, 4):  # at the first the account is looked at once, as each day
        ended(count)
        asked.append(queries_of(clock, count))
    per_row = (asked[2] - asked[1]) / 2
    assert asked[1] == 1 + 2 * per_row
    assert per_row <= 30
    due = ended(4)
    ten_thousand(world, until=clock() + 90 * DAY)
    assert reads_no_more_than_its_index(clock, due[0])
    assert queries_of(clock, 4) == asked[2]
    assert queries_of(clock, 0) == 1


def queries_of(clock, count):
    with CaptureQueriesContext(connection) as queries:
        assert end_expired(clock) == count
    return len(queries)


def ten_thousand(world, *, until):
    """Let there be so many that end by then at the earliest, beside those that there are."""
    from tests.bench.rows import Filling

    here = set(Credential.objects.values_list("pk", flat=True))
    Filling(world.newsletter, world.billing, world.people["member"]).credentials(10_000)
    Credential.objects.exclude(pk__in=here).update(state=State.LIVE, expires_at=until)


def reads_no_more_than_its_index(clock, due):
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    found = Credential.objects.ended_by(clock() - GRACE)
    all_due, one = found.values_list("pk", "account_id")[:200], found.filter(pk=due.pk).order_by()
    for asked in (all_due, one):
        plan = asked.explain()
        assert "Seq Scan on provisioning_credential" not in plan
        assert "SCAN provisioning_credential\n" not in f"{plan}\n"
    return "credentials_by_end" in all_due.explain()
