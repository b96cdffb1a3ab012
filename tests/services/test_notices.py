"""Notices: written with what they tell of, sent by a sweep, once each, again when the mail server was away."""

from datetime import timedelta
from smtplib import SMTPServerDisconnected
from uuid import uuid4

import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from provisioning.domain.lifecycle import State
from provisioning.domain.roles import Act, system
from provisioning.gateway.aws import aws
from provisioning.models import Credential, Notice, Person
from provisioning.services import handover, memberships, notices, people, revocation, stops, suspension, telling_people
from tests.builders import Clock, browser
from tests.services.acts import expire, faulted, in_a_minute

pytestmark = pytest.mark.django_db
BY = system("notices")


class Away(BaseEmailBackend):
    """A mail server that hangs up."""

    def send_messages(self, messages):
        raise SMTPServerDisconnected


@pytest.fixture
def clock():
    return Clock(timezone.now())


def tell(world, clock, *names, subject="Newsletter may send more", text="From *@example.com."):
    whom = [world.people[name] for name in names]
    with transaction.atomic():
        return notices.tell(whom, subject, text, about=Act.GUARDRAIL_CHANGE, at=clock())


def test_each_person_gets_one_mail(world, clock):
    assert tell(world, clock, "admin", "auditor") == 2
    assert mail.outbox == []
    assert notices.deliver(by=BY, clock=clock) == 2
    assert sorted(message.to[0] for message in mail.outbox) == ["admin@example.com", "auditor@example.com"]
    assert mail.outbox[0].subject == "Newsletter may send more"
    assert notices.deliver(by=BY, clock=clock) == 0
    assert len(mail.outbox) == 2


def test_a_mail_server_that_is_away_is_asked_again_ever_later(world, clock, settings):
    tell(world, clock, "admin")
    working, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, f"{__name__}.Away"
    assert notices.deliver(by=BY, clock=clock) == 0
    notice = Notice.objects.get()
    assert (notice.tries, notice.trouble, notice.sent_at) == (1, "not sent: SMTPServerDisconnected", None)
    assert notices.deliver(by=BY, clock=clock) == 0
    assert Notice.objects.get().tries == 1
    clock.now += timedelta(minutes=1)
    notices.deliver(by=BY, clock=clock)
    waits = Notice.objects.get().next_try_at - clock.now
    assert waits == timedelta(minutes=2)
    settings.EMAIL_BACKEND = working
    clock.now += waits
    assert notices.deliver(by=BY, clock=clock) == 1
    assert Notice.objects.get().trouble == ""


def test_it_is_given_up_after_days(world, clock, settings):
    tell(world, clock, "admin")
    settings.EMAIL_BACKEND = f"{__name__}.Away"
    for _ in range(20):
        notices.deliver(by=BY, clock=clock)
        clock.now += timedelta(hours=5)
    notice = Notice.objects.get()
    assert (notice.tries, notice.sent_at is not None, notice.trouble) == (12, True, "not sent: SMTPServerDisconnected")


def test_where_no_mail_is_set_up_it_is_not_counted_as_sent_nor_tried_for_ever(world, clock, settings):
    tell(world, clock, "admin")
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    assert notices.deliver(by=BY, clock=clock) == 0
    assert (Notice.objects.get().trouble, Notice.objects.get().sent_at) == ("not sent: no mail is set up", clock())
    assert not Notice.objects.due(clock() + timedelta(days=9)).exists()


def test_somebody_who_has_left_gets_nothing(world, clock):
    tell(world, clock, "admin")
    Person.objects.filter(email="admin@example.com").update(is_active=False)
    assert notices.deliver(by=BY, clock=clock) == 0
    assert mail.outbox == []
    assert Notice.objects.get().trouble.startswith("not sent")


def test_a_name_with_a_line_break_makes_no_header(world, clock):
    tell(world, clock, "admin", subject="Team\r\nBcc: boss@example.com", text="Hello")
    notices.deliver(by=BY, clock=clock)
    assert mail.outbox[0].subject == "Team Bcc: boss@example.com"


def test_nothing_is_told_of_what_was_rolled_back(world, clock):
    with transaction.atomic():
        tell(world, clock, "admin")
        transaction.set_rollback(True)
    assert not Notice.objects.exists()


# What is told of a credential ----------------------------------------------------------------------------------------


def told(about):
    rows = Notice.objects.filter(about=about).order_by("recipient__email")
    return list(rows.values_list("recipient__email", "subject"))


@pytest.mark.parametrize("is_console", [False, True])
def test_of_a_console_login_people_read_about_its_password_and_of_others_about_keys(world, is_console):
    credential = world.console_login() if is_console else world.issued()
    by = world.actor("member")
    suspension.suspend(credential.pk, by=by, gateway=aws())
    revocation.revoke(credential.pk, by=by, gateway=aws())
    written = {notice.about: notice.text for notice in Notice.objects.filter(recipient__email="admin@example.com")}
    for about, words in (
        ("credential:suspend", "nobody can sign in or do anything with it"),
        ("credential:revoke", "Nobody can sign in with it any more."),
    ):
        assert (words in written[about]) is is_console
        assert ("sends nothing" in written[about]) is (not is_console)
        assert ("keys" in written[about]) is (not is_console)


