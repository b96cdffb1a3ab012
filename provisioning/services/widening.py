"""Widening a guardrail: everybody who oversees is told, and who did it waits for a second administrator's word."""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.urls import reverse

from provisioning.domain.guardrails import Guardrail
from provisioning.domain.refusals import Breach, Reason, Refusal
from provisioning.domain.roles import Act, Actor
from provisioning.domain.widening import Difference, differences, is_widening
from provisioning.models import GuardrailChange, Person, Team
from provisioning.models.guardrail_change import WAITS, GuardrailChangeQuerySet
from provisioning.services import notices

_MOMENT = "%-d %b %Y, %H:%M UTC"


def keep(team: Team, before: Guardrail, *, by: Actor, about: Act, now: datetime) -> GuardrailChange:
    """Keep the change from `before` to what `team` may now, and tell of it if it widens; in the act's transaction."""
    after = team.guardrail
    change = GuardrailChange.objects.create(
        team=team,
        by_id=_person(by),
        at=now,
        before=before.limits,
        after=after.limits,
        is_widening=is_widening(before, after),
    )
    if change.is_widening:
        notices.tell(
            Person.objects.overseers(),
            f"{team.name} may issue more",
            _told(team, differences(before, after), by=by, now=now),
            about=about,
            at=now,
        )
    return change


def require_second_word(team: Team, *, by: Actor, now: datetime) -> None:
    """Raise a `Refusal` if `by` widened the guardrail of `team` lately and no second administrator has agreed."""
    held_back = GuardrailChange.objects.waiting(now).filter(team=team, by=by.person_id).order_by("-at").first()
    if held_back is None:
        return
    others = Person.objects.administrators().exclude(pk=held_back.by_id).values_list("email", flat=True)
    who = " or ".join(others.order_by("email")[:5])
    text = f"You widened the guardrail of {team.name}. Until {held_back.waits_until:{_MOMENT}} you can issue there " + (
        f"only if another administrator agrees, on the page of the team: {who}."
        if who
        else "only if another administrator agrees, and there is no other: invite one, or wait."
    )
    raise Refusal(
        why=Reason.NOT_NOW,
        title="A second administrator has to agree first",
        reason="Whoever widens a guardrail does not issue under it alone.",
        created_note="Nothing was made. What you typed is kept.",
        breaches=(Breach("team", text),),
    )


def waiting_in(team: Team, now: datetime) -> GuardrailChangeQuerySet:
    """Return the widenings of `team` that nobody has agreed to yet, newest first, with who made them."""
    return GuardrailChange.objects.waiting(now).filter(team=team).select_related("by")


def _told(team: Team, found: Sequence[Difference], *, by: Actor, now: datetime) -> str:
    lines = "\n".join(f"- {each}{' (wider)' if each.widens else ''}" for each in found)
    return (
        f"{by.name} has widened the guardrail of {team.name}.\n\n{lines}\n\n"
        f"Until {now + WAITS:{_MOMENT}} {by.name} cannot issue in {team.name}, unless another administrator agrees on "
        f"the page of the team. Everybody else can.\n\n{settings.BASE_URL}{reverse('team', args=(team.slug,))}"
    )


def _person(by: Actor) -> int:
    if by.person_id is None:
        raise TypeError("only people change guardrails")
    return by.person_id
