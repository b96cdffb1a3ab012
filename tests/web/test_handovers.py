"""The hand-over: it opens to one session in one browser, shows its secret on one page, and ends when it should."""

import re
import threading
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from provisioning.domain.lifecycle import Seal, State
from provisioning.gateway.aws import aws
from provisioning.models import AuditEvent, Credential, Handover, Membership, Person, RegionReading, Team
from provisioning.models.handover import OPEN_FOR, TEST_MESSAGES
from provisioning.services import handover as handovers
from provisioning.services import sweeps
from provisioning.services.sealing import new_key
from provisioning.sign_in import session_digest
from provisioning.views.slips import endpoints
from tests.web.visits import LOGOUT, Visit, heading, sign_in, signed_in, text

pytestmark = pytest.mark.django_db
OPENERS = [
    ("POST", "look/"),
    ("GET", "credential.csv"),
    ("GET", "credential.env"),
    ("POST", "verification/"),
    ("POST", "test-message/"),
]


@pytest.fixture
def visit(world) -> Visit:
    return Visit.issued(world)


def opening(visit: Visit, client: Client, method: str, below: str):
    typed = {"region": "eu-central-1", "sender": "digest@example.com"}
    if method == "GET":
        return client.get(visit.address + below)
    return client.post(visit.address + below, typed)


def with_cookie(client: Client, visit: Visit, value: str) -> Client:
    client.cookies["handover_key"] = value
    client.cookies["handover_key"]["path"] = visit.address
    return client


def aged(visit: Visit, age: timedelta) -> None:
    Handover.objects.filter(pk=visit.id).update(made_at=timezone.now() - age)


def known_passwords(visit: Visit) -> list[str]:
    return list(visit.passwords().values())


# The key in the browser ----------------------------------------------------------------------------------------------


def test_the_key_comes_with_the_review_for_that_one_address(world):
    client = signed_in(world, "member")
    visit = Visit.reviewing(world, client)
    cookie = visit.cookie
    assert dict(cookie.items()) | {"expires": ""} == {
        "expires": "", "path": visit.address, "comment": "", "domain": "", "max-age": 7200, "secure": "",
        "httponly": True, "version": "", "samesite": "Strict",
    }  # fmt: skip
    assert cookie.value not in visit.reviewed
    assert visit.id not in cookie.value


def test_the_key_is_secure_under_https(world, settings):
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    client = signed_in(world, "member", headers={"X-Forwarded-Proto": "https"})
    assert Visit.reviewing(world, client).cookie["secure"] is True


def test_each_review_has_a_key_of_its_own(world):
    client = signed_in(world, "member")
    one = Visit.reviewing(world, client).cookie.value
    assert one != Visit.reviewing(world, client).cookie.value


def test_the_reply_to_the_button_carries_no_key_and_no_secret(world):
    visit = Visit.reviewing(world, signed_in(world, "member"))
    response = visit.post()
    assert (response.status_code, response["Location"]) == (303, visit.address)
    assert "handover_key" not in response.cookies
    assert response.content == b""


def test_without_a_key_nothing_is_made(world, aws_account):
    visit = Visit.reviewing(world, signed_in(world, "member"))
    del visit.client.cookies["handover_key"]
    before = len(aws_account.calls)
    response = visit.post()
    assert response.status_code == 403
    assert heading(response) == "This browser did not make the review"
    assert len(aws_account.calls) == before
    assert not Credential.objects.exists()


@pytest.mark.parametrize("value", ["x", "A" * 22, "A" * 42 + "==", "Ã¤" * 22, "\x7f" * 44, "A" * 4000])
def test_what_is_no_key_makes_nothing(world, value):
    visit = Visit.reviewing(world, signed_in(world, "member"))
    with_cookie(visit.client, visit, value)
    assert visit.post().status_code == 403
    assert not Credential.objects.exists()


