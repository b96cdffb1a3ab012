"""Requests in short words: what lies outside, what was asked for, and what an approval left of it."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q

from provisioning.domain.from_entries import FromEntry
from provisioning.domain.guardrails import Wish, outside
from provisioning.domain.narrowing import parts
from provisioning.domain.roles import Act
from provisioning.models import AuditEvent, Credential, CredentialRequest


@dataclass(frozen=True)
class Part:
    """One part of a request: what was asked for, and what was approved of it where that is less."""

    name: str
    asked: str
    approved: str


@dataclass(frozen=True)
class Beside:
    """What an administrator weighs in passing: what lies outside, in short words, and how many the requester holds."""

    outside: str
    holds: int


def parts_of(request: CredentialRequest, events: Iterable[AuditEvent]) -> list[Part]:
    """Return every part; `events` of it say what was asked for where the row holds what was approved."""
    granted = parts(request.wish)
    asked = parts(_asked_for(request, events))
    # What only one of the two names is an option: one that was left open is any.
    names = [*dict.fromkeys([*asked, *granted])]
    told = [(name, asked.get(name, "any"), granted.get(name, "any")) for name in names]
    return [Part(name, before, "" if after == before else after) for name, before, after in told]


def _asked_for(request: CredentialRequest, events: Iterable[AuditEvent]) -> Wish:
    done = next((event for event in events if event.act == Act.REQUEST_APPROVE), None)
    if done is None:
        return request.wish
    before = json.loads(done.text)["detail"]["before"]
    entries = tuple(map(FromEntry.parse, before["from"]))
    return Wish(request.wish.kind, tuple(before["regions"]), entries, before["lifetime_days"], before["options"])


def beside_each(rows: Sequence[CredentialRequest]) -> dict[UUID, Beside]:
    """Return what stands beside each of `rows`; one query."""
    places = Q(team__in={each.team_id for each in rows}) | Q(owner__in={each.person_id for each in rows})
    counted = Credential.objects.holding().filter(places).order_by().values_list("team", "owner")
    of_team, of_person = Counter[int](), Counter[int]()
    for team, owner, count in counted.annotate(Count("pk")):
        of_team[team] += count
        of_person[owner] += count
    return {each.pk: Beside(_outside(each, of_team[each.team_id]), of_person[each.person_id]) for each in rows}


def _outside(request: CredentialRequest, live: int) -> str:
    found = outside(request.team.guardrail, request.wish, live + 1)
    return ", ".join("its kind" if each == f"by {request.kind}" else each for each in found)
