"""A stop: everything of a team, or everything that sends as one address, made inactive at once, and back again."""

import uuid
from typing import Self

from django.db import models
from django.db.models import Count, Exists, OuterRef, Q

from provisioning.domain.lifecycle import HOLDING, State
from provisioning.domain.permission import NOWHERE, Target
from provisioning.domain.roles import THE_TABLE, Act, Actor, Reach
from provisioning.models.claim import Claim


class StopQuerySet(models.QuerySet["Stop"]):
    """Stops, asked for in words."""

    def visible_to(self, actor: Actor) -> Self:
        """Return what `actor` may see: stops of their teams, their own, and what touched a credential of theirs."""
        reach = THE_TABLE[Act.CREDENTIAL_READ][actor.role]
        if reach is Reach.EVERYTHING:
            return self
        if reach is Reach.NOTHING:
            return self.none()
        touched = Stopped.objects.filter(stop=OuterRef("pk"), credential__team_id__in=actor.team_ids)
        return self.filter(Q(team_id__in=actor.team_ids) | Q(by_id=actor.person_id) | Exists(touched))

    def in_force(self) -> Self:
        """Return those that nobody has undone."""
        return self.filter(undone_at=None)

    def with_progress(self, actor: Actor) -> Self:
        """Mark each with how many of the credentials that `actor` may see it found, suspended and resumed again.

        What was gone before it could be suspended is not among them.
        """
        seen = Q(stopped__isnull=False)
        if THE_TABLE[Act.CREDENTIAL_READ][actor.role] is not Reach.EVERYTHING:
            seen = Q(stopped__credential__team_id__in=actor.team_ids)
        there = Q(stopped__suspended_at__isnull=False) | Q(stopped__credential__state__in=HOLDING)
        return self.annotate(
            found=Count("stopped", filter=seen & there),
            suspended=Count("stopped", filter=seen & Q(stopped__suspended_at__isnull=False)),
            resumed=Count("stopped", filter=seen & Q(stopped__resumed_at__isnull=False)),
        )


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

    objects = StopQuerySet.as_manager()

    class Meta:
        ordering = ("-at",)
        constraints = (
            models.CheckConstraint(
                condition=Q(team__isnull=False, sender="") | (Q(team__isnull=True) & ~Q(sender="")),
                name="a_stop_of_a_team_or_of_an_address",
            ),
        )

    def __str__(self) -> str:
        return f"everything of {self.team}" if self.team else f"everything that sends as {self.sender}"

    def target_for(self, actor: Actor) -> Target:
        """What an act of `actor` reaches for: the team; a stop by address belongs to whoever began it."""
        is_theirs = self.team_id is None and self.by_id == actor.person_id
        return NOWHERE if is_theirs else Target(team_id=self.team_id, person_id=self.by_id)


def _busy() -> Exists:
    return Exists(Claim.objects.open().filter(credential=OuterRef("credential")))


class StoppedQuerySet(models.QuerySet["Stopped"]):
    """Credentials of stops, asked for in words."""

    def visible_to(self, actor: Actor) -> Self:
        """Return those whose credential `actor` may see."""
        reach = THE_TABLE[Act.CREDENTIAL_READ][actor.role]
        if reach is Reach.EVERYTHING:
            return self
        return self.none() if reach is Reach.NOTHING else self.filter(credential__team_id__in=actor.team_ids)

    def beyond(self, actor: Actor) -> Self:
        """Return those whose credential `actor` may not see: it went to another team, or `actor` left its team."""
        return self.exclude(pk__in=self.visible_to(actor).values("pk"))

    def unfinished(self) -> Self:
        """Return those that undoing the stop would still bear on: not resumed, and the credential is not gone."""
        return self.filter(resumed_at=None, credential__state__in=HOLDING)

    def due(self) -> Self:
        """Return what is still to be suspended, or resumed where the stop is undone; not where that met trouble."""
        to_suspend = Q(stop__undone_at=None, suspended_at=None, credential__state=State.LIVE)
        to_resume = Q(
            stop__undone_at__isnull=False,
            suspended_at__isnull=False,
            resumed_at=None,
            credential__state=State.SUSPENDED,
        )
        return self.filter(to_suspend | to_resume, ~_busy(), trouble="")

    def awaited(self) -> Self:
        """Return what a stop in force suspends as soon as another act on the credential, which is open, has ended."""
        return self.filter(_busy(), stop__undone_at=None, suspended_at=None)


class Stopped(models.Model):
    """One credential of a stop, and how far it came with it."""

    stop = models.ForeignKey(Stop, models.CASCADE, related_name="stopped")
    credential = models.ForeignKey("Credential", models.PROTECT, related_name="stops")
    suspended_at = models.DateTimeField(null=True)
    resumed_at = models.DateTimeField(null=True)
    trouble = models.TextField(default="")

    objects = StoppedQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("stop", "credential"), name="stopped_once_by_a_stop"),)

    def __str__(self) -> str:
        return f"{self.credential} by {self.stop_id}"