def test_the_second_click_issues_nothing_more_and_keeps_the_key(world, aws_account):
    visit = Visit.reviewing(world, signed_in(world, "member"))
    visit.post()
    key, made = visit.cookie.value, [name for name, _ in aws_account.calls].count("CreateUser")
    again = visit.post()
    assert (again.status_code, again["Location"]) == (303, visit.address)
    assert "handover_key" not in again.cookies
    assert visit.cookie.value == key
    assert [name for name, _ in aws_account.calls].count("CreateUser") == made == 1
    assert visit.look().status_code == 200


@pytest.mark.django_db(transaction=True)
def test_an_impatient_second_click_while_aws_works_issues_once(committed_world, aws_account):
    visit = Visit.reviewing(committed_world, signed_in(committed_world, "member"))
    aws_account.faults.set("CreateUser", "delay", seconds=1.5)
    statuses = []

    def press() -> None:
        try:
            browser = Client()
            browser.cookies = visit.client.cookies
            statuses.append(browser.post(visit.address).status_code)
        finally:
            connection.close()

    clicks = [threading.Thread(target=press) for _ in range(2)]
    for click in clicks:
        click.start()
        time.sleep(0.35)
    for click in clicks:
        click.join()
    assert statuses == [303, 303]
    assert [name for name, _ in aws_account.calls].count("CreateUser") == 1
    assert visit.credential.state == State.LIVE
    assert visit.look().status_code == 200


# Session and cookie together -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("method", "below"), OPENERS)
def test_it_opens_with_the_session_and_the_cookie_together(visit, method, below):
    assert opening(visit, visit.client, method, below).status_code in {200, 303}


class TestItStaysClosed:
    def closed(self, visit, client, status, title):
        for method, below in OPENERS:
            before = visit.handover
            response = opening(visit, client, method, below)
            assert (below, response.status_code, heading(response)) == (below, status, title)
            after = visit.handover
            assert (after.looks, after.state, bytes(after.sealed)) == (before.looks, before.state, bytes(before.sealed))
            assert AuditEvent.objects.first().outcome == "refused"

    def wrong_browser(self, visit, client):
        self.closed(visit, client, 403, "Only the browser that issued it can open it")

    def test_in_another_browser_of_the_same_person(self, world, visit):
        other = with_cookie(signed_in(world, "member"), visit, visit.cookie.value)
        self.wrong_browser(visit, other)

    def test_in_another_browser_without_the_cookie(self, world, visit):
        self.wrong_browser(visit, signed_in(world, "member"))

    def test_in_the_same_session_without_the_cookie(self, visit):
        key = visit.cookie.value
        del visit.client.cookies["handover_key"]
        self.wrong_browser(visit, visit.client)
        with_cookie(visit.client, visit, key)
        assert visit.look().status_code == 200

    def test_in_the_same_browser_for_a_teammate(self, world, visit):
        teammate = Person.objects.create_person("teammate@example.com", "not-used-here")
        Membership.objects.create(person=teammate, team=world.newsletter)
        browser = with_cookie(Client(), visit, visit.cookie.value)
        sign_in(browser, teammate)
        self.closed(visit, browser, 403, "This is not yours to do")

    def test_in_the_same_browser_for_an_administrator(self, world, visit):
        browser = with_cookie(signed_in(world, "admin"), visit, visit.cookie.value)
        self.closed(visit, browser, 403, "This is not yours to do")

    def test_with_a_forged_key(self, visit):
        with_cookie(visit.client, visit, new_key())
        self.wrong_browser(visit, visit.client)

    def test_with_a_truncated_key(self, visit):
        for length in (43, 40, 32, 22, 1, 0):
            with_cookie(visit.client, visit, visit.cookie.value[:length])
            self.wrong_browser(visit, visit.client)

    def test_with_one_bit_of_the_key_changed(self, visit):
        value = visit.cookie.value
        with_cookie(visit.client, visit, ("B" if value[0] != "B" else "C") + value[1:])
        self.wrong_browser(visit, visit.client)

    def test_with_the_key_of_another_hand_over(self, world, visit):
        other = Visit.issued(world, signed_in(world, "member"), application="other")
        with_cookie(visit.client, visit, other.cookie.value)
        self.wrong_browser(visit, visit.client)

    def test_with_the_ciphertext_of_another_hand_over_of_the_same_browser(self, world, visit):
        """Whoever can write the database cannot move a seal to an address of their own."""
        theirs = visit.handover
        mine = Visit.issued(world, visit.client, application="mine")
        Handover.objects.filter(pk=mine.id).update(sealed=theirs.sealed)
        self.wrong_browser(mine, mine.client)

    @pytest.mark.parametrize("has", ["no cookie", "the cookie", "another key"])
    def test_and_its_page_says_where_it_opens(self, world, visit, has):
        other = signed_in(world, "member")
        if has != "no cookie":
            with_cookie(other, visit, visit.cookie.value if has == "the cookie" else new_key())
        page = other.get(visit.address)
        assert (page.status_code, heading(page)) == (200, "weekly-digest waits in another browser")
        assert re.findall(r'<form method="post" action="(/handovers/[^"]+)"', text(page)) == [f"{visit.address}loss/"]
        for closed in ("hx-", "credential.csv", "credential.env", "when you are ready"):
            assert closed not in text(page)
        assert not AuditEvent.objects.filter(outcome="refused").exists()
        assert heading(visit.get()) == "Store weekly-digest now"
        assert other.post(f"{visit.address}loss/").status_code == 303
        assert visit.credential.state == State.REVOKED

    def test_after_fifteen_minutes(self, visit):
        aged(visit, OPEN_FOR + timedelta(seconds=1))
        self.closed(visit, visit.client, 409, "This hand-over is over")

    def test_after_its_end(self, visit):
        visit.look()
        visit.post("confirmation/")
        self.closed(visit, visit.client, 409, "This hand-over is over")

    def test_after_the_team_is_lost(self, world, visit):
        Membership.objects.filter(person=world.people["member"]).update(team=world.billing)
        self.closed(visit, visit.client, 404, "There is no such hand-over here")

    def test_after_every_role_is_lost(self, world, visit):
        Membership.objects.filter(person=world.people["member"]).delete()
        self.closed(visit, visit.client, 403, "You have no role here yet")


