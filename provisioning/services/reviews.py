"""Reviews that nobody has used: how many one person may make, and how long they are kept."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from provisioning.domain.refusals import Breach, Reason, Refusal
from provisioning.models import CredentialRequest, Person
from provisioning.services.clock import MOMENT

MOST = 200  # unused reviews that one person may make within PERIOD
PERIOD = timedelta(hours=1)
KEPT_FOR = timedelta(days=1)  # far longer than a review can be used, so that its answers can be taken up again
_BATCH = 500  # of one transaction
_AT_ONCE = 10_000  # of one run; the next one goes on


def keep(review: CredentialRequest, *, now: datetime) -> CredentialRequest:
    """Keep a new review; raise a `Refusal` if its person has made as many as they may, and used none of them."""
    with transaction.atomic():
        # Whoever makes two at once makes one after the other.
        Person.objects.select_for_update(no_key=True).get(pk=review.person_id)
        theirs = CredentialRequest.objects.only_looked_at().filter(person=review.person_id)
        newest = theirs.filter(reviewed_at__gt=now - PERIOD).order_by("-reviewed_at")
        for full_since in newest.values_list("reviewed_at", flat=True)[MOST - 1 : MOST]:
            raise _too_many(full_since + PERIOD)
        review.save(force_insert=True)
    return review


def _too_many(until: datetime) -> Refusal:
    text = f"You have made {MOST} reviews within an hour and used none of them. From {until:{MOMENT}} on you can go on."
    return Refusal(
        why=Reason.TOO_MANY,
        title="That is as many reviews as one person may make in an hour",
        reason=text,
        breaches=(Breach("", text),),
        created_note="Nothing was made. What you typed is kept.",
        met_nothing=True,
    )


def delete_unused(*, now: datetime) -> int:
    """Delete reviews that nobody has used in time, the oldest first; return how many."""
    unused = CredentialRequest.objects.only_looked_at().filter(reviewed_at__lte=now - KEPT_FOR)
    found = list(unused.order_by("reviewed_at").values_list("pk", flat=True)[:_AT_ONCE])
    return sum(_delete(found[start : start + _BATCH]) for start in range(0, len(found), _BATCH))


def _delete(found: list[UUID]) -> int:
    """Delete those of `found` that nobody holds and, looked at again once they are locked, nobody has used."""
    with transaction.atomic():
        free = CredentialRequest.objects.select_for_update(of=("self",), skip_locked=True).filter(pk__in=found)
        locked = list(free.order_by().values_list("pk", flat=True))
        deleted, _ = CredentialRequest.objects.only_looked_at().filter(pk__in=locked).delete()
    return deleted
