"""What every page knows besides its own subject: whether this is a sandbox, and where one can go."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from provisioning.gateway.aws import aws
from provisioning.services import demo
from provisioning.services.demo import DemoPerson

PUBLIC = [("Guide", "guidance:table"), ("Wizard", "guidance:wizard")]
SIGNED_IN = [("Home", "home"), ("Credentials", "credentials"), ("History", "history"), ("Guide", "guidance:table")]


@dataclass(frozen=True)
class Place:
    """A link of the main navigation."""

    label: str
    href: str
    current: bool


@dataclass(frozen=True)
class Page:
    """What base.html shows around a page."""

    home: str
    sandbox: bool
    nav: list[Place]
    demo_people: Sequence[DemoPerson] = ()


def page(request: HttpRequest) -> dict[str, Page]:
    """Give templates `page`; asks the database nothing for people who are not signed in."""
    user = getattr(request, "user", None)
    signed_in = user is not None and user.is_authenticated
    addresses = [(label, reverse(name)) for label, name in (SIGNED_IN if signed_in else PUBLIC)]
    here = max((href for _, href in addresses if _within(request.path, href)), key=len, default="")
    nav = [Place(label, href, href == here) for label, href in addresses]
    sandbox = not aws().is_real
    demo_people = demo.PEOPLE if sandbox and request.path == reverse("account_login") and demo.is_present() else ()
    return {"page": Page(home=reverse("home"), sandbox=sandbox, nav=nav, demo_people=demo_people)}


def _within(path: str, href: str) -> bool:
    if path.startswith("/handovers/"):  # a hand-over is a part of its credential
        path = reverse("credentials")
    return path == href or (href != "/" and path.startswith(href))
