"""Outside the guardrail: a member asks, an administrator approves less, the member issues and sees; one is declined."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.journey


def ask(member, application):
    member.go("/credentials/new/")
    member.describe(application, regions=("us-east-1",), days="400")
    member.press("Review")
    expect(member.page.get_by_text("400 days is longer than Newsletter may: 180.").first).to_be_visible()
    expect(member.page.get_by_label("Application")).to_have_value(application)
    member.page.get_by_label("Reason").fill("The contract runs for a year.")
    member.press("Ask an administrator")
    member.heading(f"member@example.com asks for {application}")
    return member.page.url


def test_asked_for_approved_narrower_issued_and_another_declined(walker):
    member, admin = walker("member", scripts=False), walker("admin")
    asked, other = ask(member, "year-letter"), ask(member, "other-letter")

    admin.go("/requests/")
    admin.follow("year-letter")
    expect(admin.page.get_by_text("400 days is longer than Newsletter may: 180.").first).to_be_visible()
    admin.follow("Approve, or narrower")
    admin.page.get_by_label("Lifetime in days").fill("200")
    admin.press("Approve year-letter")
    admin.heading("This is what you would approve of year-letter")
    admin.press("Approve year-letter")
    expect(admin.page.get_by_role("status").first).to_contain_text("member@example.com is told, and issues it.")
    expect(admin.page.get_by_role("button", name="Review and issue")).to_have_count(0)

    admin.go(other)
    admin.follow("Decline")
    admin.press("Decline other-letter")
    expect(admin.page.get_by_role("alert")).to_contain_text("Say why")
    admin.page.get_by_label("Why", exact=True).fill("Use the year letter.")
    admin.press("Decline other-letter")

    for name in ("auditor", "outsider"):
        walks = walker(name)
        assert walks.go(f"{asked}approval/").status == 403
        expect(walks.page.get_by_role("heading", name="What you can do")).to_be_visible()

    member.go("/")
    expect(member.page.get_by_text("other-letter is declined").first).to_be_visible()
    member.follow("Issue it year-letter is approved")
    member.press("Review and issue")
    member.heading("This is what will be made")
    member.press("Issue year-letter")
    member.heading("Store year-letter now")
    assert set(member.show().passwords) == {"us-east-1"}


ALONE = """
from provisioning.models import Person
Person.objects.filter(email="admin2@example.com").update(is_active={})
"""


def test_one_is_withdrawn_and_nobody_approves_that_of_the_only_administrator(product, walker):
    member, admin = walker("member", scripts=False), walker("admin")
    taken_back = ask(member, "hasty-letter")
    member.follow("Withdraw")
    member.press("Withdraw hasty-letter")
    expect(member.page.get_by_role("status").first).to_contain_text("Withdrawn. Nothing was made.")
    assert admin.go(f"{taken_back}approval/").status == 409
    product.manage("shell", "-c", ALONE.format(False))
    try:
        admin.go("/requests/new/")
        main = admin.page.get_by_role("main")
        expect(main).to_contain_text("Nobody can approve this now")
        admin.describe("own-letter", regions=("us-east-1",), days="400")
        admin.page.get_by_label("Reason").fill("The contract runs for a year.")
        admin.press("Ask an administrator")
        expect(main).to_contain_text("Asked, but nobody can approve it yet")
        expect(main.get_by_role("link", name="Approve, or narrower")).to_have_count(0)
        assert admin.go(f"{admin.page.url}approval/").status == 403
        admin.heading("Nobody approves their own")
    finally:
        product.manage("shell", "-c", ALONE.format(True))
