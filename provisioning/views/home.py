"""The first page: for strangers the guide, for people what needs them and what is theirs."""

from datetime import datetime

from django.contrib.auth.decorators import login_not_required
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from provisioning.domain.lifecycle import HOLDING, Outcome
from provisioning.domain.permission import reaches
from provisioning.domain.roles import Act, Actor, Role
from provisioning.models import AuditEvent, Credential, Person, Standing, Team
from provisioning.views.asker import actor_of
from provisioning.views.needs import needs_of
from provisioning.views.telling import tell

LATELY = 5
TEAMS = 3
_NUMBERS = ("Nothing", "One thing", "Two things", "Three things", "Four things", "Five things", "Six things")


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show what needs the reader, what is theirs, what happened lately, and the one obvious next step."""
    if not request.user.is_authenticated:
        return redirect("guidance:table")
    by, now = actor_of(request), timezone.now()
    if not reaches(by, Act.CREDENTIAL_READ):
        administrators = Person.objects.filter(standing=Standing.ADMINISTRATOR, is_active=True).order_by("pk")
        return render(request, "provisioning/home_guest.html", {"administrators": administrators[:LATELY]})
    return render(request, "provisioning/home.html", {"by": by, **_theirs(by, now)})


def _headline(needs: int, held: int, by: Actor) -> str:
    if not needs and not held:
        return "Nothing is issued yet"
    number = _NUMBERS[needs] if needs < len(_NUMBERS) else f"{needs} things"
    verb = "needs" if needs < 2 else "need"
    return f"{number} {verb} {'a look' if by.role is Role.AUDITOR else 'you'}"


def _theirs(by: Actor, now: datetime) -> dict[str, object]:
    newest = Credential.objects.visible_to(by).with_unresolved().holding().select_related("team", "owner")[:LATELY]
    events = AuditEvent.objects.visible_to(by).exclude(outcome=Outcome.BEGUN)
    held = Count("credentials", filter=Q(credentials__state__in=HOLDING))
    teams = list(Team.objects.where_may(by, Act.CREDENTIAL_READ).annotate(held=held)[: TEAMS + 1])
    needs, count = needs_of(by, now), sum(team.held for team in teams)  # type: ignore[attr-defined] # annotated above
    return {
        "headline": _headline(len(needs), count, by),
        "needs": needs,
        "credentials": [(credential, credential.shown_state(now)) for credential in newest],
        "told": tell(events[:LATELY]),
        "teams": teams[:TEAMS],
        "more_teams": len(teams) > TEAMS,
        "held": count,
        "may_issue": reaches(by, Act.CREDENTIAL_PREPARE),
        "is_member": by.role is Role.MEMBER,
    }