def test_it_is_still_open_a_moment_before_fifteen_minutes(visit):
    aged(visit, OPEN_FOR - timedelta(seconds=5))
    assert visit.look().status_code == 200


def test_somebody_deactivated_opens_nothing(world, visit):
    Person.objects.filter(pk=world.people["member"].pk).update(is_active=False)
    assert visit.look().status_code == 302
    assert visit.handover.looks == 0


@pytest.mark.parametrize("looked", [True, False])
def test_signing_out_ends_it_for_good(world, visit, looked):
    key = visit.cookie.value
    if looked:
        visit.look()
    visit.client.post(LOGOUT)
    after = visit.handover
    assert (after.state, bytes(after.sealed)) == (Seal.BURNT if looked else Seal.EXPIRING, b"")
    sign_in(visit.client, world.people["member"])
    with_cookie(visit.client, visit, key)
    assert visit.look().status_code == 409
    assert heading(visit.get()) == (
        "The passwords of weekly-digest are gone" if looked else "Its hand-over ended unseen"
    )
    if not looked:
        assert "You signed out, or lost the right to it" in text(visit.get())


def test_signing_out_leaves_the_hand_overs_of_other_sessions_alone(world, visit):
    signed_in(world, "member").post(LOGOUT)
    assert visit.look().status_code == 200


def test_one_can_sign_out_while_the_history_cannot_be_written(visit, monkeypatch):
    from provisioning import audit

    def broken(*_, **__):
        raise audit.history_unwritable()

    monkeypatch.setattr("provisioning.audit.record", broken)
    assert visit.client.post(LOGOUT).status_code == 302
    assert visit.get().status_code == 302  # to the sign-in
    # What is sealed to a session that has ended opens to nobody, and the sweep wipes it.
    assert visit.handover.state == Seal.OPEN


