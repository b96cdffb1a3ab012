"""The pages that change a credential: what they ask, keep, refuse and say; the note; stops as people press them."""

import json
import re
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from provisioning.domain.from_entries import FromEntry
from provisioning.domain.lifecycle import Login
from provisioning.models import AuditEvent, AwsAccount, Credential, Handover, Stop, Stopped
from provisioning.sandbox.principals import record_use
from provisioning.views import stops
from tests.builders import CONSOLE, open_team
from tests.services.acts import as_approved, issue, suspend
from tests.services.elsewhere import ready, trust
from tests.services.test_guardrails import change
from tests.services.test_other_accounts import NOBODY
from tests.web.test_request_form import beside
from tests.web.visits import Visit, heading, hidden, signed_in, text, went_stale

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit(world) -> Visit:
    return Visit.issued(world)


def at(visit: Visit, below: str = "") -> str:
    return f"/credentials/{visit.credential.pk}/{below}"


def test_the_page_of_a_credential_offers_what_its_state_allows(world, visit):
    page = text(visit.client.get(at(visit)))
    for below in ("suspension/", "from-addresses/", "note/", "revocation/"):
        assert f'href="{at(visit, below)}"' in page
    assert at(visit, "resumption/") not in page
    assert at(visit, "transfer/") not in page
    assert at(visit, "transfer/") in text(signed_in(world, "admin").get(at(visit)))
    assert at(visit, "note/") not in text(signed_in(world, "auditor").get(at(visit)))


def test_the_page_says_that_the_owner_was_deactivated(world, visit):
    admin = signed_in(world, "admin")
    assert "Deactivated" not in text(admin.get(at(visit)))
    admin.post(f"/people/{visit.credential.owner_id}/deactivation/")
    assert 'data-state="deactivated"' in text(admin.get(at(visit)))


def test_a_sign_in_that_was_not_known_everywhere_yet_is_not_verified_once_the_hand_over_is_over(visit):
    visit.credential.keys.get().logins.update(state=Login.PROPAGATING, tries=1, tried_at=timezone.now())
    assert "Propagating" in text(visit.client.get(at(visit)))
    visit.look()
    assert visit.post("confirmation/").status_code == 303
    page = text(visit.client.get(at(visit)))
    assert "Propagating" not in page
    assert page.count("Not verified") == len(visit.credential.regions)


def test_suspend_and_resume_say_what_happens_and_show_it(visit):
    assert "SES answers 535" in text(visit.client.get(at(visit, "suspension/")))
    assert visit.client.post(at(visit, "suspension/")).status_code == 303
    page = text(visit.client.get(at(visit)))
    assert 'data-state="suspended"' in page
    assert 'data-state="inactive"' in page
    assert f'href="{at(visit, "resumption/")}"' in page
    assert "Suspended" in text(visit.client.get("/"))
    assert visit.client.post(at(visit, "resumption/")).status_code == 303
    assert 'data-state="live"' in text(visit.client.get(at(visit)))


def test_suspending_what_is_revoked_is_refused_in_words(visit):
    visit.client.post(at(visit, "revocation/"))
    response = visit.client.post(at(visit, "suspension/"))
    assert (response.status_code, heading(response)) == (409, "weekly-digest is revoked")


def test_a_fault_of_aws_leads_to_the_credential(visit, aws_account):
    aws_account.faults.set("UpdateAccessKey", "error", code="ConcurrentModification", status=409, times=9)
    response = visit.client.post(at(visit, "suspension/"))
    assert response.status_code == 502
    assert "Nothing was changed." in text(response)
    assert f'href="{at(visit)}"' in text(response)


def test_from_addresses_are_reviewed_exactly_then_changed(visit):
    here = at(visit, "from-addresses/")
    assert "digest@example.com" in text(visit.client.get(here))
    review = text(visit.client.post(here, {"from_addresses": "news@example.com\n*@example.com"}))
    assert "This is what weekly-digest may send as" in review
    assert "ses:FromAddress" in review
    assert Credential.objects.get().from_entries == ["digest@example.com"]
    typed = hidden(review)
    assert visit.client.post(here, typed).status_code == 303
    assert visit.client.post(here, typed).status_code == 303  # the second click
    assert Credential.objects.get().from_entries == ["news@example.com", "*@example.com"]
    page = text(visit.client.get(at(visit)))
    assert "from digest@example.com to news@example.com and *@example.com" in page


