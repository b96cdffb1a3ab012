"""axe finds nothing: every address, full, empty, with errors and refused, in both themes, on a desk and on a phone."""

import mimetypes
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.template.loader import render_to_string
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from provisioning.models import AwsAccount, Credential, RegionReading, SweepRun
from provisioning.services import sweeps
from tests.journeys.browsers import browser_type_launch_args, playwright  # noqa: F401 - fixtures
from tests.web.visits import FORM, LOGIN, Visit, signed_in, typed

pytestmark = [pytest.mark.django_db, pytest.mark.journey]

SITE = "http://pages.example"
WIDTHS, THEMES = (1280, 390), ("light", "dark")
# What answers without a page: files, redirects, what only a form posts to and which then shows another page.
NO_PAGE = {"healthz", "credentials_csv", "history_csv", "handover_csv", "handover_env", "verification", "confirmation"}
NO_PAGE |= {"loss", "identities", "readyz"}
WIZARD = "/guide/wizard/"
ANSWERS = "?who=software&where=outside&speaks=smtp"


@dataclass
class Shelf:
    """Pages as the product answered them, by the name of their address and the state they are in."""

    pages: dict[str, tuple[bytes, dict[str, str]]] = field(default_factory=dict)

    def put(self, label, response, status=200):
        assert response.status_code == status, f"{label}: {response.status_code}"
        self.pages[label] = (response.content, {"Content-Security-Policy": response["Content-Security-Policy"]})

    def put_template(self, label, template, **context):
        policy = next(iter(self.pages.values()))[1]
        text = render_to_string(template, {"now": timezone.now(), "request_id": "0" * 32, **context})
        self.pages[label] = (text.encode(), policy)

    @property
    def addresses(self):
        return {label.partition(",")[0] for label in self.pages}


def named(patterns, space="") -> Iterator[str]:
    for pattern in patterns:
        if hasattr(pattern, "url_patterns"):
            yield from named(pattern.url_patterns, f"{pattern.namespace}:" if pattern.namespace else space)
        else:
            yield f"{space}{pattern.name}"


def for_strangers(shelf):
    stranger = Client()
    shelf.put("guidance:table", stranger.get("/guide/"))
    shelf.put("guidance:regions", stranger.get("/guide/regions/"))
    shelf.put("guidance:wizard", stranger.get(WIZARD))
    shelf.put("guidance:wizard, an answer it has not", stranger.get(f"{WIZARD}?who=nobody"))
    shelf.put("guidance:wizard, the answer", stranger.get(f"{WIZARD}{ANSWERS}"))
    shelf.put("guidance:wizard, no credential", stranger.get(f"{WIZARD}?who=software&where=aws&speaks=api&service=ec2"))
    shelf.put("account_login", stranger.get(LOGIN))
    shelf.put("account_login, wrong", stranger.post(LOGIN, {"login": "member@example.com", "password": "wrong"}))
    shelf.put("account_inactive", stranger.get("/accounts/inactive/"))


def empty(shelf, world):
    for name in ("member", "admin", "auditor", "guest"):
        shelf.put(f"home, {name}, nothing there", signed_in(world, name).get("/"))
    member = signed_in(world, "member")
    shelf.put("credentials, empty", member.get("/credentials/"))
    shelf.put("history, empty", signed_in(world, "outsider").get("/history/"))
    shelf.put("credential_new", member.get(FORM))
    shelf.put("credential_new, errors", member.post(FORM, {"team": "newsletter"}), 422)
    outside = typed(world, from_addresses="boss@elsewhere.example", lifetime_days="999", application="Bad Name!")
    shelf.put("credential_new, outside the limits", member.post(FORM, outside), 422)
    shelf.put("credential_new, refused", signed_in(world, "auditor").get(FORM), 403)
    shelf.put("style", member.get("/style/"))
    shelf.put("account_logout", member.get("/accounts/logout/"))
    shelf.put("account_reauthenticate", member.get("/accounts/reauthenticate/"))


