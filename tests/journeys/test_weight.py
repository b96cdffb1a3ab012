"""What a page weighs on a first visit: at most 60 KB on the wire, and 15 KB of HTML."""

import re

import pytest

pytestmark = pytest.mark.journey
HTML, FIRST_VISIT = 15 * 1024, 60 * 1024
FULL = """
from django.utils import timezone
from provisioning.models import Person, Team
from tests import builders
from provisioning.domain.from_entries import FromEntry
people = {person.email.partition("@")[0]: person for person in Person.objects.all()}
world = builders.World(people, Team.objects.get(slug="newsletter"), Team.objects.get(slug="billing"))
for number in range(30):
    name = f"a-name-of-thirty-letters-{number:05}"
    world.issued(application=name, from_entries=tuple(FromEntry.parse(f"a{n}@example.com") for n in range(1 + number)))
"""
PLACES = ("/", "/guide/", "/guide/regions/", "/guide/wizard/", "/credentials/", "/credentials/new/", "/history/")


@pytest.fixture
def full(product):
    """More rows than a page holds, with long names."""
    product.manage("shell", "-c", FULL)


def listen(person):
    """Return a list in which every request stands that the page finishes from now on."""
    came = []

    def note(request):
        came.append(request)

    person.page.on("requestfinished", note)
    return came


def weigh(walker, address, state):
    """Return the bytes of the HTML and of everything that a browser without a cache takes over the wire."""
    visitor = walker(storage_state=state)
    came = listen(visitor)
    page = visitor.go(address)
    visitor.page.wait_for_load_state("networkidle")
    sizes = [request.sizes() for request in came]
    wire = sum(size["responseBodySize"] + size["responseHeadersSize"] for size in sizes)
    html = len(page.body())
    visitor.page.context.close()
    return html, wire


def test_every_page_is_light(full, walker):
    weights = {}
    for name in ("admin", "member", "auditor"):
        person = walker(name)
        state = person.page.context.storage_state()
        person.go("/credentials/")
        detail = person.page.get_by_role("rowheader").get_by_role("link").first.get_attribute("href")
        for address in (*PLACES, detail):
            weights[f"{name} {re.sub('[0-9]+', '1', address)}"] = weigh(walker, address, state)
    print(*(f"{html:6} {wire:6} {name}" for name, (html, wire) in weights.items()), sep="\n")
    assert {name: html for name, (html, _) in weights.items() if html > HTML} == {}
    assert {name: wire for name, (_, wire) in weights.items() if wire > FIRST_VISIT} == {}


def is_a_page(response):
    return response.request.resource_type == "document" and response.request.method == "GET" and response.ok


def test_the_hand_over_is_light_too(walker):
    person = walker("member")
    htmls, came = {}, listen(person)
    person.review("light")
    came.clear()
    with person.page.expect_response(is_a_page) as sealed:
        person.press("Issue light")
    htmls["sealed"] = len(sealed.value.body())  # at once: Chromium drops bodies when a page is left
    person.page.wait_for_load_state("networkidle")
    person.states("verified", "verified")
    for asked in ("Show the passwords", *("msmtp", "Django up to 6.0", "Django 6.1 and later", "Nodemailer", ".env")):
        with person.page.expect_response("**/look/") as opened:
            person.press(asked)
        htmls[asked] = len(opened.value.body())
        person.page.wait_for_load_state("networkidle")
    wire = sum(request.sizes()["responseBodySize"] + request.sizes()["responseHeadersSize"] for request in came)
    print(htmls, wire)
    assert {name: html for name, html in htmls.items() if html > HTML} == {}
    assert wire < FIRST_VISIT
