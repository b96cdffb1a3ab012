"""Memberships: who is in a team. Whoever leaves one loses their open hand-overs; the team keeps its credentials."""

from datetime import datetime

from django.db import transaction

from provisioning import audit
from provisioning.domain.lifecycle import Outcome
from provisioning.domain.permission import Target, demand, not_there
from provisioning.domain.refusals import Breach, Reason, Refusal
from provisioning.domain.roles import Act, Actor
from provisioning.models import Credential, Membership, Person, Standing, Team
from provisioning.services import administrators, handover, notices

NAMED = 100  # credentials that a notice names


def add(slug: str, email: str, *, by: Actor, now: datetime) -> Person:
    """Put the person with this address into a team. Twice is once."""
    subject = audit.Subject(email)
    with audit.refusals_recorded(Act.MEMBERSHIP_ADD, subject, by=by, at=now), transaction.atomic():
        demand(by, Act.MEMBERSHIP_ADD)
        team = _team(slug)
        demand(by, Act.MEMBERSHIP_ADD, Target(team_id=team.pk))
        known = Person.objects.filter(email=email.lower()).values_list("pk", flat=True).first()
        person, _ = administrators.hold(by, person_id=known)
        if person is None:
            raise _not_to_be_added(f"Nobody here has the address {email}. Invite them first.")
        if trouble := _trouble(person):
            raise _not_to_be_added(trouble)
        before = _teams_of(person)
        if not Membership.objects.get_or_create(team=team, person=person)[1]:
            return person
        _record(Act.MEMBERSHIP_ADD, team, person, before, by=by, now=now)
    return person


def remove(slug: str, person_id: int, *, by: Actor, now: datetime) -> Person:
    """Take a person out of a team, and tell the administrators what they leave there. Twice is once."""
    subject = audit.Subject(f"person {person_id} of {slug}")
    with audit.refusals_recorded(Act.MEMBERSHIP_REMOVE, subject, by=by, at=now):
        demand(by, Act.MEMBERSHIP_REMOVE)
        with transaction.atomic():
            team = _team(slug)
            demand(by, Act.MEMBERSHIP_REMOVE, Target(team_id=team.pk))
            person, _ = administrators.hold(by, person_id=person_id)
            if person is None:
                raise not_there("member")
            before = _teams_of(person)
            if not Membership.objects.filter(team=team, person=person).delete()[0]:
                return person
            _tell(team, person, by=by, now=now)
            _record(Act.MEMBERSHIP_REMOVE, team, person, before, by=by, now=now)
        # Each ends in a transaction of its own. Were we cut before, the team they lost already keeps them shut.
        handover.end_for_person(person.pk, by=by, now=now, team_id=team.pk)
    return person


def left_behind(team: Team, person: Person) -> list[Credential]:
    """Return what `person` issued and the team keeps, newest first, and one more than is named."""
    return list(Credential.objects.holding().looked_at().filter(team=team, owner=person)[: NAMED + 1])


def _team(slug: str) -> Team:
    team = Team.objects.filter(slug=slug).first()
    if team is None:
        raise not_there("team")
    return team


def _trouble(person: Person) -> str:
    if not person.is_active:
        return f"{person.email} has been deactivated. Reactivate them first."
    if person.standing == Standing.AUDITOR:
        return f"{person.email} is an auditor, and an auditor is in no team. Change their role first."
    return ""


def _not_to_be_added(text: str) -> Refusal:
    return Refusal(
        why=Reason.NOT_NOW,
        title="Nobody was added",
        reason=text,
        breaches=(Breach("email", text),),
        created_note="Nothing was changed.",
    )


def _teams_of(person: Person) -> list[str]:
    return list(person.teams.values_list("slug", flat=True))


def _tell(team: Team, person: Person, *, by: Actor, now: datetime) -> None:
    found = left_behind(team, person)
    names = [f"- {each.application} ({each.user_name})" for each in found[:NAMED]] + ["- and more"] * (
        len(found) > NAMED
    )
    unseen = "except what nobody has looked at yet: that is revoked."
    left = f"The team keeps what they issued there, {unseen}\n\n" if names else f"They hold nothing there, {unseen}"
    left += "\n".join(names)
    text = f"{by.name} has taken {person.email} out of {team.name}. {left}"
    subject = f"{person.email} has left {team.name}"
    notices.tell(Person.objects.administrators(), subject, text, about=Act.MEMBERSHIP_REMOVE, at=now)


def _record(act: Act, team: Team, person: Person, before: list[str], *, by: Actor, now: datetime) -> None:
    detail = {"team": team.name, "before": {"teams": before}, "after": {"teams": _teams_of(person)}}
    audit.record(act, Outcome.DONE, audit.Subject(person.email, team=team), by=by, at=now, detail=detail)
