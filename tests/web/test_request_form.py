"""Describing a credential: each thing that cannot be is said beside its field, and nothing is made by it."""

import re
import threading
from datetime import timedelta
from html import escape

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from provisioning.models import AuditEvent, Credential, CredentialRequest, Person
from provisioning.services import reviews
from tests.services.elsewhere import WANTED
from tests.services.test_reviews import copies
from tests.web.visits import FORM, TYPED, Visit, heading, signed_in, text, typed

pytestmark = pytest.mark.django_db
MANY = "\n".join(f"address-number-{number}-of-a-long-list@example.com" for number in range(39))


@pytest.fixture
def member(world) -> Client:
    return signed_in(world, "member")


def beside(page: str, field: str) -> str:
    """What is said beside a field."""
    found = re.search(rf'id="id_{field}_error">(.*?)</div></div>', page, re.DOTALL)
    return re.sub(r"<[^>]+>", " ", found[1]) if found else ""


BAD = [
    ("application", "", "Name the application"),
    ("application", "   ", "Name the application"),
    ("application", None, "Name the application"),
    ("application", "a" * 31, "at most 30"),
    ("application", "a" * 61, "at most 30"),
    ("application", "weekly digest", "hyphens only"),
    ("application", "-weekly", "hyphens only"),
    ("application", "weekly_digest", "hyphens only"),
    ("application", "wöchentlich", "hyphens only"),
    ("application", "週報", "hyphens only"),
    ("application", "../admin", "hyphens only"),
    ("application", "<b>x</b>", "hyphens only"),
    ("application", "weekly\0digest", "Null characters"),
    ("purpose", "", "Say what it is for"),
    ("purpose", "x" * 501, "at most 500"),
    ("purpose", "a\0b", "Null characters"),
    ("regions", [], "Choose at least one"),
    ("regions", ["eu-west-1"], "eu-west-1 is outside the regions"),
    ("regions", ["eu-central-1", "us-west-2"], "us-west-2 is outside the regions"),
    ("regions", ["nowhere"], "nowhere is outside the regions"),
    ("regions", ["eu-central-1,us-east-1"], "is outside the regions"),
    ("regions", ["eu-central-1\0"], "is outside the regions"),
    ("regions", ["<script>"], "is outside the regions"),
    ("from_addresses", "", "Name at least one"),
    ("from_addresses", "  \n \r\n ", "Name at least one"),
    ("from_addresses", "digest@other.org", "digest@other.org is outside what Newsletter may send as"),
    ("from_addresses", "digest@billing.example.com", "outside what Newsletter may send as"),
    ("from_addresses", "digest@example.com\nother@evil.org", "other@evil.org is outside"),
    ("from_addresses", "*@*", "not an e-mail address"),
    ("from_addresses", "*@*.example.com", "not an e-mail address"),
    ("from_addresses", "*", "not an e-mail address"),
    ("from_addresses", "d*@example.com", "a single star"),
    ("from_addresses", "digest?@example.com", "before the @ stand letters"),
    ("from_addresses", "${aws:username}@example.com", "before the @ stand letters"),
    ("from_addresses", "digest@${aws:username}", "not an e-mail address"),
    ("from_addresses", "Digest@example.com", "write digest@example.com"),
    ("from_addresses", "digest", "not an e-mail address"),
    ("from_addresses", "digest@example.com, other@example.com", "not an e-mail address"),
    ("from_addresses", "digest@example.com\0", "Null characters"),
    ("from_addresses", MANY, "characters. Use fewer From addresses"),
    ("from_addresses", MANY + "\na@example.com\nb@example.com", "41 addresses: at most 40"),
    ("from_addresses", "x" * 20_000, "at most"),
    ("lifetime_days", "", "needs an end date: at most 180 days"),
    ("lifetime_days", None, "needs an end date"),
    ("lifetime_days", "0", "At least 1 day"),
    ("lifetime_days", "-5", "At least 1 day"),
    ("lifetime_days", "181", "181 days is longer than Newsletter may: 180"),
    ("lifetime_days", "99999", "At most 3,650 days"),
    ("lifetime_days", "1" * 5000, "whole number"),
    ("lifetime_days", "ninety", "whole number"),
    ("lifetime_days", "9.5", "whole number"),
    ("lifetime_days", "1e2", "whole number"),
    ("team", "billing", "You are not in that team."),
    ("team", "no-such-team", "You are not in that team."),
    ("team", "", "Choose a team"),
    ("team", None, "Choose a team"),
    ("team", "newsletter\0", "Null characters"),
]


