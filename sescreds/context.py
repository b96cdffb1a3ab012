"""What every page knows besides its own subject: whether this is a sandbox, and where one can go."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from provisioning.domain.roles import Role
from provisioning.gateway.aws import aws
from provisioning.services import demo
from provisioning.services.demo import DemoPerson
from provisioning.views.asker import actor_of

PUBLIC = [("Guide", "guidance:table"), ("Wizard", "guidance:wizard")]
_HOME, _GUIDE = ("Home", "home"), ("Guide", "guidance:table")
MEMBERS = [_HOME, ("Credentials", "credentials"), ("Teams", "teams"), ("History", "history"), _GUIDE]
GUESTS = [_HOME, _GUIDE]
OVERSEERS = [*MEMBERS[:3], ("People", "people"), ("History", "history"), ("Set-up", "set_up"), _GUIDE]
_PARTS_OF = {
    "/handovers/": "credentials",
    "/stops/": "credentials",
    "/requests/": "credentials",
    "/sweeps/": "set_up",
    "/notices/": "set_up",
    "/aws-accounts/": "set_up",
}


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
    addresses = [(label, reverse(name)) for label, name in (_places(request) if signed_in else PUBLIC)]
    here = max((href for _, href in addresses if _within(request.path, href)), key=len, default="")
    nav = [Place(label, href, href == here) for label, href in addresses]
    sandbox = not aws().is_real
    demo_people = demo.PEOPLE if sandbox and request.path == reverse("account_login") and demo.is_present() else ()
    return {"page": Page(home=reverse("home"), sandbox=sandbox, nav=nav, demo_people=demo_people)}


def _places(request: HttpRequest) -> list[tuple[str, str]]:
    """Return where somebody who is signed in can go: only what opens to them. Who oversees is asked no query for it."""
    return {Role.GUEST: GUESTS, Role.MEMBER: MEMBERS}.get(actor_of(request).role, OVERSEERS)


def _within(path: str, href: str) -> bool:
    """Return whether the page at `path` belongs to the place at `href`, for example a hand-over to its credential."""
    path = next((reverse(whole) for part, whole in _PARTS_OF.items() if path.startswith(part)), path)
    return path == href or (href != "/" and path.startswith(href))
