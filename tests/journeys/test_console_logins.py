"""A console login: described, handed over, suspended and resumed by a member; seen, not changed, by others."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.journey
ALLOW = """
from provisioning.models import Team
Team.objects.filter(slug="newsletter").update(kinds=["smtp", "api", "console"])
"""


def password_shown_to(person) -> str:
    person.press("Show the password")
    return person.page.get_by_role("main").locator("#password").inner_text()


def test_a_login_is_handed_over_suspended_and_resumed(product, walker):
    product.manage("shell", "-c", ALLOW)
    person = walker("member")
    person.go("/credentials/new/")
    person.follow("Console login")
    person.heading("New console login")
    main = person.page.get_by_role("main")
    expect(main).to_contain_text("IAM Identity Center is better")
    person.page.get_by_label("Person").fill("anna-keller")
    person.page.get_by_label("Purpose").fill("Reads the statistics.")
    person.page.get_by_role("radio", name="Read only").check()
    person.page.get_by_label("Lifetime in days").fill("30")
    person.press("Review")
    person.heading("This is what will be made")
    person.press("Issue anna-keller")
    person.heading("Hand over anna-keller now")
    first = password_shown_to(person)
    expect(main).to_contain_text("cannot be tried from here")
    person.press("I have handed it over")
    address = person.page.url
    person.follow("Suspend anna-keller")
    person.press("Suspend anna-keller")
    expect(main).to_contain_text("Suspended")
    auditor, outsider = walker("auditor"), walker("outsider")
    auditor.go(address)
    expect(auditor.page.get_by_role("link", name="Resume anna-keller")).to_have_count(0)
    assert auditor.go(f"{address}resumption/").status == 403
    assert outsider.go(address).status == 404
    administrator = walker("admin")
    administrator.go(address)
    administrator.follow("Resume anna-keller")
    administrator.press("Review")
    administrator.heading("anna-keller gets a new password")
    administrator.press("Resume anna-keller")
    administrator.heading("Hand over anna-keller now")
    assert password_shown_to(administrator) != first
    administrator.press("I have handed it over")
    expect(administrator.page.get_by_role("main")).to_contain_text("Live")


def test_an_administrator_issues_one_first_hand(product, walker):
    product.manage("shell", "-c", ALLOW)
    administrator = walker("admin")
    administrator.go("/credentials/new/?kind=console")
    administrator.page.get_by_label("Team").select_option("newsletter")
    administrator.page.get_by_label("Person").fill("ben-okafor")
    administrator.page.get_by_label("Purpose").fill("Watches the bounces.")
    administrator.page.get_by_role("radio", name="Read only").check()
    administrator.page.get_by_label("Lifetime in days").fill("30")
    administrator.press("Review")
    administrator.heading("This is what will be made")
    administrator.press("Issue ben-okafor")
    administrator.heading("Hand over ben-okafor now")
    assert password_shown_to(administrator)
    administrator.press("I have handed it over")
    expect(administrator.page.get_by_role("main")).to_contain_text("Live")