@pytest.mark.parametrize(
    ("field", "value", "words"), BAD, ids=[f"{field}-{index}" for index, (field, *_) in enumerate(BAD)]
)
def test_a_bad_answer_is_told_beside_its_field_and_makes_nothing(world, member, aws_account, field, value, words):
    before = len(aws_account.calls)
    response = member.post(FORM, typed(world, **{field: value}))
    page = text(response)
    assert response.status_code == 422
    assert words in beside(page, field)
    assert f'href="#id_{field}"' in page  # the summary leads there
    assert_kept(page, typed(world, **{field: value}))
    assert "handover_key" not in response.cookies
    assert not CredentialRequest.objects.exists()
    assert len(aws_account.calls) == before


def assert_kept(page: str, was_typed: dict[str, object]) -> None:
    """What was typed stands in its field again, also where it is wrong."""
    for field in ("application", "lifetime_days"):
        value = was_typed.get(field) or ""
        kept = re.search(rf'name="{field}"(?: value="([^"]*)")?', page)
        assert (kept[1] or "") == escape(str(value).replace("\0", "\0"), quote=True).replace("&#x27;", "&#39;")
    for field in ("purpose", "from_addresses"):
        kept = re.search(rf'<textarea[^>]* name="{field}"[^>]*>\n(.*?)</textarea>', page, re.DOTALL)
        assert kept[1] == escape(str(was_typed.get(field) or ""))
    checked = re.findall(r'name="regions" value="([^"]+)"(?:[^>]*?) checked', page)
    assert checked == [region for region in TYPED["regions"] if region in was_typed.get("regions", [])]


def test_all_that_is_wrong_is_told_at_once(world, member):
    response = member.post(FORM, {"team": "billing", "lifetime_days": "x", "from_addresses": "x"})
    page = text(response)
    assert all(beside(page, field) for field in ("team", "application", "purpose", "regions", "lifetime_days"))
    assert "6 things to change" in page


def test_what_is_out_of_shape_hides_nothing_that_is_out_of_limits(world, member):
    wrong = {"application": "Bad Name!", "from_addresses": "x", "lifetime_days": "200", "regions": ["us-east-1"]}
    page = text(member.post(FORM, typed(world, **wrong)))
    assert "hyphens only" in beside(page, "application")
    assert "not an e-mail address" in beside(page, "from_addresses")
    assert "200 days is longer than Newsletter may: 180" in beside(page, "lifetime_days")
    assert "3 things to change" in page


def test_asking_names_at_once_what_nobody_can_approve_and_not_what_can_be(world, member):
    wrong = {
        "kind": "api",
        "actions": ["SendBulkEmail"],
        "source_ips": "10.0.0.1",
        "reason": "",
        "lifetime_days": "200",
    }
    page = text(member.post("/requests/new/", typed(world, **wrong)))
    assert "SendBulkEmail" in beside(page, "actions")
    assert "AWS never sees it" in beside(page, "source_ips")
    assert "Say why" in beside(page, "reason")
    assert not beside(page, "lifetime_days")


def test_nothing_typed_becomes_markup(world, member):
    hostile = '"><script>alert(1)</script>'
    page = text(member.post(FORM, {**dict.fromkeys(TYPED, hostile), "team": hostile, "regions": [hostile]}))
    assert "<script>alert" not in page


def test_a_region_without_an_smtp_endpoint_is_shown_but_cannot_be_chosen(world, member):
    world.newsletter.regions = ["eu-central-1", "af-south-1"]
    world.newsletter.save()
    assert re.search(r'value="af-south-1"[^>]* disabled', text(member.get(FORM)))
    page = text(member.post(FORM, typed(world, regions=["af-south-1"])))
    assert "SES has no SMTP endpoint in af-south-1" in beside(page, "regions")


