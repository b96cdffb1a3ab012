"""The guide's pages: public, small, without a query, and whole whatever the address says."""

import html
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import resolve, reverse

from guidance import catalogue, regions
from guidance.questions import QUESTIONS
from guidance.words import WORDS
from tests.guidance.test_advice_properties import WAYS

TABLE, WIZARD, REGIONS = "/guide/", "/guide/wizard/", "/guide/regions/"
SMTP_ONLY = f"{WIZARD}?who=software&where=outside&speaks=smtp"
ADDRESSES = [
    TABLE,
    REGIONS,
    WIZARD,
    f"{WIZARD}?who=software",
    f"{WIZARD}?who=software&where=moon",
    SMTP_ONLY,
    f"{SMTP_ONLY}&ask=where",
    f"{WIZARD}?who=software&where=aws&speaks=both&service=eks",
    f"{WIZARD}?who=console&center=no",
]
LIMIT = 15 * 1024  # bytes of HTML
SIGNED_IN = 600  # bytes that a signed-in header is longer


@pytest.fixture(autouse=True)
def _plain_static_files(settings, tmp_path):
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
    settings.STATIC_ROOT = tmp_path  # whitenoise warns where there is no such directory


def text_of(response) -> str:
    return html.unescape(response.content.decode())


def prose(text: str) -> str:
    """One of the guide's texts as a reader sees it."""
    return re.sub(r"(?<=\w)'(?=\w)", "\N{RIGHT SINGLE QUOTATION MARK}", text.replace("`", "").replace("**", ""))


def visible(response) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", "", response.content.decode())))


def test_addresses_have_names():
    assert reverse("guidance:table") == TABLE
    assert reverse("guidance:wizard") == WIZARD
    assert reverse("guidance:regions") == REGIONS


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_page_is_public_small_and_asks_the_database_nothing(client, db, django_assert_num_queries, address):
    with django_assert_num_queries(0):
        response = client.get(address)
    assert response.status_code == 200
    assert "Set-Cookie" not in response.headers
    assert not response.cookies
    assert response.headers["Cache-Control"] == "private, no-cache"
    assert "Cookie" in response.headers["Vary"]
    assert len(response.content) < LIMIT - SIGNED_IN
    page = response.content.decode()
    assert len(re.findall(r"<h1\b", page)) == 1
    assert len(re.findall(r"<main\b", page)) == 1
    assert " style=" not in page
    assert "<script>" not in page
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_page_stays_small_for_people_who_are_signed_in(client, db, django_user_model, address):
    client.force_login(django_user_model.objects.create(email="somebody.with.a.long.name@newsletter.example.com"))
    response = client.get(address)
    assert response.status_code == 200
    assert len(response.content) < LIMIT


@pytest.mark.parametrize("address", ADDRESSES)
def test_links_inside_lead_somewhere(client, db, address):
    response = client.get(address)
    page = response.content.decode()
    ids = set(re.findall(r'\bid="([^"]+)"', page))
    for link in map(html.unescape, re.findall(r'href="([^"]+)"', page)):
        if link.startswith("#"):
            assert link[1:] in ids, link
        elif link.startswith("/guide/"):
            assert client.get(link).status_code == 200
        elif link.startswith("/"):
            assert link.startswith("/static/") or resolve(urlsplit(link).path)
        else:
            assert link.startswith("https://")


@pytest.mark.parametrize("address", [TABLE, WIZARD, REGIONS])
def test_nothing_but_reading(client, db, address):
    assert client.post(address).status_code == 405
    assert client.head(address).status_code == 200


