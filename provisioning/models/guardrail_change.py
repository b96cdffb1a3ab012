"""A change of a team's guardrail: what the limits were, what they became, and whether a second person agreed."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import F, Q

WAITS = timedelta(hours=24)  # how long who widened a guardrail may not issue under it without a second word


class GuardrailChangeQuerySet(models.QuerySet["GuardrailChange"]):
    """Changes, asked for in words."""

    def waiting(self, now: datetime) -> Self:
        """Return the widenings that still hold their author back, because no second administrator has agreed."""
        return self.filter(is_widening=True, confirmed_at=None, at__gt=now - WAITS)


class GuardrailChange(models.Model):
    """One change. `before` and `after` hold the limits as JSON, the way the history has them."""

    team = models.ForeignKey("Team", models.PROTECT, related_name="guardrail_changes")
    by = models.ForeignKey("Person", models.PROTECT, related_name="+")
    at = models.DateTimeField()
    before = models.JSONField()
    after = models.JSONField()
    is_widening = models.BooleanField()
    confirmed_by = models.ForeignKey("Person", models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)

    objects = GuardrailChangeQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("by")), name="nobody_confirms_their_own"
            ),
        )
        indexes = (models.Index(fields=("team", "-at"), name="changes_of_a_guardrail"),)

    def __str__(self) -> str:
        return f"guardrail of {self.team_id} at {self.at}"

    @property
    def waits_until(self) -> datetime:
        """When it no longer holds its author back."""
        return self.at + WAITS
