"""Somebody is invited, joins in a browser of their own, is made an administrator, and leaves: out at once."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.journey
ADDRESS, PASSWORD = "new@example.com", "a sentence of my own"


def join(admin, person, address) -> str:
    """An administrator invites; whoever has the link chooses a password and is in. Returns the link."""
    admin.go("/people/")
    admin.follow("Invite somebody")
    admin.page.get_by_label("E-mail address").fill(address)
    admin.press("Invite")
    admin.heading(f"{address} is invited")
    link = admin.page.locator("#invitation-link").inner_text()

    person.go(link)
    person.heading("You are invited")
    assert link.rsplit("/", 2)[1] not in person.page.url
    person.page.get_by_label("Password", exact=True).fill(PASSWORD)
    person.page.get_by_label("Password once more").fill(PASSWORD)
    person.press("Join")
    person.heading("You have no role here yet")
    return link


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_from_an_invitation_to_a_deactivation(product, walker, scripts):
    address = ADDRESS if scripts else f"no-scripts.{ADDRESS}"
    admin, person = walker("admin", scripts=scripts), walker(scripts=scripts)
    link = join(admin, person, address)

    late = walker(scripts=scripts)
    late.go(link)
    late.heading("This invitation has been used")

    admin.go(f"/people/?q={address}")
    admin.follow(address)
    admin.follow("Change the role")
    admin.page.get_by_role("radio", name="Administrator").check()
    admin.press("Change the role")
    expect(admin.page.get_by_role("status").first).to_contain_text("is now: administrator")
    person.go("/people/")
    person.heading("People")

    admin.follow("Change the role")
    admin.page.get_by_role("radio", name="By their teams").check()
    admin.press("Change the role")
    person.go("/people/")
    person.heading("You have no role here yet")

    if scripts:
        admin.press(f"Deactivate {address}")
        admin.page.get_by_role("dialog").get_by_role("button", name=f"Deactivate {address}").click()
    else:
        admin.follow(f"Deactivate {address}")
        admin.heading(f"Deactivate {address}?")
        admin.press(f"Deactivate {address}")
    expect(admin.page.locator(".head [data-state='deactivated']")).to_be_visible()
    person.go("/account/")
    person.heading("Sign in")
