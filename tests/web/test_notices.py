"""The list of what people were told by mail, and the test that an administrator sends to themselves."""

from datetime import timedelta
from smtplib import SMTPRecipientsRefused

import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from provisioning.domain.roles import system
from provisioning.models import AuditEvent, Credential, Notice
from provisioning.services import notices, telling_people
from provisioning.views.notices import ROWS
from tests.builders import Clock
from tests.web.visits import Visit, signed_in, text

pytestmark = pytest.mark.django_db
LIST = "/notices/"


class Refuses(BaseEmailBackend):
    """A mail server that knows nobody."""

    def send_messages(self, messages):
        raise SMTPRecipientsRefused({messages[0].to[0]: (550, b"5.1.1 No such user here")})


@pytest.fixture
def admin(world):
    return signed_in(world, "admin")


def sends_a_test(admin):
    """The page that the test leads to."""
    response = admin.post(f"{LIST}test/")
    assert (response.status_code, response["Location"]) == (303, LIST)
    return text(admin.get(LIST))


def tells():
    telling_people.tell_of_issues(by=system("notices"), clock=Clock(timezone.now()))


def made(world, count, **more):
    now, person = timezone.now(), world.people["member"]
    row = {"recipient": person, "about": "credential:issue", "text": "Hello.", "made_at": now, "next_try_at": now}
    return Notice.objects.bulk_create(Notice(**row | {"subject": f"number {n}"} | more) for n in range(count))


def test_it_shows_whom_what_of_which_credential_and_what_became_of_it(world, admin):
    visit = Visit.issued(world)
    tells()
    page = text(admin.get(LIST))
    assert page.count("weekly-digest was issued") >= 3
    assert "admin2@example.com" in page
    assert f'href="/credentials/{visit.credential.pk}/"' in page
    assert page.count('data-state="waiting"') == 3
    notices.deliver(by=system("notices"), clock=Clock(timezone.now() + timedelta(minutes=1)))
    assert text(admin.get(LIST)).count('data-state="sent"') == 3
    assert len(mail.outbox) == 3


def test_it_is_narrowed_by_recipient_state_and_credential(world, admin):
    credential = world.issued()
    tells()
    made(world, 1, subject="given up", trouble="not sent: SMTPServerDisconnected", sent_at=timezone.now())
    assert "given up" in text(admin.get(f"{LIST}?state=not-sent"))
    assert "was issued" not in text(admin.get(f"{LIST}?state=not-sent"))
    assert "given up" not in text(admin.get(f"{LIST}?q=admin2"))
    assert "given up" not in text(admin.get(f"{LIST}?credential={credential.pk}"))
    assert "was issued" in text(admin.get(f"{LIST}?credential={credential.pk}&state=waiting"))
    assert "Nothing matches" in text(admin.get(f"{LIST}?q=nobody"))
    assert "given up" in text(admin.get(f"{LIST}?state=made-up"))


def test_leaves_are_turned_and_cost_the_same_however_many_there_are(world, admin):
    asked = []
    for count in (ROWS + 3, 500):
        made(world, count)
        with CaptureQueriesContext(connection) as queries:
            page = text(admin.get(LIST))
        asked.append(len(queries))
    assert asked[0] == asked[1] <= 8
    before = Notice.objects.order_by("-pk")[ROWS - 1].pk
    assert f"before={before}" in page
    assert f"number {499 - ROWS}<" in text(admin.get(f"{LIST}?before={before}"))
    assert len(admin.get(LIST).content) <= 15 * 1024


def test_a_test_goes_out_at_once_and_the_page_says_so(admin):
    page = sends_a_test(admin)
    assert "The mail server took the test to admin@example.com" in page
    assert [message.to for message in mail.outbox] == [["admin@example.com"]]
    assert Notice.objects.get().sent_at is not None
    event = AuditEvent.objects.first()
    assert (event.act, event.outcome, event.subject) == ("notice:test", "done", "admin@example.com")


def test_a_test_that_fails_says_exactly_what_the_mail_server_said(admin, settings):
    settings.EMAIL_BACKEND = f"{__name__}.Refuses"
    page = sends_a_test(admin)
    assert "admin@example.com: not sent: 550 5.1.1 No such user here" in page
    assert AuditEvent.objects.first().outcome == "failed"
    assert not Notice.objects.due(timezone.now() + timedelta(days=9)).exists(), "it is not tried again"
    assert "Mail was not delivered" in text(admin.get("/"))


def test_without_mail_the_page_says_what_to_set(admin, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    assert "EMAIL_URL" in text(admin.get(LIST))
    assert "no mail is set up" in sends_a_test(admin)


def test_no_notice_holds_a_secret(world):
    visit = Visit.issued(world)
    visit.look()
    assert Credential.objects.get().keys.get().key_id not in " ".join(Notice.objects.values_list("text", flat=True))


def test_the_page_stays_small_whatever_was_told(world, admin):
    lines = "A line of what people are told by mail, with an address and a reason.\n" * 9
    trouble = "ConnectionRefusedError: the mail server did not answer"
    made(world, ROWS, subject="Your request for weekly-newsletter was declined", text=lines, trouble=trouble)
    assert len(admin.get(LIST).content) <= 15 * 1024
