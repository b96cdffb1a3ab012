"""What weighs asks for the password once more when it was given longer than ten minutes ago, and then goes on."""

import pytest

from provisioning.domain.lifecycle import State
from provisioning.models import AuditEvent, Credential
from tests.web.visits import Visit, signed_in, text, went_stale

pytestmark = pytest.mark.django_db
AGAIN = "/accounts/reauthenticate/"


@pytest.fixture
def visit(world):
    return Visit.reviewing(world, signed_in(world, "member"))


def test_issuing_asks_and_then_goes_on_where_it_was(world, visit):
    went_stale(visit.client)
    response = visit.post()
    assert (response.status_code, response["Location"]) == (303, f"{AGAIN}?next={visit.address.replace('/', '%2F')}")
    assert not Credential.objects.exists()
    page = visit.client.get(response["Location"])
    assert "Confirm that it is you" in text(page)
    back = visit.client.post(AGAIN, {"password": "sandbox-only", "next": visit.address})
    assert back["Location"] == visit.address
    assert "Issue weekly-digest" in text(visit.get())
    assert visit.post()["Location"] == visit.address
    assert Credential.objects.get().state == State.LIVE


def test_a_wrong_password_is_no_fresh_sign_in(world, visit):
    went_stale(visit.client)
    assert visit.client.post(AGAIN, {"password": "wrong", "next": visit.address}).status_code == 200
    assert visit.post()["Location"].startswith(AGAIN)
    assert not Credential.objects.exists()


def test_looking_and_taking_a_file_ask_too(world, visit):
    visit.post()
    went_stale(visit.client)
    assert visit.look()["Location"].startswith(AGAIN)
    for file in ("credential.csv", "credential.env"):
        way = visit.client.get(f"{visit.address}{file}")["Location"]
        assert way == f"{AGAIN}?next={visit.address.replace('/', '%2F')}"
    assert visit.handover.looks == 0
    polled = visit.client.post(f"{visit.address}look/", headers={"HX-Request": "true"})
    assert (polled.status_code, polled["HX-Redirect"].startswith(AGAIN)) == (204, True)


def test_proving_goes_on_without_being_asked(world, visit):
    visit.post()
    went_stale(visit.client)
    assert visit.post("verification/").status_code == 303


def test_revoking_asks_before_its_question(world, visit):
    visit.post()
    went_stale(visit.client)
    address = f"/credentials/{visit.credential.pk}/revocation/"
    assert visit.client.get(address)["Location"].startswith(AGAIN)
    assert visit.client.post(address)["Location"].startswith(AGAIN)
    assert visit.credential.state == State.LIVE


def test_a_session_that_never_gave_a_password_is_not_fresh(world, visit):
    visit.post()
    session = visit.client.session
    del session["account_authentication_methods"]
    session.save()
    assert visit.look()["Location"].startswith(AGAIN)


def test_a_clock_that_was_ahead_gives_no_lasting_freshness(world, visit):
    went_stale(visit.client, minutes=-600)
    assert visit.post()["Location"].startswith(AGAIN)


def test_being_asked_is_no_refusal(world, visit):
    went_stale(visit.client)
    visit.post()
    assert not AuditEvent.objects.filter(outcome="refused").exists()


def test_a_program_is_told_in_json(world, visit):
    went_stale(visit.client)
    response = visit.client.post(visit.address, headers={"Accept": "application/json"})
    assert response.status_code == 403
    assert response.json()["error"] == "Confirm that it is you"
