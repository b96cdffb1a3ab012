"""Joining: the link of an invitation makes one person, once."""

from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.db import transaction

from provisioning import audit
from provisioning.domain.lifecycle import Outcome
from provisioning.domain.permission import demand
from provisioning.domain.refusals import Reason, Refusal
from provisioning.domain.roles import Act, Actor, Role
from provisioning.models import Invitation, Membership, Person, Standing
from provisioning.services import notices

_UNKNOWN = Actor("somebody with a link", Role.GUEST)


def opened(token_digest: str, *, now: datetime) -> Invitation:
    """Return the invitation whose link was opened, or raise a `Refusal` that says why it opens nothing."""
    invitation = Invitation.objects.filter(token_digest=token_digest).first()
    subject, by = _about(invitation)
    with audit.refusals_recorded(Act.PERSON_JOIN, subject, by=by, at=now):
        return _demand_open(invitation, now)


def join(token_digest: str, password: str, *, now: datetime) -> Person:
    """Make the person who was invited, with `password`. However often a link is used, it makes one."""
    hashed = make_password(password)  # takes a while: before any lock
    subject, by = _about(Invitation.objects.filter(token_digest=token_digest).first())
    with audit.refusals_recorded(Act.PERSON_JOIN, subject, by=by, at=now), transaction.atomic():
        demand(by, Act.PERSON_JOIN)
        locked = (
            Invitation.objects.select_for_update(no_key=True, of=("self",)).filter(token_digest=token_digest).first()
        )
        invitation = _demand_open(locked, now)
        person = Person.objects.create(email=invitation.email, standing=invitation.standing, password=hashed)
        teams = list(invitation.teams.all())
        Membership.objects.bulk_create([Membership(person=person, team=team) for team in teams])
        Invitation.objects.filter(pk=invitation.pk).update(used_at=now, person=person)
        detail = {
            "standing": invitation.standing,
            "teams": [team.name for team in teams],
            "invited_by": invitation.invited_by.email if invitation.invited_by else "",
        }
        _tell(person, str(detail["invited_by"]), now=now)
        actor = Actor(person.email, Role.GUEST, person.pk)
        audit.record(Act.PERSON_JOIN, Outcome.DONE, subject, by=actor, at=now, detail=detail)
    return person


def _tell(person: Person, invited_by: str, *, now: datetime) -> None:
    """Tell all who oversee that somebody oversees, or administers, from now on, and by whose doing."""
    if person.standing == Standing.NONE:
        return
    what = f"has joined as {Standing(person.standing).label.lower()}"
    text = f"{person.email} {what}, invited by {invited_by or 'the command line of the server'}.\n\n"
    text += "If nobody among you knows them, deactivate them on their page."
    others = Person.objects.overseers().exclude(pk=person.pk)
    notices.tell(others, f"{person.email} {what}", text, about=Act.PERSON_JOIN, at=now)


def _about(invitation: Invitation | None) -> tuple[audit.Subject, Actor]:
    if invitation is None:
        return audit.Subject("an unknown invitation"), _UNKNOWN
    return audit.Subject(invitation.email), Actor(invitation.email, Role.GUEST)


def _demand_open(invitation: Invitation | None, now: datetime) -> Invitation:
    if invitation is None:
        raise _closed("This link opens nothing", "It is not the whole link of an invitation: a mail may have cut it.")
    if invitation.used_at is not None:
        raise _closed("This invitation has been used", "A link lets its address join once. If that was you, sign in.")
    if invitation.withdrawn_at is not None:
        raise _closed("This invitation was withdrawn", "Either another one took its place, or it was taken back.")
    if not invitation.is_open(now):
        raise _closed("This invitation is over", "It holds for seven days, and they are not now.")
    if Person.objects.filter(email=invitation.email).exists():
        raise _closed("You are here already", f"There is an account for {invitation.email}: sign in with it.")
    return invitation


def _closed(title: str, reason: str) -> Refusal:
    return Refusal(why=Reason.NOT_NOW, title=title, reason=reason, created_note="No account was made by this.")
