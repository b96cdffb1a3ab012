"""An access key for the API at the doors: the question for a role, the form, the review, the hand-over, the files."""

import csv
import html
import io
import re

import pytest

from provisioning.models import Credential, CredentialRequest, Team
from tests.web.test_forms import error_of
from tests.web.visits import FORM, Visit, heading, signed_in, text

pytestmark = pytest.mark.django_db
API = {"kind": "api", "actions": ["SendEmail", "SendRawEmail"]}
BOUND = {**API, "source_ips": "203.0.113.7\n2001:DB8::/32", "configuration_set": "events"}


@pytest.fixture
def member(world):
    return signed_in(world, "member")


@pytest.fixture
def visit(world) -> Visit:
    return Visit.issued(world, **API)


def test_the_first_page_asks_whether_a_role_would_do(member):
    page = text(response := member.get(f"{FORM}?kind=api&purpose=Sends+the+digest."))
    assert heading(response) == "Would a role do?"
    for answer in ("where=aws", "identity=oidc", "identity=x509", "assume=yes", "who=cli"):
        link = html.unescape(re.search(rf'href="(/guide/wizard/[^"]*{answer}[^"]*)"', page)[1])
        assert member.get(link).status_code == 200
    onward = html.unescape(re.search(r'href="([^"]*)"[^>]*>.{0,20}No role can do it', page)[1])
    form = member.get(f"{FORM}{onward}")
    assert heading(form) == "New API access key"
    assert "Sends the digest." in text(form)


def test_every_answer_of_the_question_leads_to_a_recommendation_or_the_next_question(member):
    page = text(member.get(f"{FORM}?kind=api"))
    links = list(map(html.unescape, re.findall(r'href="(/guide/wizard/[^"]+)"', page)))
    assert len(links) == 5
    assert all("does not offer" not in text(member.get(link)) for link in links)


def test_tabs_lead_to_the_kinds_that_a_team_may_issue(world, member):
    page = text(member.get(FORM))
    assert re.search(r'href="/credentials/new/\?kind=smtp" aria-current="page">SMTP credential<', page)
    assert 'href="/credentials/new/?kind=api">API access key<' in page
    assert "Kind of credential" not in text(signed_in(world, "outsider").get(FORM))


def test_the_form_offers_every_region_of_the_team(world, member):
    Team.objects.filter(slug="newsletter").update(regions=["af-south-1"])
    assert re.search(r'value="af-south-1">', text(member.get(f"{FORM}?kind=api&role=no")))
    assert re.search(r'value="af-south-1" disabled>', text(member.get(FORM)))


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("actions", [], "Choose at least one way"),
        ("actions", ["SendBounce"], "SendBounce is not a way"),
        ("actions", ["SendBulkEmail"], "digest@example.com is not one"),
        ("source_ips", "203.0.113.0/33", "no IP address or range"),
        ("source_ips", "203.0.113.7/24", "write 203.0.113.0/24"),
        ("source_ips", "0.0.0.0/0", "every address there is"),
        ("source_ips", "203.0.113.7\n10.0.0.0/16", "10.0.0.0/16 is no address on the internet"),
        ("source_ips", "\n".join(f"203.0.113.{n}" for n in range(11)), "11 lines: at most 10"),
        ("configuration_set", "two words", "Letters of the English alphabet"),
    ],
)
def test_a_mistake_is_told_beside_its_field(world, member, field, value, words):
    typed = {"team": "newsletter", "application": "weekly-digest", "purpose": "Sends.", "regions": ["eu-central-1"]}
    typed |= {"from_addresses": "digest@example.com", "lifetime_days": "90", **API, field: value}
    response = member.post(FORM, typed)
    assert response.status_code == 422
    assert words in error_of(text(response), field)
    assert heading(response) == "New API access key"
    assert not CredentialRequest.objects.exists()


def test_the_review_shows_everything_exactly(world, member):
    page = Visit.reviewing(world, member, **BOUND).reviewed
    request = CredentialRequest.objects.get()
    for exact in (request.user_name, request.path, request.boundary_arn, "203.0.113.7/32", "2001:db8::/32"):
        assert exact in page
    for exact in ("ses:SendEmail", "ses:SendRawEmail", "configuration-set/events", "IpAddress", "StringLike"):
        assert exact in page
    assert all(call in page for call in ("CreateUser", "PutUserPolicy", "CreateAccessKey"))
    assert "The dashboard itself cannot prove sending from here" in page
    assert "SMTP" not in re.search(r"<main.*</main>", page, re.DOTALL)[0]


