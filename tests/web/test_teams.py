"""Teams before a browser: what each role sees, mistakes beside their fields, the dry run's two steps, few queries."""

import html
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from provisioning.domain.lifecycle import State
from provisioning.domain.widening import fingerprint
from provisioning.models import Credential, GuardrailChange, Membership, Person, Team
from tests.web.test_doors import without_what_differs
from tests.web.test_forms import error_of
from tests.web.test_pages import many
from tests.web.visits import FORM, heading, signed_in, text, typed, went_stale

pytestmark = pytest.mark.django_db
TEAM = "/teams/newsletter/"
GUARDRAIL = f"{TEAM}guardrail/"
CONFIRMATION = f"{GUARDRAIL}confirmation/"
LIMITS = {
    "kinds": ["smtp", "api"],
    "regions": ["eu-central-1", "us-east-1"],
    "from_addresses": "*@example.com",
    "live_limit": "5",
    "longest_lifetime_days": "180",
}
NEW = {"name": "Weekly reports", **LIMITS, "kinds": ["smtp"]}


@pytest.fixture
def admin(world):
    return signed_in(world, "admin")


def present():
    return Team.objects.get(slug="newsletter").guardrail


# What each sees ------------------------------------------------------------------------------------------------------


def test_the_list_shows_numbers_and_limits_and_to_members_their_own_alone(world, admin):
    world.issued()
    page = text(admin.get("/teams/"))
    assert all(words in page for words in ("Newsletter", "Billing", "1 of 5", "*@billing.example.com", "180 days"))
    theirs = text(signed_in(world, "member").get("/teams/"))
    assert "Newsletter" in theirs
    assert "Billing" not in theirs
    assert "Form a team" not in theirs


def test_a_member_reads_who_holds_what_and_changes_nothing(world):
    credential = world.issued("admin")
    page = text(signed_in(world, "member").get(TEAM))
    row = re.search(rf'<a href="/credentials/{credential.pk}/">weekly-digest</a>.*?</tr>', page, re.DOTALL)[0]
    assert "admin@example.com" in row
    assert 'data-state="live"' in row
    assert f'href="/credentials/?team={world.newsletter.pk}"' in page
    assert not re.search(r'href="[^"]*/(members|guardrail|name|removal)/', page)


def test_the_page_shows_the_kinds_and_who_was_deactivated(world, admin):
    assert re.search(r"<dt>Kinds</dt><dd>SMTP credential, API access key</dd>", text(admin.get(TEAM)))
    assert 'data-state="deactivated"' not in text(admin.get(TEAM))
    Person.objects.filter(email="member@example.com").update(is_active=False)
    assert text(admin.get(TEAM)).count('data-state="deactivated"') == 1


def test_what_has_ended_is_left_out(world):
    world.issued()
    Credential.objects.update(state=State.REVOKED)
    assert "weekly-digest" not in text(signed_in(world, "member").get(TEAM))


def test_another_team_reads_like_none(world):
    outsider = signed_in(world, "outsider")
    theirs, nobodys = outsider.get(TEAM), outsider.get("/teams/nobodys/")
    assert (theirs.status_code, nobodys.status_code) == (404, 404)
    assert without_what_differs(theirs) == without_what_differs(nobodys)


def queries_of(client, *pages):
    found = {}
    for page in pages:
        client.get(page)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(page).status_code == 200
        found[page] = len(queries)
    return found


@pytest.mark.parametrize("who", ["member", "admin"])
def test_at_most_eight_queries_and_as_many_for_many_rows(world, who):
    client, pages = signed_in(world, who), ["/teams/", TEAM]
    if who == "admin":
        pages += [GUARDRAIL, CONFIRMATION, f"{TEAM}members/", f"{TEAM}name/", "/teams/new/"]
    many(world, 5)
    few = queries_of(client, *pages)
    Credential.objects.update(state=State.REVOKED)
    many(world, 500)
    crowd = Person.objects.bulk_create(Person(email=f"p{number}@example.com") for number in range(300))
    Membership.objects.bulk_create(Membership(team=world.newsletter, person=person) for person in crowd)
    Team.objects.bulk_create(Team(name=f"Team {number}", slug=f"team-{number}") for number in range(300))
    limits = present().limits
    GuardrailChange.objects.bulk_create(
        GuardrailChange(
            team=world.newsletter, by=world.people["admin2"], at=timezone.now(), before=limits, after=limits,
            is_widening=True,
        )
        for _ in range(300)
    )  # fmt: skip
    assert queries_of(client, *pages) == few
    assert max(few.values()) <= 8, few


