"""A team from its forming to its first credential: somebody invited joins it and issues; limits; a second word."""

import pytest
from playwright.sync_api import expect

from tests.journeys.test_people import join

pytestmark = pytest.mark.journey
TEAM = "/teams/travel-notes/"
INVITED = "traveller@example.com"


def form_a_team(admin):
    admin.go("/teams/")
    admin.follow("Form a team")
    admin.page.get_by_label("Name", exact=True).fill("Travel notes")
    admin.page.get_by_role("checkbox", name="eu-central-1").check()
    admin.page.get_by_label("From entries").fill("notes@example.com")
    admin.press("Form the team")
    admin.heading("Travel notes")


def widen(admin):
    """Through the dry run: nothing is saved before its second page."""
    admin.follow("Change the guardrail")
    admin.page.get_by_label("From entries").fill("notes@example.com\ndigest@example.com")
    admin.press("Review")
    admin.heading("This is what would change")
    expect(admin.row("From entries")).to_contain_text("Wider")
    admin.press("Save the guardrail")
    admin.heading("Travel notes")


def describe(person, application):
    person.go("/credentials/new/")
    person.page.get_by_label("Team").select_option(label="Travel notes")
    person.describe(application, regions=("eu-central-1",))
    person.press("Review")


def test_a_team_its_limits_and_a_second_word(walker):
    admin = walker("admin", scripts=False)
    member = walker()
    join(admin, member, INVITED)
    form_a_team(admin)
    admin.follow("Add a member")
    admin.page.get_by_label("E-mail address").fill(INVITED)
    admin.press("Add to Travel notes")
    expect(admin.row(INVITED)).to_be_visible()
    widen(admin)

    describe(member, "travel-digest")
    member.press("Issue travel-digest")
    member.heading("Store travel-digest now")

    describe(admin, "admins-own")
    expect(admin.page.get_by_role("alert")).to_contain_text("only if another administrator agrees")
    second = walker("admin2")
    second.go(TEAM)
    second.page.get_by_role("link", name="Read it").first.click()
    second.press("Agree to the guardrail of Travel notes")
    expect(second.page.get_by_role("status").first).to_contain_text("You have agreed")
    describe(admin, "admins-own")
    admin.heading("This is what will be made")

    admin.go(TEAM)
    admin.follow(f"Remove {INVITED}")
    admin.heading(f"Remove {INVITED} from Travel notes?")
    admin.press(f"Remove {INVITED}")
    member.go(TEAM)
    member.heading("You have no role here yet")
