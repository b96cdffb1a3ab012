"""The dry run of a guardrail: what would change, and which credentials, reviews and people would then be outside."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from guidance.catalogue import Kind
from provisioning.domain.from_entries import FromEntry
from provisioning.domain.guardrails import Guardrail, Wish, days_left, outside
from provisioning.domain.permission import Target, demand
from provisioning.domain.roles import Act, Actor
from provisioning.domain.widening import Difference, differences, fingerprint
from provisioning.models import Credential, CredentialRequest, Team
from provisioning.models.credential_request import REVIEW_HOLDS

SHOWN, FEW = 50, 10  # credentials; reviews and people
_BATCH = 500


@dataclass(frozen=True)
class Outside:
    """One thing outside the new limits: its name, whose it is, in which ways, and where it is if it is a credential."""

    name: str
    email: str
    ways: tuple[str, ...]
    credential_id: int | None = None


@dataclass
class Found:
    """How many things are outside, and the first of them."""

    room: int
    count: int = 0
    first: list[Outside] = field(default_factory=list)

    def add(self, thing: Outside) -> None:
        """Count `thing`, and keep it if there is room."""
        self.count += 1
        if self.count <= self.room:
            self.first.append(thing)

    @property
    def more(self) -> int:
        """How many there are beyond the first."""
        return self.count - len(self.first)


@dataclass(frozen=True)
class DryRun:
    """What a change would do: limit by limit, and what of a team, by kind and by person, would then be outside."""

    after: Guardrail
    as_it_was: str
    changes: tuple[Difference, ...]
    credentials: Found
    reviews: Found
    people: list[tuple[str, int]]
    more_people: int

    @property
    def widens(self) -> bool:
        """Whether something becomes allowed that was not."""
        return any(each.widens for each in self.changes)


def try_out(team: Team, after: Guardrail, *, by: Actor, now: datetime) -> DryRun:
    """Return what changing the guardrail of `team` to `after` would do; nothing is changed. Two queries."""
    demand(by, Act.GUARDRAIL_CHANGE, Target(team_id=team.pk))
    credentials, reviews, people, held = Found(SHOWN), Found(FEW), Counter[str](), 0
    for held, (credential, wish) in enumerate(_held(team, now), 1):
        if ways := outside(after, wish, held):
            credentials.add(Outside(credential.application, credential.owner.email, ways, credential.pk))
            people[credential.owner.email] += 1
    for review in _open_reviews(team, now):
        if ways := outside(after, review.wish, held + 1):
            reviews.add(Outside(review.application, review.person.email, ways))
            people[review.person.email] += 1
    return DryRun(
        after=after,
        as_it_was=fingerprint(team.guardrail),
        changes=differences(team.guardrail, after),
        credentials=credentials,
        reviews=reviews,
        people=people.most_common(FEW),
        more_people=max(0, len(people) - FEW),
    )


def _held(team: Team, now: datetime) -> Iterator[tuple[Credential, Wish]]:
    """Give what the team holds, oldest first, each as the limits read it."""
    held = Credential.objects.holding().filter(team=team).select_related("owner").order_by("pk")
    for credential in held.iterator(chunk_size=_BATCH):
        yield credential, _as_wish(credential, now)


def _as_wish(credential: Credential, now: datetime) -> Wish:
    return Wish(
        kind=Kind(credential.kind),
        regions=tuple(credential.regions),
        from_entries=tuple(map(FromEntry.parse, credential.from_entries)),
        lifetime_days=days_left(credential.expires_at, now),
        options=credential.options,
    )


def _open_reviews(team: Team, now: datetime) -> Iterator[CredentialRequest]:
    """Give the reviews that could still be issued."""
    fresh = CredentialRequest.objects.filter(
        team=team, credential=None, renews=None, asked_at=None, reviewed_at__gte=now - REVIEW_HOLDS
    )
    return fresh.select_related("person").iterator(chunk_size=_BATCH)
