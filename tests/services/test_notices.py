"""Notices: written with what they tell of, sent by a sweep, once each, again when the mail server was away."""

from datetime import timedelta
from smtplib import SMTPServerDisconnected

import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.utils import timezone

from provisioning.domain.roles import Act, system
from provisioning.models import Notice, Person
from provisioning.services import notices
from tests.builders import Clock

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
    people = [world.people[name] for name in names]
    with transaction.atomic():
        return notices.tell(people, subject, text, about=Act.GUARDRAIL_CHANGE, at=clock())


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
