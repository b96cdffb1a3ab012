"""Deciding what lies outside a guardrail: approved, also narrower, or declined; never by whoever asked for it."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from provisioning import audit
from provisioning.domain.lifecycle import Asking
from provisioning.domain.permission import demand
from provisioning.domain.refusals import Reason, Refusal
from provisioning.domain.roles import Act, Actor, Role
from provisioning.domain.widening import Difference
from provisioning.models import CredentialRequest, Invitation, Person, Standing
from provisioning.models.guardrail_change import WAITS
from provisioning.services import administrators, asking, notices, requesting
from provisioning.services.clock import MOMENT
from provisioning.services.granting import narrow
from provisioning.services.requesting import Description


def approve(
    request_id: UUID, narrower: Description | None, words: str, *, by: Actor, now: datetime
) -> CredentialRequest:
    """Approve a request of somebody else as it is, or what `narrower` leaves of it. Twice is once."""
    subject = asking.named(request_id, by=by)
    with audit.refusals_recorded(Act.REQUEST_APPROVE, subject, by=by, at=now), transaction.atomic():
        demand(by, Act.REQUEST_APPROVE)
        administrators.hold(by)
        request = asking.locked(request_id, by=by)
        demand(by, Act.REQUEST_APPROVE, request.target)
        require_another(request, by)
        if _is_twice(request, narrower, by):
            return request
        asking.require_open(request, Asking.ASKED, now=now)
        require_independent(request, by, now)
        _require_requester(request)
        before, policy = _asked_for(request), requesting.policy_hash(request.policy)
        changed = narrow(request, narrower) if narrower else ()
        requesting.bring_up_to_date(request, now)
        requesting.require_decidable(request)
        asking.settle(request, Asking.APPROVED, now=now, by=by, words=words.strip())
        _tell_approved(request, changed, by=by, now=now)
        detail = {
            "before": {**before, "policy": policy},
            "after": {**_asked_for(request), "policy": requesting.policy_hash(request.policy)},
            "changed": [str(each) for each in changed],
            "reason": request.decision,
        }
        asking.record(Act.REQUEST_APPROVE, request, by=by, now=now, **detail)
    return request


def decline(request_id: UUID, words: str, *, by: Actor, now: datetime) -> CredentialRequest:
    """Decline a request and say why; or take back an approval that has not been used. Twice is once."""
    subject = asking.named(request_id, by=by)
    with audit.refusals_recorded(Act.REQUEST_DECLINE, subject, by=by, at=now), transaction.atomic():
        demand(by, Act.REQUEST_DECLINE)
        administrators.hold(by)
        request = asking.locked(request_id, by=by)
        demand(by, Act.REQUEST_DECLINE, request.target)
        if request.asking == Asking.DECLINED and request.decided_by_id == by.person_id:
            return request
        asking.require_open(request, Asking.ASKED, Asking.APPROVED, now=now)
        asking.require_words(words, "words", "Say why: whoever asked reads it.")
        was = request.shown(now)
        asking.settle(request, Asking.DECLINED, now=now, by=by, words=words.strip())
        _tell_declined(request, was, by=by, now=now)
        asking.record(Act.REQUEST_DECLINE, request, by=by, now=now, before=was, reason=request.decision)
    return request


def deciders(person_id: int, now: datetime) -> list[str]:
    """Return the addresses of the administrators who can approve what `person_id` asks for at `now`."""
    others = Person.objects.administrators().exclude(pk=person_id).order_by("email")
    found = {each.pk: each.email for each in others}
    too_new = administrators.too_new(found.values(), now)
    lately = Invitation.objects.filter(
        person=person_id, person__standing=Standing.ADMINISTRATOR, used_at__gt=now - WAITS
    )
    bound = set(lately.values_list("invited_by", flat=True))
    return [email for pk, email in found.items() if email not in too_new and pk not in bound]


def require_another(request: CredentialRequest, by: Actor) -> None:
    """Raise a `Refusal` if `by` asked for it."""
    if request.person_id == by.person_id:
        raise Refusal(
            why=Reason.NOT_PERMITTED,
            title="Nobody approves their own",
            reason="You asked for this yourself, so another administrator has to decide it.",
            created_note="Nothing was changed.",
        )


def _is_twice(request: CredentialRequest, narrower: Description | None, by: Actor) -> bool:
    """Whether `by` has approved just that already: another tab of theirs may have left more, or less, of it."""
    mine = request.asking == Asking.APPROVED and request.decided_by_id == by.person_id
    return mine and (narrower is None or narrower.wish == request.wish)


def require_independent(request: CredentialRequest, by: Actor, now: datetime) -> None:
    """Raise a `Refusal` if one of the two may have made the other up to have a second word of their own."""
    until = administrators.too_new([by.name], now).get(by.name)
    invited = until is None and by.person_id in _who_invited(request.person, now)
    if until is None and not invited:
        return
    who = " or ".join(deciders(request.person_id, now)[:5])
    why = (
        f"{request.person.email}, whom you invited here, became an administrator within the last 24 hours."
        if invited
        else "Who became an administrator, or came back as one, within the last 24 hours approves nothing. "
        f"You can from {until:{MOMENT}} on."
    )
    raise Refusal(
        why=Reason.NOT_PERMITTED,
        title="It takes another administrator",
        reason=f"{why} Until then {who or 'nobody else'} can.",
        created_note="Nothing was changed.",
    )


def _who_invited(person: Person, now: datetime) -> set[int | None]:
    """Return who brought `person` here as an administrator within the last day: they count as the same.

    Not whoever invited a member: inviting, and serving whom they invited, is what an administrator is here for.
    """
    if person.role is not Role.ADMINISTRATOR:
        return set()
    lately = Invitation.objects.filter(person=person, used_at__gt=now - WAITS, invited_by__isnull=False)
    return set(lately.values_list("invited_by", flat=True))


def _require_requester(request: CredentialRequest) -> None:
    """Raise a `Refusal` if who asked may no longer issue in that team: nobody could use the approval."""
    if asking.has_left(request):
        raise Refusal(
            why=Reason.NOT_NOW,
            title="Nobody could use this approval",
            reason=f"{request.person.email} is no longer active in {request.team.name}. The request lapses by itself, "
            "or you decline it.",
            created_note="Nothing was changed.",
        )


def _asked_for(request: CredentialRequest) -> dict[str, object]:
    return {
        "regions": request.regions,
        "from": request.from_entries,
        "lifetime_days": request.lifetime_days,
        "options": request.options,
    }


def _tell_approved(request: CredentialRequest, changed: tuple[Difference, ...], *, by: Actor, now: datetime) -> None:
    """Tell who asked what they may issue now, and all who oversee by whose word."""
    less = "\n".join(f"- {each}" for each in changed)
    what = f"Narrower than asked for:\n\n{less}\n\n" if less else "As asked for. "
    said = f"{by.name} says: {request.decision}\n\n" if request.decision else ""
    until = f"It can be issued until {request.lapses_at:{MOMENT}}, once."
    link = asking.link(request)
    mine = f"{by.name} has approved your request for {request.application} in {request.team.name}.\n\n{what}{said}"
    notices.tell(
        [request.person],
        f"Approved: {request.application}",
        f"{mine}{until} Review and issue it on its page.\n\n{link}",
        about=Act.REQUEST_APPROVE,
        at=now,
    )
    overseers = Person.objects.overseers().exclude(pk=request.person_id).exclude(email=by.name)
    told = f"{by.name} has approved what {request.person.email} asked for in {request.team.name}, outside its guardrail"
    text = f"{told}: {request.application}.\n\n{what}{said}{until}\n\n{link}"
    notices.tell(overseers, f"{request.application} was approved", text, about=Act.REQUEST_APPROVE, at=now)


def _tell_declined(request: CredentialRequest, was: Asking, *, by: Actor, now: datetime) -> None:
    name = request.application
    taken_back = was is Asking.APPROVED
    did = f"has taken back the approval of {name}" if taken_back else f"has declined your request for {name}"
    text = f"{by.name} {did} in {request.team.name}. Nothing was made.\n\nWhy: {request.decision}"
    subject = f"{'Taken back' if taken_back else 'Declined'}: {name}"
    text = f"{text}\n\n{asking.link(request)}"
    notices.tell([request.person], subject, text, about=Act.REQUEST_DECLINE, at=now)
