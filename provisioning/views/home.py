"""The first page: for strangers the guide, for people what needs them, what is theirs, and one obvious next step."""

from datetime import datetime

from django.contrib.auth.decorators import login_not_required
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from provisioning import last_visit
from provisioning.domain.lifecycle import HOLDING, Outcome
from provisioning.domain.permission import reaches
from provisioning.domain.roles import Act, Actor, Role
from provisioning.models import AuditEvent, Credential, Person, Team
from provisioning.views.asker import actor_of
from provisioning.views.decisions import decisions
from provisioning.views.house import house
from provisioning.views.needs import Need, needs, needs_of, things, worst_first
from provisioning.views.telling import tell

LATELY = 5
TEAMS = 3


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show each role what needs it, what is its own, and what happened."""
    if not request.user.is_authenticated:
        return redirect("guidance:table")
    by, now = actor_of(request), timezone.now()
    if not reaches(by, Act.CREDENTIAL_READ):
        administrators = Person.objects.administrators().order_by("pk")
        return render(request, "provisioning/home_guest.html", {"administrators": administrators[:LATELY]})
    if by.role is Role.ADMINISTRATOR:
        return render(request, "provisioning/home_administrator.html", _administrators(by, now))
    theirs = _theirs(by, now) | (_since(request, by) if by.role is Role.AUDITOR else _lately(by))
    return render(request, "provisioning/home.html", theirs)


def _administrators(by: Actor, now: datetime) -> dict[str, object]:
    found = house(by, now)
    theirs, more = needs_of(by, now)
    wanted = worst_first([*theirs, *found.needs, *decisions(by, now)])
    return {"house": found, **_head(wanted, found.live, by, more=more), **_lately(by)}


def _theirs(by: Actor, now: datetime) -> dict[str, object]:
    newest = Credential.objects.visible_to(by).with_unresolved().holding().select_related("team", "owner")[:LATELY]
    held = Count("credentials", filter=Q(credentials__state__in=HOLDING))
    held_by_all = Credential.objects.visible_to(by).holding().number()
    found_teams = Team.objects.where_may(by, Act.CREDENTIAL_READ).annotate(held=held, held_by_all=held_by_all)
    teams = list(found_teams[: TEAMS + 1])
    found, more = needs_of(by, now)
    count: int = getattr(teams[0], "held_by_all", 0) if teams else 0  # annotated above
    return {
        "credentials": [(credential, credential.shown_state(now)) for credential in newest],
        "teams": teams[:TEAMS],
        "more_teams": len(teams) > TEAMS,
        "held": count,
        "is_member": by.role is Role.MEMBER,
        **_head(worst_first([*found, *decisions(by, now)]), count, by, more=more),
    }


def _head(wanted: list[Need], held: int, by: Actor, *, more: bool) -> dict[str, object]:
    """Return the headline, the needs, and the hand-over that is open, if one is: then that is the next step."""
    opened = wanted[0].href if wanted and wanted[0].tone == "info" else ""
    may_issue = reaches(by, Act.CREDENTIAL_PREPARE)
    headline = _headline(len(wanted), held, by, more=more)
    return {"headline": headline, "needs": wanted, "more": more, "opened": opened, "may_issue": may_issue}


def _headline(count: int, held: int, by: Actor, *, more: bool) -> str:
    if not count and not held:
        return "Nothing is issued"
    number = f"More than {things(count).lower()}" if more else things(count)
    return f"{number} {needs(count)} {'a look' if by.role is Role.AUDITOR else 'you'}"


def _lately(by: Actor) -> dict[str, object]:
    return {"told": tell(AuditEvent.objects.visible_to(by).exclude(outcome=Outcome.BEGUN)[:LATELY])}


def _since(request: HttpRequest, by: Actor) -> dict[str, object]:
    """Return what came into the history since the sign-in before this one; its sequence has no gap, so it counts."""
    visit = last_visit.of(request)
    if visit is None:
        return _lately(by)
    newest, _ = AuditEvent.objects.head() or (0, "")
    events = AuditEvent.objects.visible_to(by).exclude(outcome=Outcome.BEGUN).filter(sequence__gt=visit.sequence)
    return {
        "visit": visit,
        "changed": newest - visit.sequence,
        "changes": f"{reverse('history')}?after={visit.sequence}",
        "told": tell(events[:LATELY]),
    }
