"""One run of a sweep: whoever writes the row first runs it, the other workers do not."""

from collections.abc import Iterable
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q, Subquery


class SweepRunQuerySet(models.QuerySet["SweepRun"]):
    """Runs, asked for in words."""

    def newest_of(self, sweeps: Iterable[str]) -> Self:
        """Return the newest run of each of `sweeps`, where there is one, each with the oldest time that is known of it.

        One row of the index for each name: the table holds two weeks of minutes.
        """
        each_newest = Q(pk=None)
        for name in sweeps:
            each_newest |= Q(pk=Subquery(SweepRun.objects.filter(sweep=name).order_by("-due").values("pk")[:1]))
        oldest = SweepRun.objects.filter(sweep=models.OuterRef("sweep")).order_by("due").values("began_at")[:1]
        return self.filter(each_newest).annotate(watched_since=Subquery(oldest))


class SweepRun(models.Model):
    """A sweep and the minute it was due."""

    sweep = models.CharField(max_length=32)
    due = models.DateTimeField()
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    handled = models.PositiveIntegerField(default=0)
    trouble = models.TextField(default="")

    watched_since: datetime  # of `newest_of`

    objects = SweepRunQuerySet.as_manager()

    class Meta:
        ordering = ("-due",)
        constraints = (models.UniqueConstraint(fields=("sweep", "due"), name="one_run_for_each_due_minute"),)

    def __str__(self) -> str:
        return f"{self.sweep} at {self.due}"