BOTH = ("admin2@example.com", "admin@example.com")


def tells(clock):
    return telling_people.tell_of_issues(by=BY, clock=clock)


def test_an_issue_is_told_to_its_owner_too_as_their_receipt(world, clock):
    credential = world.issued()
    assert not Notice.objects.exists(), "whoever issues does not wait for that"
    tells(clock)
    assert [email for email, _ in told("credential:issue")] == [*BOTH, "member@example.com"]
    notice = Notice.objects.first()
    assert (notice.subject, notice.credential) == ("weekly-digest was issued", credential)
    assert f"/credentials/{credential.pk}/" in notice.text
    assert tells(clock) == 0, "once"
    world.issued("admin", application="admins")
    tells(clock)
    assert Notice.objects.filter(subject="admins was issued").count() == 2, "an owner and administrator is told once"


def test_who_suspends_or_revokes_is_not_told_of_it_the_others_are(world):
    credential = world.issued()
    suspension.suspend(credential.pk, by=world.actor("member"), gateway=aws())
    assert told("credential:suspend") == [(email, "weekly-digest was suspended") for email in BOTH]
    revocation.revoke(credential.pk, by=world.actor("admin"), gateway=aws())
    told_of = [("admin2@example.com", "weekly-digest was revoked"), ("member@example.com", "weekly-digest was revoked")]
    assert told("credential:revoke") == told_of


def test_who_suspends_and_resumes_by_turns_fills_no_mailbox(world):
    credential, member, admin = world.issued(), world.actor("member"), world.actor("admin")
    for by in (member, member, admin, member):
        suspension.suspend(credential.pk, by=by, gateway=aws())
        suspension.resume(credential.pk, by=by, gateway=aws())
    once = [*BOTH, "member@example.com"]
    assert sorted(email for email, _ in told("credential:suspend")) == once
    Notice.objects.update(made_at=timezone.now() - timedelta(hours=1, seconds=1))
    suspension.suspend(credential.pk, by=member, gateway=aws())
    assert len(told("credential:suspend")) == len(once) + len(BOTH)


def test_a_stop_is_told_once_to_administrators_and_to_each_owner_of_what_it_stopped(world):
    for name in ("one", "two"):
        world.issued(application=name)
    scope = stops.Scope(team=world.newsletter)
    stops.begin(scope, "Misused.", stop_id=uuid4(), by=world.actor("admin"), gateway=aws())
    words = "admin@example.com has stopped everything of Newsletter"
    assert told("stop:begin") == [("admin2@example.com", words)]
    assert "2 credentials.\n\nWhy: Misused." in Notice.objects.get(about="stop:begin").text
    assert {email for email, _ in told("credential:suspend")} == {"member@example.com"}


def test_what_nobody_looked_at_is_told_as_that(world):
    world.issued()
    expire(in_a_minute(17))
    assert len(told("credential:revoke")) == 3, "nobody did it by hand"
    assert Notice.objects.first().subject == "weekly-digest was revoked unseen"
    assert Notice.objects.first().text.startswith("Nobody looked at the secret of weekly-digest in time, so it was")


@pytest.mark.parametrize(
    ("why", "words"),
    [
        ("deactivated", "member@example.com was deactivated before anybody had looked at the secret of weekly-digest"),
        (
            "removed",
            "member@example.com is in Newsletter no more, and nobody had looked at the secret of weekly-digest",
        ),
        ("signed out", "The hand-over of weekly-digest was closed before anybody had looked at its secret"),
    ],
)
def test_a_hand_over_that_was_closed_before_its_time_is_told_as_that(world, why, words):
    world.issued(shown_in=browser("here"))
    member, by, now = world.people["member"], world.actor("admin"), timezone.now()
    if why == "deactivated":
        people.deactivate(member.pk, by=by, now=now)
    elif why == "removed":
        memberships.remove("newsletter", member.pk, by=by, now=now)
    else:
        handover.end_for_session("here", by=world.actor("member"), now=now)
    expire(in_a_minute())
    assert Credential.objects.get().state == State.UNCLAIMED
    told_of = set(Notice.objects.filter(about="credential:revoke").values_list("text", flat=True))
    assert len(told_of) == 1
    assert told_of.pop().startswith(f"{words}, so it was revoked. Its IAM user")


def test_telling_costs_a_query_for_the_people_and_one_insert(world, clock):
    credential = Credential.objects.select_related("team").get(pk=world.issued().pk)
    letter = telling_people.Letter(credential, "a word", "more words")
    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        telling_people.tell([letter], about=Act.CREDENTIAL_REMIND, at=clock())
    assert [each["sql"].split()[0] for each in queries] == ["SELECT", "INSERT"]


def test_nothing_is_told_of_an_issue_that_aws_refused(world, clock, aws_account):
    aws_account.faults.set("CreateAccessKey", "error", code="LimitExceeded", status=409, times=9)
    with faulted():
        world.issued()
    assert tells(clock) == 0
    assert not Notice.objects.exists()
