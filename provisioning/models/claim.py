"""A claim: one act under way on one credential, and the steps it takes in AWS."""

import uuid
from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import F, Q

from provisioning.domain.lifecycle import Outcome

# Longer than all that an act may wait for together: three calls and their undo, each 13 s and retried while AWS
# throttles, and 30 s of propagation twice.
LEASE = timedelta(minutes=5)


class ClaimQuerySet(models.QuerySet["Claim"]):
    """Claims, asked for in words."""

    def open(self) -> Self:
        """Return those that are not settled."""
        return self.filter(settled_at__isnull=True)

    def lapsed(self, now: datetime) -> Self:
        """Return the open ones whose lease is over: nobody can still be working on them."""
        return self.open().filter(lease_until__lte=now)

    def came_late(self) -> Self:
        """Return those that recovery has settled, and whose act came back after that: AWS is to be looked at again."""
        return self.filter(settled_at__isnull=False, outcome=Outcome.UNKNOWN)

    def take_over(self, claim: "Claim", now: datetime) -> bool:
        """Take a lapsed claim for ourselves; whoever held it can no longer record. False if somebody was quicker."""
        taken = self.lapsed(now).filter(pk=claim.pk, fence=claim.fence)
        if not taken.update(fence=F("fence") + 1, lease_until=now + LEASE):
            return False
        claim.refresh_from_db()
        return True


class Claim(models.Model):
    """Who is doing what to a credential. `fence` must still be the same when the act records how it ended."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    credential = models.ForeignKey("Credential", models.PROTECT, related_name="claims")
    act = models.CharField(max_length=32)
    person = models.ForeignKey("Person", models.PROTECT, null=True, related_name="+")
    actor_name = models.CharField(max_length=254)
    actor_role = models.CharField(max_length=16)
    ends_as = models.CharField(max_length=16)  # the state the credential will have when the act is done
    change = models.JSONField(null=True)  # of an amendment: what was before and what will be, so it can be finished
    request_id = models.CharField(max_length=32)
    outcome = models.CharField(max_length=16, default=Outcome.BEGUN)
    fence = models.PositiveIntegerField(default=1)
    began_at = models.DateTimeField()
    lease_until = models.DateTimeField()
    missed_at = models.DateTimeField(null=True)  # when recovery first did not find the user in AWS
    settled_at = models.DateTimeField(null=True)
    code = models.CharField(max_length=64, default="")
    words = models.TextField(default="")
    aws_request_id = models.CharField(max_length=64, default="")

    objects = ClaimQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("credential",), condition=Q(settled_at__isnull=True), name="one_act_at_a_time"
            ),
        )
        indexes = (
            models.Index(fields=("lease_until",), condition=Q(settled_at__isnull=True), name="claims_to_recover"),
            models.Index(
                fields=("settled_at",),
                condition=Q(settled_at__isnull=False, outcome=Outcome.UNKNOWN.value),
                name="claims_that_came_late",
            ),
        )

    def __str__(self) -> str:
        return f"{self.act} of {self.credential_id}"

    @property
    def shown(self) -> Outcome:
        """The outcome with its label and tone."""
        return Outcome.of(self.outcome)
