"""Signing in and out: accounts are made here only, and no answer tells whether one exists."""

import re

import pytest
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connection
from django.test import Client

from provisioning.domain.lifecycle import Seal
from provisioning.gateway.aws import aws
from provisioning.models import Person
from sescreds.start import refuse_demo_on_real_aws
from tests.web.visits import LOGIN, LOGOUT, Visit, signed_in, text, went_stale

pytestmark = pytest.mark.django_db
PASSWORD = "sandbox-only"
AGAIN = "/accounts/reauthenticate/"


@pytest.fixture(autouse=True)
def _nobody_has_failed_before(db):
    cache.clear()


def sign_in(client, login="member@example.com", password=PASSWORD, headers=None, **more):
    return client.post(LOGIN, {"login": login, "password": password, **more}, headers=headers)


def without_tokens(page):
    return re.sub(r'value="[^"]*"', "", page)


def test_a_member_signs_in_and_goes_where_they_wanted(world):
    client = Client()
    assert sign_in(client, next="/credentials/new/")["Location"] == "/credentials/new/"
    assert client.get("/credentials/").status_code == 200


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_nobody_is_led_to_another_site(world, elsewhere):
    assert sign_in(Client(), next=elsewhere)["Location"] == "/"


def test_a_wrong_password_and_an_unknown_address_read_the_same(world):
    known = sign_in(Client(), password="wrong-password")
    unknown = sign_in(Client(), login="nobody@example.com", password="wrong-password")
    assert known.status_code == unknown.status_code
    said = [without_tokens(text(each)).replace("nobody", "member") for each in (known, unknown)]
    assert said[0] == said[1]


def test_five_failures_lock_for_a_while(world):
    client = Client()
    for _ in range(5):
        sign_in(client, password="wrong-password")
    locked = sign_in(client)
    assert "_auth_user_id" not in client.session
    assert "Too many sign-ins have failed from here. Wait for a quarter of an hour at most" in text(locked)
    assert "from elsewhere you can still sign in" in text(locked)
    assert 'value="member@example.com"' in text(locked), "what was typed is kept"
    assert sign_in(Client(), login="outsider@example.com").status_code == 302, "others are not locked out"


def test_a_stranger_elsewhere_locks_nobody_out(world):
    for _ in range(12):
        sign_in(Client(REMOTE_ADDR="198.51.100.7"), password="wrong-password")
    assert sign_in(Client(REMOTE_ADDR="203.0.113.9")).status_code == 302


def test_somebody_unknown_or_deactivated_is_locked_like_anybody(world):
    Person.objects.filter(email="guest@example.com").update(is_active=False)
    for login, password in (("nobody@example.com", "wrong"), ("guest@example.com", PASSWORD)):
        client = Client()
        said = [sign_in(client, login=login, password=password) for _ in range(6)]
        assert ["oo many" in text(each) for each in said] == [False] * 5 + [True]


def test_guessing_from_many_places_is_stopped_too(world, settings):
    assert settings.ACCOUNT_RATE_LIMITS["login_failed_wherever"] == "100/h/key"
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"login_failed_wherever": "8/h/key"}
    for number in range(8):
        sign_in(Client(REMOTE_ADDR=f"198.51.100.{number}"), password="wrong-password")
    locked = sign_in(Client(REMOTE_ADDR="203.0.113.9"))
    assert "failed, from several places. Wait for an hour at most" in text(locked)
    assert sign_in(Client(REMOTE_ADDR="203.0.113.9"), login="outsider@example.com").status_code == 302


def test_strangers_who_fail_keep_nobody_who_is_signed_in_from_giving_their_password_again(world, settings):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"login_failed_wherever": "8/h/key"}
    client = signed_in(world, "member", REMOTE_ADDR="203.0.113.9")
    went_stale(client)
    for number in range(9):
        sign_in(Client(REMOTE_ADDR=f"198.51.100.{number}"), password="wrong-password")
    asked = {"next": "/credentials/"}
    for _ in range(4):
        assert client.post(AGAIN, {"password": "wrong-password", **asked}).status_code == 200
    assert client.post(AGAIN, {"password": PASSWORD, **asked})["Location"] == "/credentials/"
    for _ in range(5):
        client.post(AGAIN, {"password": "wrong-password", **asked})
    assert "oo many" in text(client.post(AGAIN, {"password": PASSWORD, **asked})), "guessing here ends as before"
    other = signed_in(world, "outsider")
    assert "_auth_user_id" in other.session
    sign_in(other)
    assert other.session["_auth_user_id"] == str(world.people["outsider"].pk)


