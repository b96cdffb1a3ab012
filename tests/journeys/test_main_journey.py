"""From the guide to a working, proven SMTP credential, and to the auditor who sees it; and then sending with it."""

import re

import pytest
from playwright.sync_api import expect

from provisioning.domain.smtp_password import derive
from tests.journeys.mail import send, swaks

pytestmark = pytest.mark.journey
ALLOWED, ANOTHER = "digest@example.com", "boss@example.com"
EUROPE, AMERICA = "eu-central-1", "us-east-1"


def through_the_guide(person, name):
    """A stranger asks the guide, follows it to the form, and signs in on the way there."""
    person.go("/")
    person.heading("Which Amazon SES credential do you need?")
    person.follow("Find yours")
    for answer in ("Software that sends mail", "Outside AWS", "SMTP only", "No, or I do not know"):
        if person.page.get_by_role("link", name="Continue to the request form").count():
            break
        person.page.get_by_role("radio", name=answer).check()
        person.press("Continue")
    person.follow("Continue to the request form")
    person.heading("Sign in")
    person.sign_in(name)
    person.heading("New SMTP credential")


def to_the_hand_over(person, application):
    person.describe(application)
    person.press("Review")
    person.heading("This is what will be made")
    expect(person.page.locator("#policy-json")).to_contain_text("digest@example.com")
    person.press(f"Issue {application}")
    person.heading(f"Store {application} now")


def confirmed(person, application):
    person.press("I have stored it")
    person.heading(application)
    expect(person.page.get_by_role("status").first).to_contain_text("gone from here for good")
    return person.page.url


def the_auditor_sees_it(walker, address, application, shown):
    auditor = walker("auditor")
    seen = []
    for place in (address, "/credentials/", "/history/"):
        auditor.go(place)
        seen.append(auditor.page.content())
        expect(auditor.page.get_by_role("main")).to_contain_text(application)
    assert shown.user in seen[0]
    for act in ("Issued", "Looked at the secret", "Verified the sign-in", "Sent a test message", "Stored the secret"):
        expect(auditor.page.get_by_role("main")).to_contain_text(f"{act} ")
    assert not any(password in page for page in seen for password in shown.passwords.values())
    assert auditor.page.get_by_role("button", name="Revoke").count() == 0


def test_the_main_journey(product, walker):
    product.sandbox.settings.key_delay = 2.5
    person = walker()
    through_the_guide(person, "member")
    to_the_hand_over(person, "main-journey")
    person.states("propagating", "propagating")
    shown = person.show()
    assert set(shown.passwords) == {EUROPE, AMERICA}
    person.states("verified", "verified")  # without a hand: the page asks by itself, and the passwords stay
    expect(person.page.locator(f"#{EUROPE}-password")).to_have_text(shown.passwords[EUROPE])
    person.press("Send a test message")
    expect(person.page.locator("#tested")).to_contain_text("Sending proved")
    expect(person.page.locator("#proof [data-state='sending-proved']")).to_have_count(1)
    expect(person.page.locator(f"#{EUROPE}-password")).to_be_visible()
    address = confirmed(person, "main-journey")
    the_auditor_sees_it(walker, address, "main-journey", shown)

    europe, america = shown.passwords[EUROPE], shown.passwords[AMERICA]
    assert send(product, EUROPE, shown.user, europe, ALLOWED) == 250
    assert send(product, EUROPE, shown.user, europe, ALLOWED, "tls") == 250
    assert send(product, AMERICA, shown.user, america, ALLOWED) == 250
    assert send(product, EUROPE, shown.user, europe, ANOTHER) == 554
    assert send(product, EUROPE, shown.user, america, ALLOWED) == 535
    for mode in ("starttls", "tls"):
        assert "250 Ok" in swaks(product, EUROPE, shown.user, europe, ALLOWED, mode)
    assert "554" in swaks(product, EUROPE, shown.user, europe, ANOTHER)
    assert "535" in swaks(product, EUROPE, shown.user, america, ALLOWED)
    product.sandbox.clock_offset = 31 * 24 * 60 * 60
    assert send(product, EUROPE, shown.user, europe, ALLOWED) == 554
    assert "554" in swaks(product, EUROPE, shown.user, europe, ALLOWED)
    product.sandbox.clock_offset = 0
    assert send(product, EUROPE, shown.user, europe, ALLOWED) == 250

    person.follow("Revoke main-journey")
    person.heading("Revoke main-journey?")
    expect(person.page.get_by_role("main")).to_contain_text(re.compile(r"Last used \d+ seconds? ago, SMTP in "))
    person.press("Revoke main-journey")
    expect(person.page.locator(".head [data-state='revoked']")).to_be_visible()
    assert send(product, EUROPE, shown.user, europe, ALLOWED) == 535
    assert "535" in swaks(product, EUROPE, shown.user, europe, ALLOWED)


def test_the_main_journey_without_scripts(product, walker):
    product.sandbox.settings.key_delay = 1.5
    person = walker(scripts=False)
    through_the_guide(person, "member")
    to_the_hand_over(person, "no-scripts")
    person.states("propagating", "propagating")
    shown = person.show()
    while person.page.locator("#proof [data-state='verified']").count() < 2:
        person.press("Check now")
        person.page.wait_for_timeout(300)
    person.press("Send a test message")
    expect(person.page.get_by_role("status").first).to_contain_text("Sending proved")
    address = confirmed(person, "no-scripts")
    the_auditor_sees_it(walker, address, "no-scripts", shown)
    europe = shown.passwords[EUROPE]
    assert send(product, EUROPE, shown.user, europe, ALLOWED) == 250
    person.follow("Revoke no-scripts")
    person.heading("Revoke no-scripts?")
    person.press("Revoke no-scripts")
    expect(person.page.locator(".head [data-state='revoked']")).to_be_visible()
    assert send(product, EUROPE, shown.user, europe, ALLOWED) == 535


def test_a_password_derived_for_a_region_not_chosen_signs_in_and_sends_nothing(product, walker):
    person = walker("member")
    person.issue("one-region", regions=(EUROPE,))
    shown = person.show()
    assert list(shown.passwords) == [EUROPE]
    secret = next(
        key.secret_access_key
        for user in product.sandbox.world.iam.users.values()
        for key in user.access_keys
        if key.access_key_id == shown.user
    )
    assert derive(secret, EUROPE) == shown.passwords[EUROPE]
    assert send(product, AMERICA, shown.user, derive(secret, AMERICA), ALLOWED) == 554
    assert send(product, AMERICA, shown.user, shown.passwords[EUROPE], ALLOWED) == 535
