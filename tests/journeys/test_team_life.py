"""A credential goes to another team and back; everything of a team is stopped at once, and the stop undone."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.journey


def test_a_team_is_stopped_and_the_stop_undone(walker):
    owner = walker("outsider")
    owner.issue("team-life", senders="life@billing.example.com")
    owner.show()
    owner.press("I have stored it")
    person = walker("admin")
    person.go("/stops/new/?team=billing")
    person.heading("Stop everything of Billing?")
    expect(person.row("team-life")).to_be_visible()
    person.page.get_by_label("Reason").fill("Somebody misuses it.")
    person.page.get_by_role("main").get_by_role("button", name="Stop ").click()
    expect(person.row("team-life")).to_contain_text("Suspended")
    owner.go("/")
    expect(owner.page.get_by_role("listitem").filter(has_text="team-life is suspended")).to_be_visible()
    person.follow("Undo this stop")
    person.press("Undo the stop")
    expect(person.page.get_by_role("status").first).to_contain_text("The stop is undone")
    expect(person.row("team-life")).to_contain_text("Live")


def test_a_credential_is_transferred_where_the_limits_admit_it(product, walker):
    product.manage("shell", "-c", "from tests.builders import open_team; open_team()")
    owner = walker("member")
    owner.issue("moving", senders="moving@example.com")
    owner.show()
    owner.press("I have stored it")
    address = owner.page.url
    person = walker("admin")
    person.go(address)
    person.follow("Transfer moving")
    person.page.get_by_label("New team").select_option("billing")
    person.press("Review")
    expect(person.page.get_by_role("alert")).to_contain_text("moving@example.com is outside what Billing may send as")
    person.page.get_by_label("New team").select_option("successor")
    person.press("Review")
    person.heading("moving goes to Successor")
    person.press("Transfer moving")
    expect(person.page.get_by_role("main")).to_contain_text("Transferred from Newsletter to Successor")
    assert owner.go(address).status == 404
    person.follow("Change the From addresses")
    person.page.get_by_label("From addresses").fill("moved@example.com")
    person.press("Review")
    person.heading("This is what moving may send as")
    person.press("Change moving")
    expect(person.page.get_by_role("main")).to_contain_text("from moving@example.com to moved@example.com")
