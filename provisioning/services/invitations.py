"""Inviting: a link that lets one address join, once. Its token is in the link alone; what is kept is a digest."""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from provisioning import audit
from provisioning.domain.lifecycle import Outcome
from provisioning.domain.permission import demand, not_there
from provisioning.domain.refusals import Breach, Reason, Refusal
from provisioning.domain.roles import Act, Actor
from provisioning.models import Invitation, Person, Standing, Team
from provisioning.models.invitation import HOLDS
from provisioning.services import administrators


@dataclass(frozen=True)
class Wanted:
    """Whom to invite, and as what. `once` is unguessable and new with each form: posted twice, it invites once."""

    email: str
    standing: Standing
    teams: Sequence[Team]
    once: str = field(repr=False)

    def token(self) -> str:
        """Return the token of the link (256 bits): the same for the same form, and unknown without the SECRET_KEY."""
        teams = ",".join(str(team.pk) for team in self.teams)
        text = f"invitation|{self.once}|{self.email}|{self.standing}|{teams}"
        raw = hmac.digest(settings.SECRET_KEY.encode(), text.encode(), hashlib.sha256)
        return urlsafe_b64encode(raw).decode().rstrip("=")


@dataclass(frozen=True)
class Invited:
    """An invitation, the token that its link needs, and whether it was made just now."""

    invitation: Invitation
    token: str = field(repr=False)
    is_new: bool


def digest(token: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def invite(wanted: Wanted, *, by: Actor, now: datetime) -> Invited:
    """Invite an address; an earlier invitation of it is withdrawn. The caller shows the link, and may mail it."""
    subject, token = audit.Subject(wanted.email), wanted.token()
    with audit.refusals_recorded(Act.PERSON_INVITE, subject, by=by, at=now), transaction.atomic():
        demand(by, Act.PERSON_INVITE)
        administrators.hold(by)
        made = Invitation.objects.filter(token_digest=digest(token)).first()
        if made is not None:
            return Invited(_still_open(made, now), token, is_new=False)
        _require_sense(wanted)
        replaced = _withdraw(Q(email=wanted.email), now)
        invitation = Invitation.objects.create(
            email=wanted.email,
            standing=wanted.standing,
            token_digest=digest(token),
            invited_by_id=by.person_id,
            made_at=now,
            expires_at=now + HOLDS,
        )
        invitation.teams.set(wanted.teams)
        detail = {**_as_what(invitation), "expires_at": invitation.expires_at.isoformat(), "replaced": replaced}
        audit.record(Act.PERSON_INVITE, Outcome.DONE, subject, by=by, at=now, detail=detail)
    return Invited(invitation, token, is_new=True)


def withdraw(invitation_id: int, *, by: Actor, now: datetime) -> Invitation:
    """Take an invitation back: its link opens nothing any more. Twice is once."""
    subject = audit.Subject(f"invitation {invitation_id}")
    with audit.refusals_recorded(Act.INVITATION_WITHDRAW, subject, by=by, at=now), transaction.atomic():
        demand(by, Act.INVITATION_WITHDRAW)
        invitation = Invitation.objects.select_for_update(no_key=True, of=("self",)).filter(pk=invitation_id).first()
        if invitation is None:
            raise not_there("invitation")
        if invitation.used_at is not None:
            raise Refusal(
                why=Reason.NOT_NOW,
                title="It has been used already",
                reason=f"{invitation.email} has joined. Whoever may not be here any more can be deactivated.",
            )
        if _withdraw(Q(pk=invitation.pk), now):
            audit.record(Act.INVITATION_WITHDRAW, Outcome.DONE, audit.Subject(invitation.email), by=by, at=now)
    return invitation


def withdraw_all_of(person: Person, now: datetime) -> int:
    """Withdraw what was sent to a person and what they sent to others, inside the caller's transaction."""
    return _withdraw(Q(email=person.email) | Q(invited_by=person), now)


def _withdraw(which: Q, now: datetime) -> int:
    return Invitation.objects.filter(which, used_at=None, withdrawn_at=None).update(withdrawn_at=now)


def _still_open(invitation: Invitation, now: datetime) -> Invitation:
    """Return what the same form has made before, unless it is over by now."""
    if invitation.is_open(now):
        return invitation
    raise Refusal(
        why=Reason.NOT_NOW,
        title="This invitation is over",
        reason=f"The one that this form made for {invitation.email} was used or withdrawn since. Open the form anew.",
    )


def _require_sense(wanted: Wanted) -> None:
    known = Person.objects.filter(email=wanted.email).first()
    breaches = []
    if known is not None and known.is_active:
        breaches.append(Breach("email", f"{wanted.email} is here already. Their page changes what they may do."))
    elif known is not None:
        breaches.append(Breach("email", f"{wanted.email} was deactivated. Their page reactivates them."))
    if wanted.standing == Standing.AUDITOR and wanted.teams:
        breaches.append(Breach("teams", "An auditor is nothing else: choose no team."))
    if breaches:
        raise Refusal(
            why=Reason.NOT_NOW,
            title="Nobody was invited",
            reason="What was typed does not fit what is here already.",
            breaches=tuple(breaches),
        )


def _as_what(invitation: Invitation) -> dict[str, object]:
    return {"standing": invitation.standing, "teams": [team.name for team in invitation.teams.all()]}
