"""The pages of people: who sees what, what a change says, and who is out at once."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from provisioning.models import Membership, Person
from tests.services.test_invitations import invited
from tests.web.visits import Visit, heading, signed_in, text, went_stale

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(world):
    return signed_in(world, "admin")


def page_of(world, name, below=""):
    return f"/people/{world.people[name].pk}/{below}"


def test_the_list_says_who_is_what(world, admin):
    page = re.sub(r"<[^>]+>|\s+", " ", text(admin.get("/people/")))
    for who, role in (("admin", "Administrator"), ("auditor", "Auditor"), ("member", "Member"), ("guest", "No role")):
        assert re.search(rf"{who}@example.com +{role}", page), who
    found = text(admin.get("/people/?q=OUTSIDER"))
    assert "outsider@example.com" in found
    assert "guest@example.com" not in found
    assert "Nobody matches" in text(admin.get("/people/?q=zzz"))


def test_an_auditor_reads_and_is_offered_nothing_to_press(world):
    invited(world)
    auditor = signed_in(world, "auditor")
    assert "Withdraw" not in text(auditor.get("/people/"))
    assert "Invite somebody" not in text(auditor.get("/people/"))
    assert "Deactivate" not in text(auditor.get(page_of(world, "member"))).replace("Deactivated", "")


def test_a_person_shows_what_they_hold(world, admin):
    credential = world.issued()
    page = text(admin.get(page_of(world, "member")))
    assert f'href="/credentials/{credential.pk}/"' in page
    assert "<dt>Open hand-overs</dt><dd>1</dd>" in page


def test_the_role_is_changed_and_said(world, admin):
    response = admin.post(page_of(world, "member", "standing/"), {"standing": "auditor"})
    assert (response.status_code, response["Location"]) == (303, page_of(world, "member"))
    response = admin.get(page_of(world, "member"))
    assert "member@example.com is now: auditor." in text(response)
    assert "<dt>Teams</dt><dd>none</dd>" in text(response)
    assert admin.post(page_of(world, "member", "standing/"), {"standing": "king"}).status_code == 422


def test_the_question_says_which_teams_an_auditor_leaves(world, admin):
    assert "As auditor they leave Newsletter." in text(admin.get(page_of(world, "member", "standing/")))


def test_who_steps_down_is_led_home(world, admin):
    assert admin.post(page_of(world, "admin", "standing/"), {"standing": "none"})["Location"] == "/"
    assert heading(admin.get("/")) == "You have no role here yet"
    assert admin.get("/people/").status_code == 403


def test_the_last_administrator_is_told_why(world, admin):
    Person.objects.filter(email="admin2@example.com").update(is_active=False)
    for below, data in (("standing/", {"standing": "none"}), ("deactivation/", {})):
        response = admin.post(page_of(world, "admin", below), data)
        assert (response.status_code, heading(response)) == (409, "The last administrator stays")
        assert f'href="{page_of(world, "admin")}"' in text(response)


def test_somebody_deactivated_is_out_at_once_everywhere(world, admin):
    visit = Visit.issued(world)
    assert "1 open hand-over of theirs is wiped" in text(admin.get(page_of(world, "member", "deactivation/")))
    admin.post(page_of(world, "member", "deactivation/"))
    assert visit.client.get("/credentials/")["Location"].startswith("/accounts/login/")
    assert visit.look()["Location"].startswith("/accounts/login/")
    assert "Reactivate member@example.com" in text(admin.get(page_of(world, "member")))
    admin.post(page_of(world, "member", "reactivation/"))
    assert signed_in(world, "member").get("/credentials/").status_code == 200


@pytest.mark.parametrize("below", ["standing/", "deactivation/", "reactivation/"])
def test_changing_people_asks_for_the_password_once_more(world, admin, below):
    went_stale(admin)
    for response in (admin.get(page_of(world, "guest", below)), admin.post(page_of(world, "guest", below))):
        assert response["Location"].startswith("/accounts/reauthenticate/")
    assert admin.get("/people/invitations/")["Location"].startswith("/accounts/reauthenticate/")


def test_the_history_tells_it_in_words(world, admin):
    admin.post(page_of(world, "guest", "standing/"), {"standing": "administrator"})
    page = re.sub(r"<[^>]+>|\s+", " ", text(admin.get("/history/")))
    assert "from no role beside the teams to administrator" in page


def many(world, count):
    people = Person.objects.bulk_create([Person(email=f"p{number}@many.example") for number in range(count)])
    Membership.objects.bulk_create(
        [Membership(person=person, team=team) for person in people for team in (world.newsletter, world.billing)]
    )


def test_lists_cost_the_same_for_many(world, admin):
    for number in range(12):
        invited(world, f"new{number}@example.com", teams=[world.newsletter])
    pages = ["/people/", "/people/?q=example", page_of(world, "member"), page_of(world, "member", "deactivation/")]
    pages += [page_of(world, "member", "standing/"), "/people/invitations/", "/account/", "/accounts/sessions/"]

    def counted():
        found = {}
        for page in pages:
            admin.get(page)
            with CaptureQueriesContext(connection) as queries:
                response = admin.get(page)
            assert response.status_code == 200
            assert len(response.content) <= 15 * 1024, page
            found[page] = len(queries)
        return found

    many(world, 20)
    few = counted()
    Person.objects.filter(email__endswith="@many.example").update(last_login=timezone.now())
    many_more = [Person(email=f"q{number}@many.example") for number in range(2_000)]
    Person.objects.bulk_create(many_more)
    assert counted() == few
    assert max(few.values()) <= 8, few
