"""One run of a sweep: whoever writes the row first runs it, the other workers do not."""

from django.db import models


class SweepRun(models.Model):
    """A sweep and the minute it was due."""

    sweep = models.CharField(max_length=32)
    due = models.DateTimeField()
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    handled = models.PositiveIntegerField(default=0)
    trouble = models.TextField(default="")

    class Meta:
        ordering = ("-due",)
        constraints = (models.UniqueConstraint(fields=("sweep", "due"), name="one_run_for_each_due_minute"),)

    def __str__(self) -> str:
        return f"{self.sweep} at {self.due}"
