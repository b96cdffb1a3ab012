"""One's own sessions: listed, ended one by one or all but this one, and nobody else's."""

import re
from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from provisioning.domain.lifecycle import Seal
from provisioning.models import AuditEvent
from provisioning.templatetags.browsers import browser
from tests.web.visits import LOGIN, Visit, text

pytestmark = pytest.mark.django_db
LIST = "/accounts/sessions/"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
PHONE = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Mobile Safari/537.36"


@pytest.fixture(autouse=True)
def _nobody_has_tried_before(db):
    cache.clear()


def sign_in(login="member@example.com", **more) -> Client:
    client = Client(**more)
    client.post(LOGIN, {"login": login, "password": "sandbox-only"})
    return client


def session_of(client) -> UserSession:
    return UserSession.objects.get(session_key=client.session.session_key)


def is_in(client) -> bool:
    return client.get("/account/").status_code == 200


def test_each_browser_has_its_line(world):
    here = sign_in(headers={"user-agent": FIREFOX})
    sign_in(headers={"user-agent": PHONE})
    page = text(here.get(LIST))
    assert re.search(r"Firefox on Linux .*This one", page)
    assert "Chrome on Android" in page
    assert page.count("End it") == 1
    assert "and in 1 other browser" in text(here.get("/account/"))


def test_one_is_ended_and_what_was_open_in_it(world):
    here, there = sign_in(), sign_in()
    visit = Visit.issued(world, there)
    visit.look()
    address = f"{LIST}{session_of(there).pk}/end/"
    assert here.get(address)["Location"] == LIST
    assert here.post(address)["Location"] == LIST
    assert (is_in(here), is_in(there)) == (True, False)
    assert visit.handover.state == Seal.BURNT
    event = AuditEvent.objects.get(act="session:end")
    assert (event.outcome, event.actor_name) == ("done", "member@example.com")
    assert here.post(address).status_code == 404


def test_each_button_says_which_session_it_ends(world):
    here, *_ = (sign_in(headers={"user-agent": FIREFOX}) for _ in range(3))
    for session in UserSession.objects.all():
        UserSession.objects.filter(pk=session.pk).update(created_at=timezone.now() - timedelta(minutes=session.pk))
    names = re.findall(r"End it\s*<span class=\"hidden\">(.*?)</span>", text(here.get(LIST)))
    assert len(set(names)) == 2
    assert all(re.fullmatch(r"\s*in Firefox on Linux, signed in .* UTC", name) for name in names)


def test_a_session_that_is_not_there_leads_to_those_that_are(world):
    refused = sign_in().post(f"{LIST}4000000/end/")
    assert refused.status_code == 404
    assert f'href="{LIST}"' in text(refused)
    assert "The list shows every credential" not in text(refused)


def test_all_the_others_are_ended(world):
    here, *others = (sign_in() for _ in range(3))
    assert here.post(LIST).status_code == 302
    assert "Your other sessions are ended." in text(here.get(LIST))
    assert [is_in(client) for client in (here, *others)] == [True, False, False]
    assert AuditEvent.objects.filter(act="session:end").count() == 1


def test_forty_are_listed_as_cheaply_as_two(world):
    here, _ = sign_in(headers={"user-agent": FIREFOX}), sign_in()
    others = [here.session.__class__() for _ in range(38)]
    for other in others:
        other.create()
        UserSession.objects.create(
            user=world.people["member"], ip="203.0.113.7", session_key=other.session_key, user_agent=PHONE
        )
    with CaptureQueriesContext(connection) as queries:
        assert "in 39 other browsers" in text(here.get("/account/"))
    assert len(queries) <= 8
    with CaptureQueriesContext(connection) as queries:
        page = text(here.get(LIST))
    assert len(queries) <= 8
    assert len(page.encode()) <= 15_000
    assert "The newest 10 of 40 are listed." in page
    assert re.search(r"Firefox on Linux .*This one", page), "the oldest, but the one that asks"
    others[0].delete()
    assert "The newest 10 of 39 are listed." in text(here.get(LIST))
    here.post(LIST)
    assert UserSession.objects.get(user=world.people["member"]) == session_of(here)


def test_nobody_elses_is_there(world):
    theirs, admin = sign_in(), sign_in("admin@example.com")
    assert admin.post(f"{LIST}{session_of(theirs).pk}/end/").status_code == 404
    assert is_in(theirs)
    assert "Another program" in text(admin.get(LIST))


def test_this_one_is_ended_by_signing_out(world):
    here = sign_in()
    assert here.post(f"{LIST}{session_of(here).pk}/end/")["Location"] == "/accounts/logout/"
    assert is_in(here)


@pytest.mark.parametrize(
    ("said", "words"),
    [(FIREFOX, "Firefox on Linux"), (PHONE, "Chrome on Android"), ("", "Another program"), ("Edg/1 Chrome/1", "Edge")],
)
def test_browsers_go_by_their_names(said, words):
    assert browser(said) == words
