"""A credential ends by the clock of AWS, is extended and sends again; what people were told by mail."""

import pytest
from playwright.sync_api import expect

from tests.journeys.mail import send

pytestmark = pytest.mark.journey
REGION, DAY = "eu-central-1", 86_400


def extend(person, days):
    person.page.get_by_label("Days from now").fill(days)
    person.press("Review")
    person.heading("This is how long lasting will last")
    person.press("Extend lasting")
    expect(person.page.get_by_role("status").first).to_contain_text("Extended.")


def test_an_end_is_moved_and_people_are_told(product, walker):
    owner = walker("member")
    owner.issue("lasting", regions=(REGION,), days="30")
    shown = owner.show()
    owner.press("I have stored it")
    address = owner.page.url
    product.sandbox.clock_offset = 31 * DAY
    login = (product, REGION, shown.user, shown.passwords[REGION], "digest@example.com")
    assert send(*login) == 554
    owner.follow("Extend lasting")
    extend(owner, "60")
    assert send(*login) == 250
    product.sandbox.clock_offset = 61 * DAY
    assert send(*login) == 554

    admin = walker("admin", scripts=False)
    admin.go(f"{address}extension/")
    extend(admin, "90")
    assert send(*login) == 250
    product.manage("sweep", "notices")
    admin.go("/notices/")
    expect(admin.row("lasting was issued").first).to_be_visible()
    admin.press("Send a test to admin@example.com")
    expect(admin.page.get_by_role("status").first).to_contain_text("The mail server took the test")
    assert walker("auditor").go(f"{address}extension/").status == 403
    outsider = walker("outsider")
    assert outsider.go(f"{address}extension/").status == 404
    assert outsider.go("/notices/").status == 403