def test_a_sign_in_that_succeeds_counts_as_no_failure(world):
    for _ in range(6):
        assert sign_in(Client()).status_code == 302


def test_nobody_says_by_a_header_where_they_are(world):
    for number in range(5):
        sign_in(Client(), password="wrong-password", headers={"X-Forwarded-For": f"203.0.113.{number}"})
    assert "oo many" in text(sign_in(Client(), headers={"X-Forwarded-For": "203.0.113.99"}))


def test_behind_a_proxy_its_own_word_counts(world, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    for number in range(5):  # what stands before the proxy's word was written by the client
        forged = {"X-Forwarded-For": f"203.0.113.{number}, 198.51.100.7"}
        sign_in(Client(), password="wrong-password", headers=forged)
    assert "oo many" in text(sign_in(Client(), headers={"X-Forwarded-For": "203.0.113.99, 198.51.100.7"}))
    assert sign_in(Client(), headers={"X-Forwarded-For": "198.51.100.8"}).status_code == 302


def test_somebody_deactivated_does_not_get_in(world):
    Person.objects.filter(email="member@example.com").update(is_active=False)
    client = Client()
    sign_in(client)
    assert client.get("/credentials/").status_code == 302
    assert "/accounts/login/" in client.get("/credentials/")["Location"]


@pytest.mark.parametrize("page", ["signup/", "email/", "password/set/", "3rdparty/", "confirm-email/"])
def test_what_is_not_offered_does_not_exist(world, page):
    assert signed_in(world, "member").get(f"/accounts/{page}").status_code == 404


def test_signing_out_takes_a_post_and_ends_what_was_open(world):
    visit = Visit.issued(world)
    visit.look()
    assert visit.client.get(LOGOUT).status_code == 200
    assert visit.client.get("/credentials/").status_code == 200
    visit.client.post(LOGOUT)
    assert visit.client.get("/credentials/").status_code == 302
    assert visit.handover.state == Seal.BURNT
    assert bytes(visit.handover.sealed) == b""


def test_the_demo_shows_its_people_beside_the_sandbox_only(world, monkeypatch):
    assert "member@example.com" in text(Client().get(LOGIN))
    monkeypatch.setattr(type(aws()), "is_real", True)
    assert "member@example.com" not in text(Client().get(LOGIN))
    with pytest.raises(ImproperlyConfigured, match="demo"):
        refuse_demo_on_real_aws()
    Person.objects.update(is_active=False)
    refuse_demo_on_real_aws()


def test_the_demo_is_refused_also_if_the_database_was_away_at_the_start(world, monkeypatch):
    def silent(*_):
        raise OperationalError("could not connect to server")

    monkeypatch.setattr(type(aws()), "is_real", True)
    with connection.execute_wrapper(silent):
        refuse_demo_on_real_aws()
    with pytest.raises(ImproperlyConfigured, match="demo"):
        Client().get("/guide/")
    Person.objects.update(is_active=False)
    assert Client().get("/guide/").status_code == 200
    Person.objects.update(is_active=True)
    assert Client().get("/guide/").status_code == 200, "it is asked until there was an answer"


def test_forms_prove_where_they_come_from(world):
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.people["member"])
    for page in ("/credentials/new/", "/identities/", LOGOUT, "/credentials/1/revocation/"):
        response = client.post(page)
        assert response.status_code == 403
        assert "too old to be sent" in text(response)


@pytest.mark.parametrize("address", ["/accounts/login/", "/accounts/password/reset/", "/accounts/reauthenticate/"])
def test_what_is_left_empty_is_asked_for_in_our_words(world, address):
    client = signed_in(world, "member") if "reauthenticate" in address else Client()
    page = text(client.post(address, {}))
    assert "This is needed." in page
    assert "This field is required" not in page


def test_half_an_address_is_told_in_our_words(world):
    for address, field in (("/accounts/login/", "login"), ("/accounts/password/reset/", "email")):
        assert "This is not an e-mail address." in text(Client().post(address, {field: "member@"}))
    invited = signed_in(world, "admin").post("/people/invitations/", {"email": "member@", "standing": "none"})
    assert "This is not an e-mail address." in text(invited)