def test_signing_in_anew_does_not_open_what_the_last_session_had(world, visit):
    key = visit.cookie.value
    visit.client.cookies.clear()
    sign_in(visit.client, world.people["member"])
    with_cookie(visit.client, visit, key)
    assert visit.look().status_code == 403


def test_the_database_does_not_hold_the_session_it_opens_to(visit, rf):
    request = rf.get("/")
    request.session = visit.client.session
    kept = visit.handover.session_digest
    assert kept == session_digest(request)
    assert visit.client.session.session_key not in kept


# What is shown, and where --------------------------------------------------------------------------------------------


def test_only_the_look_shows_the_passwords(visit):
    shown = text(visit.look())
    passwords = known_passwords(visit)
    assert len(set(passwords)) == 2
    assert all(password in shown for password in passwords)
    for below in ("", "verification/"):
        page = text(visit.get(below))
        assert not any(password in page for password in passwords)
    polled = text(visit.post("verification/", headers={"HX-Request": "true"}))
    assert not any(password in polled for password in passwords)


def test_each_look_is_on_record_and_says_how(visit):
    visit.look()
    visit.get("credential.csv")
    visit.get("credential.env")
    visit.look()
    events = AuditEvent.objects.filter(act="handover:look", outcome="done").order_by("sequence")
    assert [event.text.partition('"how":"')[2].partition('"')[0] for event in events] == ["page", "csv", "env", "page"]
    assert visit.handover.looks == 4


def test_a_look_that_cannot_be_recorded_shows_nothing(visit, monkeypatch):
    from provisioning import audit

    def broken(*_, **__):
        raise audit.history_unwritable()

    monkeypatch.setattr("provisioning.audit.record", broken)
    for method, below in (("POST", "look/"), ("GET", "credential.csv"), ("GET", "credential.env")):
        response = opening(visit, visit.client, method, below)
        assert response.status_code == 503
        assert "smtp" not in text(response).lower()
    assert (visit.handover.looks, visit.handover.state) == (0, Seal.OPEN)


def test_asking_for_the_head_of_a_download_is_no_look(visit):
    assert visit.client.head(f"{visit.address}credential.csv").status_code == 405
    assert visit.handover.looks == 0


def test_a_reload_of_the_look_leads_back(visit):
    visit.look()
    response = visit.get("look/")
    assert (response.status_code, response["Location"]) == (302, visit.address)
    assert visit.handover.looks == 1


@pytest.mark.parametrize(
    ("method", "below"), [("GET", ""), ("POST", ""), *OPENERS, ("GET", "verification/"), ("POST", "confirmation/")]
)
def test_no_cache_keeps_any_answer(visit, method, below):
    visit.look()
    assert opening(visit, visit.client, method, below)["Cache-Control"] == "no-store"


def test_the_review_and_the_loss_are_kept_by_no_cache_either(world):
    client = signed_in(world, "member")
    from tests.web.visits import FORM, typed

    assert client.post(FORM, typed(world))["Cache-Control"] == "no-store"
    assert Visit.issued(world, client).post("loss/")["Cache-Control"] == "no-store"


@pytest.mark.parametrize("below", ["confirmation/", "loss/"])
def test_at_the_end_the_browser_is_told_to_forget_the_key(visit, below):
    visit.look()
    cookie = visit.post(below).cookies["handover_key"]
    assert (cookie.value, cookie["max-age"], cookie["path"]) == ("", 0, visit.address)


def test_confirming_needs_a_look_first(visit):
    response = visit.post("confirmation/")
    assert response.status_code == 409
    assert heading(response) == "Nobody has looked at it yet"
    assert visit.handover.state == Seal.OPEN


def test_confirming_twice_is_confirming_once(visit):
    visit.look()
    assert visit.post("confirmation/").status_code == visit.post("confirmation/").status_code == 303
    assert AuditEvent.objects.filter(act="handover:burn").count() == 1


