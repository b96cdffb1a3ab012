"""Guardrails: changed from what was shown, never from what somebody else made of it; a wider one is agreed to."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction

from provisioning import audit
from provisioning.domain.guardrails import Guardrail
from provisioning.domain.lifecycle import Outcome
from provisioning.domain.permission import Target, demand
from provisioning.domain.refusals import Reason, Refusal
from provisioning.domain.roles import Act, Actor
from provisioning.domain.widening import differences, fingerprint
from provisioning.models import GuardrailChange, Person, Team
from provisioning.services import administrators, notices, teams, widening
from provisioning.services.clock import MOMENT


def change(slug: str, after: Guardrail, *, as_it_was: str, by: Actor, now: datetime) -> Team:
    """Give a team the limits of `after`, if they still are what `by` was shown (`as_it_was`). Twice is once."""
    subject = audit.Subject(slug)
    with audit.refusals_recorded(Act.GUARDRAIL_CHANGE, subject, by=by, at=now), transaction.atomic():
        demand(by, Act.GUARDRAIL_CHANGE)
        administrators.hold(by)
        team = teams.locked(slug)
        demand(by, Act.GUARDRAIL_CHANGE, Target(team_id=team.pk))
        before = team.guardrail
        if before.limits == after.limits:
            return team
        if fingerprint(before) != as_it_was:
            raise _changed_meanwhile()
        for limit, value in after.limits.items():
            setattr(team, limit, value)
        team.save(update_fields=list(after.limits))
        kept = widening.keep(team, before, by=by, about=Act.GUARDRAIL_CHANGE, now=now)
        detail = {
            "before": kept.before,
            "after": kept.after,
            "changed": [str(each) for each in differences(before, after)],
            "widening": kept.is_widening,
        }
        audit.record(
            Act.GUARDRAIL_CHANGE, Outcome.DONE, audit.Subject(team.name, team=team), by=by, at=now, detail=detail
        )
    return team


def confirm(slug: str, seen: Collection[int], *, by: Actor, now: datetime) -> Sequence[GuardrailChange]:
    """Agree to those widenings of a team that `by` has `seen`; return what still waited. Twice is once."""
    subject = audit.Subject(slug)
    with audit.refusals_recorded(Act.GUARDRAIL_CONFIRM, subject, by=by, at=now), transaction.atomic():
        demand(by, Act.GUARDRAIL_CONFIRM)
        administrators.hold(by)
        team = teams.locked(slug)
        demand(by, Act.GUARDRAIL_CONFIRM, Target(team_id=team.pk))
        waiting = list(widening.waiting_in(team, now).filter(pk__in=seen))
        others = [change for change in waiting if change.by_id != by.person_id]
        if waiting and not others:
            raise _ones_own()
        if others:
            _require_settled(by, others, now)
            _agree(team, others, by=by, now=now)
    return others


def _require_settled(by: Actor, changes: Sequence[GuardrailChange], now: datetime) -> None:
    """Raise a `Refusal` if `by` has been an administrator for so short that somebody may have made them up for this."""
    until = widening.agrees_from(by, now)
    if until is None:
        return
    who = " or ".join(widening.who_may_agree(changes, now))
    raise Refusal(
        why=Reason.NOT_PERMITTED,
        title="You are too new an administrator to agree",
        reason="Who became an administrator within the last 24 hours does not agree to a wider guardrail. You can from "
        f"{until:{MOMENT}} on. " + (f"Until then {who} can." if who else "Until then nobody else can."),
    )


def _agree(team: Team, changes: Sequence[GuardrailChange], *, by: Actor, now: datetime) -> None:
    GuardrailChange.objects.filter(pk__in=[each.pk for each in changes]).update(
        confirmed_by_id=by.person_id, confirmed_at=now
    )
    _tell(team, {change.by for change in changes}, by=by, now=now)
    first, last = changes[-1], changes[0]
    audit.record(
        Act.GUARDRAIL_CONFIRM,
        Outcome.DONE,
        audit.Subject(team.name, team=team),
        by=by,
        at=now,
        detail={
            "before": first.before,
            "after": last.after,
            "widened_by": sorted({change.by.email for change in changes}),
            "changes": [change.pk for change in changes],
        },
    )


def _tell(team: Team, people: set[Person], *, by: Actor, now: datetime) -> None:
    """Tell those whose change was agreed to; that they can issue again only where nothing else of theirs waits."""
    still = set(widening.waiting_in(team, now).values_list("by", flat=True))
    agreed = f"{by.name} has agreed to your wider guardrail of {team.name}."
    again = f"{agreed} You can issue there again."
    waits = f"{agreed} Another change of yours still waits, so you cannot issue there yet."
    free, bound = [each for each in people if each.pk not in still], [each for each in people if each.pk in still]
    notices.tell(free, f"You can issue in {team.name}", again, about=Act.GUARDRAIL_CONFIRM, at=now)
    notices.tell(bound, f"Agreed to, but another waits in {team.name}", waits, about=Act.GUARDRAIL_CONFIRM, at=now)


def _changed_meanwhile() -> Refusal:
    return Refusal(
        why=Reason.NOT_NOW,
        title="The guardrail has changed meanwhile",
        reason="Somebody else changed it after you were shown it. Below, your limits stand beside what it is now.",
        created_note="Nothing was changed. Your limits are kept.",
    )


def _ones_own() -> Refusal:
    return Refusal(
        why=Reason.NOT_PERMITTED,
        title="It takes somebody else",
        reason="You widened this guardrail yourself. Another administrator has to agree to it.",
    )
