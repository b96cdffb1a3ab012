"""The last step of an act through the pages: who presses, where it posts to, and what it sends."""

import re
from collections.abc import Callable
from uuid import UUID

from django.test import Client

from provisioning.models import Credential
from tests.builders import World
from tests.web.visits import Visit, hidden, signed_in, text

Button = tuple[Client, str, dict[str, object]]


def button_of_the_review(world: World, about: UUID) -> Button:
    visit = Visit.reviewing(world, signed_in(world, "member"))
    return visit.client, visit.address, {}


def button_of_a_review_for_the_api(world: World, about: UUID) -> Button:
    visit = Visit.reviewing(world, signed_in(world, "member"), kind="api", actions=["SendEmail"])
    return visit.client, visit.address, {}


def button_of_a_login(world: World, about: UUID) -> Button:
    typed = {"kind": "console", "application": "anna-keller", "access": "read", "regions": None, "from_addresses": None}
    visit = Visit.reviewing(world, signed_in(world, "member"), **typed)
    return visit.client, visit.address, {}


def button_at(below: str, name: str = "member", **typed: object) -> Callable[[World, UUID], Button]:
    """The button of a page of the credential; where something is typed, that of the review of it."""

    def button(world: World, about: UUID) -> Button:
        client, address = signed_in(world, name), f"/credentials/{Credential.objects.get(request=about).pk}/{below}/"
        return client, address, hidden(text(client.post(address, typed))) if typed else {}

    return button


def button_of_the_stop(world: World, about: UUID) -> Button:
    client = signed_in(world, "member")
    typed = {"team": Credential.objects.get(request=about).team.slug}
    return client, "/stops/new/", {**hidden(text(client.get("/stops/new/", typed))), **typed, "reason": "Misused."}


def button_of_the_undoing(world: World, about: UUID) -> Button:
    return signed_in(world, "member"), f"/stops/{about}/undo/", {}


def button_of_the_loss(world: World, about: UUID) -> Button:
    return signed_in(world, "member"), f"/handovers/{about}/loss/", {}


def button_of_the_second_key(world: World, about: UUID) -> Button:
    return _button_of_another_secret(world, about, "rotation", regions=["us-east-1"])


def button_of_a_new_password(world: World, about: UUID) -> Button:
    return _button_of_another_secret(world, about, "resumption")


def _button_of_another_secret(world: World, about: UUID, below: str, **typed: object) -> Button:
    client, address = signed_in(world, "member"), f"/credentials/{Credential.objects.get(request=about).pk}/{below}/"
    return client, re.search(r'action="(/handovers/[^"]+)"', text(client.post(address, typed)))[1], {}
