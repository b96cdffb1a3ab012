"""Widening a guardrail: everybody who oversees is told, and who did it waits for a second administrator's word."""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db.models import OuterRef, Subquery
from django.urls import reverse

from provisioning.domain.guardrails import Guardrail
from provisioning.domain.refusals import Breach, Reason, Refusal
from provisioning.domain.roles import Act, Actor, Role
from provisioning.domain.widening import Difference, differences, is_widening
from provisioning.models import GuardrailChange, Invitation, Person, Team
from provisioning.models.guardrail_change import WAITS, GuardrailChangeQuerySet
from provisioning.services import administrators, notices
from provisioning.services.clock import MOMENT


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
        Team.objects.filter(pk=team.pk).update(widened_at=now)
        notices.tell(
            Person.objects.overseers(),
            f"{team.name} may issue more",
            _told(team, differences(before, after), by=by, now=now),
            about=about,
            at=now,
        )
    return change


def require_second_word(team: Team, *, by: Actor, now: datetime) -> None:
    """Raise a `Refusal` if `by`, or who brought them here, widened the guardrail of `team` and nobody has agreed."""
    why, held_back = _held_back(team, by, now)
    if held_back is None:
        return
    who = " or ".join(who_may_agree([held_back], now))
    text = f"{why} Until {held_back.waits_until:{MOMENT}} you can issue there, or be handed another secret, " + (
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


def why_held_back(team: Team, *, by: Actor, now: datetime) -> str:
    """Return in words why `require_second_word` would refuse, for a page that has few queries; "" if it would not."""
    why, held_back = _held_back(team, by, now) if team.was_widened_lately(now) else ("", None)
    if held_back is None:
        return ""
    until = f"Until {held_back.waits_until:{MOMENT}} you are handed a secret of that team only if another administrator"
    return f"{why} {until} agrees, on its page."


def _held_back(team: Team, by: Actor, now: datetime) -> tuple[str, GuardrailChange | None]:
    """Return why `by` is held back and by which widening, the newest; one query."""
    came = Invitation.objects.filter(person=by.person_id, invited_by=OuterRef("by"))
    brought = Invitation.objects.filter(person=OuterRef("by"), invited_by=by.person_id)
    between = {"came_at": Subquery(came.values("used_at")), "brought_at": Subquery(brought.values("used_at"))}
    waiting = waiting_in(team, now).annotate(**between).order_by("-at")
    return next(((why, each) for each in waiting if (why := _why_held_back(each, by))), ("", None))


def _why_held_back(change: GuardrailChange, by: Actor) -> str:
    """Return in words why `change` holds `by` back; "" if it does not.

    An administrator whom its author invited counts as its author, and so does who invited its author, if that was just
    before, or since. A member whom they invited does not: inviting, forming a team, setting its limits and letting its
    members issue is what an administrator is here for, and all who oversee were told of the limits.
    """
    if change.by_id == by.person_id:
        return f"You widened the guardrail of {change.team.name}."
    since = change.at - WAITS
    came_at, brought_at = change.came_at, change.brought_at  # type: ignore[attr-defined] # annotated above
    if by.role is Role.ADMINISTRATOR and came_at is not None and came_at > since:
        return f"{change.by} widened the guardrail of {change.team.name}, and invited you here."
    if brought_at is not None and brought_at > since:
        return f"{change.by}, whom you invited here, widened the guardrail of {change.team.name}."
    return ""


def agrees_from(by: Actor, now: datetime) -> datetime | None:
    """Return when the word of the administrator `by` for a wider guardrail begins to count; None if it does already."""
    return administrators.too_new([by.name], now).get(by.name)


def who_may_agree(changes: Sequence[GuardrailChange], now: datetime) -> list[str]:
    """Return the addresses of some administrators whose word counts for `changes`: neither their authors nor new."""
    others = Person.objects.administrators().exclude(pk__in={change.by_id for change in changes})
    counting = others.exclude(administrators.is_too_new(now)).order_by("email")
    return list(counting.values_list("email", flat=True)[:5])


def waiting_in(team: Team, now: datetime) -> GuardrailChangeQuerySet:
    """Return the widenings of `team` that nobody has agreed to yet, newest first, with who made them."""
    return GuardrailChange.objects.waiting(now).filter(team=team).select_related("by", "team")


def _told(team: Team, found: Sequence[Difference], *, by: Actor, now: datetime) -> str:
    lines = "\n".join(f"- {each}{' (wider)' if each.widens else ''}" for each in found)
    return (
        f"{by.name} has widened the guardrail of {team.name}.\n\n{lines}\n\n"
        f"Until {now + WAITS:{MOMENT}} {by.name} cannot issue in {team.name}, nor be handed another secret there, "
        "unless another administrator agrees on the page of the team. Everybody else can.\n\n"
        f"{settings.BASE_URL}{reverse('team', args=(team.slug,))}"
    )


def _person(by: Actor) -> int:
    if by.person_id is None:
        raise TypeError("only people change guardrails")
    return by.person_id
