"""Making what tests start from, through the same services as the product."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from guidance.catalogue import Kind
from provisioning.domain.from_entries import FromEntry
from provisioning.domain.roles import Actor, system
from provisioning.gateway.aws import aws
from provisioning.models import Credential, CredentialRequest, Person, Team
from provisioning.services import demo, handover, identities, issuance, requesting, set_up
from provisioning.services.requesting import Description
from provisioning.services.sealing import Browser, new_key

REGIONS = ("eu-central-1", "us-east-1")


# What is described of a console login beside the purpose and the lifetime.
CONSOLE = {
    "kind": Kind.CONSOLE,
    "application": "anna-keller",
    "regions": (),
    "from_entries": (),
    "options": {"access": "read"},
}


@dataclass
class Clock:
    """A clock that stands still until it is told."""

    now: datetime = field(default_factory=timezone.now)

    def __call__(self) -> datetime:
        return self.now


def browser(session: str = "session") -> Browser:
    return Browser(new_key(), session)


def description(team: Team, **changes: object) -> Description:
    typed = {
        "team_id": team.pk,
        "application": "weekly-digest",
        "purpose": "Sends the weekly digest.",
        "regions": REGIONS,
        "from_entries": (FromEntry.parse("digest@example.com"),),
        "lifetime_days": 90,
    } | changes
    return Description(**typed)


@dataclass(frozen=True)
class World:
    """The demo's people and teams."""

    people: dict[str, Person]
    newsletter: Team
    billing: Team
    account_id: int | None = None  # where it is issued unless a test says so; None: in the account that we sign in to

    @classmethod
    def seeded(cls) -> "World":
        demo.seed()
        now, by = timezone.now(), system("test")
        account = set_up.account()
        identities.refresh(REGIONS, by=by, account=account, gateway=aws(), now=now)
        set_up.check(aws(), by=by, now=now)
        people = {person.email.partition("@")[0]: person for person in Person.objects.all()}
        return cls(people, Team.objects.get(slug="newsletter"), Team.objects.get(slug="billing"))

    def actor(self, name: str) -> Actor:
        return self.people[name].as_actor(is_fresh=True)

    def reviewed(self, name: str = "member", team: Team | None = None, **changes: object) -> CredentialRequest:
        """A review that `name` has before them."""
        described = description(team or self.newsletter, **{"account_id": self.account_id} | changes)
        return requesting.prepare(described, by=self.actor(name), now=timezone.now())

    def console_login(self, name: str = "member", *, shown_in: Browser | None = None, **changes: object) -> Credential:
        """A console login that `name` has issued, in a team that may."""
        self.newsletter.kinds = [*self.newsletter.kinds, Kind.CONSOLE]
        self.newsletter.save()
        return self.issued(name, shown_in=shown_in, **CONSOLE | changes)

    def issued(self, name: str = "member", *, shown_in: Browser | None = None, **changes: object) -> Credential:
        """A credential that `name` has issued."""
        request = self.reviewed(name, **changes)
        issuance.issue(request.pk, by=self.actor(name), browser=shown_in or browser(), gateway=aws())
        return Credential.objects.with_unresolved().get(request=request)

    def stored(self, name: str = "member", *, shown_in: Browser | None = None, **changes: object) -> Credential:
        """A credential that `name` has issued, looked at and stored."""
        ours = shown_in or browser()
        credential = self.issued(name, shown_in=ours, **changes)
        handover.look(credential.request_id, by=self.actor(name), browser=ours, now=timezone.now())
        handover.burn(credential.request_id, by=self.actor(name), now=timezone.now())
        return credential


def open_team() -> Team:
    """A team that may have whatever Newsletter has."""
    limits = {"kinds": ["smtp", "api"], "regions": list(REGIONS), "from_entries": ["*@example.com"], "live_limit": 20}
    return Team.objects.get_or_create(slug="successor", defaults={"name": "Successor", **limits})[0]


def handover_of(credential: Credential) -> UUID:
    return credential.request_id
