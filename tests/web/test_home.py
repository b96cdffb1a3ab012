"""The first page of each role: what needs them now, what is theirs, one next step."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from provisioning.domain.from_entries import FromEntry
from provisioning.domain.lifecycle import Login, State
from provisioning.domain.roles import system
from provisioning.models import (
    AuditEvent,
    AwsAccount,
    Credential,
    GuardrailChange,
    Handover,
    Membership,
    Notice,
    Person,
    RegionReading,
    SmtpLogin,
    SweepRun,
    Team,
)
from provisioning.services import posture
from provisioning.services.sweeps import SWEEPS
from tests.services.acts import expire, in_a_minute
from tests.services.test_approval import decline
from tests.services.test_asking import ask
from tests.services.truth import Truth
from tests.web.visits import LOGIN, LOGOUT, Visit, heading, signed_in, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def worker(db):
    """Somebody has run every sweep just now."""
    now = timezone.now()
    for name in SWEEPS:
        SweepRun.objects.create(sweep=name, due=now, began_at=now, ended_at=now)


def home_of(world, name):
    return signed_in(world, name).get("/")


# Members -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "decided"), [("member", True), ("admin", False), ("auditor", False)])
def test_it_asks_little_of_the_database_while_a_hand_over_is_open_and_something_is_decided(world, name, decided):
    world.issued()
    Credential.objects.update(expires_at=timezone.now() + timedelta(days=3))
    decline(world, ask(world, application="long-letter"))
    client = signed_in(world, name)
    client.get("/")
    with CaptureQueriesContext(connection) as queries:
        page = text(client.get("/"))
    assert len(queries) <= 8
    assert "weekly-digest" in page
    assert ("long-letter is declined" in page) is decided


@pytest.mark.parametrize("name", ["member", "admin", "auditor"])
def test_a_retired_key_that_is_used_needs_somebody_and_no_query_more(world, name):
    credential, now = world.stored(), timezone.now()
    credential.keys.update(retired_at=now, used_since_at=now)
    client = signed_in(world, name)
    client.get("/")
    with CaptureQueriesContext(connection) as queries:
        page = text(client.get("/"))
    assert len(queries) <= 8
    assert "weekly-digest: a retired key is used" in page
    credential.keys.update(deleted_at=now)
    assert "a retired key is used" not in text(client.get("/"))


def test_of_many_teams_it_counts_what_all_hold_and_leads_to_the_rest(world):
    for name in ("Alerts", "Aviso"):  # before Billing and Newsletter in the alphabet
        Team.objects.create(name=name, slug=name.lower(), kinds=[], regions=[], from_entries=[], live_limit=1)
    world.issued()
    world.issued("outsider", team=world.billing, from_entries=(FromEntry.parse("bill@billing.example.com"),))
    page = text(home_of(world, "auditor"))
    assert "The teams hold 2 credentials." in page
    assert '<a href="/teams/">All teams</a>' in page


def test_an_open_hand_over_is_the_next_step(world):
    visit = Visit.issued(world)
    page = visit.client.get("/")
    assert heading(page) == "One thing needs you"
    assert "weekly-digest: store it now" in text(page)
    assert text(page).count(visit.address) == 2, "the button and the line"
    assert "Open the hand-over" in text(page)
    visit.look()
    assert "weekly-digest: confirm that it is stored" in text(visit.client.get("/"))
    visit.post("confirmation/")
    page = visit.client.get("/")
    assert heading(page) == "Nothing needs you"
    assert "Open the hand-over" not in text(page)


def test_nobody_elses_hand_over_is_theirs_to_open(world, worker):
    Visit.issued(world)
    assert "store it now" not in text(home_of(world, "admin"))


def test_what_is_stuck_suspended_or_ends_is_there_with_the_worst_first(world):
    now = timezone.now()
    names = {"soon": {"expires_at": now + timedelta(days=3)}, "gone": {"expires_at": now - timedelta(days=1)}}
    made = {name: world.issued(application=name) for name in ("fine", "soon", "gone", "paused", "broken")}
    Handover.objects.all().burn(now)
    for name, changes in names.items():
        Credential.objects.filter(pk=made[name].pk).update(**changes)
    Credential.objects.filter(pk=made["paused"].pk).update(state=State.SUSPENDED)
    SmtpLogin.objects.filter(key__credential=made["broken"]).update(state=Login.STUCK)
    page = text(home_of(world, "member"))
    told = ["broken: its sign-in fails", "soon ends in 2 days", "paused is suspended", "gone has expired"]
    assert [page.index(words) for words in told] == sorted(page.index(words) for words in told)
    assert "Four things need you" in page
    assert "fine ends" not in page


def test_more_than_is_shown_is_counted_truthfully(world):
    world.newsletter.live_limit = 50
    world.newsletter.save()
    for number in range(7):
        world.issued(application=f"paused-{number}")
    Handover.objects.all().burn(timezone.now())
    Credential.objects.update(state=State.SUSPENDED)
    page = home_of(world, "member")
    assert heading(page) == "More than six things need you"
    assert "There is more" in text(page)
    assert "Resume it, or revoke it" in text(page)
    theirs = home_of(world, "auditor")
    assert heading(theirs) == "More than six things need a look"
    assert "Resume it" not in text(theirs)
    Credential.objects.filter(application="paused-0").update(state=State.LIVE)
    assert heading(home_of(world, "member")) == "Six things need you"


# Administrators ------------------------------------------------------------------------------------------------------


def test_where_all_is_well_nothing_needs_an_administrator(world, worker):
    world.issued()
    page = home_of(world, "admin")
    assert heading(page) == "Nothing needs you"
    assert "1 credential is live in account 123456789012" in text(page)
    assert f'<a href="/people/{world.people["admin"].pk}/">What you have issued</a>' in text(page)
    assert "eu-central-1" in text(page)


def test_a_worker_that_is_gone_and_a_sweep_that_is_late_are_told(world, worker):
    SweepRun.objects.filter(sweep="usage").update(began_at=timezone.now() - timedelta(days=3))
    assert "usage: this sweep is late" in text(home_of(world, "admin"))
    SweepRun.objects.all().delete()
    assert "No worker seems to run" in text(home_of(world, "admin"))


def test_trouble_of_the_set_up_is_told(world, worker):
    AwsAccount.objects.update(trouble="The permissions boundary does not exist in AWS.")
    assert "The permissions boundary does not exist in AWS." in text(home_of(world, "admin"))


def test_a_deletion_that_something_blocks_waits_at_home(world, worker, aws_account):
    credential = world.issued()
    root = Truth(aws_account).root
    root.create_group(GroupName="theirs")
    root.add_user_to_group(GroupName="theirs", UserName=credential.user_name)
    expire(in_a_minute(17))
    for email in ("member", "admin"):
        page = text(home_of(world, email))
        assert "weekly-digest is not wholly deleted" in page
        assert "then revoke again" in page
    assert "then revoke again" not in text(home_of(world, "auditor"))


def test_identities_that_are_gone_are_told_until_nothing_live_needs_them(world, worker, gateway):
    def page():
        posture.look(gateway, by=system("account"), now=timezone.now())
        return text(home_of(world, "admin"))

    world.issued()
    assert "No verified identity" not in page()
    RegionReading.objects.filter(region="us-east-1").update(identities=["elsewhere.example"])
    assert "No verified identity covers digest@example.com in us-east-1" in page()
    assert 'href="/setup/"' in page()
    Credential.objects.update(state=State.REVOKED)
    assert "No verified identity" not in page()


def test_advice_of_the_set_up_stays_on_its_own_page(world, worker, gateway):
    posture.look(gateway, by=system("account"), now=timezone.now())
    assert "root user" in text(signed_in(world, "admin").get("/setup/"))
    assert "root user" not in text(home_of(world, "admin"))


def test_a_wider_guardrail_waits_for_the_others_word(world, worker):
    GuardrailChange.objects.create(
        team=world.newsletter, by=world.people["admin2"], at=timezone.now(), before={}, after={}, is_widening=True
    )
    page, tomorrow = text(home_of(world, "admin")), timezone.now() + timedelta(days=1)
    assert "Newsletter: its guardrail was widened" in page
    assert f"cannot issue under it until {tomorrow:%-d %b %Y}, " in page
    assert "its guardrail was widened" not in text(home_of(world, "admin2"))
    GuardrailChange.objects.update(at=timezone.now() - timedelta(hours=25))
    assert "its guardrail was widened" not in text(home_of(world, "admin"))


@pytest.mark.parametrize(
    ("trouble", "told"),
    [
        ("not sent: no mail is set up", "No mail is set up"),
        ("not sent: SMTPServerDisconnected", "did not take what people should have been told: SMTPServerDisconnected."),
    ],
)
def test_mail_that_reached_nobody_is_told(world, worker, trouble, told):
    now = timezone.now()
    person = world.people["auditor"]
    notice = Notice.objects.create(recipient=person, made_at=now, next_try_at=now, sent_at=now, trouble=trouble)
    page = home_of(world, "admin")
    assert heading(page) == "One thing needs you"
    assert told in text(page)
    Notice.objects.filter(pk=notice.pk).update(made_at=now - timedelta(days=8))
    assert heading(home_of(world, "admin")) == "Nothing is issued"
    Notice.objects.filter(pk=notice.pk).update(made_at=now)
    Person.objects.filter(pk=person.pk).update(is_active=False)
    assert heading(home_of(world, "admin")) == "Nothing is issued"


def test_the_first_administrator_is_led_to_the_first_team(world, worker):
    admin = signed_in(world, "admin")
    assert "Form the first team" not in text(admin.get("/"))
    Membership.objects.all().delete()
    Team.objects.all().delete()
    home = text(admin.get("/"))
    assert '<a class="button" href="/teams/new/"><span>Form the first team' in home
    assert "<span>New credential" not in home
    assert '<a href="/teams/new/">Form the first team</a>' in text(admin.get("/credentials/new/"))


def test_many_groups_cost_an_administrator_no_query_more(world, worker):
    client = signed_in(world, "admin")

    def queries():
        client.get("/")
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/").status_code == 200
        return len(captured)

    few = queries()
    world.newsletter.live_limit = 50
    world.newsletter.save()
    for number in range(12):
        world.issued(application=f"number-{number}")
    RegionReading.objects.update(identities=[])
    assert queries() == few <= 9
    assert len(client.get("/").content) <= 15 * 1024


# Auditors ------------------------------------------------------------------------------------------------------------


def by_the_form(name):
    client = Client()
    client.post(LOGIN, {"login": f"{name}@example.com", "password": "sandbox-only"})
    return client


def test_an_auditor_is_told_what_changed_since_the_visit_before(world):
    world.issued(application="before-the-visit")
    first = by_the_form("auditor")
    assert "Since your last visit" not in text(first.get("/")), "there was none"
    first.post(LOGOUT)
    reached = AuditEvent.objects.head()[0]
    credential = world.issued(application="since-the-visit")
    changed = AuditEvent.objects.head()[0] - reached
    page = text(by_the_form("auditor").get("/"))
    assert "Since your last visit" in page
    assert f"{changed} events since" in page
    assert f'href="/history/?after={reached}"' in page
    assert credential.application in page
    history = text(by_the_form("auditor").get(f"/history/?after={reached}"))
    assert "since-the-visit" in history
    assert "before-the-visit" not in history


def test_an_auditor_who_missed_nothing_is_told_that(world):
    by_the_form("auditor")
    page = text(by_the_form("auditor").get("/"))
    assert "Nothing has happened since" in page
    assert "Read the history" in page


def test_looking_again_in_the_same_session_does_not_forget_what_changed(world):
    by_the_form("auditor")
    world.issued()
    client = by_the_form("auditor")
    assert text(client.get("/")).count("events since") == text(client.get("/")).count("events since") == 1


def test_an_administrator_reaches_everything_in_whatever_team(world):
    actor = Person.objects.get(email="admin@example.com").as_actor()
    assert AuditEvent.objects.visible_to(actor).count() == AuditEvent.objects.count()
