"""What every page keeps: its headers, its number of queries, its size; and what it answers on a bad day."""

import re
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from provisioning.domain.lifecycle import State
from provisioning.models import AccessKey, AwsAccount, Credential, CredentialRequest
from tests.services.truth import Truth
from tests.web.visits import Visit, heading, signed_in, text

pytestmark = pytest.mark.django_db
CSP = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
}
PAGES = ["/", "/guide/", "/guide/wizard/", "/accounts/login/", "/credentials/", "/credentials/new/", "/history/"]
PAGES += ["/style/", "/nowhere/", "/healthz"]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("who", [None, "member", "guest", "auditor"])
def test_every_answer_carries_its_headers(world, page, who):
    response = (signed_in(world, who) if who else Client()).get(page)
    assert set(response["Content-Security-Policy"].split("; ")) == CSP
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert len(response["X-Request-Id"]) == 32


@pytest.mark.parametrize("page", ["/", "/account/", "/credentials/", "/teams/", "/people/", "/history/", "/requests/"])
def test_no_shared_cache_keeps_a_page_and_no_browser_beyond_the_sign_out(world, page):
    client = signed_in(world, "admin")
    assert client.get(page)["Cache-Control"] == "private, no-cache"
    assert client.post("/accounts/logout/")["Clear-Site-Data"] == '"cache"'


@pytest.mark.parametrize("number", ["9" * 30, "-1", "0", "x"])
def test_a_number_that_no_row_has_narrows_nothing(world, number):
    client = signed_in(world, "admin")
    for address in ("/credentials/?team=", "/history/?credential=", "/notices/?credential="):
        assert client.get(address + number).status_code == 200, address


@pytest.mark.parametrize(("host", "status"), [("elsewhere.example", 400), ("localhost", 301)])
def test_what_goes_no_further_than_the_door_carries_its_headers_too(settings, host, status, caplog):
    settings.SECURE_SSL_REDIRECT = True
    with caplog.at_level("INFO", logger="sescreds.middleware"):
        response = Client(headers={"host": host}).get("/guide/")
    assert response.status_code == status
    assert set(response["Content-Security-Policy"].split("; ")) == CSP
    assert len(response["X-Request-Id"]) == 32
    assert [record.status for record in caplog.records if record.msg == "answered"] == [status]


def test_cookies_are_kept_from_scripts_and_other_sites(world):
    client = Client()
    client.get("/accounts/login/")
    client.post("/accounts/login/", {"login": "member@example.com", "password": "sandbox-only"})
    session = client.cookies["sessionid"]
    assert (session["httponly"], session["samesite"]) == (True, "Lax")
    assert client.cookies["csrftoken"]["samesite"] == "Lax"


def many(world, count):
    """Credentials of Newsletter, as rows only."""
    now = timezone.now()
    issued = world.issued()
    base = {
        field.name: getattr(issued, field.name)
        for field in Credential._meta.fields
        if field.name not in {"id", "request", "user_name"}
    }
    pattern = issued.request
    requests = [
        CredentialRequest(
            **{
                field.name: getattr(pattern, field.name)
                for field in CredentialRequest._meta.fields
                if field.name != "id"
            }
        )
        for _ in range(count)
    ]
    CredentialRequest.objects.bulk_create(requests, batch_size=500)
    made = Credential.objects.bulk_create(
        [Credential(request=request, user_name=f"ses-{request.pk}", **base) for request in requests],
        batch_size=500,
    )
    AccessKey.objects.bulk_create(
        [AccessKey(credential=each, key_id=f"AKIA{each.pk:016d}", made_at=now) for each in made],
        batch_size=500,
    )


@pytest.mark.parametrize("who", ["member", "admin", "auditor"])
def test_at_most_eight_queries_and_as_many_for_many_rows(world, who):
    client = signed_in(world, who)
    pages = ["/", "/credentials/", "/history/", "/credentials/?state=live&q=digest"]

    def counted():
        found = {}
        for page in pages:
            client.get(page)
            with CaptureQueriesContext(
                connection,
            ) as queries:
                assert client.get(page).status_code == 200
            found[page] = len(queries)
        return found

    many(world, 10)
    few = counted()
    many_more(world)
    assert counted() == few
    assert max(few.values()) <= 8, few


def many_more(world):
    Credential.objects.update(state=State.REVOKED)  # so that the guardrail lets one more be issued
    many(world, 2_000)


def test_the_other_pages_keep_to_eight_too(world):
    visit = Visit.issued(world)
    pk = visit.credential.pk
    client = visit.client
    for page in (visit.address, f"/credentials/{pk}/", f"/credentials/{pk}/revocation/", "/credentials/new/"):
        client.get(page)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(page).status_code == 200
        assert len(queries) <= 8, (page, [each["sql"][:80] for each in queries])


def test_a_page_of_html_stays_small(world):
    visit = Visit.issued(world)
    many(world, 40)
    opened = visit.look()
    sizes = {"opened": len(opened.content)}
    for page in ("/", "/credentials/", "/history/", "/credentials/new/", visit.address, "/guide/", "/accounts/login/"):
        sizes[page] = len(visit.client.get(page).content)
    assert max(sizes.values()) <= 15 * 1024, sizes


