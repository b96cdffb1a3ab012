"""How the sweeps are: late, troubled, running or in time; by one query for any number of runs."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from provisioning.domain.refusals import Refusal
from provisioning.domain.roles import Actor, Role, system
from provisioning.models import SweepRun
from provisioning.services import sweeps
from provisioning.services.sweep_overview import Pace, is_late, overview
from provisioning.services.sweeps import SWEEPS
from tests.builders import Clock
from tests.web.visits import signed_in, text

pytestmark = pytest.mark.django_db
BY = system("test")
MINUTE = timedelta(minutes=1)


def paces(now):
    return {each.sweep.name: each.pace for each in overview(by=BY, now=now).watched}


def ran(name, began, *, ended=True, **more):
    return SweepRun.objects.create(
        sweep=name, due=began, began_at=began, ended_at=began + timedelta(seconds=2) if ended else None, **more
    )


@pytest.mark.parametrize(
    ("every", "minutes", "late"),
    [(1, 0, False), (1, 4, False), (1, 4.1, True), (60, 122, False), (60, 123, True), (1, -30, False)],
)
def test_late_is_twice_the_time_and_two_minutes(every, minutes, late):
    now = timezone.now()
    assert is_late(every, now - minutes * MINUTE, now) is late


def test_what_has_never_begun_at_all_is_late():
    assert is_late(60, None, timezone.now())


def test_a_world_without_a_worker_says_so(db):
    found = overview(by=BY, now=timezone.now())
    assert (found.has_worker, found.newest, found.late) == (False, None, list(SWEEPS))


def test_each_sweep_shows_its_newest_run(db):
    now = timezone.now()
    for minutes in range(9):
        ran("recovery", now - minutes * MINUTE, handled=minutes)
    ran("notices", now, trouble="The mail server is silent.")
    ran("handovers", now, ended=False)
    ran("refusals", now - 9 * MINUTE)
    found = {each.sweep.name: each for each in overview(by=BY, now=now).watched}
    assert (found["recovery"].pace, found["recovery"].last.handled, found["recovery"].took) == (Pace.IN_TIME, 0, 2.0)
    assert found["notices"].pace is Pace.TROUBLED
    assert (found["handovers"].pace, found["handovers"].took) == (Pace.RUNNING, None)
    assert found["refusals"].pace is Pace.LATE
    assert found["usage"].pace is Pace.WAITING, "the others began nine minutes ago, and it is due once a day"
    assert paces(now + timedelta(days=3))["usage"] is Pace.LATE


def test_what_a_worker_runs_is_in_time(world, gateway):
    clock = Clock(timezone.now().replace(hour=0, minute=0))
    sweeps.run_due(gateway, clock)
    found = overview(by=BY, now=clock())
    assert found.has_worker
    assert found.late == []


def test_one_query_for_two_weeks_of_minutes(db):
    now = timezone.now()
    SweepRun.objects.bulk_create(
        SweepRun(sweep=name, due=now - minute * MINUTE, began_at=now - minute * MINUTE)
        for name in SWEEPS
        for minute in range(1_000)
    )
    with CaptureQueriesContext(connection) as queries:
        found = overview(by=BY, now=now)
    assert len(queries) == 1
    assert {each.last.due for each in found.watched} == {now}


def test_members_may_not_read_it():
    with pytest.raises(Refusal):
        overview(by=Actor("member", Role.MEMBER, 1, frozenset({1})), now=timezone.now())


def test_the_page_warns_of_what_is_late(world):
    auditor = signed_in(world, "auditor")
    assert "No worker seems to run" in text(auditor.get("/sweeps/"))
    now = timezone.now()
    for name in SWEEPS:
        ran(name, now, handled=41)
    page = text(auditor.get("/sweeps/"))
    assert "Every sweep is in time" in page
    assert page.count(">41</td>") == len(SWEEPS)
    assert page.count("2.0 s") == len(SWEEPS)
    SweepRun.objects.filter(sweep="notices").update(began_at=now - 9 * MINUTE)
    page = text(auditor.get("/sweeps/"))
    assert "1 sweep is late" in page
    assert page.count('data-state="late"') == 1


def test_the_page_home_and_the_command_say_what_did_not_come_to_its_end(world):
    now = timezone.now()
    for name in SWEEPS:
        ran(name, now, handled=7)
    SweepRun.objects.filter(sweep="account").update(trouble="GetUser: AccessDenied")
    assert "1 sweep met trouble" in text(signed_in(world, "auditor").get("/sweeps/"))
    home = text(signed_in(world, "admin").get("/"))
    assert "The sweep account did not come to its end" in home
    assert "GetUser: AccessDenied. It tries again by itself." in home
    with pytest.raises(CommandError, match=r"In trouble: account\."):
        call_command("sweeps", stdout=StringIO())


def test_a_sweep_by_hand_that_did_not_come_to_its_end_fails(world, aws_account):
    aws_account.faults.set("GetCallerIdentity", "error", code="ServiceFailure", status=500)
    out = StringIO()
    with pytest.raises(CommandError, match=r"In trouble: account\."):
        call_command("sweep", "account", stdout=out)
    assert "GetCallerIdentity: ServiceFailure" in out.getvalue()


def test_the_command_says_the_same_and_fails_where_one_is_late(db):
    with pytest.raises(CommandError, match="No worker seems to run"):
        call_command("sweeps", stdout=StringIO())
    now, out = timezone.now(), StringIO()
    for name in SWEEPS:
        ran(name, now, handled=7)
    call_command("sweeps", stdout=out)
    assert all(name in out.getvalue() for name in SWEEPS)
    SweepRun.objects.filter(sweep="usage").update(began_at=now - timedelta(days=3))
    with pytest.raises(CommandError, match=r"Late: usage\."):
        call_command("sweeps", stdout=StringIO())