def test_nobody_is_told_that_a_wiped_secret_was_stored(world, visit, gateway):
    from provisioning.domain.roles import system

    aged(visit, OPEN_FOR + timedelta(minutes=2))
    handovers.end_overdue(by=system("handovers"), gateway=gateway, clock=timezone.now)
    response = visit.post("confirmation/")
    assert response.status_code == 409
    assert heading(response) == "This hand-over is over"
    assert visit.credential.state == State.UNCLAIMED


def test_the_loss_revokes_and_starts_again_with_the_same_answers(visit, aws_account):
    form = visit.client.get(visit.post("loss/")["Location"])
    assert visit.credential.state == State.REVOKED
    assert (visit.handover.state, bytes(visit.handover.sealed)) == (Seal.BURNT, b"")
    page = text(form)
    assert 'value="weekly-digest"' in page
    assert "digest@example.com</textarea>" in page
    assert "DeleteUser" in [name for name, _ in aws_account.calls]


def test_a_loss_that_aws_refuses_says_so_and_the_sweep_takes_it_back(visit, aws_account):
    aws_account.faults.set("DeleteAccessKey", "error", code="AccessDenied", status=403, times=20)
    response = visit.post("loss/")
    assert response.status_code == 502
    assert "The secret is gone for good. It may still work for whoever has it" in text(response)
    assert "Nothing was changed" not in text(response)
    assert (visit.handover.state, bytes(visit.handover.sealed)) == (Seal.EXPIRING, b"")
    assert visit.credential.state == State.LIVE
    assert "the credential is revoked within minutes" in text(visit.get())
    aws_account.faults.clear()
    sweeps.run_now("handovers", aws())
    assert (visit.handover.state, visit.credential.state) == (Seal.BURNT, State.REVOKED)
    assert "Lost, as its owner said. The credential is revoked." in text(visit.get())


def test_what_was_stored_and_is_lost_later_is_revoked_and_twice_is_once(visit):
    visit.look()
    visit.post("confirmation/")
    for _ in range(2):
        assert visit.post("loss/").status_code == 303
    assert (visit.handover.state, visit.credential.state) == (Seal.BURNT, State.REVOKED)
    assert AuditEvent.objects.filter(act="handover:lose").count() == 1
    assert visit.post("confirmation/").status_code == 409


@pytest.mark.django_db(transaction=True)
def test_a_look_never_comes_after_the_burn_it_raced(committed_world):
    committed_world.newsletter.live_limit = 50
    committed_world.newsletter.save()
    client = signed_in(committed_world, "member")
    for number in range(4):
        visit = Visit.issued(committed_world, client, application=f"race-{number}")
        visit.look()
        start, statuses = threading.Barrier(2), {}

        def go(below, visit=visit, start=start, statuses=statuses) -> None:
            try:
                browser = Client()
                browser.cookies = client.cookies
                start.wait()
                statuses[below] = browser.post(visit.address + below).status_code
            finally:
                connection.close()

        pair = [threading.Thread(target=go, args=(below,)) for below in ("look/", "confirmation/")]
        for each in pair:
            each.start()
        for each in pair:
            each.join()
        assert statuses["confirmation/"] == 303
        assert statuses["look/"] in {200, 409}
        events = AuditEvent.objects.filter(credential_id=visit.credential.pk, outcome="done")
        burnt = events.get(act="handover:burn").sequence
        looks = list(events.filter(act="handover:look").values_list("sequence", flat=True))
        assert max(looks) < burnt
        assert len(looks) == (2 if statuses["look/"] == 200 else 1)


# Proof ---------------------------------------------------------------------------------------------------------------


def test_a_page_that_polls_gets_the_proof_alone(visit):
    response = visit.post("verification/", headers={"HX-Request": "true"})
    page = text(response)
    assert response.status_code == 200
    assert page.strip().startswith('<div id="proof"')
    assert "<html" not in page
    assert page.count('data-state="verified"') == 2