def test_what_was_typed_is_kept_with_the_reason_beside_it(visit):
    response = visit.client.post(at(visit, "from-addresses/"), {"from_addresses": "boss@elsewhere.example"})
    assert response.status_code == 422
    assert "outside what Newsletter may send as" in text(response)
    assert "boss@elsewhere.example</textarea>" in text(response)


def test_what_an_approval_took_away_is_refused_beside_the_field_and_kept(world):
    wide, news = (FromEntry.parse(each) for each in ("*@example.com", "news@example.com"))
    credential = as_approved(world, from_entries=(wide,), less={"from_entries": (news,)})
    member, here = signed_in(world, "member"), f"/credentials/{credential.pk}/from-addresses/"
    assert 'href="/requests/new/"' in text(member.get(here))
    typed = {"from_addresses": "*@example.com"}
    for posted in (typed, typed | {"reviewed": credential.policy_hash}):
        response = member.post(here, posted)
        assert response.status_code == 422
        said = beside(text(response), "from_addresses")
        for words in (
            "3,650 days is longer than Newsletter may",
            "admin2@example.com approved it for news@example.com",
        ):
            assert words in said
        assert "ask an administrator for a new credential" in said
        assert "*@example.com</textarea>" in text(response)
    assert Credential.objects.get().from_entries == ["news@example.com"]


def test_an_old_review_of_from_addresses_is_refused(visit):
    here = at(visit, "from-addresses/")
    old = hidden(text(visit.client.post(here, {"from_addresses": "news@example.com"})))
    visit.client.post(here, hidden(text(visit.client.post(here, {"from_addresses": "*@example.com"}))))
    response = visit.client.post(here, old)
    assert response.status_code == 422
    assert "Those that hold now: *@example.com." in text(response)
    assert ">\nnews@example.com" in text(response), "what was typed is kept"
    assert Credential.objects.get().from_entries == ["*@example.com"]


def test_changing_something_in_a_review_keeps_what_was_typed(world, visit):
    here, admin = at(visit, "from-addresses/"), signed_in(world, "admin")
    review = text(visit.client.post(here, {"from_addresses": "news@example.com\n*@example.com"}))
    form = visit.client.post(here, {**hidden(review), "change_something": "1"})
    assert "Change the From addresses" in heading(form)
    assert "news@example.com\n*@example.com" in text(form)
    assert Credential.objects.get().from_entries == ["digest@example.com"]
    open_team()
    chosen = hidden(text(admin.post(at(visit, "transfer/"), {"team": "successor"})))
    form = text(admin.post(at(visit, "transfer/"), {**chosen, "change_something": "1"}))
    assert re.search('value="successor"[^>]* selected', form)
    assert Credential.objects.get().team == world.newsletter


def test_a_transfer_of_what_has_moved_shows_the_form_again(world, visit):
    open_team()
    admin, here = signed_in(world, "admin"), at(visit, "transfer/")
    old = hidden(text(admin.post(here, {"team": "successor"})))
    Credential.objects.update(team=world.billing)
    response = admin.post(here, old)
    assert response.status_code == 422
    assert "weekly-digest belongs to Billing now. Review the transfer again." in text(response)
    assert re.search('value="successor"[^>]* selected', text(response))


def test_a_note_is_kept_shown_and_told_with_before_and_after(visit):
    here = at(visit, "note/")
    assert visit.client.post(here, {"note": "On web-1.\r\n<b>Ask us</b>"}).status_code == 303
    visit.client.post(here, {"note": "On web-1.\r\n<b>Ask us</b>"})
    page = text(visit.client.get(at(visit)))
    assert "On web-1.<br>&lt;b&gt;Ask us&lt;/b&gt;" in page
    visit.client.post(here, {"note": ""})
    events = [json.loads(event.text)["detail"] for event in AuditEvent.objects.filter(act="credential:note")]
    kept = "On web-1.\n<b>Ask us</b>"
    assert events == [{"before": kept, "after": ""}, {"before": "", "after": kept}]


def test_a_long_note_is_kept_in_the_form(visit):
    response = visit.client.post(at(visit, "note/"), {"note": "x" * 2_001})
    assert response.status_code == 422
    assert "x" * 2_001 in text(response)
    assert Credential.objects.get().note == ""


