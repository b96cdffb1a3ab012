"""The administrators, held still while one of them changes who may do what here."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Left
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
    joined = _joined(since).filter(email__in=asked).values_list("email", "used_at")
    found = {email: used_at for email, used_at in joined if used_at}
    changed = _changed(since).filter(subject__in=subjects).order_by("sequence")
    for subject, at in changed.values_list("subject", "at"):
        found[subjects[subject]] = at
    return {email: at + WAITS for email, at in found.items()}


def is_too_new(now: datetime) -> Q:
    """Return of a person in a query whether `too_new` has them, so that it is asked of nobody else."""
    joined = _joined(now - WAITS).filter(email=OuterRef("email"))
    changed = _changed(now - WAITS).filter(subject=Left(OuterRef("email"), SUBJECT_LIMIT))
    return Exists(joined) | Exists(changed)


def _joined(since: datetime) -> QuerySet[Invitation]:
    return Invitation.objects.filter(used_at__gt=since, invited_by__isnull=False)


def _changed(since: datetime) -> QuerySet[AuditEvent]:
    acts = (Act.PERSON_CHANGE, Act.PERSON_REACTIVATE)
    return AuditEvent.objects.filter(act__in=acts, outcome=Outcome.DONE, at__gt=since).exclude(actor_role=Role.SYSTEM)