def test_pages_stay_small(world, admin):
    many(world, 60)
    for number in range(40):
        Membership.objects.create(
            team=world.newsletter, person=Person.objects.create_person(f"somebody.of.many{number}@example.com", "x")
        )
    sizes = {page: len(admin.get(page).content) for page in ("/teams/", TEAM, GUARDRAIL, "/teams/new/", CONFIRMATION)}
    sizes["review"] = len(admin.post(GUARDRAIL, {**LIMITS, "regions": []}).content)
    assert max(sizes.values()) <= 15 * 1024, sizes


def test_members_turn_leaves(world, admin):
    for number in range(20):
        Membership.objects.create(
            team=world.newsletter, person=Person.objects.create_person(f"p{number}@example.com", "x")
        )
    page = text(admin.get(TEAM))
    older = html.unescape(re.search(r'href="(\?[^"]+)" rel="next"', page)[1])
    assert "p19@example.com" in page
    assert "p0@example.com" in text(admin.get(f"{TEAM}{older}"))


# Forming and renaming ------------------------------------------------------------------------------------------------


def test_a_team_is_formed_with_a_short_name_made_from_its_name(world, admin):
    response = admin.post("/teams/new/", NEW)
    assert (response.status_code, response["Location"]) == (303, "/teams/weekly-reports/")
    team = Team.objects.get(slug="weekly-reports")
    assert team.guardrail.limits == present().limits | {"kinds": ["smtp"]}
    assert heading(admin.get(response["Location"])) == "Weekly reports"


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "", "Give the team a name"),
        ("name", "newsletter", "There is a team called newsletter already"),
        ("name", "x" * 61, "at most 60"),
        ("name", "通信", ""),
        ("slug", "Reports", "Small letters"),
        ("slug", "new", "this site"),
        ("slug", "billing", "Another team has the short name billing"),
        ("slug", "a" * 21, "at most 20"),
        ("from_addresses", "News@example.com", "write news@example.com"),
        ("regions", ["af-south-1"], "no SMTP endpoint in af-south-1"),
        ("regions", ["../../etc"], "is no region in which SES can be used"),
        ("kinds", ["fax"], "fax is not issued here yet"),
        ("live_limit", "-1", "from 0 on"),
        ("live_limit", "", "needed"),
        ("longest_lifetime_days", "0", "At least 1 day"),
    ],
)
def test_a_mistake_is_told_beside_its_field_and_what_was_typed_stays(world, admin, field, value, words):
    response = admin.post("/teams/new/", {**NEW, field: value})
    page = text(response)
    assert response.status_code == 422
    beside = "slug" if value == "通信" else field
    assert (words or "type a short name") in error_of(page, beside)
    assert "*@example.com" in page or field == "from_addresses"
    assert Team.objects.count() == 2


def test_a_region_without_smtp_says_so_and_is_for_teams_that_may_issue_more(admin):
    page = text(admin.get("/teams/new/"))
    assert re.search(r'value="af-south-1">.*?API only', page)
    response = admin.post("/teams/new/", {**NEW, "kinds": ["smtp", "api"], "regions": ["af-south-1"]})
    assert response.status_code == 303
    assert Team.objects.get(name="Weekly reports").regions == ["af-south-1"]


def test_a_team_gets_another_name_at_the_same_address(admin):
    assert "stays: the IAM paths" in text(admin.get(f"{TEAM}name/"))
    assert admin.post(f"{TEAM}name/", {"name": "Weekly letter"})["Location"] == TEAM
    assert heading(admin.get(TEAM)) == "Weekly letter"
    refused = admin.post(f"{TEAM}name/", {"name": "Billing"})
    assert refused.status_code == 422
    assert "called Billing already" in error_of(text(refused), "name")


