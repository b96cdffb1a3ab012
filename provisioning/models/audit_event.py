"""The history: events that can be added, never changed."""

from datetime import datetime
from typing import Self

from django.db import models

from provisioning.domain.lifecycle import Outcome
from provisioning.domain.roles import THE_TABLE, Act, Actor, Reach

FILTERED = ("act", "outcome", "credential_id", "subject", "actor_name", "request_id")


class AuditEventQuerySet(models.QuerySet["AuditEvent"]):
    """Events, asked for in words."""

    def visible_to(self, actor: Actor) -> Self:
        """Return what `actor` may see."""
        reach = THE_TABLE[Act.HISTORY_READ][actor.role]
        if reach is Reach.EVERYTHING:
            return self
        if reach is Reach.NOTHING:
            return self.none()
        # Why another team may not have a credential names that team's limits: for who oversees alone.
        refused_elsewhere = models.Q(act=Act.CREDENTIAL_TRANSFER, outcome=Outcome.REFUSED)
        return self.filter(~refused_elsewhere, team_id__in=actor.team_ids)

    def head(self) -> tuple[int, str] | None:
        """Return sequence and hash of the newest event, or None if there is none yet."""
        return self.order_by("-sequence").values_list("sequence", "hash").first()

    def newest_at(self, moment: datetime) -> int:
        """Return the sequence of the newest event at `moment`, or 0; reads from the newest back."""
        return self.filter(at__lte=moment).order_by("-sequence").values_list("sequence", flat=True).first() or 0

    def cut(self, count: int) -> "AuditEventQuerySet":
        """Return the first `count`. An index says which these are; only they are read whole, texts and all."""
        return AuditEvent.objects.filter(pk__in=self.values("pk")[:count]).order_by(*self.query.order_by)

    def naming(self, words: str) -> Self:
        """Return those whose subject or actor has `words` in its name, or whose request id it is."""
        named = models.Q(subject__icontains=words) | models.Q(actor_name__icontains=words)
        return self.filter(named | models.Q(request_id=words.lower()))


class AuditEvent(models.Model):
    """One event. `text` holds the exact bytes that `hash` covers; every other column repeats a part of it.

    No foreign keys: an event copies names as they were, and outlives what it speaks of.
    """

    sequence = models.BigIntegerField(primary_key=True)
    text = models.TextField()
    hash = models.CharField(max_length=64)
    at = models.DateTimeField()
    act = models.CharField(max_length=32)
    outcome = models.CharField(max_length=16)
    actor_name = models.CharField(max_length=254)
    actor_role = models.CharField(max_length=16)
    person_id = models.BigIntegerField(null=True)
    team_id = models.BigIntegerField(null=True)
    subject = models.CharField(max_length=200)
    credential_id = models.BigIntegerField(null=True)
    request_id = models.CharField(max_length=32)

    objects = AuditEventQuerySet.as_manager()

    class Meta:
        ordering = ("-sequence",)
        indexes = (
            # These hold every column that a filter reads: a page is found in them without the long texts.
            models.Index(fields=("-sequence", "team_id", *FILTERED), name="events_to_filter"),
            models.Index(fields=("team_id", "-sequence", *FILTERED), name="events_of_a_team_to_filter"),
            models.Index(fields=("credential_id", "-sequence", "team_id"), name="events_of_a_credential"),
            models.Index(fields=("act", "-sequence", "team_id", "outcome"), name="events_of_an_act"),
        )

    def __str__(self) -> str:
        return f"{self.sequence} {self.act}"

    @property
    def shown(self) -> Outcome:
        """The outcome with its label and tone."""
        return Outcome.of(self.outcome)


class RefusalTally(models.Model):
    """How often the same refusal met the same person within one minute: the history gets it once, with the count."""

    key = models.CharField(max_length=64)  # a digest of person, act, subject and reason
    minute = models.DateTimeField()
    repeats = models.PositiveIntegerField(default=0)
    event = models.BigIntegerField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("key", "minute"), name="one_tally_for_each_minute"),)

    def __str__(self) -> str:
        return f"{self.repeats} more of event {self.event}"
