"""Telling people what became of a credential: its owner and the administrators.

It is written in the transaction of the act. Only of an issue, where somebody waits for every query, the sweep that
sends the mail writes it: until then the row says that nobody was told.

Whoever has just stopped or deleted it by hand is not written to about that. Who has issued, rotated, or resumed with a
new password is: it is their receipt, and if it was not they, their warning.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from guidance.catalogue import Kind
from provisioning.domain.lifecycle import State
from provisioning.domain.permission import demand, reaches
from provisioning.domain.roles import Act, Actor
from provisioning.gateway.contract import GatewayFault
from provisioning.models import Claim, Credential, Membership, Person, Standing, Stop
from provisioning.services import notices
from provisioning.services.clock import MOMENT, Clock
from provisioning.services.notices import Letter

_TOLD_FOR = timedelta(hours=1)
_BATCH = 200
_SENDS_NOTHING = "Its keys are inactive, and it sends nothing until somebody resumes it. Nothing is deleted."
_SUSPENDED = {
    Kind.SMTP: _SENDS_NOTHING,
    Kind.API: _SENDS_NOTHING,
    Kind.CONSOLE: "Its password is deleted, and nobody can sign in or do anything with it until somebody resumes it, "
    "which gives it a new one. Nothing else is deleted.",
}
_SENDS_NO_MORE = "Its IAM user, keys and policy are deleted in AWS. What still has them sends nothing any more."
_ENDED = {
    Kind.SMTP: _SENDS_NO_MORE,
    Kind.API: _SENDS_NO_MORE,
    Kind.CONSOLE: "Its IAM user, password and policy are deleted in AWS. Nobody can sign in with it any more.",
}


@dataclass(frozen=True)
class Recipients:
    """Who is told of a credential, by their keys: the owner, or who stands in for one that is gone; administrators."""

    owners: frozenset[int]
    administrators: frozenset[int]

    @property
    def everybody(self) -> frozenset[int]:
        """All of them, each once."""
        return self.owners | self.administrators


def recipients(credentials: Collection[Credential]) -> Mapping[int, Recipients]:
    """Return whom to tell of each; one query, and a second where an owner is gone.

    For an owner who was deactivated, or left the team, all members of the team stand in; where it has none, nobody:
    the administrators are told in any case.
    """
    owners = {each.owner_id for each in credentials}
    asked = Person.objects.active().filter(Q(standing=Standing.ADMINISTRATOR) | Q(pk__in=owners))
    found = list(asked.values_list("pk", "standing", "memberships__team"))
    administrators = frozenset(pk for pk, standing, _ in found if standing == Standing.ADMINISTRATOR)
    places = {(pk, team_id) for pk, _, team_id in found}
    here = {
        each.pk for each in credentials if each.owner_id in administrators or (each.owner_id, each.team_id) in places
    }
    members = _members({each.team_id for each in credentials if each.pk not in here})
    standing_in = {each.pk: {each.owner_id} if each.pk in here else members[each.team_id] for each in credentials}
    return {pk: Recipients(frozenset(owners), administrators) for pk, owners in standing_in.items()}


def _members(team_ids: Collection[int]) -> Mapping[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    if team_ids:
        rows = Membership.objects.filter(team__in=team_ids, person__is_active=True)
        for team_id, person_id in rows.values_list("team", "person"):
            found[team_id].add(person_id)
    return found


def tell(letters: Iterable[Letter], *, about: Act, at: datetime, but: int | None = None) -> int:
    """Write each letter to the owner and the administrators, `but` one person; return how many notices were written."""
    sent = list(letters)
    whom = recipients([letter.credential for letter in sent])
    to = [(letter, whom[letter.credential.pk].everybody - {but}) for letter in sent]
    return notices.write(to, about=about, at=at)


def tell_of_issues(*, by: Actor, clock: Clock) -> int:
    """Tell, once, of each credential that was issued and not told of yet; return of how many."""
    demand(by, Act.NOTICE_DELIVER)
    told = 0
    for credential in Credential.objects.to_be_told().select_related("team", "request__person")[:_BATCH]:
        with transaction.atomic():
            ours = Credential.objects.to_be_told().filter(pk=credential.pk).update(is_to_be_told=False)
            if ours:  # no other worker was quicker
                _issued(credential, at=clock())
        told += ours
    return told


def _issued(credential: Credential, *, at: datetime) -> None:
    ends = f"{credential.expires_at:{MOMENT}}" if credential.expires_at else "never"
    kind = Kind(credential.kind).label
    facts = f"Team: {credential.team.name}\nKind: {kind}\nIAM user: {credential.user_name}\nEnds: {ends}"
    if credential.from_entries:
        facts += f"\nFrom: {', '.join(credential.from_entries)}\nRegions: {', '.join(credential.regions)}"
    who = credential.request.person
    text = f"{who} has issued {credential.application}.\n\n{facts}\n\nIf that should not be, revoke it:"
    _tell_one(credential, "was issued", text, about=Act.CREDENTIAL_ISSUE, at=at)


def rotated(claim: Claim, regions: Sequence[str], *, at: datetime) -> None:
    """Tell that a second secret was handed out; whoever rotated is told, too, if they are among the told."""
    credential, who = claim.credential, claim.actor_name
    added = [region for region in regions if region not in credential.regions]
    new = f"\nNew regions: {', '.join(added)}" if added else ""
    text = f"{who} has rotated {credential.application}, and was handed the secret of a second key. The old one works "
    text += f"until it is retired.\n\nTeam: {credential.team.name}\nIAM user: {credential.user_name}{new}\n\nIf that "
    text += "should not be, revoke it:"
    _tell_one(credential, "was rotated", text, about=Act.CREDENTIAL_ROTATE, at=at)


def resumed_with_a_password(claim: Claim, *, at: datetime) -> None:
    """Tell that a suspended console login works again, and who was handed its password."""
    credential = claim.credential
    text = f"{claim.actor_name} has resumed {credential.application}, and was handed its new password. It may do what "
    text += f"it did before.\n\nTeam: {credential.team.name}\nIAM user: {credential.user_name}\n\nIf that should not "
    text += "be, suspend it or revoke it:"
    _tell_one(credential, "was resumed with a new password", text, about=Act.CREDENTIAL_RESUME, at=at)


def suspended(claim: Claim, *, at: datetime, in_a_stop: bool) -> None:
    """Tell that a credential was suspended; in a stop its owner alone: administrators are told of the whole.

    Whoever suspends and resumes by turns fills no mailbox: each is told once within `_TOLD_FOR`.
    """
    credential, about = claim.credential, Act.CREDENTIAL_SUSPEND
    text = f"{claim.actor_name} has suspended {credential.application}. {_SUSPENDED[Kind(credential.kind)]}"
    letter = Letter(credential, f"{credential.application} was suspended", f"{text}\n\n{page_of(credential)}")
    whom = recipients([credential])[credential.pk]
    lately = credential.notices.filter(about=about, made_at__gt=at - _TOLD_FOR).values_list("recipient", flat=True)
    people = (whom.owners if in_a_stop else whom.everybody) - {claim.person_id, *lately}
    notices.write([(letter, people)], about=about, at=at)


def stopped(stop: Stop, found: int, *, by_name: str, at: datetime) -> None:
    """Tell the administrators that somebody else has stopped many credentials at once: one notice for all of them."""
    others = Person.objects.administrators().exclude(pk=stop.by_id)
    text = f"{by_name} has stopped {stop}: {found} credential{'' if found == 1 else 's'}.\n\nWhy: {stop.reason}\n\n"
    text += f"{settings.BASE_URL}{reverse('stop', args=(stop.pk,))}"
    notices.tell(others, f"{by_name} has stopped {stop}", text, about=Act.STOP_BEGIN, at=at)


def ended(claim: Claim, *, at: datetime) -> None:
    """Tell that a credential was deleted in AWS: revoked, never looked at, or expired."""
    name = claim.credential.application
    words, text = {
        State.UNCLAIMED: ("was revoked unseen", f"{_why_unseen(claim.credential)}, so it was revoked."),
        State.EXPIRED: ("has expired and is deleted", f"The time of {name} was over, and nobody extended it."),
    }.get(State.of(claim.ends_as), ("was revoked", f"{claim.actor_name} has revoked {name}."))
    text += f" {_ENDED[Kind(claim.credential.kind)]}"
    _tell_one(claim.credential, words, text, about=Act.CREDENTIAL_REVOKE, at=at, but=claim.person_id)


def _why_unseen(credential: Credential) -> str:
    """Return why nobody will look at its secret: the time was over, or its hand-over was closed before."""
    handover, owner, name = credential.request.handover, credential.owner, credential.application
    if handover.ended_at is None or handover.ended_at >= handover.open_until:
        return f"Nobody looked at the secret of {name} in time"
    if not owner.is_active:
        return f"{owner} was deactivated before anybody had looked at the secret of {name}"
    if not reaches(owner.as_actor(), Act.HANDOVER_LOOK, credential.target):
        return f"{owner} is in {credential.team} no more, and nobody had looked at the secret of {name}"
    return f"The hand-over of {name} was closed before anybody had looked at its secret"


def blocked(claim: Claim, fault: GatewayFault, *, at: datetime) -> None:
    """Tell that a deletion which nobody waits for came to no end."""
    text = f"{claim.credential.application} was to be deleted in AWS, and its IAM user is still there. {fault.words}"
    _tell_one(claim.credential, "is not wholly deleted", text, about=Act.CREDENTIAL_REVOKE, at=at)


def page_of(credential: Credential) -> str:
    """Return the address of its page, which asks for a sign-in."""
    return f"{settings.BASE_URL}{reverse('credential', args=(credential.pk,))}"


def _tell_one(
    credential: Credential, words: str, text: str, *, about: Act, at: datetime, but: int | None = None
) -> None:
    letter = Letter(credential, f"{credential.application} {words}", f"{text}\n\n{page_of(credential)}")
    tell([letter], about=about, at=at, but=but)
