"""The history told in sentences: also what was refused is English, and names the thing, not an address."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from provisioning import audit
from provisioning.domain.roles import Act, system
from provisioning.models import AuditEvent, Standing
from provisioning.services import invitations, joining
from provisioning.services.invitations import Wanted, digest
from provisioning.views.history import ROWS
from tests.builders import open_team
from tests.services.test_asking import WHY, ask
from tests.web.visits import FORM, signed_in, text, typed

pytestmark = pytest.mark.django_db


def sentences(world) -> list[str]:
    """What the history says happened, the newest first."""
    page = text(signed_in(world, "auditor").get("/history/"))
    rows = re.findall(r'<td role="cell" class="long">(.*?)<small>', page, re.DOTALL)
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", row)).strip() for row in rows]


def test_a_refusal_says_what_was_not_allowed_and_to_what(world):
    asked, member = ask(world), signed_in(world, "member")
    member.post(FORM, typed(world, lifetime_days="400"))
    assert sentences(world)[0] == "Was not allowed to describe weekly-digest"
    member.post("/requests/new/", typed(world, reason=WHY, from_addresses="boss@elsewhere.example"))
    assert sentences(world)[0] == "Was not allowed to ask for approval of weekly-digest"
    member.post(f"/requests/{asked.pk}/approval/")
    assert sentences(world)[0] == "Was not allowed to approve the request for weekly-digest"


def test_a_page_of_refusals_with_their_reasons_stays_small(world):
    member = signed_in(world, "member")
    for number in range(ROWS):
        name = f"weekly-newsletter-of-{number:02}"
        member.post(FORM, typed(world, application=name, lifetime_days="400", from_addresses="boss@elsewhere.example"))
    page = signed_in(world, "auditor").get("/history/?outcome=refused")
    assert page.content.count(b'data-state="refused"') == ROWS
    assert len(page.content) <= 15 * 1024


def test_what_one_may_not_see_is_named_by_its_number_alone(world):
    asked, credential = ask(world), world.issued()
    outsider = signed_in(world, "outsider")
    outsider.get(f"/requests/{asked.pk}/")
    assert sentences(world)[0] == f"Was not allowed to read request {asked.pk}"
    outsider.get(f"/credentials/{credential.pk}/revocation/")
    assert sentences(world)[0] == f"Was not allowed to revoke credential {credential.pk}"


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("/people/", "Was not allowed to read the people"),
        ("/teams/new/", "Was not allowed to form the team"),
        ("/aws-accounts/new/", "Was not allowed to add a new AWS account"),
        ("/notices/", "Was not allowed to read the notices"),
    ],
)
def test_an_address_is_told_as_what_is_there(world, address, words):
    signed_in(world, "member").get(address)
    assert AuditEvent.objects.first().subject == address
    assert sentences(world)[0] == words


def test_a_refused_transfer_is_named_once_and_its_reason_is_for_who_oversees(world):
    credential, elsewhere = world.stored(), open_team()
    elsewhere.from_entries = ["*@secret-project.example"]
    elsewhere.save()
    admin, member = signed_in(world, "admin"), signed_in(world, "member")
    assert admin.post(f"/credentials/{credential.pk}/transfer/", {"team": "successor"}).status_code == 422
    assert sentences(world)[0] == "Was not allowed to transfer weekly-digest"
    for page in ("/history/", "/history.csv", f"/credentials/{credential.pk}/", "/"):
        shown = text(member.get(page))
        assert not re.search("secret-project.example|Successor", shown), page
    for overseer in (admin, signed_in(world, "auditor")):
        assert "secret-project.example" in text(overseer.get("/history.csv"))


def test_a_refused_review_names_the_credential_once(world):
    credential, member = world.stored(), signed_in(world, "member")
    here = f"/credentials/{credential.pk}/"
    for below, typed_, words in (
        ("extension/", {"lifetime_days": "3000"}, "extend weekly-digest"),
        ("from-addresses/", {"from_addresses": "a@b.example"}, "change the From addresses of weekly-digest"),
    ):
        assert member.post(here + below, typed_).status_code == 422
        assert sentences(world)[0] == f"Was not allowed to {words}"


def test_a_stop_is_told_by_what_it_stopped_or_by_no_id(world):
    world.stored()
    stop_id = uuid4()
    begun = {"reason": "Misused.", "stop": stop_id}
    signed_in(world, "admin").post("/stops/new/", {"team": "newsletter"} | begun)
    outsider, auditor = signed_in(world, "outsider"), signed_in(world, "auditor")
    assert outsider.get(f"/stops/{stop_id}/").status_code == 404
    assert sentences(world)[0] == "Was not allowed to read a stop"
    assert outsider.post(f"/stops/{stop_id}/undo/").status_code == 404
    assert sentences(world)[0] == "Was not allowed to undo the stop"
    assert auditor.post(f"/stops/{stop_id}/undo/").status_code == 403
    assert sentences(world)[0] == "Was not allowed to undo the stop of everything of Newsletter"


def test_who_joins_is_told_with_what_they_are_and_who_invited_them(world):
    invited = invitations.invite(
        Wanted("new@example.com", Standing.ADMINISTRATOR, (), "o" * 24), by=world.actor("admin"), now=timezone.now()
    )
    joining.join(digest(invited.token), "a sentence of my own", now=timezone.now())
    assert sentences(world)[0] == "Joined"
    page = text(signed_in(world, "auditor").get("/history/"))
    assert "<code>person:join</code> as administrator, invited by admin@example.com" in page


@pytest.mark.parametrize(("repeats", "words"), [(1, "once more"), (2, "2 more times")])
def test_what_was_refused_again_within_a_minute_is_counted_in_words(world, repeats, words):
    member, now = signed_in(world, "member"), timezone.now()
    for _ in range(1 + repeats):
        member.get("/people/")
    audit.note_repeats(by=system("refusals"), now=now + timedelta(minutes=2))
    auditor = signed_in(world, "auditor")
    row = re.search(rf"<tr(?:(?!<tr).)*{words}<", text(auditor.get("/history/")), re.DOTALL)[0]
    assert f"<code>person:read</code> {words}<" in row
    assert "member@example.com<small>counted by the dashboard</small>" in row
    assert text(auditor.get("/history.csv")).count(",member@example.com,") == 2
    home = text(auditor.get("/"))
    assert "The dashboard (refusals)" not in home
    assert words in home.lower()


def test_an_address_is_shown_as_it_is_also_where_a_sentence_begins_with_it(world):
    admin = signed_in(world, "admin")
    assert admin.post("/teams/newsletter/members/", {"email": "auditor@example.com"}).status_code == 422
    page = text(admin.get("/"))
    assert "auditor@example.com is an auditor, and an auditor is in no team" in page
    assert "Auditor@example.com" not in page
    invitations.invite(
        Wanted("new@example.com", Standing.AUDITOR, (), "o" * 24), by=world.actor("admin"), now=timezone.now()
    )
    assert ". As auditor" in text(admin.get("/"))


def test_a_set_up_that_is_not_in_order(world, aws_account):
    aws_account.world.iam.delete_policy("arn:aws:iam::123456789012:policy/sescreds-boundary")
    signed_in(world, "admin").post("/setup/check/")
    assert sentences(world)[0] == "Found something to mend in the set-up of AWS account 123456789012"


def test_the_filter_offers_every_act_in_words_under_its_noun(world):
    page = text(signed_in(world, "auditor").get("/history/?act=request:ask"))
    groups = re.findall(r'<optgroup label="([^"]+)">(.*?)</optgroup>', page, re.DOTALL)
    assert [noun for noun, _ in groups] == sorted(noun for noun, _ in groups)
    offered = re.findall(r'<option value="([^"]*:[^"]*)"( selected)?>([^<]+)', page)
    assert {act for act, _, _ in offered} == {act.value for act in Act}
    assert [(act, words) for act, chosen, words in offered if chosen] == [("request:ask", "Ask for approval")]
    assert all(":" not in words for _, _, words in offered)
