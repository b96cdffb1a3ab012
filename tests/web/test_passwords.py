"""Changing and resetting a password: once, on record, and without telling who has an account."""

import io
import re

import pytest
from django.conf import settings
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from huey.contrib.djhuey import HUEY

from provisioning.domain.lifecycle import Seal
from provisioning.domain.refusals import Refusal
from provisioning.models import AuditEvent, Handover, Notice, Person
from provisioning.services import passwords
from tests.services.test_notices import Away
from tests.web.visits import LOGIN, Visit, heading, signed_in, text

pytestmark = pytest.mark.django_db
OLD, NEW = "sandbox-only", "a sentence of my own"
CHANGE, RESET = "/accounts/password/change/", "/accounts/password/reset/"
CHANGED = {"oldpassword": OLD, "password1": NEW, "password2": NEW}
CHOSEN = {"password1": NEW, "password2": NEW}
ADDRESSES = ["member@example.com", "Member@Example.com", "nobody@example.com", "gone@example.com"]


@pytest.fixture(autouse=True)
def _nobody_has_tried_before(db):
    cache.clear()


@pytest.fixture
def gone(world):
    """Somebody who is known and deactivated."""
    person = Person.objects.create_person("gone@example.com", OLD)
    Person.objects.filter(pk=person.pk).update(is_active=False)


def sign_in(login="member@example.com", password=OLD, client=None):
    client = client or Client()
    return client, client.post(LOGIN, {"login": login, "password": password})


def ask(email="member@example.com", **place):
    """Ask for a link, and let the worker do what the page has left to it."""
    response = Client(**place).post(RESET, {"email": email})
    while task := HUEY.dequeue():
        assert task.name == "mail_reset_link"
        passwords.mail_reset_link(*task.args)
    return response


def mailed() -> str:
    assert mail.outbox[-1].to == ["member@example.com"]
    return re.search(r"https?://[^/]+(/\S+)", mail.outbox[-1].body.partition("link")[2])[1]


def opened(link) -> tuple[Client, str]:
    client = Client()
    form = client.get(link)["Location"]
    assert "set-password" in form
    assert heading(client.get(form)) == "Choose a new password"
    return client, form


def test_a_change_ends_the_other_sessions_and_is_on_record(world):
    here, _ = sign_in()
    there, _ = sign_in()
    assert here.post(CHANGE, CHANGED)["Location"] == "/account/"
    page = text(here.get("/account/"))
    assert "Your password is changed." in page
    assert "other browser" not in page, "the session of before the change is dead"
    assert there.get("/account/")["Location"].startswith(LOGIN)
    assert here.get("/credentials/new/").status_code == 200
    event = AuditEvent.objects.first()
    assert (event.act, event.outcome, event.subject) == ("password:change", "done", "member@example.com")
    assert '"sessions_ended":1' in event.text
    notice = Notice.objects.get()
    assert (notice.recipient.email, notice.subject) == ("member@example.com", "Your password was changed")
    assert NEW not in notice.text + event.text


def test_a_change_closes_what_was_open(world):
    visit = Visit.issued(world, sign_in()[0])
    visit.look()
    visit.client.post(CHANGE, CHANGED)
    assert Handover.objects.get().state == Seal.BURNT


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"oldpassword": "wrong-password"}, "This is not your present password."),
        ({"password1": "short", "password2": "short"}, "too short"),
        ({"password2": "another sentence"}, "the same password each time"),
    ],
)
def test_what_will_not_do_is_said(world, typed, words):
    client, _ = sign_in()
    assert words in text(client.post(CHANGE, CHANGED | typed))
    assert Person.objects.get(email="member@example.com").check_password(OLD)
    assert not AuditEvent.objects.filter(act="password:change").exists()


def test_a_reset_from_the_mail_to_the_sign_in(world):
    elsewhere, _ = sign_in()
    assert ask()["Location"] == f"{RESET}done/"
    link = mailed()
    assert settings.BASE_URL in mail.outbox[0].body
    client, form = opened(link)
    response = client.post(form, CHOSEN)
    assert response["Location"] == f"{RESET}key/done/"
    assert heading(client.get(response["Location"])) == "Your password is set"
    assert elsewhere.get("/account/")["Location"].startswith(LOGIN)
    assert "_auth_user_id" not in sign_in()[0].session
    assert "_auth_user_id" in sign_in(password=NEW)[0].session
    event = AuditEvent.objects.first()
    assert (event.act, event.outcome, event.actor_name) == ("password:reset", "done", "member@example.com")


def test_a_link_works_once(world):
    ask()
    link = mailed()
    client, form = opened(link)
    another, same = opened(link)
    client.post(form, CHOSEN)
    assert heading(another.post(same, {"password1": OLD * 2, "password2": OLD * 2})) == "This link is over"
    late = Client().get(link)
    assert heading(late) == "This link is over"
    assert f'href="{RESET}"' in text(late)
    assert Person.objects.get(email="member@example.com").check_password(NEW)


def test_a_sign_in_ends_a_link_that_was_asked_for_before_and_the_page_says_so(world):
    ask()
    link = mailed()
    sign_in()
    late = Client().get(link)
    assert heading(late) == "This link is over"
    assert "or there was a sign-in with the old password since it was sent" in text(late)


def test_two_uses_at_one_moment_set_one_password(world):
    first, second = (Person.objects.get(email="member@example.com") for _ in range(2))
    passwords.reset(first, NEW, now=timezone.now())
    with pytest.raises(Refusal, match="changed meanwhile"):
        passwords.reset(second, "another sentence", now=timezone.now())
    assert Person.objects.get(email="member@example.com").check_password(NEW)
    assert AuditEvent.objects.first().outcome == "refused"


