"""Who is here, as what, and who is invited: the list of people, and one of them."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from provisioning.domain.permission import demand, not_there, reaches
from provisioning.domain.refusals import NextStep
from provisioning.domain.roles import Act
from provisioning.forms.filters import PeopleFilter
from provisioning.models import Credential, Handover, Invitation, Membership, Person, Standing
from provisioning.views.asker import actor_of
from provisioning.views.leaves import leaf
from provisioning.views.recording import on_record

ROWS, INVITATIONS, CREDENTIALS = 12, 6, 10
WITH_TEAMS = Prefetch("memberships", Membership.objects.select_related("team").order_by("team__name"))


@require_safe
@on_record(Act.PERSON_READ)
def listing(request: HttpRequest) -> HttpResponse:
    """Show a page of people, newest first, and above it the invitations that nobody has used."""
    by, now = actor_of(request), timezone.now()
    demand(by, Act.PERSON_READ)
    form = PeopleFilter(request.GET)
    words = form.cleaned_data["q"] if form.is_valid() else ""
    page = leaf(request, Person.objects.filter(email__icontains=words).prefetch_related(WITH_TEAMS), ROWS)
    waiting = Invitation.objects.waiting().filter(email__icontains=words).select_related("invited_by")
    context = {
        "rows": [(person, role_of(person), teams_of(person)) for person in page.rows],
        "page_obj": page,
        "waiting": list(_invited(waiting.prefetch_related("teams")[: INVITATIONS + 1], now)),
        "shown": INVITATIONS,
        "chosen": request.GET,
        "may_invite": reaches(by, Act.PERSON_INVITE),
    }
    return render(request, "provisioning/people/list.html", context)


@require_safe
@on_record(Act.PERSON_READ)
def detail(request: HttpRequest, person_id: int) -> HttpResponse:
    """Show one person: role and actions, facts, and what they hold."""
    by = actor_of(request)
    demand(by, Act.PERSON_READ)
    person = shown(person_id)
    held = Credential.objects.visible_to(by).with_unresolved().holding().filter(owner=person).select_related("team")
    now = timezone.now()
    credentials = [(credential, credential.shown_state(now)) for credential in held[: CREDENTIALS + 1]]
    context = {
        "person": person,
        "role": role_of(person),
        "teams": teams_of(person),
        "credentials": credentials[:CREDENTIALS],
        "more": len(credentials) > CREDENTIALS,
        "handovers": Handover.objects.sealed().filter(person=person).count(),
        "may_change": reaches(by, Act.PERSON_CHANGE),
    }
    return render(request, "provisioning/people/detail.html", context)


def shown(person_id: int) -> Person:
    """Return a person with their teams, for who may see people."""
    person = Person.objects.prefetch_related(WITH_TEAMS).filter(pk=person_id).first()
    if person is None:
        raise not_there("person")
    return person


def role_of(person: Person) -> str:
    """Return the role in words; needs the memberships fetched."""
    if person.standing != Standing.NONE:
        return str(Standing(person.standing).label)
    return "Member" if person.memberships.all() else "No role yet"


def teams_of(person: Person) -> list[str]:
    """Return the names of the teams; needs the memberships fetched."""
    return [membership.team.name for membership in person.memberships.all()]


def back_to(person_id: int) -> NextStep:
    """Return the way to a person's page."""
    where = reverse("person", args=(person_id,))
    return NextStep("See what is true now", "Their page shows role, teams and state.", where, "Back to the person")


def all_people() -> NextStep:
    """Return the way to the list."""
    return NextStep("See who is here", "The list shows everybody, and who is invited.", reverse("people"), "People")


def _invited(waiting: Iterable[Invitation], now: datetime) -> Iterator[tuple[Invitation, str, list[str], bool]]:
    for invitation in waiting:
        role = str(Standing(invitation.standing).label) if invitation.standing != Standing.NONE else "Member"
        teams = [team.name for team in invitation.teams.all()]
        if not teams and invitation.standing == Standing.NONE:
            role = "No role yet"
        yield invitation, role, teams, invitation.is_open(now)