@pytest.mark.parametrize("way", ["GET", "POST"])
def test_without_scripts_the_check_answers_with_the_page(visit, way):
    response = visit.client.generic(way, f"{visit.address}verification/")
    page = text(response if way == "GET" else visit.get())
    assert "<html" in page
    assert page.count('data-state="verified"') == 2


@pytest.mark.parametrize("end", ["confirmation/", "loss/"])
def test_a_page_that_polls_after_the_end_is_led_away_whole_unless_it_waits_for_what_ends_it(visit, end):
    visit.look()
    visit.post(end)
    response = visit.post("verification/", headers={"HX-Request": "true"})
    assert (response.status_code, response.content, "HX-Redirect" in response) == (204, b"", False)
    Handover.objects.update(ended_at=timezone.now() - timedelta(seconds=11))
    response = visit.post("verification/", headers={"HX-Request": "true"})
    assert (response.status_code, response["HX-Redirect"]) == (204, visit.address)
    assert response.content == b""


def test_a_page_that_polls_after_the_session_is_led_to_the_sign_in(visit):
    visit.client.logout()
    response = visit.post("verification/", headers={"HX-Request": "true"})
    assert (response.status_code, response["HX-Redirect"]) == (204, "/accounts/login/")


def test_checking_is_no_look(visit):
    visit.post("verification/")
    assert (visit.handover.looks, visit.handover.state) == (0, Seal.OPEN)
    assert AuditEvent.objects.filter(act="handover:verify", outcome="done").count() == 2


def test_a_test_message_goes_to_the_simulator_and_proves_sending(visit, aws_account):
    visit.post("test-message/", {"region": "us-east-1", "sender": "digest@example.com"})
    (message,) = aws_account.mailbox
    assert (message.region, message.sender) == ("us-east-1", "digest@example.com")
    assert message.recipients == ("success@simulator.amazonses.com",)
    page = text(visit.get())
    assert "Sending proved" in page
    assert "[masked]" in page


def test_what_else_is_typed_into_a_test_message_goes_nowhere(visit, aws_account):
    more = {"to": "victim@example.org", "recipient": "victim@example.org", "subject": "x", "body": "x", "host": "evil"}
    visit.post("test-message/", {"region": "eu-central-1", "sender": "digest@example.com", **more})
    (message,) = aws_account.mailbox
    assert message.recipients == ("success@simulator.amazonses.com",)
    assert "victim" not in repr(message)


@pytest.mark.parametrize(
    ("region", "sender"),
    [
        ("eu-central-1", "other@example.com"),
        ("eu-central-1", "digest@billing.example.com"),
        ("eu-central-1", "Digest@example.com"),
        ("eu-central-1", "*@example.com"),
        ("eu-central-1", "digest@example.com\r\nBcc: victim@example.org"),
        ("eu-central-1", "digest@example.com, other@example.com"),
        ("eu-central-1", ""),
        ("eu-central-1", "x" * 5000),
        ("eu-west-1", "digest@example.com"),
        ("", "digest@example.com"),
        ("eu-central-1=evil.example:25/starttls", "digest@example.com"),
        ("../../etc", "digest@example.com"),
    ],
)
def test_a_test_message_from_elsewhere_is_not_sent(visit, aws_account, region, sender):
    response = visit.post("test-message/", {"region": region, "sender": sender})
    assert response.status_code == 409
    assert 'class="message error" id="test-error"' in text(response)
    assert not aws_account.mailbox
    assert visit.handover.tests == 0
    assert not [name for name, _ in aws_account.calls if name.startswith("Smtp")]


def test_a_pattern_asks_from_which_address(world, aws_account):
    visit = Visit.issued(world, from_addresses="*@example.com")
    assert 'name="sender" value="test@example.com"' in text(visit.get())
    assert visit.post("test-message/", {"region": "us-east-1", "sender": "any@example.com"}).status_code == 303
    assert visit.post("test-message/", {"region": "us-east-1", "sender": "*@example.com"}).status_code == 409
    assert [message.sender for message in aws_account.mailbox] == ["any@example.com"]