def test_a_transfer_is_reviewed_and_done_by_an_administrator(world, visit):
    admin, here = signed_in(world, "admin"), at(visit, "transfer/")
    open_team()
    response = admin.post(here, {"team": "billing"})
    assert response.status_code == 422
    assert "digest@example.com is outside what Billing may send as" in text(response)
    review = text(admin.post(here, {"team": "successor"}))
    assert "weekly-digest goes to Successor" in review
    assert "stays under" in review
    assert admin.post(here, hidden(review)).status_code == 303
    page = text(admin.get(at(visit)))
    assert page.count("<strong>Transferred</strong> from Newsletter to Successor") == 1
    assert visit.client.get(at(visit)).status_code == 404


def test_a_transfer_asks_for_the_password_of_a_sign_in_that_is_old(world, visit):
    admin = signed_in(world, "admin")
    went_stale(admin)
    for method in ("GET", "POST"):
        response = admin.generic(method, at(visit, "transfer/"))
        assert response["Location"].startswith("/accounts/reauthenticate/?next=")


def test_a_stop_is_previewed_begun_and_undone(visit):
    preview = text(visit.client.get("/stops/new/?sender=digest@example.com"))
    assert "Stop 1 credential" in preview
    assert "weekly-digest" in preview
    typed = {**hidden(preview), "reason": "Misused."}
    first, second = (visit.client.post("/stops/new/", typed) for _ in range(2))
    assert first.status_code == 303
    assert first["Location"] == second["Location"]
    page = visit.client.get(first["Location"])
    assert heading(page) == "1 of 1 stopped"
    assert "Misused." in text(visit.client.get("/stops/"))
    assert "1 credential would send again" in text(visit.client.get(f"{first['Location']}undo/"))
    assert visit.client.post(f"{first['Location']}undo/").status_code == 303
    undone = visit.client.get(f"{first['Location']}undo/")
    assert heading(undone) == "The stop of everything that sends as digest@example.com is undone"
    assert "Undo the stop" not in text(undone)
    assert heading(visit.client.get(first["Location"])) == "1 of 1 resumed"
    assert Credential.objects.get().state == "live"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("team=billing", "There is no such team that you may stop."),
        ("team=&sender=", "Choose a team, or name an address"),
        ("team=newsletter&sender=x@example.com", "one of the two"),
        ("sender=Boss", "has capital letters"),
    ],
)
def test_what_to_stop_is_asked_again_with_a_reason(visit, typed, words):
    response = visit.client.get(f"/stops/new/?{typed}")
    assert response.status_code == 422
    assert words in text(response)


def test_a_stop_needs_a_reason(visit):
    response = visit.client.post("/stops/new/", {**hidden(text(visit.client.get("/stops/new/?team=newsletter")))})
    assert response.status_code == 422
    assert "Say why." in text(response)
    assert not Stop.objects.exists()


def test_whoever_finds_their_mail_stopped_reads_who_did_it_and_why(world, visit):
    admin = signed_in(world, "admin")
    preview = text(admin.get("/stops/new/?team=newsletter"))
    stop = admin.post("/stops/new/", {**hidden(preview), "reason": "It was misused."})["Location"]
    Handover.objects.all().burn(timezone.now())
    for page in (at(visit), at(visit, "resumption/")):
        assert "Stopped by admin@example.com: It was misused." in text(visit.client.get(page))
        assert f'href="{stop}"' in text(visit.client.get(page))
    assert "It was stopped. Read why before you resume it." in text(visit.client.get("/"))
    visit.client.post(at(visit, "resumption/"))
    assert "Stopped by" not in text(visit.client.get(at(visit)))
    visit.client.post(at(visit, "suspension/"))
    assert "Stopped by" not in text(visit.client.get(at(visit)))
    assert "It sends nothing. Resume it" in text(visit.client.get("/"))


def test_pages_that_ask_say_when_aws_was_asked_about_the_last_use_and_where_the_rest_is(world, visit, monkeypatch):
    monkeypatch.setattr(stops, "ROWS", 1)
    world.issued(application="second")
    admin = signed_in(world, "admin")
    AwsAccount.objects.update(uses_read_at=timezone.now())
    preview = text(admin.get("/stops/new/?team=newsletter"))
    assert f'href="/credentials/?team={world.newsletter.pk}&amp;state=live"' in preview
    whole = unescape(text(admin.get("/stops/new/?sender=*@example.com")))
    everyone = re.search(r'href="(/credentials/\?sender=[^"]+)">All live credentials that may send as', whole)[1]
    assert all(name in text(admin.get(everyone)) for name in ("weekly-digest", "second"))
    stop = admin.post("/stops/new/", {**hidden(preview), "reason": "Misused."})["Location"]
    undo = text(admin.get(f"{stop}undo/"))
    assert f'<a href="{stop}">The stop has every one</a>' in undo
    for page in (undo, text(admin.get("/teams/newsletter/"))):
        assert "none known" in page
        assert "s credential report." in page


