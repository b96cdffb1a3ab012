"""Impatient people, two tabs, the way back, a sign-out elsewhere, what is lost, and AWS on a bad day."""

import re

import pytest
from playwright.sync_api import Error, expect

pytestmark = pytest.mark.journey
EUROPE = "eu-central-1"


def users_named(product, application):
    return [user.name for user in product.sandbox.world.iam.users.values() if application in user.name]


def test_a_double_click_while_aws_is_slow_issues_once_and_the_cookie_stays(product, walker):
    person = walker("member")
    person.review("twice")
    product.sandbox.faults.set("CreateUser", "delay", seconds=1.5)
    posted = []
    person.page.on("request", lambda request: posted.append(request.method == "POST"))
    button = person.page.get_by_role("button", name="Issue twice")
    button.evaluate("button => {button.click(); setTimeout(() => button.click(), 350)}")
    person.heading("Store twice now")
    assert sum(posted) == 2
    assert len(users_named(product, "twice")) == 1
    shown = person.show()
    assert len(shown.passwords) == 2
    person.states("verified", "verified")


def test_whoever_looks_while_it_is_being_issued_is_told_so_and_led_on(product, walker):
    person = walker("member")
    person.review("patience")
    product.sandbox.faults.set("CreateUser", "delay", seconds=1.5)
    address = person.page.locator("main form").first.get_attribute("action")
    other = person.page.context.new_page()
    person.page.get_by_role("button", name="Issue patience").click(no_wait_after=True)
    person.page.wait_for_timeout(300)
    other.goto(address)
    expect(other.get_by_role("heading", level=1)).to_have_text("patience is being issued")
    expect(other.get_by_role("heading", level=1)).to_have_text("Store patience now")  # it looks again by itself


def test_two_tabs_with_two_reviews_give_two_credentials(walker):
    one = walker("member")
    two = type(one)(one.page.context.new_page(), one.product)
    one.review("tab-one")
    two.review("tab-two", regions=(EUROPE,))
    one.press("Issue tab-one")
    two.press("Issue tab-two")
    one.heading("Store tab-one now")
    two.heading("Store tab-two now")
    assert len(one.show().passwords) == 2
    assert len(two.show().passwords) == 1


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_the_way_back_shows_no_secret(walker, scripts):
    person = walker("member", scripts=scripts)
    address = person.issue("way-back")
    shown = person.show()
    person.go("/credentials/")
    if scripts:
        person.page.go_back()
        person.heading("Store way-back now")
        assert not any(password in person.page.content() for password in shown.passwords.values())
    else:
        with pytest.raises(Error, match="ERR_CACHE_MISS"):  # Chromium asks before it posts again, and shows nothing
            person.page.go_back()
        person.page.wait_for_url("chrome-error://**")
    person.go(address)
    assert not any(password in person.page.content() for password in shown.passwords.values())
    expect(person.page.get_by_text("there was 1 so far")).to_be_visible()


def test_a_sign_out_elsewhere_takes_the_secret_off_the_screen(product, walker):
    product.sandbox.settings.key_delay = 60  # so that the page keeps asking
    person = walker("member")
    person.issue("left-alone")
    shown = person.show()
    elsewhere = person.page.context.new_page()
    elsewhere.goto("/")
    elsewhere.get_by_role("button", name="Sign out").click()
    person.heading("Sign in")  # the whole page, not a fragment of it
    assert shown.passwords[EUROPE] not in person.page.content()


def test_a_polling_page_leaves_what_somebody_types_alone(product, walker):
    product.sandbox.settings.key_delay = 8
    person = walker("member")
    person.issue("typing", senders="*@example.com")
    sender = person.page.get_by_label("From address")
    sender.fill("some")
    with person.page.expect_response("**/verification/"):
        pass
    with person.page.expect_response("**/verification/"):
        sender.press_sequentially("body", delay=40)
    expect(sender).to_have_value("somebody")
    expect(sender).to_be_focused()
    person.press("Send a test message")
    expect(person.page.locator("#tested")).to_contain_text("somebody is not an e-mail address")
    expect(person.page.get_by_label("From address")).to_have_value("somebody")


def test_lost_is_revoked_and_begins_again_with_the_same_answers(product, walker):
    person = walker("member")
    person.issue("lost", senders="lost@example.com\nfound@example.com")
    user = person.show().user
    person.press("I lost it: revoke lost")
    person.heading("New SMTP credential")
    expect(person.page.get_by_role("status").first).to_contain_text("Revoked")
    expect(person.page.get_by_label("Application")).to_have_value("lost")
    expect(person.page.get_by_label("From addresses")).to_have_value("lost@example.com\nfound@example.com")
    expect(person.page.get_by_role("checkbox", name=EUROPE)).to_be_checked()
    assert users_named(product, "-lost-") == []
    person.press("Review")
    person.press("Issue lost")
    assert person.show().user != user


