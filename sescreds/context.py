"""What every page knows besides its own subject: whether this is a sandbox, and where one can go."""

from dataclasses import dataclass, field

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

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
    demo_people: list[object] = field(default_factory=list)


def page(request: HttpRequest) -> dict[str, Page]:
    """Give templates `page`; asks the database nothing for people who are not signed in."""
    user = getattr(request, "user", None)
    signed_in = user is not None and user.is_authenticated
    addresses = [(label, reverse(name)) for label, name in (SIGNED_IN if signed_in else PUBLIC)]
    here = max((href for _, href in addresses if _within(request.path, href)), key=len, default="")
    nav = [Place(label, href, href == here) for label, href in addresses]
    return {"page": Page(home=reverse("home"), sandbox=bool(settings.AWS_ENDPOINT_URL), nav=nav)}


def _within(path: str, href: str) -> bool:
    return path == href or (href != "/" and path.startswith(href))