def test_of_many_regions_those_that_can_be_used_come_first_and_a_chosen_one_is_never_folded_away(world, member):
    first, _, rest = text(member.get("/requests/new/")).partition("<summary>")
    assert re.findall(r'name="regions" value="([^"]+)"', first) == ["eu-central-1", "us-east-1"]
    assert re.match(r"[0-9]+ other regions</summary>", rest)
    assert "<details>" in first
    page = text(member.post("/requests/new/", typed(world, regions=["eu-west-1"], reason="")))
    assert "<details open><summary>" in page
    assert "<summary>" not in text(member.get(FORM))
    accounts = text(signed_in(world, "admin").get("/aws-accounts/new/")).partition("<summary>")[0]
    assert re.findall(r'name="regions" value="([^"]+)"', accounts) == ["eu-central-1", "us-east-1"]


def test_a_form_with_an_error_shows_one_callout(world, member):
    page = text(member.post(FORM, typed(world, kind="console", application="", access="read")))
    assert page.count('class="callout') == 1


def test_where_no_source_attests_smtp_that_is_what_is_said(world, member):
    world.newsletter.regions = ["eu-central-1", "me-central-1", "eu-south-2"]
    world.newsletter.save()
    page = text(member.get(FORM))
    for region in ("me-central-1", "eu-south-2"):
        assert f"SMTP is not attested in {region}, so it counts as API only" in page
    answer = text(member.post(FORM, typed(world, regions=["me-central-1"])))
    assert "SMTP is not attested in me-central-1" in beside(answer, "regions")


@pytest.mark.parametrize("apart", ["us-gov-west-1", "eusc-de-east-1"])
def test_a_region_that_no_account_of_ours_reaches_is_nowhere_offered_nor_taken(world, apart):
    world.newsletter.regions = ["eu-central-1", apart]
    world.newsletter.save()
    member, admin = signed_in(world, "member"), signed_in(world, "admin")
    doors = {
        f"{FORM}?kind=api&role=no": (member, {"kind": "api", "actions": ["SendEmail"]}),
        "/requests/new/?kind=api&role=no": (member, {"kind": "api", "actions": ["SendEmail"], "reason": "Why not."}),
        "/teams/newsletter/guardrail/": (admin, {"kinds": ["api"], "live_limit": 5, "longest_lifetime_days": 180}),
        "/teams/new/": (admin, {"name": "Far away", "kinds": ["api"], "live_limit": 5, "longest_lifetime_days": 180}),
        "/aws-accounts/new/": (admin, WANTED),
    }
    for door, (client, more) in doors.items():
        page = text(client.get(door))
        assert 'value="eu-central-1"' in page
        assert f'value="{apart}"' not in page
        response = client.post(door, typed(world, **more | {"regions": ["eu-central-1", apart]}))
        assert response.status_code == 422
        assert apart in beside(text(response), "regions")


def test_an_address_that_no_identity_verifies_is_told_region_by_region(world, member):
    world.newsletter.from_entries = ["*@example.com", "*@unverified.org"]
    world.newsletter.save()
    page = text(member.post(FORM, typed(world, from_addresses="x@unverified.org")))
    told = beside(page, "from_addresses")
    assert "no verified identity in eu-central-1 covers it" in told
    assert "no verified identity in us-east-1 covers it" in told


def test_one_credential_more_than_the_team_may_hold_is_refused(world, member):
    world.newsletter.live_limit = 1
    world.newsletter.save()
    Visit.issued(world, member)
    page = text(member.post(FORM, typed(world, application="another")))
    assert "1 of 1 live credentials" in beside(page, "team")


def test_a_kind_that_the_team_may_not_issue_is_refused(world, member):
    world.newsletter.kinds = []
    world.newsletter.save()
    assert "may not issue this kind of credential: SMTP credential." in beside(
        text(member.post(FORM, typed(world))), "team"
    )


def test_what_lies_outside_the_guardrail_is_in_the_history(world, member):
    member.post(FORM, typed(world, lifetime_days="181"))
    event = AuditEvent.objects.first()
    assert (event.act, event.outcome, event.team_id) == ("credential:prepare", "refused", None)
    assert "181 days is longer" in event.text


def test_a_name_in_capitals_is_one_name_with_that_in_small_letters(world, member):
    one = Visit.issued(world, member, application="Weekly-Digest").credential
    two = Visit.issued(world, member, application="weekly-digest").credential
    assert one.user_name == one.user_name.lower()
    assert one.user_name.rpartition("-")[0] == two.user_name.rpartition("-")[0]
    assert one.user_name != two.user_name


