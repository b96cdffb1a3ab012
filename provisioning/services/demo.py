"""The demo: six people and two teams, all with one published password, beside the sandbox only."""

from dataclasses import dataclass

from guidance.catalogue import Kind
from provisioning.models import Membership, Person, Standing, Team

PASSWORD = "sandbox-only"  # noqa: S105 - published on the sign-in page of the sandbox


@dataclass(frozen=True)
class DemoPerson:
    """Somebody to try the product as."""

    email: str
    role: str
    can: str
    standing: Standing = Standing.NONE
    team: str = ""
    password: str = PASSWORD


PEOPLE = (
    DemoPerson("admin@example.com", "Administrator", "Issues for every team, sees everything", Standing.ADMINISTRATOR),
    DemoPerson("admin2@example.com", "Administrator", "The second one: two can decide", Standing.ADMINISTRATOR),
    DemoPerson("member@example.com", "Member of Newsletter", "Issues within its limits", team="newsletter"),
    DemoPerson("outsider@example.com", "Member of Billing", "Issues there, sees nothing of Newsletter", team="billing"),
    DemoPerson("auditor@example.com", "Auditor", "Reads everything but secrets, changes nothing", Standing.AUDITOR),
    DemoPerson("guest@example.com", "No role yet", "The guide, and whom to ask for a role"),
)
_REGIONS = ["eu-central-1", "us-east-1"]
_TEAMS = {
    "newsletter": ("Newsletter", "*@example.com", [Kind.SMTP, Kind.API]),
    "billing": ("Billing", "*@billing.example.com", [Kind.SMTP]),
}


def seed() -> None:
    """Make what is not there yet."""
    teams = {}
    for slug, (name, entry, kinds) in _TEAMS.items():
        limits = {"kinds": kinds, "regions": _REGIONS, "from_entries": [entry], "live_limit": 5}
        teams[slug], _ = Team.objects.get_or_create(slug=slug, defaults={"name": name, **limits})
    for wanted in PEOPLE:
        person = Person.objects.filter(email=wanted.email).first() or Person.objects.create_person(
            wanted.email, PASSWORD, wanted.standing
        )
        if wanted.team:
            Membership.objects.get_or_create(person=person, team=teams[wanted.team])


def is_present() -> bool:
    """Return whether somebody of the demo can sign in here."""
    return Person.objects.filter(email__in=[person.email for person in PEOPLE], is_active=True).exists()
