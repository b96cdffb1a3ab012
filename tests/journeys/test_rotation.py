"""A rotation to its end: two keys send side by side, then the old one is retired, and comes back."""

import pytest
from playwright.sync_api import expect

from tests.journeys.mail import send

pytestmark = pytest.mark.journey
ALLOWED, EUROPE, AMERICA = "digest@example.com", "eu-central-1", "us-east-1"


def rotated(person, *added):
    """From the page of the credential to the new key, stored."""
    person.follow("Rotate turning")
    person.heading("Rotate turning")
    for region in added:
        person.page.get_by_role("checkbox", name=region).check()
    person.press("Review")
    person.heading("This is the second key of turning")
    person.press("Rotate turning")
    person.heading("Store turning now")
    shown = person.show()
    person.press("I have stored it")
    person.heading("turning")
    return shown


def sends(product, shown, region=EUROPE):
    return send(product, region, shown.user, shown.passwords[region], ALLOWED)


def test_a_rotation_by_a_member_and_an_administrator(product, walker):
    member = walker("member", scripts=False)
    member.issue("turning", regions=(EUROPE,))
    old = member.show()
    member.press("I have stored it")
    address = member.page.url
    new = rotated(member, AMERICA)
    assert new.user != old.user
    assert set(new.passwords) == {EUROPE, AMERICA}
    assert [sends(product, old), sends(product, new), sends(product, new, AMERICA)] == [250, 250, 250]

    member.press("Everything uses the new key")
    product.sandbox.world.iam.access_keys[old.user].last_used = None  # as if the fifteen minutes were over
    assert sends(product, old) == 250
    member.follow(f"Retire {old.user}")
    member.heading(f"{old.user} is still in use")
    member.press("Retire it all the same")
    expect(member.page.get_by_role("alert")).to_contain_text("say why")
    member.follow("Let it work")
    member.follow("A late host has switched just now")
    member.page.get_by_label("What had been forgotten").fill("The old relay.")
    member.press("Everything uses the new key")
    member.follow(f"Retire {old.user}")
    member.press(f"Retire {old.user}")
    expect(member.row(old.user).first).to_contain_text("Retired")
    assert [sends(product, old), sends(product, new)] == [535, 250]

    admin = walker("admin")
    admin.go(address)
    admin.press(f"Reactivate {old.user}")
    expect(admin.page.get_by_role("status").first).to_contain_text("Reactivated")
    assert [sends(product, old), sends(product, new)] == [250, 250]

    for name, words in (("auditor", "Auditors change nothing"), ("outsider", "There is no such credential here")):
        stranger = walker(name)
        stranger.go(f"{address}rotation/")
        stranger.heading(words)
