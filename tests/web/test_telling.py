"""The history told in sentences: also what was refused is English, and names the thing, not an address."""

import re

import pytest

from provisioning.domain.roles import Act
from provisioning.models import AuditEvent
from provisioning.views.history import ROWS
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
