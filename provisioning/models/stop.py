"""A stop: everything of a team, or everything that sends as one address, made inactive at once, and back again."""

import uuid

from django.db import models
from django.db.models import Q


class Stop(models.Model):
    """One decision to stop: for whole `team`, or for every credential that may send as `sender`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey("Team", models.PROTECT, null=True, related_name="stops")
    sender = models.CharField(max_length=320, default="", blank=True)
    reason = models.TextField()
    by = models.ForeignKey("Person", models.PROTECT, related_name="+")
    at = models.DateTimeField()
    undone_by = models.ForeignKey("Person", models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-at",)
        constraints = (
            models.CheckConstraint(
                condition=Q(team__isnull=False, sender="") | (Q(team__isnull=True) & ~Q(sender="")),
                name="a_stop_of_a_team_or_of_an_address",
            ),
        )

    def __str__(self) -> str:
        return f"stop of {self.sender or self.team}"


class Stopped(models.Model):
    """One credential of a stop, and how far it came with it."""

    stop = models.ForeignKey(Stop, models.CASCADE, related_name="stopped")
    credential = models.ForeignKey("Credential", models.PROTECT, related_name="stops")
    suspended_at = models.DateTimeField(null=True)
    resumed_at = models.DateTimeField(null=True)
    trouble = models.TextField(default="")

    class Meta:
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("stop", "credential"), name="stopped_once_by_a_stop"),)

    def __str__(self) -> str:
        return f"{self.credential} by {self.stop_id}"
