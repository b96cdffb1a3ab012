"""Reminders: who is told what, when, once whatever the number of workers, and again in a new cycle."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from provisioning.domain.refusals import Refusal
from provisioning.domain.reminders import ROTATE_AFTER
from provisioning.domain.roles import system
from provisioning.models import AccessKey, Credential, Membership, Notice, Person, Reminder, Team
from provisioning.services import reminders
from tests.builders import Clock
from tests.services.acts import extend, revoke, suspend

pytestmark = pytest.mark.django_db
BY = system("reminders")
DAY = timedelta(days=1)


@pytest.fixture
def clock():
    """Noon, so that a little later is still the same day."""
    return Clock(timezone.now().replace(hour=12))


@pytest.fixture
def credential(world, clock):
    found = world.issued(lifetime_days=90)
    Notice.objects.all().delete()
    return ending(found, clock() + 90 * DAY)


def ending(credential, at):
    """Let what was issued for 90 days end then."""
    Credential.objects.filter(pk=credential.pk).update(issued_at=at - 90 * DAY, expires_at=at)
    credential.refresh_from_db()
    return credential


def aged(credential, at):
    """Let the key be made then, and the credential have no end."""
    Credential.objects.filter(pk=credential.pk).update(expires_at=None)
    AccessKey.objects.filter(credential=credential).update(made_at=at)


def remind(clock):
    return reminders.remind_due(by=BY, clock=clock)


def told():
    return sorted(Notice.objects.values_list("recipient__email", flat=True))


def test_owner_and_administrators_are_told_of_the_end_at_each_threshold_once(credential, clock):
    subjects = []
    for _ in range(90):
        clock.now += DAY
        remind(clock)
        assert remind(clock) == 0
        subjects += set(Notice.objects.values_list("subject", flat=True))
        people = told()
        assert people in ([], ["admin2@example.com", "admin@example.com", "member@example.com"])
        Notice.objects.all().delete()
    wanted = ["ends in 30 days", "ends in 14 days", "ends in 7 days", "ends tomorrow", "has ended"]
    assert subjects == [f"weekly-digest {words}" for words in wanted]
    assert list(Reminder.objects.order_by("pk").values_list("days", flat=True)) == [30, 14, 7, 1, 0]


def test_of_several_that_were_missed_only_the_nearest_is_sent(credential, clock):
    ending(credential, clock() + 5 * DAY)
    remind(clock)
    assert set(Notice.objects.values_list("subject", flat=True)) == {"weekly-digest ends in 5 days"}
    assert Reminder.objects.get().days == 7


@pytest.mark.parametrize(("days", "first"), [(30, 14), (20, 14), (14, 7), (31, 30)])
def test_nobody_is_reminded_in_the_hour_of_the_issue(world, days, first):
    issued, clock = world.issued(application="short", lifetime_days=days), Clock()
    Notice.objects.all().delete()
    assert remind(clock) == 0
    told_at = []
    for _ in range(days - 1):
        clock.now += DAY
        told_at += [(issued.expires_at - clock.now).days + 1] * remind(clock)
    assert told_at[0] in {first, first - 1}


def test_of_a_console_login_the_words_are_those_of_a_login(world, clock):
    login = world.console_login(lifetime_days=90)
    for at, words in (
        (clock() + 7 * DAY, "From then on AWS refuses whatever is done with it in the console, and a day later"),
        (clock() - timedelta(hours=1), "Extend it before, and the same password works again:"),
    ):
        Notice.objects.all().delete()
        ending(login, at)
        assert remind(clock) == 1
        text = Notice.objects.first().text
        assert words in text
        assert "sends" not in text


def test_the_oldest_key_in_use_is_what_is_due_for_rotation(credential, clock):
    aged(credential, clock() - ROTATE_AFTER + 14 * DAY)
    AccessKey.objects.create(credential=credential, key_id="AKIANEW", made_at=clock() - DAY)
    assert remind(clock) == 1
    notice = Notice.objects.first()
    assert notice.subject == "weekly-digest: its key is due for rotation in 14 days"
    assert "76 days old" in notice.text
    assert notice.credential == credential
    AccessKey.objects.exclude(key_id="AKIANEW").update(retired_at=clock())
    clock.now += 8 * DAY
    assert remind(clock) == 0, "the key that is retired is not asked about"


def test_a_key_that_is_long_over_is_told_of_once(credential, clock):
    aged(credential, clock() - ROTATE_AFTER - 40 * DAY)
    assert remind(clock) == 1
    assert Notice.objects.first().subject == "weekly-digest: its key should have been rotated 40 days ago"
    clock.now += 10 * DAY
    assert remind(clock) == 0


def test_a_key_whose_credential_ends_before_it_is_due_is_told_of_as_an_end_alone(credential, clock):
    clock.now += 60 * DAY
    assert remind(clock) == 1
    assert Reminder.objects.get().about == "expiry"


def test_an_extension_and_a_new_key_begin_anew(world, credential, clock):
    ending(credential, clock() + 7 * DAY)
    assert remind(clock) == 1
    extend(credential, 30, clock=clock)
    assert remind(clock) == 1
    assert list(Reminder.objects.order_by("pk").values_list("days", flat=True)) == [7, 30]
    aged(credential, clock() - ROTATE_AFTER + DAY)
    assert remind(clock) == 1
    AccessKey.objects.update(made_at=clock() - ROTATE_AFTER + 30 * DAY)
    assert remind(clock) == 1


def test_what_sends_nothing_needs_no_new_key_and_what_is_gone_nothing(credential, clock):
    aged(credential, clock() - ROTATE_AFTER)
    suspend(credential)
    assert remind(clock) == 0
    revoke(credential)
    ending(credential, clock() + DAY)
    assert remind(clock) == 0


def test_who_stands_in_for_an_owner_who_is_gone(world, credential, clock):
    ending(credential, clock() + DAY)
    colleague = Person.objects.create_person("colleague@example.com", "not-used-here")
    Membership.objects.create(person=colleague, team=world.newsletter)
    Person.objects.filter(email="member@example.com").update(is_active=False)
    remind(clock)
    assert told() == ["admin2@example.com", "admin@example.com", "colleague@example.com"]
    Notice.objects.all().delete()
    Reminder.objects.all().delete()
    Membership.objects.filter(team=world.newsletter).delete()
    Person.objects.filter(email="member@example.com").update(is_active=True)
    remind(clock)
    assert told() == ["admin2@example.com", "admin@example.com"], "who left the team is told of its things no more"


def test_only_the_system_reminds(world, clock):
    with pytest.raises(Refusal):
        reminders.remind_due(by=world.actor("admin"), clock=clock)


def many(world, clock, count, of):
    """Rows of credentials as they would be: `count` that end in a week, as many whose key is due then, and others."""
    from tests.bench.rows import Filling

    Team.objects.update(live_limit=10_000)
    Filling(world.newsletter, world.billing, world.people["member"]).credentials(of)
    AccessKey.objects.update(made_at=clock())
    Credential.objects.update(state="live", expires_at=clock() + 300 * DAY)
    first = list(Credential.objects.order_by("pk").values_list("pk", flat=True)[: 2 * count])
    Credential.objects.filter(pk__in=first[:count]).update(expires_at=clock() + 7 * DAY)
    AccessKey.objects.filter(credential__in=first[count:]).update(made_at=clock() - ROTATE_AFTER + 7 * DAY)


def test_of_ten_thousand_a_hundred_that_are_due_cost_as_many_queries_as_one(world, clock):
    asked = []
    for count in (1, 100):
        many(world, clock, count, of=10_000)
        Reminder.objects.all().delete()
        with CaptureQueriesContext(connection) as queries:
            assert remind(clock) == 2 * count
        asked.append([each["sql"].split()[0] for each in queries])
    # SQLite takes so many values in one insert, so a hundred need a few of them.
    assert [words.count("SELECT") for words in asked] == [asked[0].count("SELECT")] * 2
    assert asked[1].count("INSERT") <= asked[0].count("INSERT") + 8
    with CaptureQueriesContext(connection) as queries:
        assert remind(clock) == 0
    assert len(queries) == 9, "a query for each threshold of the two, and for what has ended"


# SQLite has statistics only where somebody asked for them; PostgreSQL gathers them by itself.
WITH_STATISTICS = [True] if connection.vendor == "postgresql" else [True, False]


@pytest.mark.parametrize("statistics", WITH_STATISTICS)
@pytest.mark.parametrize(
    ("find", "about", "index"),
    [
        (reminders._ending, reminders.About.EXPIRY, "credentials_by_end"),
        (reminders._ageing, reminders.About.ROTATION, "keys_in_use_by_age"),
    ],
)
def test_what_is_due_is_found_by_its_index(world, clock, find, about, index, statistics):
    many(world, clock, 50, of=1_100)
    if statistics:
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    for window in reminders.windows(clock().date(), about):
        due = find(window, clock())
        assert due.count() == (50 if window.days == 7 else 0)
        plan = due[:500].explain()
        assert index in plan
        assert "(state=?)" not in plan, "nor by the state alone, which nearly all have"
        for table in ("credential", "accesskey"):
            assert f"Seq Scan on provisioning_{table}" not in plan
            assert not re.search(rf"SCAN provisioning_{table}\b", plan)