def test_there_are_five_test_messages_failed_ones_included(visit, aws_account):
    aws_account.faults.set("SmtpSend", "error", code="MessageRejected", times=1)
    typed = {"region": "us-east-1", "sender": "digest@example.com"}
    assert [visit.post("test-message/", typed).status_code for _ in range(TEST_MESSAGES)] == [303] * 5
    sixth = visit.post("test-message/", typed)
    assert sixth.status_code == 429
    assert "Nothing was sent." in text(sixth)
    events = AuditEvent.objects.filter(act="handover:test").order_by("sequence")
    assert [event.outcome for event in events] == ["begun", "failed", *["begun", "done"] * 4, "refused"]
    assert len(aws_account.mailbox) == 4


# Forms from elsewhere ------------------------------------------------------------------------------------------------

POSTED = [
    "/credentials/new/", "/identities/", "/accounts/logout/", "{handover}", "{handover}look/",
    "{handover}verification/", "{handover}test-message/", "{handover}confirmation/", "{handover}loss/",
    "/credentials/{credential}/revocation/",
]  # fmt: skip


@pytest.mark.parametrize("shape", POSTED)
def test_a_form_that_does_not_prove_where_it_came_from_does_nothing(world, visit, aws_account, shape):
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = visit.client.cookies
    before, events = len(aws_account.calls), AuditEvent.objects.count()
    response = strict.post(shape.format(handover=visit.address, credential=visit.credential.pk))
    assert response.status_code == 403
    assert heading(response) == "This form is too old to be sent"
    assert "Nothing was made." in text(response)
    assert (len(aws_account.calls), AuditEvent.objects.count()) == (before, events)
    assert (visit.handover.state, visit.handover.looks) == (Seal.OPEN, 0)
    assert visit.credential.state == State.LIVE


def test_a_form_of_another_site_does_nothing(world, visit):
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = visit.client.cookies
    token = strict.get(visit.address).context["csrf_token"]
    typed = {"csrfmiddlewaretoken": str(token)}
    assert strict.post(f"{visit.address}look/", typed, headers={"Origin": "https://evil.example"}).status_code == 403
    assert strict.post(f"{visit.address}look/", typed).status_code == 200


# The opened page -----------------------------------------------------------------------------------------------------


def copied_from(page: str) -> set[str]:
    """What the copy buttons of the slips copy: the value beside them."""
    rows = re.findall(r'<dl class="secret">(.*?)</dl>', page, re.DOTALL)
    return {re.search(r"<code[^>]*>(.*?)</code>", row)[1] for row in rows if "<copy-button></copy-button>" in row}


def test_every_value_has_its_copy_button_ports_too(visit):
    page = text(visit.look())
    copied = copied_from(page)
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    login = visit.credential.keys.get()
    wanted = {login.key_id, *known_passwords(visit)}
    for region in ("eu-central-1", "us-east-1"):
        for endpoint in endpoints(region):
            wanted |= {endpoint.host, str(endpoint.port)}
    assert wanted <= copied


def test_it_is_light_with_three_regions_and_twenty_addresses(world):
    regions = ["eu-central-1", "us-east-1", "ap-southeast-2"]
    Team.objects.update(regions=regions)
    reading = RegionReading.objects.get(region="us-east-1")
    reading.pk, reading.region = None, "ap-southeast-2"
    reading.save()
    addresses = "\n".join(f"department-{number}@example.com" for number in range(20))
    visit = Visit.issued(world, regions=regions, from_addresses=addresses)
    visit.post("verification/")
    sender = {"region": "eu-central-1", "sender": "department-0@example.com"}
    visit.post("test-message/", sender)
    sizes = {}
    for client in ("postfix", "msmtp", "django", "django-mailers", "nodemailer", "swaks", "env"):
        page = visit.post("look/", {"region": "ap-southeast-2", "client": client})
        sizes[client] = len(page.content)
    assert max(sizes.values()) <= 15 * 1024, sizes
    assert copied_from(text(page))
