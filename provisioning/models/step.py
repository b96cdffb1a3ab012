"""A step: one AWS call of an act, and the call that undoes it."""

from django.db import models
from django.db.models import Q

from provisioning.domain.lifecycle import Outcome


class Step(models.Model):
    """Written before the first call of its act, so that an act that was cut anywhere can be read."""

    claim = models.ForeignKey("Claim", models.PROTECT, related_name="steps")
    position = models.PositiveSmallIntegerField()
    operation = models.CharField(max_length=64)
    undo = models.CharField(max_length=64, default="")
    subject = models.CharField(max_length=128)
    outcome = models.CharField(max_length=16, default=Outcome.BEGUN)
    aws_request_id = models.CharField(max_length=64, default="")

    class Meta:
        ordering = ("claim", "position")
        constraints = (
            models.UniqueConstraint(fields=("claim", "position"), name="one_step_at_each_position"),
            models.CheckConstraint(
                condition=Q(outcome__in=[outcome.value for outcome in Outcome]), name="a_known_step_outcome"
            ),
        )

    def __str__(self) -> str:
        return self.operation