# Members -------------------------------------------------------------------------------------------------------------


def test_somebody_is_added_and_removed_after_one_question(world, admin):
    assert admin.post(f"{TEAM}members/", {"email": "guest@example.com"})["Location"] == TEAM
    assert "guest@example.com is in Newsletter" in text(admin.get(TEAM))
    removal = f"{TEAM}members/{world.people['guest'].pk}/removal/"
    assert heading(admin.get(removal)) == "Remove guest@example.com from Newsletter?"
    assert admin.post(removal)["Location"] == TEAM
    assert admin.post(removal).status_code == 303
    assert admin.get(removal).status_code == 404


def test_the_question_names_what_stays(world, admin):
    credential = world.stored()
    unseen = world.issued(application="unseen")
    page = text(admin.get(f"{TEAM}members/{world.people['member'].pk}/removal/"))
    assert f'<a href="/credentials/{credential.pk}/">weekly-digest</a>' in page
    assert f"/credentials/{unseen.pk}/" not in page, "it ends with its hand-over"


@pytest.mark.parametrize(
    ("email", "words"),
    [("auditor@example.com", "in no team"), ("nobody@x.org", "Invite them first"), ("x", "not an e-mail address")],
)
def test_who_cannot_be_added_is_told_beside_the_field(admin, email, words):
    response = admin.post(f"{TEAM}members/", {"email": email})
    assert response.status_code == 422
    assert words in error_of(text(response), "email")
    assert f'value="{email}"' in text(response)


def test_who_is_removed_sees_nothing_of_it_any_more(world, admin):
    member = signed_in(world, "member")
    assert member.get(TEAM).status_code == 200
    admin.post(f"{TEAM}members/{world.people['member'].pk}/removal/")
    assert member.get(TEAM).status_code == 403


# The guardrail -------------------------------------------------------------------------------------------------------


def hidden(page):
    """What the review's own form carries."""
    fields = {}
    for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page):
        fields.setdefault(name, []).append(html.unescape(value))
    return fields


def review(admin, **changes):
    response = admin.post(GUARDRAIL, {**LIMITS, **changes})
    assert response.status_code == 200
    return text(response)


def test_nothing_is_saved_before_the_review_and_its_form_saves_it(world, admin):
    world.issued()
    page = review(admin, regions=["us-east-1"], from_addresses="*@example.com\nboss@elsewhere.example")
    assert "This is what would change" in page
    assert "of member@example.com: in eu-central-1" in page
    assert "every administrator and auditor is told" in page
    assert present().regions == ("eu-central-1", "us-east-1")
    response = admin.post(GUARDRAIL, hidden(page))
    assert (response.status_code, response["Location"]) == (303, TEAM)
    assert present().regions == ("us-east-1",)
    assert list(map(str, present().from_entries)) == ["*@example.com", "boss@elsewhere.example"]
    assert "boss@elsewhere.example" in text(admin.get(TEAM))


def test_to_change_something_leads_back_with_the_answers(admin):
    page = review(admin, live_limit="17")
    back = admin.post(GUARDRAIL, {**hidden(page), "change_something": "1"})
    assert back.status_code == 200
    assert 'value="17"' in text(back)
    assert present().live_limit == 5


def test_what_another_changed_meanwhile_is_shown_again_with_nothing_lost(world, admin):
    page = review(admin, live_limit="17")
    Team.objects.filter(slug="newsletter").update(longest_lifetime_days=7)
    again = admin.post(GUARDRAIL, hidden(page))
    assert again.status_code == 409
    assert "The guardrail has changed meanwhile" in text(again)
    assert "7 days" in text(again)
    assert hidden(text(again))["live_limit"] == ["17"]
    assert present().live_limit == 5
    assert admin.post(GUARDRAIL, hidden(text(again))).status_code == 303
    assert (present().live_limit, present().longest_lifetime_days) == (17, 180)


def test_pressed_twice_is_saved_once(admin):
    fields = hidden(review(admin, live_limit="17"))
    assert [admin.post(GUARDRAIL, fields).status_code for _ in range(2)] == [303, 303]
    assert GuardrailChange.objects.count() == 1


