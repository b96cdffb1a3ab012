"""Teams: formed with a guardrail, renamed; the short name stays, because IAM paths hold it."""

from datetime import datetime

from django.db import IntegrityError, transaction

from provisioning import audit
from provisioning.domain import naming
from provisioning.domain.guardrails import Guardrail
from provisioning.domain.lifecycle import Outcome
from provisioning.domain.permission import Target, demand, not_there
from provisioning.domain.refusals import Breach, Reason, Refusal
from provisioning.domain.roles import Act, Actor
from provisioning.models import Team
from provisioning.services import administrators, widening


def form(slug: str, guardrail: Guardrail, *, by: Actor, now: datetime) -> Team:
    """Form the team that `guardrail` names. Its limits count as a widening: before, nothing was allowed there."""
    subject = audit.Subject(guardrail.team)
    with audit.refusals_recorded(Act.TEAM_FORM, subject, by=by, at=now):
        demand(by, Act.TEAM_FORM)
        _require_free(guardrail.team, slug)
        try:
            return _formed(slug, guardrail, by=by, now=now)
        except IntegrityError:  # somebody else was quicker
            raise _not_free(
                Breach("name", "A team of this name, or with this short name, was formed just now.")
            ) from None


def rename(slug: str, name: str, *, by: Actor, now: datetime) -> Team:
    """Give a team another name; the same name again changes nothing."""
    with audit.refusals_recorded(Act.TEAM_RENAME, audit.Subject(slug), by=by, at=now):
        demand(by, Act.TEAM_RENAME)
        try:
            return _renamed(slug, name, by=by, now=now)
        except IntegrityError:
            raise _not_free(_same_name(name)) from None


def locked(slug: str) -> Team:
    """Return the team, locked in the caller's transaction; raise a `Refusal` if there is none."""
    team = Team.objects.select_for_update(no_key=True).filter(slug=slug).first()
    if team is None:
        raise not_there("team")
    return team


def _formed(slug: str, guardrail: Guardrail, *, by: Actor, now: datetime) -> Team:
    with transaction.atomic():
        administrators.hold(by)
        team = Team.objects.create(name=guardrail.team, slug=slug, **guardrail.limits)
        widening.keep(team, Guardrail.nothing(team.name), by=by, about=Act.TEAM_FORM, now=now)
        detail = {"slug": slug, "before": None, "after": {"name": team.name, **guardrail.limits}}
        audit.record(Act.TEAM_FORM, Outcome.DONE, audit.Subject(team.name, team=team), by=by, at=now, detail=detail)
    return team


def _renamed(slug: str, name: str, *, by: Actor, now: datetime) -> Team:
    with transaction.atomic():
        administrators.hold(by)
        team = locked(slug)
        demand(by, Act.TEAM_RENAME, Target(team_id=team.pk))
        before = team.name
        if name == before:
            return team
        if Team.objects.filter(name__iexact=name).exclude(pk=team.pk).exists():
            raise _not_free(_same_name(name))
        team.name = name
        team.save(update_fields=["name"])
        detail = {"before": {"name": before}, "after": {"name": name}}
        audit.record(Act.TEAM_RENAME, Outcome.DONE, audit.Subject(name, team=team), by=by, at=now, detail=detail)
    return team


def _require_free(name: str, slug: str) -> None:
    found = []
    if Team.objects.filter(name__iexact=name).exists():
        found.append(_same_name(name))
    if trouble := naming.team_slug_trouble(slug):
        found.append(Breach("slug", trouble))
    elif Team.objects.filter(slug=slug).exists():
        found.append(Breach("slug", f"Another team has the short name {slug}. Type one of its own."))
    if found:
        raise _not_free(*found)


def _same_name(name: str) -> Breach:
    return Breach("name", f"There is a team called {name} already.")


def _not_free(*breaches: Breach) -> Refusal:
    return Refusal(
        why=Reason.NOT_NOW,
        title="The name is not free",
        reason=" ".join(breach.text for breach in breaches),
        breaches=breaches,
    )
