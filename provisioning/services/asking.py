"""Asking an administrator for what lies outside the guardrail; taking that back; letting lapse what nobody used."""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from provisioning import audit
from provisioning.domain.lifecycle import Asking, Outcome, State
from provisioning.domain.permission import demand, not_there, reaches
from provisioning.domain.refusals import Breach, Reason, Refusal
from provisioning.domain.roles import Act, Actor
from provisioning.models import Credential, CredentialRequest, Person
from provisioning.services import notices, requesting
from provisioning.services.clock import MOMENT
from provisioning.services.requesting import Description

LAPSES_AFTER = timedelta(days=14)
MOST_OPEN = 10  # requests of one person that wait for a decision
MOST_ASKED = 20  # requests that one person asks within ASKED_WITHIN, whatever becomes of them: each is told by mail
ASKED_WITHIN = timedelta(hours=24)
WORDS_LIMIT = 1_000  # characters of a reason
_BATCH = 200


def ask(description: Description, reason: str, *, by: Actor, now: datetime) -> CredentialRequest:
    """Ask the administrators for `description`, and say why. What lies within the guardrail is reviewed instead.

    Raises a `Refusal` for what nobody can approve. Asking for the same again while that waits asks once.
    """
    subject = audit.Subject(description.application)
    with audit.refusals_recorded(Act.REQUEST_ASK, subject, by=by, at=now):
        request = requesting.worked_out(description, Act.REQUEST_ASK, by=by, now=now)
        outside = requesting.outside(request)
        requesting.require_decidable(request)
        if outside:
            require_words(reason, "reason", "Say why it is needed.")
            with transaction.atomic():
                return _keep(request, reason.strip(), outside, by=by, now=now)
    return requesting.prepare(description, by=by, now=now)


def withdraw(request_id: UUID, *, by: Actor, now: datetime) -> CredentialRequest:
    """Take one's own request back, approved or not, unless it has been used. Twice is once."""
    subject = named(request_id, by=by)
    with audit.refusals_recorded(Act.REQUEST_WITHDRAW, subject, by=by, at=now), transaction.atomic():
        demand(by, Act.REQUEST_WITHDRAW)
        request = locked(request_id, by=by)
        demand(by, Act.REQUEST_WITHDRAW, request.target)
        if request.asking == Asking.WITHDRAWN:
            return request
        require_open(request, Asking.ASKED, Asking.APPROVED, now=now)
        settle(request, Asking.WITHDRAWN, now=now)
        record(Act.REQUEST_WITHDRAW, request, by=by, now=now)
    return request


def lapse_due(*, by: Actor, now: datetime) -> int:
    """End what is open though its time is over, or though who asked may no longer issue there; return how many."""
    demand(by, Act.REQUEST_LAPSE)
    due = CredentialRequest.objects.over(now).order_by("lapses_at").values_list("pk", flat=True)
    return sum(_lapse(request_id, by=by, now=now) for request_id in due[:_BATCH])


def locked(request_id: UUID, *, by: Actor) -> CredentialRequest:
    """Return the request, locked, inside the caller's transaction, if `by` may see it."""
    found = CredentialRequest.objects.visible_to(by).select_for_update(no_key=True, of=("self",))
    request = found.select_related("team", "account", "person").filter(pk=request_id).first()
    if request is None:
        raise not_there("request")
    return request


def named(request_id: UUID, *, by: Actor) -> audit.Subject:
    """Return how the history calls a request where an act on it is refused: by its name, if `by` may see that."""
    found = CredentialRequest.objects.visible_to(by).select_related("team").filter(pk=request_id).first()
    return audit.Subject(found.application, team=found.team) if found else audit.Subject(f"request {request_id}")


def require_open(request: CredentialRequest, *states: Asking, now: datetime) -> None:
    """Raise a `Refusal` that says what became of `request`, unless it is in one of `states` and has not been used."""
    used, state = Credential.objects.filter(request=request).first(), request.shown(now)
    if state in states and used is None:
        return
    raise Refusal(
        why=Reason.NOT_NOW,
        title=f"The request for {request.application} is {'used' if used else state.label.lower()}",
        reason=_used(used) if used else _became(request, state),
        created_note="Nothing was changed.",
    )


def has_left(request: CredentialRequest) -> bool:
    """Whether who asked may no longer issue in its team."""
    return not (request.person.is_active and reaches(request.person.as_actor(), Act.CREDENTIAL_ISSUE, request.target))


def require_words(words: str, field: str, text: str) -> None:
    """Raise a `Refusal` beside `field` if nothing was said."""
    if not words.strip():
        raise Refusal(why=Reason.NOT_NOW, title="A reason is missing", reason=text, breaches=(Breach(field, text),))


def settle(request: CredentialRequest, to: Asking, *, now: datetime, by: Actor | None = None, words: str = "") -> None:
    """Bring the locked `request` to `to`, as `by` decided it; what stays open has its time from now."""
    request.asking = to
    request.decided_at, request.decided_by_id, request.decision = now, by.person_id if by else None, words
    request.lapses_at = now + LAPSES_AFTER if to is Asking.APPROVED else None
    request.save()


def record(act: Act, request: CredentialRequest, *, by: Actor, now: datetime, **detail: object) -> None:
    """Write `act` on `request` into the history, as the last statement of its transaction."""
    known = {"request": str(request.pk), "asked_by": request.person.email, **detail}
    audit.record(act, Outcome.DONE, audit.Subject(request.application, team=request.team), by=by, at=now, detail=known)


