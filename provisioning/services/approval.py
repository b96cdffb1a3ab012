"""Deciding what lies outside a guardrail: approved, also narrower, or declined; never by whoever asked for it."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from provisioning import audit
from provisioning.domain.lifecycle import Asking
from provisioning.domain.permission import demand
from provisioning.domain.refusals import Reason, Refusal
from provisioning.domain.roles import Act, Actor
from provisioning.domain.widening import Difference
from provisioning.models import CredentialRequest, Invitation, Person
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
    return list(deciding(person_id, now).order_by("email").values_list("email", flat=True))


def deciding(person_id: int, now: datetime) -> QuerySet[Person]:
    """Return the administrators who can approve what `person_id` asks for at `now`."""
    brought = brought_lately(now).filter(person=person_id, invited_by=OuterRef("pk"))
    others = Person.objects.administrators().exclude(pk=person_id)
    return others.exclude(administrators.is_too_new(now) | Exists(brought))


def who_decides(request: CredentialRequest, by: Actor, now: datetime) -> tuple[list[str], str]:
    """Return the addresses of who can approve `request`, and in words why `by` cannot yet and from when on, or ""."""
    everybody, waits = _waits(request.person_id, now)
    others = [email for email in everybody if email not in waits]
    if by.name not in waits:
        return others, ""
    until, is_new = waits[by.name]
    why = (
        "Who became an administrator, or came back as one, within the last 24 hours approves nothing."
        if is_new
        else f"{request.person.email}, whom you invited here, joined within the last 24 hours, so you do not approve "
        "for them yet."
    )
    return others, f"{why} You can from {until:{MOMENT}} on."


def require_another(request: CredentialRequest, by: Actor) -> None:
    """Raise a `Refusal` if `by` asked for it."""
    if request.person_id == by.person_id:
        raise Refusal(
            why=Reason.NOT_PERMITTED,
            title="Nobody approves their own",
            reason="You asked for this yourself, so another administrator has to decide it.",
            created_note="Nothing was changed.",
        )


def require_independent(request: CredentialRequest, by: Actor, now: datetime) -> None:
    """Raise a `Refusal` if one of the two may have made the other up to have a second word of their own."""
    others, not_yet = who_decides(request, by, now)
    if not_yet:
        raise Refusal(
            why=Reason.NOT_PERMITTED,
            title="It takes another administrator",
            reason=f"{not_yet} Until then {' or '.join(others[:5]) or 'nobody else'} can.",
            created_note="Nothing was changed.",
        )


def _waits(person_id: int, now: datetime) -> tuple[list[str], dict[str, tuple[datetime, bool]]]:
    """Return the administrators beside `person_id`, and who of them waits until when: new themselves, or not."""
    brought = brought_lately(now).filter(person=person_id)
    others = (
        Person.objects.administrators()
        .exclude(pk=person_id)
        .annotate(is_new=administrators.is_too_new(now), has_brought=Exists(brought.filter(invited_by=OuterRef("pk"))))
    )
    rows = list(others.order_by("email").values_list("email", "is_new", "has_brought"))
    new = administrators.too_new([email for email, is_new, _ in rows if is_new], now)
    found = {email: (until, True) for email, until in new.items()}
    for invitation in brought.select_related("invited_by") if any(has for *_, has in rows) else ():
        if invitation.invited_by and invitation.used_at:
            email, until = invitation.invited_by.email, invitation.used_at + WAITS
            found[email] = max(found.get(email, (until, False)), (until, False))
    return [email for email, *_ in rows], found


def brought_lately(now: datetime) -> QuerySet[Invitation]:
    """Return the invitations by which somebody came within the last day: who sent one does not approve for them.

    Whatever their role: an alias of one's own asks, and a single person would have both words.
    """
    return Invitation.objects.filter(used_at__gt=now - WAITS, person__isnull=False, invited_by__isnull=False)


def _is_twice(request: CredentialRequest, narrower: Description | None, by: Actor) -> bool:
    """Whether `by` has approved just that already: another tab of theirs may have left more, or less, of it."""
    mine = request.asking == Asking.APPROVED and request.decided_by_id == by.person_id
    return mine and (narrower is None or narrower.wish == request.wish)


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