def handing_over(shelf, world):
    visit = Visit.reviewing(world, signed_in(world, "member"))
    shelf.put("credential_new, review", visit.client.post(FORM, typed(world)))
    shelf.put("handover, not issued", visit.get())
    shelf.put("handover, not issued, in another browser", signed_in(world, "member").get(visit.address))
    visit.post()
    shelf.put("handover, sealed", visit.get())
    shelf.put("look", visit.look())
    shelf.put("look, other settings", visit.post("look/", {"region": "us-east-1", "client": "swaks"}))
    wrong = {"region": "eu-central-1", "sender": "boss@example.com"}
    shelf.put("test_message, not from there", visit.post("test-message/", wrong), 409)
    visit.post("verification/")
    visit.post("test-message/", {"region": "eu-central-1", "sender": "digest@example.com"})
    shelf.put("handover, verified, message sent", visit.get())
    shelf.put("home, hand-over open", visit.client.get("/"))
    shelf.put("credential, hand-over open", visit.client.get(f"/credentials/{visit.credential.pk}/"))
    visit.post("confirmation/")
    shelf.put("handover, over", visit.get())
    shelf.put("look, too late", visit.look(), 409)
    pattern = Visit.issued(
        world, visit.client, application="pattern", from_addresses="*@example.com", regions="us-east-1"
    )
    shelf.put("handover, a pattern", pattern.get())
    pattern.client.logout()
    return visit


def bad_days(shelf, world, sandbox):
    for effect, label in (("error", "aws says no"), ("lose_reply", "aws is silent")):
        visit = Visit.reviewing(world, signed_in(world, "member"), application=effect.replace("_", "-"))
        sandbox.faults.set("PutUserPolicy", effect)
        answer = visit.post()
        shelf.put(f"handover, {label}, the answer", answer, answer.status_code)
        assert answer.status_code >= 500
        sandbox.faults.clear()
        shelf.put(f"handover, {label}", visit.get())
        shelf.put(f"credential, {label}", visit.client.get(f"/credentials/{visit.credential.pk}/"))
    Credential.objects.filter(application="lose-reply").update(state="issuing")
    shelf.put(
        "handover, nobody's", visit.client.get(f"/handovers/{'0' * 8}-{'-'.join(['0' * 4] * 3)}-{'0' * 12}/"), 404
    )
    shelf.put("home, nothing there at all", Client().get("/nowhere/"), 404)
    for name in ("400", "403", "404", "500", "errors/server_error", "errors/csrf"):
        shelf.put_template(f"errors, {name}", f"{name}.html")
    shelf.put_template("errors, history", "errors/history_unwritable.html", commands=("aws iam delete-user",))


def operations(shelf, world):
    """Before any worker has run, with everything in trouble, and in order."""
    admin, now = signed_in(world, "admin"), timezone.now()
    auditor = Client()
    for _ in range(2):
        auditor.post(LOGIN, {"login": "auditor@example.com", "password": "sandbox-only"})
        shelf.put("home, auditor, nothing new", auditor.get("/"))
        auditor.post("/accounts/logout/")
    shelf.put("sweeps, no worker", admin.get("/sweeps/"))
    for name in sweeps.SWEEPS:
        SweepRun.objects.create(sweep=name, due=now, began_at=now, ended_at=now, handled=3)
    shelf.put("sweeps", admin.get("/sweeps/"))
    SweepRun.objects.filter(sweep="notices").update(trouble="The mail server does not answer.")
    SweepRun.objects.filter(sweep="usage").update(began_at=now - timezone.timedelta(days=3), ended_at=None)
    shelf.put("sweeps, late and in trouble", admin.get("/sweeps/"))
    shelf.put("sweeps, refused", signed_in(world, "member").get("/sweeps/"), 403)
    world.issued(application="of-an-identity-gone")
    Credential.objects.filter(application__endswith="3").update(state="suspended")
    RegionReading.objects.update(identities=[])
    AwsAccount.objects.update(trouble="The permissions boundary does not exist in AWS.")
    shelf.put("home, admin, everything in trouble", admin.get("/"))
    auditor.post(LOGIN, {"login": "auditor@example.com", "password": "sandbox-only"})
    shelf.put("home, auditor, much is new", auditor.get("/"))


