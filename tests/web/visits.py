"""Walking the product door by door, as a browser would: what tests of the web start from."""

import re
import time
from dataclasses import dataclass, field
from html import unescape

from django.test import Client

from provisioning.models import Credential, Handover, Person
from tests.builders import World

TYPED = {
    "application": "weekly-digest",
    "purpose": "Sends the weekly digest.",
    "regions": ["eu-central-1", "us-east-1"],
    "from_addresses": "digest@example.com",
    "lifetime_days": "90",
}
FORM = "/credentials/new/"
LOGIN = "/accounts/login/"
LOGOUT = "/accounts/logout/"


def signed_in(world: World, name: str, **options: object) -> Client:
    """A browser in which `name` has signed in."""
    client = Client(**options)
    sign_in(client, world.people[name])
    return client


def sign_in(client: Client, person: Person) -> None:
    """Sign `person` in as the form would: the session knows when the password was given."""
    client.force_login(person)
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
    session["account_authentication_methods_user"] = str(person.pk)
    session.save()


def went_stale(client: Client, minutes: float = 11) -> None:
    """Let so many minutes pass since the password was given."""
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time() - minutes * 60}]
    session.save()


def typed(world: World, **changes: object) -> dict[str, object]:
    """What a member of Newsletter types; a change to None leaves the field out."""
    fields = {**TYPED, "team": world.newsletter.slug, **changes}
    return {name: value for name, value in fields.items() if value is not None}


def text(response) -> str:
    """The page as text, whether it was streamed or not."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return body.decode()


def heading(response) -> str:
    return re.sub(r"\s+", " ", re.search(r"<h1>(.*?)</h1>", text(response), re.DOTALL)[1]).strip()


def hidden(page: str) -> dict[str, str]:
    """What the forms of a page send along without showing it."""
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)
    return {name: unescape(value) for name, value in found if name != "csrfmiddlewaretoken"}


@dataclass
class Visit:
    """A browser with a hand-over before it."""

    client: Client
    address: str
    reviewed: str = field(repr=False, default="")

    @classmethod
    def reviewing(cls, world: World, client: Client, **changes: object) -> "Visit":
        response = client.post(FORM, typed(world, **changes))
        assert response.status_code == 200, heading(response)
        page = text(response)
        return cls(client, re.search(r'action="(/handovers/[^"]+)"', page)[1], page)

    @classmethod
    def issued(cls, world: World, client: Client | None = None, **changes: object) -> "Visit":
        visit = cls.reviewing(world, client or signed_in(world, "member"), **changes)
        assert visit.client.post(visit.address).status_code == 303
        return visit

    @classmethod
    def rotating(cls, client: Client, credential: Credential, *added: str) -> "Visit":
        """Before the review of a second key."""
        response = client.post(f"/credentials/{credential.pk}/rotation/", {"regions": added})
        assert response.status_code == 200, heading(response)
        page = text(response)
        return cls(client, re.search(r'action="(/handovers/[^"]+)"', page)[1], page)

    @property
    def id(self) -> str:
        return self.address.split("/")[2]

    @property
    def handover(self) -> Handover:
        return Handover.objects.get(pk=self.id)

    @property
    def credential(self) -> Credential:
        return Credential.objects.with_unresolved().get(claims=self.id)

    @property
    def cookie(self):
        return self.client.cookies["handover_key"]

    def get(self, below: str = "", **options: object):
        return self.client.get(self.address + below, **options)

    def post(self, below: str = "", data: dict[str, object] | None = None, **options: object):
        return self.client.post(self.address + below, data or {}, **options)

    def look(self):
        return self.post("look/")

    def passwords(self) -> dict[str, str]:
        """The passwords by region, as the downloaded file has them."""
        import csv
        import io

        rows = csv.DictReader(io.StringIO(text(self.get("credential.csv"))))
        return {row["Region"]: row["SMTP password"] for row in rows}