@pytest.mark.parametrize("changes", [{"regions": []}, {"from_addresses": ""}, {"live_limit": "0"}, {"kinds": []}])
def test_an_empty_guardrail_says_what_it_means_and_is_allowed(admin, changes):
    page = review(admin, **changes)
    assert "Within these limits Newsletter can issue nothing" in page
    assert admin.post(GUARDRAIL, hidden(page)).status_code == 303
    assert "Newsletter can issue nothing" in text(admin.get(TEAM))
    assert present().lets_nothing_through


def test_to_change_nothing_offers_nothing_to_save(admin):
    page = review(admin)
    assert "Nothing would change" in page
    assert "Save the guardrail" not in page


def test_a_mistake_in_the_guardrail_is_told_beside_its_field(admin):
    response = admin.post(GUARDRAIL, {**LIMITS, "from_addresses": "example.com", "live_limit": "many"})
    assert response.status_code == 422
    assert "is not an e-mail address" in error_of(text(response), "from_addresses")
    assert "whole number" in error_of(text(response), "live_limit")


def test_the_guardrail_asks_for_the_password_before_anything_is_typed(admin):
    went_stale(admin)
    assert admin.get(GUARDRAIL)["Location"].startswith("/accounts/reauthenticate/")
    assert admin.get(f"{TEAM}members/")["Location"].startswith("/accounts/reauthenticate/")


def test_who_widened_is_told_beside_the_team_until_a_second_administrator_agrees(world, admin):
    admin.post(GUARDRAIL, hidden(review(admin, live_limit="17")))
    refused = admin.post(FORM, typed(world))
    assert refused.status_code == 422
    assert "only if another administrator agrees" in error_of(text(refused), "team")
    assert "weekly-digest" in text(refused)
    second = signed_in(world, "admin2")
    assert f'href="{CONFIRMATION}"' in text(second.get(TEAM))
    assert f'href="{CONFIRMATION}"' not in text(admin.get(TEAM))
    page = text(second.get(CONFIRMATION))
    assert "at most 5" in page
    assert "at most 17" in page
    own = admin.post(CONFIRMATION, hidden(page))
    assert (own.status_code, heading(own)) == (403, "It takes somebody else")
    assert second.post(CONFIRMATION, hidden(page))["Location"] == TEAM
    assert second.post(CONFIRMATION, hidden(page)).status_code == 303
    assert "agreed to by admin2@example.com" in text(second.get(TEAM))
    assert admin.post(FORM, typed(world)).status_code == 200


def test_who_is_too_new_an_administrator_is_told_from_when_they_may_agree(world, admin):
    admin.post(GUARDRAIL, hidden(review(admin, live_limit="17")))
    admin.post(f"/people/{world.people['guest'].pk}/standing/", {"standing": "administrator"})
    page = text(signed_in(world, "guest").get(CONFIRMATION))
    assert re.search(r"You can from .*? on\. Until then admin2@example\.com can\.", page)
    assert "at most 17" in page
    assert "Agree to the guardrail" not in page
    assert "Agree to the guardrail" in text(signed_in(world, "admin2").get(CONFIRMATION))


@pytest.mark.parametrize("typed_ids", [["x"], ["9" * 5000], ["-1"], ["²"], []])
def test_a_confirmation_of_nonsense_agrees_to_nothing(world, admin, typed_ids):
    admin.post(GUARDRAIL, {**LIMITS, "live_limit": "17", "as_it_was": fingerprint(present())})
    assert signed_in(world, "admin2").post(CONFIRMATION, {"change": typed_ids}).status_code == 303
    assert GuardrailChange.objects.get().confirmed_at is None


def test_the_history_tells_it_with_before_and_after(world, admin):
    admin.post(GUARDRAIL, hidden(review(admin, live_limit="17")))
    admin.post(f"{TEAM}members/", {"email": "guest@example.com"})
    admin.post(f"{TEAM}name/", {"name": "Weekly letter"})
    page = text(admin.get("/history/"))
    for words in ("at most 5 before, at most 17 now", "team Newsletter", "Newsletter before, Weekly letter now"):
        assert words in page
