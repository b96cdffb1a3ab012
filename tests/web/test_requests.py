"""Requests on the web: nothing typed is lost, the queue turns its pages, each role meets its own words."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from guidance.catalogue import Kind
from provisioning.domain.from_entries import FromEntry
from provisioning.domain.lifecycle import Asking
from provisioning.models import Credential, CredentialRequest, Invitation, Person, Standing
from provisioning.services import approval, people
from provisioning.services.asking import MOST_ASKED, withdraw
from tests.builders import CONSOLE
from tests.services.test_approval import approve, decline
from tests.services.test_asking import WHY, ask
from tests.services.test_invitations import invited, join
from tests.web.test_request_form import assert_kept, beside
from tests.web.visits import FORM, heading, signed_in, text, typed, went_stale

pytestmark = pytest.mark.django_db
NEW = "/requests/new/"
OUTSIDE = {"lifetime_days": "400"}


def page_of(asked):
    return f"/requests/{asked.pk}/"


# Asking --------------------------------------------------------------------------------------------------------------


def test_outside_the_guardrail_the_form_offers_to_ask_and_keeps_what_was_typed(world):
    response = signed_in(world, "member").post(FORM, typed(world, **OUTSIDE))
    page = text(response)
    assert response.status_code == 422
    assert "400 days is longer than Newsletter may: 180" in beside(page, "lifetime_days")
    assert f'formaction="{NEW}"' in page
    assert_kept(page, typed(world, **OUTSIDE))


@pytest.mark.parametrize("bad", [{"application": "Bad Name!"}, {"from_addresses": "digest@gone.example"}])
def test_what_nobody_can_approve_is_not_offered(world, bad):
    world.newsletter.from_entries = ["*@example.com", "*@gone.example"]
    world.newsletter.save()
    assert "formaction" not in text(signed_in(world, "member").post(FORM, typed(world, **bad))).partition("<aside")[0]


def test_asking_leads_to_the_request(world):
    member = signed_in(world, "member")
    response = member.post(NEW, typed(world, reason=WHY, **OUTSIDE))
    asked = CredentialRequest.objects.get()
    assert response["Location"] == page_of(asked)
    page = text(member.get(page_of(asked)))
    assert heading(member.get(page_of(asked))) == "member@example.com asks for weekly-digest"
    for words in (WHY, "400 days is longer than Newsletter may: 180.", "admin@example.com can decide", "Withdraw"):
        assert words in page
    assert "Waiting for a decision" in page


def test_as_many_as_one_person_can_ask_for_in_a_day_are_told_beside_what_was_typed(world):
    for number in range(MOST_ASKED):
        asked = ask(world, application=f"number-{number}")
        withdraw(asked.pk, by=world.actor("member"), now=timezone.now())
    member = signed_in(world, "member")
    response = member.post(NEW, typed(world, reason=WHY, **OUTSIDE))
    assert response.status_code == 422
    assert "You have asked 20 times within 24 hours" in text(response)
    assert_kept(text(response), typed(world, **OUTSIDE))
    assert "can have 10 requests waiting at once, and ask 20 times in 24 hours" in text(member.get("/requests/"))


def test_without_a_reason_everything_typed_stays(world):
    response = signed_in(world, "member").post(NEW, typed(world, reason="", **OUTSIDE))
    assert response.status_code == 422
    assert "Say why it is needed" in beside(text(response), "reason")
    assert_kept(text(response), typed(world, **OUTSIDE))
    assert not CredentialRequest.objects.exists()


def test_a_request_without_anything_names_the_reason_with_the_rest(world):
    page = text(signed_in(world, "member").post(NEW, {"team": "newsletter"}))
    for field in ("application", "purpose", "regions", "from_addresses", "reason"):
        assert f'href="#id_{field}"' in page
        assert beside(page, field)
    assert "5 things to change" in page


def test_a_refusal_keeps_the_reason_too(world):
    wrong = typed(world, reason=WHY, from_addresses="boss@elsewhere.example")
    response = signed_in(world, "member").post(NEW, wrong)
    assert response.status_code == 422
    assert "no verified identity" in beside(text(response), "from_addresses")
    assert WHY in text(response)


def test_a_region_of_another_team_can_be_asked_for(world):
    world.newsletter.regions = ["eu-central-1"]
    world.newsletter.save()
    member, wanted = signed_in(world, "member"), typed(world, reason=WHY, regions=["us-east-1"])
    page = text(member.get(FORM)).partition("<aside")[0]
    assert 'value="us-east-1"' not in page
    assert member.post(NEW, wanted).status_code == 303
    assert CredentialRequest.objects.get().regions == ["us-east-1"]


def test_reading_the_identities_of_a_region_of_no_team_keeps_what_was_typed(world, aws_account):
    member, wanted = signed_in(world, "member"), typed(world, reason=WHY, regions=["eu-west-1"])
    aws_account.faults.set("ListEmailIdentities", "error", code="ServiceFailure", status=500, skip=2, times=9)
    page = text(member.post("/identities/", wanted))
    assert "eu-west-1 could not be read: IAM had" in page
    assert 'action="/requests/new/"' in page
    assert WHY in page
    assert re.search(r'value="eu-west-1"[^>]* checked', page)


def test_asking_offers_every_kind_and_asks_first_whether_a_role_would_do(world):
    member = signed_in(world, "member")
    page = text(member.get(NEW))
    for kind, name in (("smtp", "SMTP credential"), ("api", "API access key"), ("console", "Console login")):
        assert re.search(rf'href="{NEW}\?kind={kind}"[^>]*>{name}<', page)
    asked_first = member.get(f"{NEW}?kind=api")
    assert heading(asked_first) == "Would a role do?"
    onward = re.search(r'href="(\?[^"]*role=no[^"]*)"', text(asked_first))[1].replace("&amp;", "&")
    form = text(member.get(f"{NEW}{onward}"))
    assert f'action="{NEW}"' in form
    assert 'name="actions"' in form
    assert f'href="{NEW}?kind=api&amp;role=no"' in text(member.get(f"{FORM}?kind=api&role=no"))


def test_of_a_region_that_was_never_read_the_request_and_the_approval_say_so(world):
    member, admin = signed_in(world, "member"), signed_in(world, "admin")
    where = member.post(NEW, typed(world, reason=WHY, regions=["eu-west-1"]))["Location"]
    for page in (member.get(where), admin.get(f"{where}approval/")):
        assert "What is verified in eu-west-1 has not been read from SES yet" in text(page)
    assert "eu-west-1" in text(member.post("/identities/", typed(world, reason=WHY, regions=["eu-west-1"])))
    assert "has not been read" not in text(member.get(where))


def test_what_lies_within_is_reviewed_and_can_be_issued(world):
    member = signed_in(world, "member")
    response = member.post(NEW, typed(world, reason=WHY))
    assert heading(response) == "This is what will be made"
    assert "This lies within the guardrail: nobody has to approve it." in text(response)
    where = re.search(r'action="(/handovers/[^"]+)"', text(response))[1]
    assert member.post(where).status_code == 303
    assert Credential.objects.get().state == "live"


def test_what_was_declined_can_be_asked_for_again_with_the_same_answers(world):
    asked = ask(world)
    decline(world, asked)
    member = signed_in(world, "member")
    page = text(member.get(page_of(asked)))
    again = re.search(r'href="(/requests/new/\?like=[0-9a-f]+)"', page)[1]
    assert_kept(text(member.get(again)), typed(world, **OUTSIDE))
    assert "Use a shorter one." in page


# The queue -----------------------------------------------------------------------------------------------------------


def names(page):
    return re.findall(r'href="/requests/[0-9a-f-]{36}/">([^<]+)</a>', page)


def test_an_administrator_sees_what_waits_the_oldest_first(world):
    for number in range(3):
        ask(world, application=f"number-{number}")
    decline(world, CredentialRequest.objects.get(application="number-1"))
    admin = signed_in(world, "admin")
    assert names(text(admin.get("/requests/"))) == ["number-0", "number-2"]
    assert names(text(admin.get("/requests/?state="))) == ["number-2", "number-1", "number-0"]
    assert names(text(admin.get("/requests/?state=declined"))) == ["number-1"]
    assert names(text(signed_in(world, "auditor").get("/requests/"))) == ["number-2", "number-1", "number-0"]


@pytest.mark.parametrize("state", ["", "asked"])
def test_the_pages_turn_forth_and_back_and_lose_nothing(world, state):
    first, now = ask(world), timezone.now()
    copies = []
    for number in range(59):
        copy = CredentialRequest.objects.get(pk=first.pk)
        copy.pk, copy.application = None, f"copy-{number}"
        copy.asked_at = now + timedelta(seconds=number // 2)  # two at each moment
        copies.append(copy)
    for copy in copies:
        copy.id = CredentialRequest._meta.pk.default()
    CredentialRequest.objects.bulk_create(copies)
    admin, where, seen = signed_in(world, "admin"), f"/requests/?state={state}", []
    while where:
        page = text(admin.get(where))
        seen.append(names(page))
        onward = re.search(r'href="(\?[^"]*)" rel="next"', page)
        last, where = where, "/requests/" + onward[1].replace("&amp;", "&") if onward else ""
    assert [len(rows) for rows in seen] == [12] * 5
    assert len({name for rows in seen for name in rows}) == 60
    back = re.search(r'href="(\?[^"]*)" rel="prev"', text(admin.get(last)))[1].replace("&amp;", "&")
    assert names(text(admin.get(f"/requests/{back}"))) == seen[-2]


@pytest.mark.parametrize("place", ["x", "1-x", f"{10**30}-{'0' * 32}", "-", "5"])
def test_a_made_up_place_in_the_queue_is_the_first_page(world, place):
    ask(world)
    assert names(text(signed_in(world, "admin").get(f"/requests/?before={place}"))) == ["weekly-digest"]


def test_a_member_sees_what_their_teams_asked_for_and_no_more(world):
    asked = ask(world)
    assert names(text(signed_in(world, "member").get("/requests/"))) == ["weekly-digest"]
    outsider = signed_in(world, "outsider")
    assert names(text(outsider.get("/requests/"))) == []
    theirs = outsider.get(page_of(asked))
    assert theirs.status_code == 404
    assert "weekly-digest" not in text(theirs)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("admin", "admin2@example.com can decide what you ask for."),
        ("auditor", "admin2@example.com or admin@example.com can decide."),
    ],
)
def test_who_can_decide_is_told_to_all_who_oversee(world, name, words):
    page = text(signed_in(world, name).get("/requests/"))
    assert words in page
    assert "The word of one is enough, but never of who asked." in page


def test_the_queue_says_what_lies_outside_and_what_the_requester_holds(world):
    world.issued(application="held-already")
    first = ask(world, regions=("eu-central-1", "us-east-1"), from_entries=(FromEntry.parse("*@example.com"),))
    admin = signed_in(world, "admin")
    row = re.search(r"<tr(?:(?!<tr).)*weekly-digest.*?</tr>", text(admin.get("/requests/")), re.DOTALL)[0]
    assert "outside: for 400 days" in row
    assert "member@example.com, holds 1<" in row
    assert "holds 1<" not in text(signed_in(world, "auditor").get("/requests/"))

    def cost():
        with CaptureQueriesContext(connection) as queries:
            page = admin.get("/requests/")
        return len(queries), len(page.content)

    few = cost()[0]
    first.regions, first.from_entries = ["eu-west-1", "us-west-2"], [f"number-{n}@far.example" for n in range(30)]
    copies = []
    for number in range(40):
        copy = CredentialRequest.objects.get(pk=first.pk)
        copy.id, copy.application = CredentialRequest._meta.pk.default(), f"copy-{number}-{'x' * 30}"
        copy.regions, copy.from_entries = first.regions, first.from_entries
        copies.append(copy)
    CredentialRequest.objects.bulk_create(copies)
    queries, size = cost()
    assert queries == few <= 8
    assert size <= 15_000


def test_the_only_administrator_is_warned_everywhere_and_before_they_ask(world):
    asked = ask(world, "admin")
    Person.objects.filter(email="admin2@example.com").update(is_active=False)
    admin = signed_in(world, "admin")
    assert "Nobody can approve what you ask for" in text(admin.get("/requests/"))
    assert "Nobody can approve this yet" in text(admin.get(page_of(asked)))
    assert "Nobody can approve your request" in text(admin.get("/"))
    for page in (admin.get(NEW), admin.post(FORM, typed(world, **OUTSIDE))):
        assert "Nobody can approve this now" in text(page)
        assert 'href="/people/invitations/"' in text(page)
    where = admin.post(NEW, typed(world, reason=WHY, application="another", **OUTSIDE))["Location"]
    assert "Asked, but nobody can approve it yet" in text(admin.get(where))
    member = signed_in(world, "member")
    assert "Nobody can approve" not in text(member.get(NEW))
    where = member.post(NEW, typed(world, reason=WHY, application="third", **OUTSIDE))["Location"]
    assert "The administrators are told" in text(member.get(where))


def test_an_administrator_whose_word_does_not_count_yet_is_told_before_they_press(world):
    Person.objects.filter(email="admin2@example.com").update(is_active=False)
    by, now = world.actor("admin"), timezone.now()
    people.reactivate(world.people["admin2"].pk, by=by, now=now)
    people.change_standing(world.people["admin2"].pk, Standing.ADMINISTRATOR, by=by, now=now)
    asked, own = ask(world), ask(world, "admin", application="own")
    admin, back = signed_in(world, "admin"), signed_in(world, "admin2")
    assert "Nobody can decide what you ask for now." in text(admin.get("/requests/"))
    assert "Nobody can approve this yet" in text(admin.get(page_of(own)))
    page = text(back.get(page_of(asked)))
    assert "Approve, or narrower" not in page
    assert "or came back as one, within the last 24 hours approves nothing" in page
    assert "Decline" in page
    for response in (back.get(f"{page_of(asked)}approval/"), back.post(f"{page_of(asked)}approval/", granted(asked))):
        assert response.status_code == 403
        assert "or came back as one, within the last 24 hours" in text(response)


# Deciding ------------------------------------------------------------------------------------------------------------


def granted(asked, **less):
    return {
        "regions": asked.regions,
        "from_addresses": "\n".join(asked.from_entries),
        "lifetime_days": asked.lifetime_days,
        "words": "",
        **less,
    }


def test_the_approver_sees_what_it_is_about_and_leaves_less(world):
    world.issued(application="held-already")
    asked, admin = ask(world), signed_in(world, "admin")
    page = text(admin.get(page_of(asked)))
    for words in ("held-already", "1 credential", "400 days is longer", "ses:SendRawEmail", "Approve, or narrower"):
        assert words in page
    form = text(admin.get(f"{page_of(asked)}approval/"))
    assert 'name="application"' not in form
    assert re.search(r'name="lifetime_days" value="400"', form)
    assert "US East (N. Virginia): production" in form
    assert "ses:SendRawEmail" in form
    less = granted(asked, lifetime_days=300, regions=["us-east-1"], words="A bit less.")
    review = admin.post(f"{page_of(asked)}approval/", less)
    assert heading(review) == "This is what you would approve of weekly-digest"
    end = (timezone.now() + timedelta(days=300)).strftime("%Y-%m-%d")
    policy = text(review).partition('id="policy-json"')[2]
    assert end in policy
    assert "us-east-1" in policy
    assert "eu-central-1" not in policy
    asked.refresh_from_db()
    assert (asked.asking, asked.lifetime_days) == (Asking.ASKED, 400)
    hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', text(review)))
    back = text(admin.post(f"{page_of(asked)}approval/", hidden | {"change_something": "1"}))
    assert re.search(r'name="lifetime_days" value="300"', back)
    assert "A bit less." in back
    assert admin.post(f"{page_of(asked)}approval/", hidden).status_code == 303
    page = text(admin.get(page_of(asked)))
    assert "Lifetime: 400 days before, 300 days now" in page
    assert "A bit less." in page
    assert "<dd>400 days <strong>Approved: 300 days</strong>" in page
    assert "<dd>eu-central-1, us-east-1 <strong>Approved: us-east-1</strong>" in page
    assert "Review and issue" not in page


def test_what_the_requester_holds_is_told_with_its_kind_state_and_addresses(world):
    world.issued(application="held-already", from_entries=(FromEntry.parse("news@example.com"),))
    page = text(signed_in(world, "admin").get(page_of(ask(world))))
    held = re.search(r"<li><a[^>]*>held-already</a>.*?</li>", page, re.DOTALL)[0]
    for words in (">Live<", "SMTP credential, Newsletter", "as <code>news@example.com</code>"):
        assert words in held


def test_an_option_is_called_what_the_form_calls_it_and_can_be_narrowed(world):
    world.newsletter.kinds = ["smtp", "api"]
    world.newsletter.save()
    asked = ask(world, kind=Kind.API, options={"actions": ["SendEmail"], "source_ips": ["203.0.113.0/24"]})
    admin = signed_in(world, "admin")
    page = text(admin.get(page_of(asked)))
    for words in ("<dt>Ways of sending</dt>", "<dt>Source addresses</dt><dd>203.0.113.0/24</dd>"):
        assert words in page
    less = granted(asked, actions=["SendEmail"], source_ips="203.0.113.7", configuration_set="bulk", reviewed="1")
    assert admin.post(f"{page_of(asked)}approval/", less).status_code == 303
    page = text(admin.get(page_of(asked)))
    assert "<dt>Source addresses</dt><dd>203.0.113.0/24 <strong>Approved: 203.0.113.7/32</strong>" in page
    assert "<dt>Configuration set</dt><dd>any <strong>Approved: bulk</strong>" in page
    asked.refresh_from_db()
    assert "203.0.113.7/32" in asked.policy
    assert "configuration-set/bulk" in asked.policy


def test_a_limit_on_console_rights_is_named_not_numbered_among_options(world):
    world.newsletter.kinds = ["console"]
    world.newsletter.save()
    asked = ask(world, **CONSOLE | {"lifetime_days": 90, "options": {"access": "full"}})
    page = text(signed_in(world, "admin").get(page_of(asked)))
    assert "<dt>Access</dt><dd>Newsletter may issue console logins that read only." in page
    assert "<dt>Access</dt><dd>full rights</dd>" in page


def test_what_is_over_says_so_of_its_policy(world):
    asked, member = ask(world), signed_in(world, "member")
    assert "Its end is worked out anew when it is issued. The IAM user would be" in text(member.get(page_of(asked)))
    decline(world, asked)
    page = text(member.get(page_of(asked)))
    assert "worked out anew" not in page
    assert "Nothing was made of it. The IAM user would have been" in page


def test_more_than_was_asked_for_is_told_beside_its_field(world):
    asked, admin = ask(world), signed_in(world, "admin")
    more = granted(asked, lifetime_days=401, regions=["eu-west-1"], words="Take more.", application="another")
    response = admin.post(f"{page_of(asked)}approval/", more)
    assert response.status_code == 422
    assert "Take more." in text(response)
    response = admin.post(f"{page_of(asked)}approval/", more | {"regions": asked.regions})
    assert "401 days was not asked for: it was 400 days." in beside(text(response), "lifetime_days")
    asked.refresh_from_db()
    assert (asked.asking, asked.application) == (Asking.ASKED, "weekly-digest")


def test_ones_own_is_refused_with_a_way_on(world):
    asked, admin = ask(world, "admin"), signed_in(world, "admin")
    assert "Approve, or narrower" not in text(admin.get(page_of(asked)))
    for response in (admin.get(f"{page_of(asked)}approval/"), admin.post(f"{page_of(asked)}approval/", granted(asked))):
        assert response.status_code == 403
        assert heading(response) == "Nobody approves their own"
        assert f'href="{page_of(asked)}"' in text(response)


def test_who_invited_the_requester_today_is_told_from_when_on_they_may(world):
    world.people["new"] = join(invited(world, teams=[world.newsletter]))
    asked, admin = ask(world, "new"), signed_in(world, "admin")
    page = text(admin.get(page_of(asked)))
    assert "new@example.com, whom you invited here, joined within the last 24 hours" in page
    assert re.search(r"You can from .* UTC on\.", page)
    assert "admin2@example.com can decide." in page
    assert f'href="{page_of(asked)}approval/"' not in page
    assert f'href="{page_of(asked)}decline/"' in page
    assert ">Decline<" in page
    for response in (admin.get(f"{page_of(asked)}approval/"), admin.post(f"{page_of(asked)}approval/", granted(asked))):
        assert (response.status_code, heading(response)) == (403, "It takes another administrator")
        assert re.search(r"You can from .* UTC on\. Until then admin2@example.com can\.", text(response))
        assert f'href="{page_of(asked)}"' in text(response)
    assert "wait for you" not in text(admin.get("/"))
    admin2 = signed_in(world, "admin2")
    assert "One request waits for you" in text(admin2.get("/"))
    assert admin2.post(f"{page_of(asked)}approval/", granted(asked)).status_code == 303


def test_with_one_administrator_who_invited_them_nobody_can_approve_yet(world):
    world.people["new"] = join(invited(world, teams=[world.newsletter]))
    asked = ask(world, "new")
    Person.objects.filter(email="admin2@example.com").update(is_active=False)
    for name in ("admin", "new"):
        page = text(signed_in(world, name).get(page_of(asked)))
        assert "Nobody can approve this yet" in page
        assert "has invited whoever asks" in page
    queue = text(signed_in(world, "admin").get("/requests/"))
    assert "nobody approves for whom they invited within 24 hours" in queue
    Invitation.objects.update(used_at=timezone.now() - timedelta(hours=25))
    assert "admin@example.com can decide." in text(signed_in(world, "new").get(page_of(asked)))


def test_whoever_signed_in_long_ago_finds_what_they_typed_again(world):
    asked, admin = ask(world), signed_in(world, "admin")
    went_stale(admin)
    where = f"{page_of(asked)}approval/"
    assert admin.post(where, granted(asked, lifetime_days=222, words="Kept."))["Location"].startswith(
        "/accounts/reauthenticate/"
    )
    assert asked.asking == Asking.ASKED
    went_stale(admin, minutes=0)
    page = text(admin.get(where))
    assert re.search(r'name="lifetime_days" value="222"', page)
    assert "Kept." in page


@pytest.mark.parametrize(("name", "status"), [("member", 403), ("auditor", 403), ("outsider", 403), ("guest", 403)])
@pytest.mark.parametrize("door", ["approval", "decline"])
def test_others_are_refused_in_words(world, name, status, door):
    asked, client = ask(world), signed_in(world, name)
    for response in (client.get(f"{page_of(asked)}{door}/"), client.post(f"{page_of(asked)}{door}/")):
        assert response.status_code == status
        assert "What you can do" in text(response)
    asked.refresh_from_db()
    assert asked.asking == Asking.ASKED


def test_declined_meanwhile_is_told_to_who_approves(world):
    asked, admin = ask(world), signed_in(world, "admin")
    decline(world, asked, "admin2")
    response = admin.post(f"{page_of(asked)}approval/", granted(asked))
    assert (response.status_code, heading(response)) == (409, "The request for weekly-digest is declined")
    assert re.search(r"It was decided at .* UTC by admin2@example.com\.", text(response))


@pytest.mark.parametrize("name", ["admin", "admin2"])
def test_a_tab_that_was_left_open_is_told_who_decided_and_when(world, name):
    asked, stale = ask(world), signed_in(world, name)
    everything = granted(asked)
    less = granted(asked, regions=["eu-central-1"])
    less["reviewed"] = "1"
    assert signed_in(world, "admin").post(f"{page_of(asked)}approval/", less).status_code == 303
    for response in (stale.post(f"{page_of(asked)}approval/", everything), stale.get(f"{page_of(asked)}approval/")):
        assert (response.status_code, heading(response)) == (409, "The request for weekly-digest is approved")
        assert re.search(r"It was decided at .* UTC by admin@example.com\.", text(response))
        assert f'href="{page_of(asked)}"' in text(response)


def test_what_is_decided_or_used_shows_no_form_any_more(world):
    asked, member, admin = ask(world), signed_in(world, "member"), signed_in(world, "admin")
    approve(world, asked)
    member.post(f"{page_of(asked)}review/")
    assert member.post(f"/handovers/{asked.pk}/").status_code == 303
    doors = ((admin, "approval"), (admin, "decline"), (member, "withdrawal"))
    for client, door in doors:
        response = client.get(f"{page_of(asked)}{door}/")
        assert (response.status_code, heading(response)) == (409, "The request for weekly-digest is used")
    asked = ask(world, application="second")
    decline(world, asked)
    for client, door in doors:
        response = client.get(f"{page_of(asked)}{door}/")
        assert (response.status_code, heading(response)) == (409, "The request for second is declined")


# Issuing -------------------------------------------------------------------------------------------------------------


def test_what_aws_did_not_make_leads_to_where_its_approval_goes_on(world, aws_account):
    asked, member = ask(world), signed_in(world, "member")
    approve(world, asked)
    review = member.post(f"{page_of(asked)}review/")
    aws_account.faults.set("CreateUser", "error", code="LimitExceeded", status=409, times=9)
    here = f"/handovers/{asked.pk}/"
    assert review.status_code == 200
    assert member.post(here).status_code == 502
    assert f'href="{page_of(asked)}"' in text(member.get(here))
    again = CredentialRequest.objects.get(carries_on=asked)
    page = text(member.get(page_of(asked)))
    assert f'href="{page_of(again)}"' in page
    assert "Ask again" not in page
    assert "Review and issue" in text(member.get(page_of(again)))
    assert "approved the request" in text(member.get(page_of(again)))
    assert "is approved" in text(member.get("/"))


def test_who_asked_reviews_issues_and_sees_the_secret(world):
    asked, member = ask(world), signed_in(world, "member")
    approve(world, asked)
    assert "Review and issue" in text(member.get(page_of(asked)))
    assert member.get(f"{page_of(asked)}review/")["Location"] == page_of(asked)
    review = member.post(f"{page_of(asked)}review/")
    assert heading(review) == "This is what will be made"
    assert review["Cache-Control"] == "no-store"
    assert review.cookies["handover_key"]["path"] == f"/handovers/{asked.pk}/"
    assert member.post(f"/handovers/{asked.pk}/").status_code == 303
    assert "Show the password" in text(member.get(f"/handovers/{asked.pk}/"))
    page = text(member.get(page_of(asked)))
    assert "Review and issue" not in page
    issued = Credential.objects.get()
    for client in (member, signed_in(world, "admin")):
        for page in (text(client.get(page_of(asked))), text(client.get("/requests/?state="))):
            assert re.search(rf'href="/credentials/{issued.pk}/">See the credential', page)
            assert ">Issued</span>" in page
            assert ">Approved</span>" not in page
    assert "It was issued as IAM user" in text(member.get(page_of(asked)))


def test_who_lost_what_was_approved_asks_again_with_the_same_answers(world):
    asked, member = ask(world), signed_in(world, "member")
    approve(world, asked)
    member.post(f"{page_of(asked)}review/")
    member.post(f"/handovers/{asked.pk}/")
    again = member.post(f"/handovers/{asked.pk}/loss/")["Location"]
    assert again == f"{NEW}?like={asked.pk}"
    assert 'value="400"' in text(member.get(again))


def test_the_approver_has_no_way_to_the_secret(world):
    asked, admin = ask(world), signed_in(world, "admin")
    approve(world, asked)
    assert admin.post(f"{page_of(asked)}review/").status_code == 403
    assert admin.post(f"/handovers/{asked.pk}/").status_code in {403, 404}
    assert not Credential.objects.exists()


def test_a_review_that_is_too_old_leads_back_to_the_request(world):
    asked, member = ask(world), signed_in(world, "member")
    approve(world, asked)
    member.post(f"{page_of(asked)}review/")
    CredentialRequest.objects.update(reviewed_at=timezone.now() - timedelta(hours=2))
    response = member.post(f"/handovers/{asked.pk}/")
    assert (response.status_code, heading(response)) == (409, "This review is out of date")
    for page in (text(response), text(member.get(f"/handovers/{asked.pk}/"))):
        assert f'href="{page_of(asked)}"' in page


# At home -------------------------------------------------------------------------------------------------------------


def test_home_says_what_waits_and_what_was_decided(world):
    for name in ("one", "two"):
        ask(world, application=name)
    admin, member = signed_in(world, "admin"), signed_in(world, "member")
    assert "2 requests wait for you" in text(admin.get("/"))
    assert "wait for you" not in text(member.get("/"))
    approve(world, CredentialRequest.objects.get(application="one"))
    decline(world, CredentialRequest.objects.get(application="two"))
    page = text(member.get("/"))
    assert "one is approved" in page
    assert "two is declined" in page
    assert "wait for you" not in text(admin.get("/"))


def test_ones_own_does_not_wait_for_oneself(world):
    ask(world, "admin")
    assert "wait for you" not in text(signed_in(world, "admin").get("/"))
    assert "One request waits for you" in text(signed_in(world, "admin2").get("/"))
    assert approval.deciders(world.people["admin"].pk, timezone.now()) == ["admin2@example.com"]


@pytest.mark.parametrize("who", ["admin", "member", "auditor"])
def test_the_page_of_one_request_asks_eight_times_at_most(world, who):
    asked, client = ask(world), signed_in(world, who)
    for name in ("first", "second"):
        world.issued(application=name)
    for page in (page_of(asked), "/requests/", *([f"{page_of(asked)}approval/"] if who == "admin" else [])):
        client.get(page)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(page).status_code == 200
        assert len(queries) <= 8, (page, [each["sql"][:90] for each in queries])