def test_a_region_chosen_twice_counts_once(world, member):
    visit = Visit.issued(world, member, regions=["us-east-1", "us-east-1", "us-east-1"])
    assert visit.credential.regions == ["us-east-1"]
    assert list(visit.passwords()) == ["us-east-1"]


def test_an_address_typed_twice_counts_once(world, member):
    visit = Visit.reviewing(world, member, from_addresses="a@example.com\r\n  a@example.com \n\nb@example.com")
    assert CredentialRequest.objects.get(pk=visit.id).from_entries == ["a@example.com", "b@example.com"]


def test_more_than_a_form_may_hold_is_answered_in_words(world, member):
    too_long = member.post(FORM, typed(world, purpose="x" * 3_000_000))
    too_many = member.post(FORM, typed(world) | {f"field-{number}": "x" for number in range(1100)})
    for response in (too_long, too_many):
        assert response.status_code == 400
        assert heading(response) == "This request could not be read"


@pytest.mark.parametrize(
    "query",
    [
        "like=x",
        "like=00000000-0000-4000-8000-000000000000",
        "like=%00",
        "purpose=" + "x" * 5000,
        "purpose=%00%FF",
        "x=1",
    ],
)
def test_whatever_the_address_brings_the_form_opens(member, query):
    assert member.get(f"{FORM}?{query}").status_code == 200


def test_nobody_starts_from_the_answers_of_somebody_else(world, member):
    visit = Visit.reviewing(world, member, purpose="A purpose of one's own.")
    assert "A purpose of one&#x27;s own." in text(member.get(f"{FORM}?like={visit.id}"))
    assert "A purpose" not in text(signed_in(world, "admin").get(f"{FORM}?like={visit.id}"))


# The review ----------------------------------------------------------------------------------------------------------


def test_the_review_shows_everything_exact_before_any_call(world, member, aws_account):
    before = len(aws_account.calls)
    visit = Visit.reviewing(world, member)
    request = CredentialRequest.objects.get(pk=visit.id)
    for shown in (request.user_name, request.path, request.boundary_arn, *request.tags, *request.tags.values()):
        assert str(shown) in visit.reviewed
    assert f"arn:aws:iam::123456789012:user{request.path}{request.user_name}" in visit.reviewed
    shown = re.sub(
        r"</?(mark|code)>", "", re.search(r'id="policy-json"[^>]*>(.*?)</code>', visit.reviewed, re.DOTALL)[1]
    )
    assert shown.replace("&quot;", '"') == request.policy
    assert [call in visit.reviewed for call in ("CreateUser", "PutUserPolicy", "CreateAccessKey")] == [True] * 3
    assert len(aws_account.calls) == before


def test_aws_gets_exactly_what_was_reviewed(world, member, aws_account):
    visit = Visit.issued(world, member)
    request = CredentialRequest.objects.get(pk=visit.id)
    user = aws_account.world.iam.users[request.user_name]
    assert user.path == request.path
    assert user.policies[visit.credential.policy_name] == request.policy
    assert {tag["Key"]: tag["Value"] for tag in aws_account.world.iam.list_user_tags(user.name)} == request.tags


def test_as_many_reviews_as_one_person_may_make_are_told_beside_what_was_typed(world, member):
    copies(world.reviewed(), reviews.MOST - 1, timezone.now())
    response = member.post(FORM, typed(world))
    assert response.status_code == 422
    assert "You have made 200 reviews within an hour and used none of them." in text(response)
    assert_kept(text(response), typed(world))
    assert CredentialRequest.objects.count() == reviews.MOST


@pytest.mark.parametrize("of", ["a credential", "a second key"])
def test_the_old_button_of_a_review_that_was_deleted_leads_on(world, member, aws_account, of):
    visit = Visit.reviewing(world, member) if of == "a credential" else Visit.rotating(member, world.stored())
    assert reviews.delete_unused(now=timezone.now() + timedelta(days=2)) == 1
    before = len(aws_account.calls), Credential.objects.count()
    for response, thing in ((visit.post(), "review"), (visit.get(), "hand-over")):
        assert (response.status_code, heading(response)) == (404, f"There is no such {thing} here")
        assert "within a day." in text(response)
        assert 'href="/credentials/"' in text(response)
    assert member.get(f"{FORM}?like={visit.id}").status_code == 200
    assert (len(aws_account.calls), Credential.objects.count()) == before


