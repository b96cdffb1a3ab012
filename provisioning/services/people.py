"""People: what they are here, and whether they may sign in. There is always an active administrator."""

from contextlib import AbstractContextManager
from datetime import datetime

from django.db import transaction

from provisioning import audit
from provisioning.domain.lifecycle import Outcome, State
from provisioning.domain.permission import demand, not_there
from provisioning.domain.refusals import Reason, Refusal
from provisioning.domain.roles import Act, Actor
from provisioning.models import Credential, Person, Standing
from provisioning.services import administrators, handover, invitations, notices, sessions
from provisioning.services.memberships import NAMED


def change_standing(person_id: int, standing: Standing, *, by: Actor, now: datetime) -> Person:
    """Make somebody an administrator, an auditor (who leaves every team), or neither. Twice is once."""
    with _recorded(Act.PERSON_CHANGE, person_id, by=by, now=now), transaction.atomic():
        demand(by, Act.PERSON_CHANGE)
        person, others = _held(person_id, by)
        before = _as_is(person)
        if person.standing == standing:
            return person
        _require_active(person)
        administrators.require_another(person, others)
        was_administrator = person.standing == Standing.ADMINISTRATOR
        withdrawn = invitations.withdraw_all_of(person, now) if was_administrator else 0
        person.standing = standing
        person.save(update_fields=["standing"])
        if standing == Standing.AUDITOR:
            person.memberships.all().delete()
            _tell_who_keeps(person, Act.PERSON_CHANGE, "is an auditor now and has left every team", now=now)
        elif standing == Standing.ADMINISTRATOR:
            _tell_of_administrator(person, by=by, now=now)
        detail = {"before": before, "after": _as_is(person), "invitations_withdrawn": withdrawn}
        _record(Act.PERSON_CHANGE, person, by=by, now=now, detail=detail)
    if standing != Standing.ADMINISTRATOR:
        reached = list(person.memberships.values_list("team_id", flat=True))
        handover.close_for_person(person.pk, by=by, now=now, except_in=reached)
    return person


def deactivate(person_id: int, *, by: Actor, now: datetime) -> Person:
    """Let somebody in no more: their sessions and open hand-overs end, their teams keep the credentials."""
    with _recorded(Act.PERSON_DEACTIVATE, person_id, by=by, now=now), transaction.atomic():
        demand(by, Act.PERSON_DEACTIVATE)
        person, others = _held(person_id, by)
        if not person.is_active:
            return person
        administrators.require_another(person, others)
        before = _as_is(person)
        person.is_active = False
        person.save(update_fields=["is_active"])
        ended = sessions.end_all(person.pk)
        withdrawn = invitations.withdraw_all_of(person, now)
        kept = _tell_who_keeps(person, Act.PERSON_DEACTIVATE, "was deactivated", now=now)
        counts = {"sessions_ended": ended, "invitations_withdrawn": withdrawn, "credentials": kept}
        detail = {"before": before, "after": _as_is(person), **counts}
        _record(Act.PERSON_DEACTIVATE, person, by=by, now=now, detail=detail)
    # A cut before this line leaves nothing open: without its session a seal opens to nobody, and the sweep ends it.
    handover.close_for_person(person.pk, by=by, now=now)
    return person


def reactivate(person_id: int, *, by: Actor, now: datetime) -> Person:
    """Let somebody in again, as what they were, with the password they had."""
    with _recorded(Act.PERSON_REACTIVATE, person_id, by=by, now=now), transaction.atomic():
        demand(by, Act.PERSON_REACTIVATE)
        person, _ = _held(person_id, by)
        if person.is_active:
            return person
        before = _as_is(person)
        person.is_active = True
        person.save(update_fields=["is_active"])
        after = _as_is(person)
        _record(Act.PERSON_REACTIVATE, person, by=by, now=now, detail={"before": before, "after": after})
    return person


def _held(person_id: int, by: Actor) -> tuple[Person, list[Person]]:
    person, others = administrators.hold(by, person_id=person_id)
    if person is None:
        raise not_there("person")
    return person, others


def _require_active(person: Person) -> None:
    if not person.is_active:
        raise Refusal(
            why=Reason.NOT_NOW,
            title=f"{person.email} is deactivated",
            reason="Whoever may not sign in has no role to change. Reactivate them first.",
        )


def _tell_who_keeps(person: Person, act: Act, what: str, *, now: datetime) -> list[str]:
    """Tell every administrator which live credentials the teams keep; return their names."""
    live = Credential.objects.sending(now).filter(owner=person, state=State.LIVE)
    seen = live.looked_at().select_related("team")
    kept = [f"{credential.application} ({credential.team.name})" for credential in seen.order_by("application")]
    lines = [f"- {name}" for name in kept[:NAMED]] + ["- and more"] * (len(kept) > NAMED)
    text = f"{person.email} {what}. What nobody has looked at yet is revoked. " + (
        "The rest of what they issued stays with its teams and goes on sending. Live now:\n\n"
        + "\n".join(lines)
        + "\n\nRevoke what must not be used any more."
        if kept
        else "Nothing else that they issued is live."
    )
    notices.tell(Person.objects.administrators(), f"{person.email} {what}", text, about=act, at=now)
    return kept


def _tell_of_administrator(person: Person, *, by: Actor, now: datetime) -> None:
    subject = f"{person.email} is an administrator now"
    text = f"{by.name} has made {person.email} an administrator.\n\n"
    text += "If none of you knows why, take it back on their page."
    notices.tell(Person.objects.overseers().exclude(pk=person.pk), subject, text, about=Act.PERSON_CHANGE, at=now)


def _as_is(person: Person) -> dict[str, object]:
    teams = list(person.teams.order_by("name").values_list("name", flat=True))
    return {"standing": person.standing, "is_active": person.is_active, "teams": teams}


def _recorded(act: Act, person_id: int, *, by: Actor, now: datetime) -> AbstractContextManager[None]:
    email = Person.objects.filter(pk=person_id).values_list("email", flat=True).first()
    return audit.refusals_recorded(act, audit.Subject(email or f"person {person_id}"), by=by, at=now)


def _record(act: Act, person: Person, *, by: Actor, now: datetime, detail: dict[str, object]) -> None:
    audit.record(act, Outcome.DONE, audit.Subject(person.email), by=by, at=now, detail=detail)