def test_the_last_settings_asked_for_are_those_shown(walker):
    person = walker("member")
    person.issue("settings")
    shown = person.show()
    recipe = person.page.locator("#recipe")
    expect(recipe).to_contain_text(shown.passwords[EUROPE])
    person.press("swaks")
    expect(recipe).to_contain_text("swaks --server")
    person.press("For us-east-1")
    expect(recipe).to_contain_text(shown.passwords["us-east-1"])
    expect(recipe).to_contain_text("swaks --server")
    expect(person.page.locator(f"#{EUROPE}-password")).to_be_visible()


def test_a_refusal_says_why_and_leads_on(walker):
    outsider, auditor = walker("outsider"), walker("auditor")
    member = walker("member")
    address = member.issue("not-yours")
    assert outsider.go(address).status == 404
    outsider.heading("There is no such hand-over here")
    expect(outsider.page.get_by_role("main")).to_contain_text("Nothing was made or changed")
    outsider.follow("Credentials")
    outsider.heading("Credentials")
    assert auditor.go("/credentials/new/").status == 403
    auditor.heading("Auditors change nothing")
    auditor.go("/history/?outcome=refused")
    expect(auditor.row("Was not allowed to").first).to_be_visible()


def test_what_is_outside_the_limits_is_said_beside_the_field_and_kept(walker):
    person = walker("member")
    person.go("/credentials/new/")
    person.describe("too-much", senders="news@example.com\nboss@elsewhere.example", days="400")
    person.press("Review")
    person.heading("New SMTP credential")
    expect(person.page.get_by_role("alert")).to_contain_text("2 things to change")
    for label, words in (("From addresses", "boss@elsewhere.example"), ("Lifetime in days", "180")):
        field = person.page.get_by_label(label)
        expect(field).to_have_attribute("aria-invalid", "true")
        described = field.get_attribute("aria-describedby").split()
        assert any(words in person.page.locator(f"#{name}").inner_text() for name in described)
    expect(person.page.get_by_label("From addresses")).to_have_value("news@example.com\nboss@elsewhere.example")


def test_aws_says_no_and_everything_is_undone(product, walker):
    person = walker("member")
    person.review("denied")
    product.sandbox.faults.set("PutUserPolicy", "error", code="LimitExceeded", status=409)
    person.press("Issue denied")
    person.heading("AWS did not do it")
    main = person.page.get_by_role("main")
    expect(main).to_contain_text("LimitExceeded")
    expect(main).to_contain_text("PutUserPolicy")
    expect(main).to_contain_text("undone")
    assert re.search(r"[0-9a-f-]{36}", main.locator("dl.facts").inner_text()), "AWS's request id"
    assert users_named(product, "denied") == []
    person.follow("See where it stands")
    person.heading("denied was not issued")
    expect(main).to_contain_text("LimitExceeded")
    product.sandbox.faults.clear()
    person.follow("Review again")
    expect(person.page.get_by_label("Application")).to_have_value("denied")


def test_aws_answers_nothing_and_the_act_stays_open(product, walker):
    person = walker("outsider")  # nobody else's hand-overs come before it on their home page
    person.review("silent", senders="news@billing.example.com")
    product.sandbox.faults.set("CreateAccessKey", "lose_reply")
    person.press("Issue silent")
    person.heading("AWS has not answered")
    person.follow("See where it stands")
    person.heading("AWS has not answered")
    product.sandbox.faults.clear()
    person.go("/")
    expect(person.page.get_by_role("listitem").filter(has_text="silent: AWS has not answered")).to_be_visible()


def test_nothing_at_the_other_end_is_an_honest_page(product, walker):
    person = walker("member")
    person.review("nobody-home")
    product.sandbox.faults.set("*", "error", code="ServiceUnavailable", status=503)
    person.press("Issue nobody-home")
    person.heading("AWS has not answered")
    expect(person.page.get_by_role("main")).to_contain_text("ServiceUnavailable")
    product.sandbox.faults.clear()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_revoking_asks_once(walker, scripts):
    person = walker("member", scripts=scripts)
    person.issue("asked-once")
    person.go("/credentials/?q=asked-once")
    person.follow("asked-once")
    detail = person.page.url
    person.follow("Revoke asked-once")
    person.follow("Keep it")
    assert person.page.url == detail
    person.follow("Revoke asked-once")
    person.press("Revoke asked-once")
    expect(person.page.get_by_role("status").first).to_contain_text("of no use to anybody any more")
    expect(person.page.locator(".head [data-state='revoked']")).to_be_visible()
    expect(person.page.get_by_role("main")).to_contain_text("Revoked")


def test_reading_the_identities_again_keeps_what_was_typed(walker):
    person = walker("member")
    person.go("/credentials/new/")
    person.describe("kept", regions=(EUROPE,), senders="kept@example.com", days="12")
    person.press("Refresh the verified identities")
    expect(person.page.get_by_role("status").first).to_contain_text("Read the verified identities")
    for label, words in (("Application", "kept"), ("From addresses", "kept@example.com"), ("Lifetime in days", "12")):
        expect(person.page.get_by_label(label)).to_have_value(words)
    expect(person.page.get_by_role("checkbox", name=EUROPE)).to_be_checked()
    expect(person.page.get_by_role("checkbox", name="us-east-1")).not_to_be_checked()
    person.press("Review")
    person.heading("This is what will be made")