def test_an_unchanged_page_is_not_sent_again(client, db):
    first = client.get(TABLE)
    assert client.get(TABLE, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


def test_the_table_shows_every_cell_advice_and_link(client, db):
    response = client.get(TABLE)
    page, seen = text_of(response), visible(response)
    for row in catalogue.TABLE:
        assert f'id="{row.kind.value}"' in page
        for piece in (row.access, *row.through, *row.credentials, *row.advice, row.since, row.card.when):
            assert prose(piece) in seen, piece
        for pieces in row.consist_of:
            assert " and ".join(pieces) in seen
        for link in (*row.how, row.more):
            assert f'href="{link.url}"' in page
        for part in row.anatomy:
            assert part.name in seen
            assert part.note in seen


def test_the_actions_and_all_below_the_table_are_shown(client, db):
    response = client.get(TABLE)
    page, seen = text_of(response), visible(response)
    for action in catalogue.ACTIONS:
        cells = re.search(rf"<code>{action.name}</code></th><td>(.+?)</td><td>(.+?)</td>", page)
        assert [cell == "Needed" for cell in cells.groups()] == [action.four, action.five]
    for text in (catalogue.FOUR_LABEL, catalogue.FIVE_LABEL, catalogue.ACTIONS_NOTE, catalogue.ACTIONS_WARNING):
        assert prose(text) in seen
    for word in WORDS:
        assert prose(word.meaning) in seen
    for link in (*catalogue.READING, catalogue.OTHER_CREDENTIALS):
        assert f'href="{link.url}"' in page


def test_the_regions_page_shows_every_host_and_port(client, db):
    seen = visible(client.get(REGIONS))
    for region in regions.REGIONS.values():
        for piece in (region.id, region.name, region.api_host, region.smtp_host, region.smtp_fips_host):
            assert piece in seen
    for port in regions.PORTS:
        assert f"{port.number}" in seen


def test_the_answers_travel_in_the_form(client, db):
    page = client.get(f"{WIZARD}?who=software&where=outside&colour=red").content.decode()
    assert re.findall(r'<input type="hidden" name="(\w+)" value="(\w+)">', page) == [
        ("who", "software"),
        ("where", "outside"),
    ]
    assert len(re.findall(r'<input type="radio" name="speaks"', page)) == 4
    assert "colour" not in page


def test_each_answer_can_be_changed_and_the_others_stay(client, db):
    page = client.get(SMTP_ONLY).content.decode()
    for key in ("who", "where", "speaks"):
        link = html.unescape(re.search(rf'href="([^"]+ask={key})" class="s', page)[1])
        again = client.get(link).content.decode()
        assert re.search(rf'name="{key}" value="\w+" checked', again)
        assert set(re.findall(r'type="hidden" name="(\w+)"', again)) == {"who", "where", "speaks"} - {key}


def test_back_leads_to_the_question_before_with_its_answer(client, db):
    page = client.get(f"{WIZARD}?who=software&where=outside").content.decode()
    back = html.unescape(re.search(r'href="([^"]+)"><span>Back', page)[1])
    assert parse_qs(urlsplit(back).query) == {"who": ["software"], "where": ["outside"], "ask": ["where"]}
    first = client.get(WIZARD).content.decode()
    assert re.search(rf'href="{TABLE}"><span>Back', first)


@pytest.mark.parametrize(
    "query",
    [
        "who=<script>alert(1)</script>",
        "who=software&where=../../etc/passwd",
        "who=software&where=outside&speaks=SMTP",
        "who=%00",
        "who=%ff%fe",
        "who=" + "x" * 5000,
        "who=software&who=nobody",
        "ask=speaks",
        "ask=",
        "speaks=smtp&where=outside",
    ],
)
def test_a_tampered_address_is_asked_again(client, db, query):
    response = client.get(f"{WIZARD}?{query}")
    assert response.status_code == 200
    page = response.content.decode()
    assert '<input type="radio"' in page
    assert "<script>alert" not in page
    asked = re.search(r'type="radio" name="(\w+)"', page)[1]
    refused = asked in parse_qs(query)
    assert ("does not offer" in page) == refused


def test_the_recommendation_says_all_and_leads_to_the_form(client, db):
    response = client.get(SMTP_ONLY)
    seen, page = visible(response), response.content.decode()
    for heading in ("You told us", "It consists of", "How to get it", "Why not the others", "Watch out for"):
        assert heading in seen
    assert "Your software runs outside AWS and speaks only SMTP." in seen
    form = html.unescape(re.search(r'href="(/credentials/new/[^"]*)"', page)[1])
    assert parse_qs(urlsplit(form).query) == {"purpose": ["Software outside AWS sends mail by SMTP."], "kind": ["smtp"]}
    assert "## Use SMTP credentials" in page


def test_what_is_not_issued_here_is_not_promised(client, db):
    page = client.get(f"{WIZARD}?who=software&where=outside&speaks=api&identity=oidc").content.decode()
    assert "/credentials/new/" not in page
    assert "There is nothing to issue here." in page


def test_an_access_key_leads_to_its_own_form_which_need_not_ask_for_a_role_again(client, db):
    page = client.get(f"{WIZARD}?who=software&where=outside&speaks=api&identity=none").content.decode()
    query = parse_qs(urlsplit(html.unescape(re.search(r'href="(/credentials/new/[^"]*)"', page)[1])).query)
    assert query == {
        "purpose": ["Software outside AWS sends mail by the SES API."],
        "kind": ["api"],
        "role": ["no"],
    }


def test_a_console_login_leads_to_its_own_form(client, db):
    page = client.get(f"{WIZARD}?who=console&center=no").content.decode()
    query = parse_qs(urlsplit(html.unescape(re.search(r'href="(/credentials/new/[^"]*)"', page)[1])).query)
    assert query["kind"] == ["console"]
    assert "does not issue it" not in page
    assert "/guide/regions/" not in page.partition("<main")[2]


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_every_recommendation_is_a_page(client, db, way):
    response = client.get(WIZARD, query_params=dict(reversed(way.items())))
    assert response.status_code == 200
    assert "<h2 id=" in response.content.decode()
    assert len(response.content) < LIMIT - SIGNED_IN


def test_every_question_is_a_page(client, db):
    asked = set()

    def walk(query: dict[str, str]) -> None:
        page = client.get(WIZARD, query_params=query).content.decode()
        if found := re.search(r'type="radio" name="(\w+)"', page):
            key = found[1]
            asked.add(key)
            for value in re.findall(rf'name="{key}" value="(\w+)"', page):
                walk({**query, key: value})

    walk({})
    assert asked == {question.key for question in QUESTIONS}