def reads(aws_account) -> list[str]:
    return [operation for operation, _ in aws_account.calls]


def test_what_would_stop_is_asked_of_aws_and_the_stop_itself_asks_nothing_more(world, visit, aws_account):
    console = world.console_login()
    record_use(aws_account.world, visit.credential.keys.get().key_id, "ses-smtp", "eu-central-1")
    aws_account.world.calls.clear()
    preview = text(visit.client.get("/stops/new/?team=newsletter"))
    assert sorted(reads(aws_account)) == ["GetAccessKeyLastUsed", "GetUser"]
    assert "Last use asked of AWS just now. Of all" in preview
    used, never = (
        preview.partition(f">{name}</a>")[2].partition("</tr>")[0] for name in ("weekly-digest", str(console))
    )
    assert re.search(r'data-label="Last use"><time-ago', used)
    assert "never, as far as AWS has told" in never
    assert not re.search("none known|credential report", preview)
    aws_account.world.calls.clear()
    typed = {**hidden(preview), "reason": ""}
    assert visit.client.post("/stops/new/", typed).status_code == 422
    assert reads(aws_account) == []
    assert visit.client.post("/stops/new/", {**typed, "reason": "Misused."}).status_code == 303
    assert "GetAccessKeyLastUsed" not in reads(aws_account)
    assert set(reads(aws_account)) >= {"DeleteLoginProfile", "UpdateAccessKey"}


@pytest.mark.parametrize(
    "fault",
    [
        {"effect": "error", "code": "AccessDenied", "status": 403},
        {"effect": "error", "code": "ServiceFailure", "status": 500},
        {"effect": "lose_reply"},
    ],
)
def test_where_aws_does_not_say_the_report_does_and_the_stop_goes_on(world, visit, aws_account, fault):
    aws_account.faults.set("GetAccessKeyLastUsed", times=99, **fault)
    preview = visit.client.get("/stops/new/?team=newsletter")
    assert preview.status_code == 200
    assert "none known" in text(preview)
    assert "asked of AWS just now" not in text(preview)
    typed = {**hidden(text(preview)), "reason": "Misused."}
    assert heading(visit.client.get(visit.client.post("/stops/new/", typed)["Location"])) == "1 of 1 stopped"


def test_one_account_that_does_not_let_us_in_keeps_the_others_from_nothing(world, visit, aws_account):
    there = ready(world, aws_account)
    issue(world.reviewed(account_id=there.pk, application="elsewhere"))
    trust(aws_account, NOBODY)
    AwsAccount.objects.filter(pk=there.pk).update(checked_at=None)
    page = visit.client.get("/stops/new/?team=newsletter")
    assert page.status_code == 200
    assert "Last use asked of AWS just now, where it said." in text(page)
    elsewhere, here = (
        text(page).partition(f">{name}</a>")[2].partition("</tr>")[0] for name in ("elsewhere", "weekly-digest")
    )
    assert re.search(r"none known.*by its report", elsewhere)
    assert "never, as far as AWS has told" in here


def test_aws_is_asked_about_what_the_page_names_alone(world, visit, aws_account, monkeypatch):
    monkeypatch.setattr(stops, "ROWS", 2)
    for name in ("second", "third"):
        world.issued(application=name)
    aws_account.world.calls.clear()
    page = text(visit.client.get("/stops/new/?team=newsletter"))
    assert reads(aws_account) == ["GetAccessKeyLastUsed"] * 2
    assert "The newest 2 of 3; AWS was not asked about the others." in page


def test_a_stop_says_what_goes_on_by_itself_and_what_was_resumed_since(world, visit):
    admin = signed_in(world, "admin")
    preview = text(admin.get("/stops/new/?team=newsletter"))
    stop = admin.post("/stops/new/", {**hidden(preview), "reason": "Misused."})["Location"]
    assert "goes on by itself" not in text(admin.get(stop))
    visit.client.post(at(visit, "resumption/"))
    assert heading(admin.get(stop)) == "1 of 1 stopped, 1 resumed since"
    Stopped.objects.update(suspended_at=None, resumed_at=None)
    assert "What is left goes on by itself" in text(admin.get(stop))
    Stopped.objects.update(trouble="AWS said no.")
    page = text(admin.get(stop))
    assert "What is left goes on by itself" not in page
    assert "What met trouble does not go on by itself" in page


