"""The main journey with the keyboard alone, and where the focus can be seen."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.journey
PRESSES = 80
FOCUSED = """() => {
  const at = document.activeElement;
  const marked = at.closest(".choice") ?? at;
  const label = at.labels?.[0]?.textContent ?? "";
  return {
    name: (at.getAttribute("aria-label") || at.textContent || label || at.name || "").replace(/\\s+/g, " ").trim(),
    label: label.replace(/\\s+/g, " ").trim(),
    seen: [at, marked].some(each => getComputedStyle(each).outlineStyle !== "none"),
  };
}"""


def tab_to(page, name):
    """Press Tab until what has the focus is called `name`; every stop on the way must be visible."""
    for _ in range(PRESSES):
        page.keyboard.press("Tab")
        focus = page.evaluate(FOCUSED)
        assert focus["seen"], f"nothing shows that {focus} has the focus"
        if name in (focus["name"], focus["label"]) or focus["label"].startswith(name):
            return
    raise AssertionError(f"the keyboard does not reach {name}")


def enter(page, name):
    tab_to(page, name)
    page.keyboard.press("Enter")


def write(page, name, words):
    tab_to(page, name)
    page.keyboard.type(words)


def test_the_main_journey_with_the_keyboard_alone(walker):
    person = walker()
    page = person.page
    person.go("/credentials/new/")
    person.heading("Sign in")
    write(page, "E-mail address", "member@example.com")
    write(page, "Password", "sandbox-only")
    page.keyboard.press("Enter")
    person.heading("New SMTP credential")
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED)["name"] == "Skip to content"
    page.keyboard.press("Enter")
    write(page, "Application", "by-keyboard")
    write(page, "Purpose", "Typed, not clicked.")
    tab_to(page, "eu-central-1")
    page.keyboard.press("Space")
    write(page, "From addresses", "keys@example.com")
    enter(page, "Review")
    person.heading("This is what will be made")
    enter(page, "Issue by-keyboard")
    person.heading("Store by-keyboard now")
    enter(page, "Show the password")
    expect(page.locator("#eu-central-1-password")).to_be_visible()
    enter(page, "Copy SMTP password, eu-central-1")
    expect(
        page.get_by_role("status").filter(has_text="Copied").or_(page.get_by_role("status").filter(has_text="Selected"))
    ).to_have_count(1)
    person.states("verified")
    tab_to(page, "Send a test message")
    page.keyboard.press("Enter")
    expect(page.locator("#tested")).to_contain_text("Sending proved")
    tab_to(page, "I have stored it")
    page.keyboard.press("Enter")
    person.heading("by-keyboard")
    enter(page, "Revoke by-keyboard")
    person.heading("Revoke by-keyboard?")
    enter(page, "Keep it")
    person.heading("by-keyboard")
