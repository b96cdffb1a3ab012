"""A step: one AWS call of an act, and the call that undoes it."""

from django.db import models


class Step(models.Model):
    """Written before the first call of its act, so that an act that was cut anywhere can be read.

    How they ended is how their claim did: the act is done, or undone, as a whole.
    """

    claim = models.ForeignKey("Claim", models.PROTECT, related_name="steps")
    position = models.PositiveSmallIntegerField()
    operation = models.CharField(max_length=64)
    undo = models.CharField(max_length=64, default="")
    subject = models.CharField(max_length=128)

    class Meta:
        ordering = ("claim", "position")
        constraints = (models.UniqueConstraint(fields=("claim", "position"), name="one_step_at_each_position"),)

    def __str__(self) -> str:
        return self.operation
