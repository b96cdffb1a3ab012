"""The administrators, held still while one of them changes who may do what here."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q
from django.urls import reverse

from provisioning.audit import SUBJECT_LIMIT
from provisioning.domain.lifecycle import Outcome
from provisioning.domain.refusals import NextStep, Reason, Refusal
from provisioning.domain.roles import Act, Actor, Role
from provisioning.models import AuditEvent, Invitation, Person, Standing
from provisioning.models.guardrail_change import WAITS


def hold(by: Actor, *, person_id: int | None = None) -> tuple[Person | None, list[Person]]:
    """Lock every active administrator, and `person_id`, in the order of their keys, inside the caller's transaction.

    Returns the person and the administrators. Raises a `Refusal` where `by` has ceased to be one meanwhile.
    """
    concerned = Q(is_active=True, standing=Standing.ADMINISTRATOR) | Q(pk=person_id)
    # no_key, here and at every lock on a row that others point to: a foreign key takes its row (KEY SHARE) as late as
    # the commit, behind the head of the history. A full FOR UPDATE would make that head, then row: a deadlock.
    held = list(Person.objects.filter(concerned).select_for_update(no_key=True).order_by("pk"))
    administrators = [each for each in held if each.is_active and each.standing == Standing.ADMINISTRATOR]
    if by.role is not Role.SYSTEM and by.person_id not in {each.pk for each in administrators}:
        raise Refusal(
            why=Reason.NOT_PERMITTED,
            title="You are no longer an administrator",
            reason="Another administrator has changed that a moment ago.",
            next_steps=(NextStep("Go home", "It shows what you may do now.", reverse("home"), "Home"),),
        )
    return next((each for each in held if each.pk == person_id), None), administrators


def require_another(person: Person, administrators: list[Person]) -> None:
    """Raise a `Refusal` if `person` is the only one of `administrators`."""
    if [each.pk for each in administrators] == [person.pk]:
        raise Refusal(
            why=Reason.NOT_NOW,
            title="The last administrator stays",
            reason=f"{person.email} is the only active administrator: without one nobody could be invited any more. "
            "Make somebody else an administrator first.",
        )


def too_new(emails: Iterable[str], now: datetime) -> dict[str, datetime]:
    """Return which of `emails` became administrators so lately that their word counts for nothing yet, and until when.

    Whoever could make an administrator up in a minute would have a second word of their own. Who was made one from the
    command line of the server is not meant: that is how the first one comes.
    """
    since, asked = now - WAITS, list(emails)
    subjects = {email[:SUBJECT_LIMIT]: email for email in asked}
    joined = Invitation.objects.filter(email__in=asked, used_at__gt=since, invited_by__isnull=False)
    found = {email: used_at for email, used_at in joined.values_list("email", "used_at") if used_at}
    changed = AuditEvent.objects.filter(
        act__in=(Act.PERSON_CHANGE, Act.PERSON_REACTIVATE), outcome=Outcome.DONE, at__gt=since, subject__in=subjects
    ).exclude(actor_role=Role.SYSTEM)
    for subject, at in changed.order_by("sequence").values_list("subject", "at"):
        found[subjects[subject]] = at
    return {email: at + WAITS for email, at in found.items()}