def link(request: CredentialRequest) -> str:
    """Return the address of the request's page, for mail."""
    return f"{settings.BASE_URL}{reverse('request', args=(request.pk,))}"


def _keep(
    request: CredentialRequest, reason: str, outside: tuple[Breach, ...], *, by: Actor, now: datetime
) -> CredentialRequest:
    # Whoever asks twice at once asks one after the other.
    request.person = Person.objects.select_for_update(no_key=True).get(pk=request.person_id)
    waiting = list(CredentialRequest.objects.waiting(now).filter(person=request.person).order_by("asked_at"))
    for each in waiting:
        if (each.team_id, each.application, each.wish) == (request.team_id, request.application, request.wish):
            return each
    _require_room(request.person, len(waiting), now)
    request.asking, request.reason, request.asked_at = Asking.ASKED, reason, now
    request.lapses_at = now + LAPSES_AFTER
    request.save(force_insert=True)
    others = Person.objects.administrators().exclude(pk=request.person_id)
    subject = f"{by.name} asks for {request.application}"
    notices.tell(others, subject, _asked(request, outside), about=Act.REQUEST_ASK, at=now)
    record(Act.REQUEST_ASK, request, by=by, now=now, reason=reason, **_detail(request, outside))
    return request


def _require_room(person: Person, waiting: int, now: datetime) -> None:
    """Raise a `Refusal` if the locked `person` has asked too often lately, or has too much waiting."""
    # What carries an approval on says when that was asked for, and was not asked once more.
    asked = CredentialRequest.objects.filter(person=person, asked_at__gt=now - ASKED_WITHIN, carries_on=None)
    for full_since in asked.order_by("-asked_at").values_list("asked_at", flat=True)[MOST_ASKED - 1 : MOST_ASKED]:
        until = (full_since or now) + ASKED_WITHIN
        raise _too_many(
            "That is as many as one person can ask for in a day",
            f"You have asked {MOST_ASKED} times within 24 hours, and what was withdrawn or decided counts, too. From "
            f"{until:{MOMENT}} on you can ask again.",
        )
    if waiting >= MOST_OPEN:
        raise _too_many(
            "That is as many as can wait at once",
            f"{waiting} requests of yours wait already. Withdraw one, or wait until one is decided.",
        )


def _too_many(title: str, text: str) -> Refusal:
    return Refusal(
        why=Reason.TOO_MANY,
        title=title,
        reason=text,
        breaches=(Breach("", text),),
        created_note="Nobody was asked. What you typed is kept.",
        met_nothing=True,
    )


def _asked(request: CredentialRequest, outside: tuple[Breach, ...]) -> str:
    lines = "\n".join(f"- {breach.text}" for breach in outside)
    return (
        f"{request.person.email} asks for {request.application} in {request.team.name}, outside the guardrail:\n\n"
        f"{lines}\n\nWhy: {request.reason}\n\nIt lapses on {request.lapses_at:%-d %b %Y} if nobody decides.\n\n"
        f"{link(request)}"
    )


def _detail(request: CredentialRequest, outside: tuple[Breach, ...]) -> dict[str, object]:
    return {
        "kind": request.kind,
        "regions": request.regions,
        "from": request.from_entries,
        "options": request.options,
        "lifetime_days": request.lifetime_days,
        "policy": requesting.policy_hash(request.policy),
        "purpose": request.purpose,
        "outside": [breach.text for breach in outside],
    }


def _used(credential: Credential) -> str:
    if credential.state == State.FAILED:
        return "It was tried, and AWS did not make it. The approval goes on in another request, which its page names."
    return "What was approved has been issued: an approval is used once."


def _became(request: CredentialRequest, state: Asking) -> str:
    who = request.decided_by.email if request.decided_by else "somebody"
    at = f" at {request.decided_at:{MOMENT}}" if request.decided_at else ""
    return {
        Asking.ASKED: "Nobody has decided it yet.",
        Asking.WITHDRAWN: f"{request.person.email} has taken it back.",
        Asking.LAPSED: _why_lapsed(request),
    }.get(state, f"It was decided{at} by {who}.")


def _why_lapsed(request: CredentialRequest) -> str:
    if request.asking != Asking.LAPSED:  # no sweep has ended it yet: what ends it before is its time alone
        return "Its time is over."
    why = request.decision or "its time is over, or who asked has left the team"
    return f"{why[:1].upper()}{why[1:]}."


def _lapse(request_id: UUID, *, by: Actor, now: datetime) -> bool:
    """Let one lapse; False if it was used, decided or taken back meanwhile, or another worker has it."""
    with transaction.atomic():
        mine = CredentialRequest.objects.select_for_update(no_key=True, of=("self",), skip_locked=True)
        request = mine.over(now).select_related("team", "person").filter(pk=request_id).first()
        if request is None:
            return False
        was, late = request.asking, request.shown(now) is Asking.LAPSED
        why = "its time is over" if late else "who asked may no longer issue there"
        settle(request, Asking.LAPSED, now=now, words=why)
        text = (
            f"Your request for {request.application} in {request.team.name} has lapsed: {why}. Nothing was made. Ask "
            f"again if it is still needed.\n\n{link(request)}"
        )
        subject = f"Your request for {request.application} has lapsed"
        notices.tell([request.person], subject, text, about=Act.REQUEST_LAPSE, at=now)
        record(Act.REQUEST_LAPSE, request, by=by, now=now, before=was, reason=why)
    return True