def test_a_link_of_somebody_who_was_deactivated_sets_nothing(world):
    ask()
    client, form = opened(mailed())
    Person.objects.filter(email="member@example.com").update(is_active=False)
    assert client.post(form, CHOSEN).status_code == 409
    assert Person.objects.get(email="member@example.com").check_password(OLD)


def test_a_link_is_over_after_an_hour(world, settings):
    ask()
    settings.PASSWORD_RESET_TIMEOUT = -1
    assert heading(Client().get(mailed())) == "This link is over"


def test_a_reset_ends_the_wait_after_too_many_failures(world):
    for _ in range(5):
        sign_in(password="wrong-password")
    assert "_auth_user_id" not in sign_in()[0].session
    ask()
    client, form = opened(mailed())
    client.post(form, CHOSEN)
    assert "_auth_user_id" in sign_in(password=NEW)[0].session


def seen(response, email) -> tuple[object, ...]:
    page = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", text(response)).partition("Try it as")[0]
    return response.status_code, response.get("Location"), page.replace(email, "THEM")


def test_asking_for_a_link_reads_the_same_for_every_address(world, gone):
    assert len({seen(ask(email), email) for email in ADDRESSES}) == 1
    assert [message.to for message in mail.outbox] == [["member@example.com"]] * 2


def test_asking_for_a_link_does_the_same_for_every_address(world, gone):
    """Nothing is looked up before the answer: the queue gets an address, whoever it is."""
    asked = []
    for email in ADDRESSES:
        with CaptureQueriesContext(connection) as queries:
            Client().post(RESET, {"email": email})
        assert not [query for query in queries if "provisioning_person" in query["sql"]]
        asked.append((len(queries), HUEY.pending_count()))
    assert asked == [(asked[0][0], number) for number in (1, 2, 3, 4)]
    assert mail.outbox == []


def test_signing_in_reads_the_same_for_every_address(world, gone):
    tries = [("member@example.com", "wrong-password"), ("nobody@example.com", OLD), ("gone@example.com", OLD)]
    tries += [("gone@example.com", "wrong-password")]
    said = {seen(sign_in(email, password)[1], email) for email, password in tries}
    assert len(said) == 1
    assert "do not open an account here" in next(iter(said))[2]


def test_signing_in_takes_one_hash_for_every_address(world, gone, monkeypatch):
    hashed, encode = [], MD5PasswordHasher.encode

    def counting(self, password, salt):
        hashed.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counting)
    for email in ("member@example.com", "nobody@example.com", "gone@example.com"):
        hashed.clear()
        sign_in(email, "wrong-password")
        assert hashed == ["wrong-password"], email


def test_where_no_mail_leaves_the_page_says_so(world, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    page = text(Client().get(RESET))
    assert "No mail leaves this installation" in page
    assert "manage.py changepassword" in page


def test_a_mail_server_that_is_away_is_no_error_of_the_page(world, settings):
    settings.EMAIL_BACKEND = f"{Away.__module__}.{Away.__qualname__}"
    assert ask()["Location"] == f"{RESET}done/"


def test_too_many_requests_for_links_have_to_wait(world):
    answers = [ask(f"nobody{number}@example.com") for number in range(21)]
    assert [answer.status_code for answer in answers] == [302] * 20 + [429]
    assert heading(answers[-1]) == "Too many tries from here"


def test_links_that_a_stranger_asks_for_keep_nobody_out(world):
    """Beyond five no further mail leaves: those that did open the account, and the page answers as ever."""
    answers = [ask(REMOTE_ADDR="203.0.113.9") for _ in range(6)] + [ask()]
    assert {answer["Location"] for answer in answers} == {f"{RESET}done/"}
    assert len(mail.outbox) == 5
    opened(mailed())


def typed_at_the_server(monkeypatch, email, *lines) -> str:
    out = io.StringIO()
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
    call_command("changepassword", email, stdout=out)
    return out.getvalue()


def test_whoever_runs_the_server_gives_a_new_password_and_the_history_has_it(world, monkeypatch):
    elsewhere, _ = sign_in()
    assert "signed out everywhere" in typed_at_the_server(monkeypatch, "Member@Example.com", NEW, NEW)
    assert elsewhere.get("/account/")["Location"].startswith(LOGIN)
    assert "_auth_user_id" in sign_in(password=NEW)[0].session
    event = AuditEvent.objects.first()
    assert (event.act, event.outcome, event.subject) == ("password:reset", "done", "member@example.com")
    assert (event.actor_name, event.actor_role) == ("changepassword", "system")
    assert Notice.objects.get().recipient.email == "member@example.com"
    assert NEW not in event.text


@pytest.mark.parametrize(
    ("email", "lines", "words"),
    [
        ("nobody@example.com", (NEW, NEW), "Nobody who may sign in here"),
        ("gone@example.com", (NEW, NEW), "Nobody who may sign in here"),
        ("member@example.com", (NEW, OLD), "two different passwords"),
        ("member@example.com", ("short", "short"), "too short"),
    ],
)
def test_what_will_not_do_at_the_server_changes_nothing(world, gone, monkeypatch, email, lines, words):
    with pytest.raises(CommandError, match=words):
        typed_at_the_server(monkeypatch, email, *lines)
    assert not AuditEvent.objects.filter(act="password:reset").exists()
    assert Person.objects.get(email="member@example.com").check_password(OLD)


def test_nobody_resets_the_password_of_another(world):
    with pytest.raises(TypeError, match="their own"):
        passwords.reset_on_server(world.people["member"], NEW, by=world.actor("admin"), now=timezone.now())


def test_a_change_needs_a_sign_in(world):
    assert Client().post(CHANGE, CHANGED)["Location"].startswith(LOGIN)
    assert signed_in(world, "member").get(CHANGE).status_code == 200