def test_another_like_it_keeps_kind_and_options(world, member):
    visit = Visit.reviewing(world, member, **BOUND)
    again = text(response := member.get(f"{FORM}?like={visit.id}"))
    assert heading(response) == "New API access key"
    assert "203.0.113.7/32\n2001:db8::/32</textarea>" in again
    assert 'value="events"' in again
    assert re.search(r'value="SendRawEmail" checked', again)
    assert not re.search(r'value="SendBulkEmail" checked', again)


def test_what_was_typed_stays_while_identities_are_read(world, member):
    typed = {**BOUND, "application": "kept", "regions": ["eu-central-1"], "team": "newsletter"}
    page = text(member.post("/identities/", typed))
    assert "New API access key" in page
    assert "203.0.113.7\n2001:DB8::/32</textarea>" in page
    assert re.search(r'value="SendRawEmail" checked', page)


def test_the_hand_over_shows_both_parts_once_asked(visit):
    waiting, opened = text(visit.get()), text(visit.look())
    key_id, secret = rows(visit)[1]
    assert key_id.startswith("AKIA")
    assert len(secret) == 40
    assert re.search(rf'id="secret-access-key"[^>]*>{re.escape(secret)}<', opened)
    assert secret not in waiting
    assert "Show the secret access key" in waiting
    assert "password" not in re.search(r"<main.*</main>", opened, re.DOTALL)[0]


def rows(visit: Visit) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text(visit.get("credential.csv")))))


def test_the_files_are_those_of_the_console_and_of_software(visit):
    header, values = rows(visit)
    assert header == ["Access key ID", "Secret access key"]
    dotenv = text(visit.get("credential.env"))
    assert f"AWS_ACCESS_KEY_ID={values[0]}\nAWS_SECRET_ACCESS_KEY='{values[1]}'\n" in dotenv
    assert "AWS_REGION=eu-central-1\n" in dotenv
    assert "also sends in us-east-1" in dotenv


@pytest.mark.parametrize("client", ["env", "files", "configure", "boto3", "cli"])
def test_settings_are_filled_in_for_the_region_that_was_asked_for(visit, client):
    page = html.unescape(text(visit.post("look/", {"region": "us-east-1", "client": client})))
    shown = re.search(r'id="recipe"[^>]*>(.*?)</(?:code|pre)>', page, re.DOTALL)[1]
    assert "us-east-1" in shown
    holds_the_secret = rows(visit)[1][1] in shown
    assert holds_the_secret == (client in {"env", "files", "configure"})


def test_it_is_proved_and_a_message_sent(visit):
    assert visit.post("verification/").status_code == 303
    page = text(visit.get())
    assert page.count('data-state="verified"') == 2
    assert "STS named its user" in page
    polled = text(visit.post("verification/", headers={"HX-Request": "true"}))
    assert polled.count('data-state="verified"') == 2
    assert "<h1>" not in polled
    address = {"region": "eu-central-1", "sender": "digest@example.com"}
    assert visit.post("test-message/", address).status_code == 303
    page = text(visit.get())
    assert "Sending proved" in page
    assert "MessageId" in page


def test_a_refused_message_is_told_with_code_and_request(world):
    visit = Visit.issued(world, **BOUND)
    assert "so the test message from here is refused unless" in text(visit.get())
    visit.post("test-message/", {"region": "eu-central-1", "sender": "digest@example.com"})
    page = html.unescape(text(visit.get()))
    assert "Not sent: AccessDeniedException" in page
    assert "203.0.113.7/32, 2001:db8::/32 alone" in page
    assert re.search(r"Request [0-9a-f-]{36}\.", page)


def test_a_key_for_templates_alone_offers_no_message(world):
    visit = Visit.issued(world, **API | {"actions": ["SendTemplatedEmail"]})
    page = text(visit.get())
    assert "sends from templates alone" in page
    assert 'id="test-message"' not in page


def test_what_is_over_speaks_of_the_secret_access_key(visit):
    visit.look()
    page = text(visit.client.get(visit.post("confirmation/")["Location"]))
    assert heading(visit.get()) == "The secret access key of weekly-digest is gone"
    assert "The secret access key is gone from here for good" in page
    assert "Access key ID" in page
    assert "SendRawEmail" in page
    assert "SMTP user name" not in page
    assert "weekly-digest" in text(visit.client.get(f"/credentials/?q={visit.handover.access_key.key_id}"))
    assert Credential.objects.get().kind in text(visit.client.get("/credentials.csv"))