def full(shelf, world, credential):
    for number in range(14):
        world.issued(application=f"a-name-of-thirty-letters-{number:05}")
    soon = timezone.now() + timezone.timedelta(days=3)
    Credential.objects.filter(application__endswith="1").update(expires_at=soon, last_used_at=timezone.now())
    Credential.objects.filter(application__endswith="2").update(expires_at=timezone.now() - timezone.timedelta(days=3))
    for name in ("member", "admin", "auditor"):
        client = signed_in(world, name)
        for address in ("home", "credentials", "history"):
            shelf.put(f"{address}, {name}", client.get({"home": "/"}.get(address, f"/{address}/")))
        shelf.put(f"credential, {name}", client.get(f"/credentials/{credential.pk}/"))
    shelf.put("credentials, nothing fits", client.get("/credentials/?q=zzz"))
    shelf.put("history, nothing fits", client.get("/history/?q=zzz"))
    shelf.put("revocation, refused", client.get(f"/credentials/{credential.pk}/revocation/"), 403)
    member = signed_in(world, "member")
    shelf.put("revocation", member.get(f"/credentials/{credential.pk}/revocation/"))
    shelf.put("credential, the question", member.get(f"/credentials/{credential.pk}/"))
    member.post(f"/credentials/{credential.pk}/revocation/")
    shelf.put("credential, revoked", member.get(f"/credentials/{credential.pk}/"))


@pytest.fixture
def shelf(world, sandbox):
    world.newsletter.live_limit = 50
    world.newsletter.save()
    shelf = Shelf()
    for_strangers(shelf)
    empty(shelf, world)
    visit = handing_over(shelf, world)
    bad_days(shelf, world, sandbox)
    full(shelf, world, visit.credential)
    operations(shelf, world)
    return shelf


@pytest.fixture
def desk(shelf, new_context, settings):
    """A browser window that is served from the shelf; what it complains about is kept."""
    page = new_context().new_page()
    page.complaints = []

    def serve(route):
        path = urlsplit(route.request.url).path
        if path.startswith("/static/"):
            file = Path(settings.STATIC_ROOT) / path.removeprefix("/static/")
            route.fulfill(path=file, content_type=mimetypes.guess_type(file.name)[0])
        elif path == "/":
            route.fulfill(body=page.shown[0], headers=page.shown[1], content_type="text/html; charset=utf-8")
        else:
            route.abort()  # a page that asks by itself is left without an answer

    def complain(message):
        if message.type == "error" and "ERR_FAILED" not in message.text and not message.text.startswith("htmx:"):
            page.complaints.append(message.text)

    page.route("**/*", serve)
    page.on("console", complain)
    return page


def looked_at(page) -> Iterator[str]:
    """Give what axe finds and what does not fit. A theme changes colours alone, so each width has one whole look."""
    page.evaluate(Axe().axe_script)
    for width, whole in zip(WIDTHS, THEMES, strict=True):
        page.set_viewport_size({"width": width, "height": 900})
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            yield f"{width}: wider than the window"
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)
            options = {"resultTypes": ["violations"], **({} if theme == whole else {"runOnly": ["color-contrast"]})}
            for found in page.evaluate("options => axe.run(document, options)", options)["violations"]:
                where = "; ".join(node["html"][:120] for node in found["nodes"][:2])
                yield f"{width} {theme}: {found['id']}: {found['help']}: {where}"


def test_axe_finds_nothing(shelf, desk):
    found = {}
    for label, shown in shelf.pages.items():
        desk.shown = shown
        desk.goto(SITE)
        if label.endswith("the question"):
            desk.get_by_role("button", name="Revoke weekly-digest").click()
        found[label] = [*looked_at(desk), *desk.complaints]
        desk.complaints.clear()
    assert {label: words for label, words in found.items() if words} == {}


def test_every_address_is_on_the_shelf(shelf):
    assert set(named(get_resolver().url_patterns)) - NO_PAGE == shelf.addresses - {"errors"}


def test_it_would_find_what_is_wrong(shelf, desk):
    page, policy = shelf.pages["guidance:wizard"]
    broken = page.replace(b"<main", b'<p class="pale">Pale</p><img src="/static/favicon.svg"><main', 1)
    desk.shown = broken, policy
    desk.goto(SITE)
    desk.evaluate("document.querySelector('.pale').style.color = 'light-dark(#ddd, #333)'")
    found = " ".join(looked_at(desk))
    assert "image-alt" in found
    assert all(f"{width} {theme}: color-contrast" in found for width in WIDTHS for theme in THEMES)