def test_an_old_review_issues_nothing_and_keeps_the_answers(world, member, aws_account):
    visit = Visit.reviewing(world, member)
    CredentialRequest.objects.update(reviewed_at=timezone.now() - timedelta(hours=1, seconds=1))
    before = len(aws_account.calls)
    response = visit.post()
    assert (response.status_code, heading(response)) == (409, "This review is out of date")
    assert (len(aws_account.calls), Credential.objects.count()) == (before, 0)
    assert "Its review is too old" in text(visit.get())
    assert 'value="weekly-digest"' in text(member.get(f"{FORM}?like={visit.id}"))


@pytest.mark.parametrize(
    "change",
    [
        {"regions": ["eu-central-1"]},
        {"from_entries": ["news@example.com"]},
        {"longest_lifetime_days": 30},
        {"live_limit": 0},
        {"kinds": []},
        {"slug": "renamed"},
    ],
)
def test_a_limit_that_was_drawn_tighter_since_the_review_holds(world, member, aws_account, change):
    visit = Visit.reviewing(world, member)
    type(world.newsletter).objects.filter(pk=world.newsletter.pk).update(**change)
    before = len(aws_account.calls)
    assert visit.post().status_code == 409
    assert (len(aws_account.calls), Credential.objects.count()) == (before, 0)


def test_a_boundary_that_was_changed_since_the_review_holds(world, member, aws_account, settings):
    visit = Visit.reviewing(world, member)
    settings.AWS_BOUNDARY_ARN = "arn:aws:iam::123456789012:policy/another"
    assert visit.post().status_code == 502  # the dashboard may not even read another one
    assert not Credential.objects.exists()


def test_the_review_of_somebody_else_does_not_exist(world, member):
    theirs = Visit.reviewing(world, member)
    for name in ("admin", "outsider"):
        other = signed_in(world, name)
        other.cookies["handover_key"] = theirs.cookie.value
        assert other.post(theirs.address).status_code == 404
        assert other.get(theirs.address).status_code == 404
    assert not Credential.objects.exists()


def test_two_tabs_with_two_reviews_make_two_credentials(world, member):
    one, two = Visit.reviewing(world, member), Visit.reviewing(world, member)
    assert one.id != two.id
    assert heading(one.get()) == "This is what will be made"


def test_the_last_place_goes_to_one_of_two_tabs(world):
    world.newsletter.live_limit = 1
    world.newsletter.save()
    one, two = (Visit.reviewing(world, signed_in(world, "member")) for _ in range(2))
    assert one.post().status_code == 303
    refused = two.post()
    assert refused.status_code == 409
    assert "1 of 1 live credentials" in text(refused)
    assert Credential.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_last_place_goes_to_one_also_when_both_press_at_once(committed_world, aws_account):
    committed_world.newsletter.live_limit = 1
    committed_world.newsletter.save()
    tabs = [Visit.reviewing(committed_world, signed_in(committed_world, "member")) for _ in range(3)]
    start, statuses = threading.Barrier(3), []

    def press(tab: Visit) -> None:
        try:
            start.wait()
            statuses.append(tab.post().status_code)
        finally:
            connection.close()

    presses = [threading.Thread(target=press, args=(tab,)) for tab in tabs]
    for each in presses:
        each.start()
    for each in presses:
        each.join()
    assert sorted(statuses) == [303, 409, 409]
    assert [name for name, _ in aws_account.calls].count("CreateUser") == 1


def test_a_button_that_is_pressed_after_the_end_makes_nothing(world, member, aws_account):
    visit = Visit.issued(world, member)
    visit.look()
    visit.post("confirmation/")
    assert visit.post().status_code in {303, 403}  # the key is gone from the browser
    assert Credential.objects.count() == 1
    assert [name for name, _ in aws_account.calls].count("CreateUser") == 1


def test_somebody_deactivated_issues_nothing(world, member):
    visit = Visit.reviewing(world, member)
    Person.objects.update(is_active=False)
    assert visit.post()["Location"].startswith("/accounts/login/")
    assert not Credential.objects.exists()
