"""How the world is before an act; each returns the id of the review, which is there before there is a credential."""

from uuid import UUID

from django.utils import timezone

from guidance.catalogue import Kind
from provisioning.domain.from_entries import FromEntry
from provisioning.gateway.aws import aws
from provisioning.models import Credential
from provisioning.services import handover
from tests.builders import World, browser, open_team
from tests.services import acts
from tests.services.bad_days.pressing import stop


def reviewed(world: World) -> UUID:
    return world.reviewed().pk


def reviewed_for_the_api(world: World) -> UUID:
    return world.reviewed(kind=Kind.API, options={"actions": ["SendEmail"]}).pk


def issued(world: World) -> UUID:
    open_team()
    return world.issued().request_id


def suspended(world: World) -> UUID:
    about = issued(world)
    acts.suspend(Credential.objects.get(request=about))
    return about


def two_issued(world: World) -> UUID:
    world.issued(application="second")
    return issued(world)


def stopped(world: World) -> UUID:
    about = two_issued(world)
    stop(about, gateway=aws())
    return about


def bystander(world: World) -> Credential:
    """A credential of another team that no bad day may touch; its secret was seen."""
    ours, entries = browser(), (FromEntry.parse("bill@billing.example.com"),)
    one = world.issued("outsider", team=world.billing, from_entries=entries, shown_in=ours)
    handover.look(one.request_id, by=world.actor("outsider"), browser=ours, now=timezone.now())
    return one
