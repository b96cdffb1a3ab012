"""Inviting and joining in a browser: the link, its page, and every way in which it does not open."""

import logging
import re

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client

from provisioning.models import AuditEvent, Invitation, Person
from sescreds.logs import LineFormatter
from tests.services.test_notices import Away
from tests.web.visits import heading, signed_in, text

pytestmark = pytest.mark.django_db
PASSWORD = "a sentence of my own"
TYPED = {"email": "New@Example.com", "standing": "none", "once": "a-form-that-was-opened-once"}
CHOSEN = {"password": PASSWORD, "again": PASSWORD}
INVITE, JOIN = "/people/invitations/", "/people/join/"


@pytest.fixture(autouse=True)
def _nobody_has_tried_before(db):
    cache.clear()


@pytest.fixture
def admin(world):
    return signed_in(world, "admin")


def link(response) -> str:
    return re.search(r"http://[^<\"]+/people/join/[^<\"]+/", text(response))[0]


def path(url: str) -> str:
    return "/people/" + url.partition("/people/")[2]


def invited(admin, **changes) -> str:
    return path(link(admin.post(INVITE, TYPED | changes)))


def opened(where) -> Client:
    stranger = Client()
    response = stranger.get(where)
    assert (response.status_code, response["Location"]) == (302, JOIN)
    return stranger


def test_from_the_invitation_to_the_first_page(world, admin):
    response = admin.post(INVITE, TYPED | {"teams": [world.newsletter.pk]})
    assert heading(response) == "new@example.com is invited"
    assert response["Cache-Control"] == "no-store"
    assert mail.outbox[0].to == ["new@example.com"]
    assert link(response) in mail.outbox[0].body
    person = opened(path(link(response)))
    page = person.get(JOIN)
    assert page["Cache-Control"] == "no-store"
    assert page["Referrer-Policy"] == "same-origin"
    assert "Choose a password for new@example.com" in text(page)
    assert "Newsletter" in text(page)
    assert person.post(JOIN, CHOSEN)["Location"] == "/"
    assert "as new@example.com" in text(person.get("/"))
    # Fresh at once: the password was given a moment ago.
    assert person.get("/credentials/new/").status_code == 200
    assert "New@" not in text(admin.get("/people/"))


def test_the_token_stands_in_no_session_and_no_log(world, admin, caplog):
    where = invited(admin)
    token = where.split("/")[3]
    with caplog.at_level(logging.DEBUG):
        person = opened(where)
        person.post(where)
        person.post(JOIN, {"password": "short"})
        person.post(JOIN, CHOSEN)
        opened(where).get(JOIN)
    said = "".join(LineFormatter().format(record) for record in caplog.records)
    assert "/people/join/" in said
    assert token not in said
    assert token not in str(person.session.items())
    assert not any(token in event.text for event in AuditEvent.objects.all())


def test_a_form_sent_twice_shows_the_same_link_and_mails_once(world, admin):
    assert invited(admin) == invited(admin)
    assert len(mail.outbox) == 1
    assert "nothing was done twice" in text(admin.post(INVITE, TYPED))


def test_mail_that_does_not_leave_is_said(world, admin, settings):
    settings.EMAIL_BACKEND = f"{Away.__module__}.{Away.__qualname__}"
    assert "The mail could not be sent" in text(admin.post(INVITE, TYPED))
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    page = admin.post(INVITE, TYPED | {"email": "other@example.com"})
    assert "No mail leaves this installation" in text(page)
    again = admin.post(INVITE, TYPED | {"email": "other@example.com"})
    assert "nothing was done twice" in text(again)
    assert "No mail leaves this installation" in text(again)
    assert opened(path(link(page))).get(JOIN).status_code == 200


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"email": ""}, "Say whom to invite."),
        ({"email": "guest@example.com"}, "is here already"),
        ({"standing": "king"}, "There is no such role."),
        ({"teams": [4_000_000]}, "There is no such team any more."),
    ],
)
def test_what_does_not_fit_is_said_and_what_was_typed_is_kept(world, admin, typed, words):
    response = admin.post(INVITE, TYPED | typed)
    assert response.status_code == 422
    assert words in text(response)
    assert 'value="a-form-that-was-opened-once"' in text(response)
    assert not Invitation.objects.exists()


@pytest.mark.parametrize(
    ("password", "again", "words"),
    [
        ("short", "short", "too short"),
        ("password1234", "password1234", "too common"),
        ("new@example.com", "new@example.com", "too similar"),
        (PASSWORD, f"{PASSWORD} ", "differs from the first"),
        ("", "", "Choose a password."),
    ],
)
def test_a_password_that_will_not_do(world, admin, password, again, words):
    person = opened(invited(admin))
    response = person.post(JOIN, {"password": password, "again": again})
    assert response.status_code == 422
    assert words in text(response)
    assert not Person.objects.filter(email="new@example.com").exists()
    assert not password or 'type="password" name="password" value' not in text(response)
    assert person.post(JOIN, CHOSEN)["Location"] == "/"


def test_a_used_link_says_so_and_leads_to_the_sign_in(world, admin):
    where = invited(admin)
    opened(where).post(JOIN, CHOSEN)
    response = opened(where).get(JOIN)
    assert (response.status_code, heading(response)) == (409, "This invitation has been used")
    assert 'href="/accounts/login/"' in text(response)
    again = opened(where).post(JOIN, CHOSEN)
    assert (again.status_code, heading(again)) == (409, "This invitation has been used")


def test_a_withdrawn_link_says_so(world, admin):
    where = invited(admin)
    made = Invitation.objects.get()
    assert "Withdraw the invitation of new@example.com?" in text(admin.get(f"{INVITE}{made.pk}/withdrawal/"))
    assert admin.post(f"{INVITE}{made.pk}/withdrawal/")["Location"] == "/people/"
    assert "new@example.com" not in text(admin.get("/people/")).partition("<h1>")[2].partition("<table")[2]
    assert heading(opened(where).get(JOIN)) == "This invitation was withdrawn"


def test_a_link_that_was_cut_says_so(world):
    assert heading(opened("/people/join/half-of-it/").get(JOIN)) == "This link opens nothing"
    assert heading(Client().get(JOIN)) == "This link opens nothing"


def test_somebody_else_who_is_signed_in_is_told_and_uses_nothing_up(world, admin):
    where = invited(admin)
    member = signed_in(world, "member")
    member.get(where)
    for response in (member.get(JOIN), member.post(JOIN, CHOSEN)):
        assert (response.status_code, heading(response)) == (409, "You are signed in as somebody else")
        assert "for new@example.com, and you are member@example.com" in text(response)
        assert 'href="/accounts/logout/"' in text(response)
    assert opened(where).post(JOIN, CHOSEN)["Location"] == "/"


def test_trying_again_and_again_has_to_wait(world):
    stranger = opened("/people/join/made-up/")
    assert {stranger.post(JOIN, CHOSEN).status_code for _ in range(20)} == {409}
    response = stranger.post(JOIN, CHOSEN)
    assert (response.status_code, heading(response)) == (429, "Too many tries from here")