def test_leaves_turn_both_ways_without_losing_a_row(world):
    many(world, 40)
    client, seen, page = signed_in(world, "member"), [], "/credentials/"
    import re

    while page:
        html = text(client.get(page))
        seen += re.findall(r'href="/credentials/(\d+)/"', html)
        older = re.search(r'href="(\?[^"]+)" rel="next"', html)
        page = f"/credentials/{older[1].replace('&amp;', '&')}" if older else ""
    assert len(seen) == len(set(seen)) == 41
    assert seen == sorted(seen, key=int, reverse=True)


# Bad days ------------------------------------------------------------------------------------------------------------


def test_a_silent_database_is_said_and_no_trace_is_shown(world, monkeypatch):
    client = signed_in(world, "member")

    def silent(*_):
        raise OperationalError("could not connect to server")

    monkeypatch.setattr("provisioning.views.credentials.leaf", silent)
    response = client.get("/credentials/")
    assert response.status_code == 503
    assert "The database does not answer" in text(response)
    assert "Traceback" not in text(response)


@pytest.mark.parametrize(("accept", "kind"), [("text/html", "text/html"), ("application/json", "application/json")])
def test_aws_down_is_an_honest_page_and_nothing_is_made(world, aws_account, accept, kind):
    visit = Visit.reviewing(world, signed_in(world, "member"))
    aws_account.faults.set("CreateUser", "error", code="ServiceFailure", status=500, times=20)
    response = visit.client.post(visit.address, headers={"Accept": accept})
    assert response.status_code == 502
    assert response["Content-Type"].startswith(kind)
    assert "ServiceFailure" in text(response)
    stands = visit.client.get(visit.address)
    assert 'data-state="unresolved"' in text(stands)


def test_aws_says_no_with_its_code_and_request_id_and_a_way_on(world, aws_account):
    visit = Visit.reviewing(world, signed_in(world, "member"))
    aws_account.faults.set("PutUserPolicy", "error", code="LimitExceeded", status=409, times=20)
    page = text(visit.client.post(visit.address))
    claim = visit.credential.claims.get()
    assert claim.aws_request_id in page
    assert "LimitExceeded" in page
    assert "was undone" in page
    assert f'href="{visit.address}"' in page


@pytest.mark.parametrize(
    "fault", [{"kind": "lose_reply"}, {"kind": "error", "code": "ServiceFailure", "status": 500}], ids=["silent", "500"]
)
def test_what_aws_may_have_done_is_not_said_to_be_undone(world, aws_account, fault):
    visit = Visit.reviewing(world, signed_in(world, "member"))
    aws_account.faults.set("CreateAccessKey", fault.pop("kind"), **fault, times=20)
    response = visit.client.post(visit.address)
    assert heading(response) == "AWS has not answered"
    page = text(response)
    assert "No answer at" in page
    assert "recovery looks at AWS within minutes" in page
    assert f'href="{visit.address}"' in page
    for untrue in ("did not do it", "Not done", "Try again", "Review again"):
        assert untrue not in page


def test_a_question_without_an_answer_may_be_asked_again(world, aws_account):
    visit = Visit.reviewing(world, signed_in(world, "member"))
    AwsAccount.objects.update(checked_at=None)
    aws_account.faults.set("GetCallerIdentity", "error", code="ServiceUnavailable", status=503, times=50)
    response = visit.client.post(visit.address)
    assert heading(response) == "AWS has not answered"
    assert "Try again in a minute" in text(response)
    aws_account.faults.clear()
    assert visit.client.post(visit.address).status_code == 303


def test_a_name_that_is_taken_leads_to_the_form_which_makes_another(world, aws_account):
    visit = Visit.reviewing(world, signed_in(world, "member"))
    name = CredentialRequest.objects.get(pk=visit.id).user_name
    Truth(aws_account).root.create_user(UserName=name.upper(), Path="/of-somebody-else/")
    page = text(visit.client.post(visit.address))
    assert "EntityAlreadyExists" in page
    again = re.search(r'href="(/credentials/new/\?like=[^"]+)"', page)[1]
    assert "makes an IAM user name of its own" in page
    assert "Try again in a minute" not in page
    form = text(visit.client.get(again))
    assert "weekly-digest" in form
    anew = Visit.reviewing(world, visit.client)
    assert anew.client.post(anew.address).status_code == 303


def test_without_scripts_the_footer_says_in_which_zone_times_are(world):
    page = text(Client().get("/guide/"))
    assert '<span id="zone">Times are in UTC</span>' in page
    assert "in your zone" not in page


def test_the_review_says_who_can_open_one_password_and_several(world):
    client = signed_in(world, "member")
    assert "Only this browser can open them: nobody else can" in Visit.reviewing(world, client).reviewed
    one = Visit.reviewing(world, client, regions=["eu-central-1"])
    assert "Only this browser can open it: nobody else can" in one.reviewed


def test_a_formula_in_a_name_is_text_in_the_file(world):
    visit = Visit.issued(world, purpose="=cmd|' /C calc'!A0")
    exported = text(visit.client.get("/credentials.csv"))
    assert "'=cmd" in exported


def test_expired_shows_as_expired(world):
    visit = Visit.issued(world)
    Credential.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert 'data-state="expired"' in text(visit.client.get(f"/credentials/{visit.credential.pk}/"))
    assert 'data-state="expired"' in text(visit.client.get("/credentials/?state=expired"))