def test_the_list_of_stops_is_turned_page_by_page(world, monkeypatch):
    monkeypatch.setattr(stops, "ROWS", 2)
    now, admin = timezone.now(), signed_in(world, "admin")
    for number in range(5):
        at_that_time = now - timezone.timedelta(hours=number)
        Stop.objects.create(team=world.billing, reason=f"Reason {number}.", by=world.people["admin"], at=at_that_time)
    page, seen = text(admin.get("/stops/")), []
    for _ in range(3):
        seen.append(re.findall(r"Reason \d", page))
        onward = re.search(r'href="([^"]+)" rel="next"', page)
        page = text(admin.get(f"/stops/{unescape(onward[1])}")) if onward else page
    assert seen == [["Reason 0", "Reason 1"], ["Reason 2", "Reason 3"], ["Reason 4"]]
    back = unescape(re.search(r'href="([^"]+)" rel="prev"', page)[1])
    assert re.findall(r"Reason \d", text(admin.get(f"/stops/{back}"))) == seen[1]
    for typed in ("before=never", "after=0001-01-01T00:00:00%2B23:00", "before=9999-12-31T23:59:59-23:00"):
        assert admin.get(f"/stops/?{typed}").status_code == 200
    assert "There is none beyond this point" in text(admin.get("/stops/?before=0-00000000-0000-0000-0000-000000000000"))


@pytest.mark.parametrize(
    ("sender", "found"),
    [
        ("digest@example.com", {"weekly-digest", "pattern"}),
        ("News@Example.com", {"pattern"}),
        ("*@example.com", {"weekly-digest", "pattern"}),
        ("digest@other.example.com", set()),
        ("gest@example.com", {"pattern"}),
        ("no address", {"weekly-digest", "pattern"}),
    ],
)
def test_the_list_of_credentials_tells_who_may_send_as_an_address(world, visit, sender, found):
    world.issued(application="pattern", from_entries=(FromEntry.parse("*@example.com"),))
    for page in ("/credentials/", "/credentials.csv"):
        shown = text(visit.client.get(page, {"sender": sender}))
        assert {name for name in ("weekly-digest", "pattern") if f"ses-newsletter-{name}-" in shown} == found


def test_an_auditor_reads_stops_and_a_stranger_to_the_team_sees_none(world, visit):
    preview = text(visit.client.get("/stops/new/?team=newsletter"))
    where = visit.client.post("/stops/new/", {**hidden(preview), "reason": "Misused."})["Location"]
    auditor, outsider = signed_in(world, "auditor"), signed_in(world, "outsider")
    assert auditor.get(where).status_code == 200
    assert "Misused." in text(auditor.get("/stops/"))
    assert outsider.get(where).status_code == 404
    assert "Misused." not in text(outsider.get("/stops/"))


def test_the_pages_stay_small_and_ask_the_database_little(world, visit):
    admin = signed_in(world, "admin")
    open_team()
    Credential.objects.update(note="x" * 2_000, expires_at=timezone.now() + timezone.timedelta(days=9))
    of_live = [
        at(visit, below) for below in ("", "suspension/", "revocation/", "from-addresses/", "note/", "transfer/")
    ]
    assert_small(admin, *of_live, "/stops/", "/stops/new/", "/stops/new/?team=newsletter")
    preview = text(visit.client.get("/stops/new/?team=newsletter"))
    where = visit.client.post("/stops/new/", {**hidden(preview), "reason": "Misused."})["Location"]
    assert_small(admin, at(visit), at(visit, "resumption/"), where, f"{where}undo/")


def test_in_a_team_of_which_the_guardrail_was_widened_they_ask_little_more(world):
    live = as_approved(world)
    login = as_approved(world, **CONSOLE | {"options": {"access": "full"}})
    suspend(login)
    for name, limit in (("admin", 9), ("admin2", 10), ("admin2", 11)):
        change(world, name, live_limit=limit)
    pages = [f"/credentials/{each.pk}/" for each in (live, login)]
    for name in ("admin", "admin2", "member"):
        assert_small(signed_in(world, name), *pages, f"{pages[1]}resumption/")
    assert_small(signed_in(world, "admin"), f"{pages[0]}rotation/")


def assert_small(admin, *pages):
    for page in pages:
        admin.get(page)
        with CaptureQueriesContext(connection) as queries:
            response = admin.get(page)
        assert response.status_code == 200
        assert len(queries) <= 8, (page, [each["sql"][:90] for each in queries])
        assert len(response.content) <= 15 * 1024, page
