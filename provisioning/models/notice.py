"""A notice: mail to one person about something that happened, written with it and delivered by a sweep."""

from datetime import datetime
from typing import Self

from django.db import models

from provisioning.domain.lifecycle import Delivery


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Notices, asked for in words."""

    def due(self, now: datetime) -> Self:
        """Return those that are to be sent now."""
        return self.filter(sent_at=None, next_try_at__lte=now).order_by("pk")

    def in_state(self, state: str) -> Self:
        """Return those that have come so far; an unknown state narrows nothing."""
        if state not in set(Delivery):
            return self
        untroubled = models.Q(trouble="")
        found = self.filter(sent_at__isnull=state in {Delivery.WAITING, Delivery.RETRIED})
        return found.filter(untroubled if state in {Delivery.WAITING, Delivery.SENT} else ~untroubled)

    def undelivered(self, since: datetime) -> Self:
        """Return those made after `since` that somebody who is still here did not get."""
        troubled = self.exclude(trouble="")  # what the index holds
        return troubled.filter(trouble__startswith="not sent", recipient__is_active=True, made_at__gt=since)


class Notice(models.Model):
    """One mail. It never holds a secret or a link that opens anything by itself."""

    recipient = models.ForeignKey("Person", models.PROTECT, related_name="notices")
    about = models.CharField(max_length=32)  # the act that it tells of
    subject = models.CharField(max_length=200)
    text = models.TextField()
    credential = models.ForeignKey("Credential", models.PROTECT, null=True, related_name="notices")
    made_at = models.DateTimeField()
    next_try_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    trouble = models.TextField(default="")
    sent_at = models.DateTimeField(null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
        indexes = (
            models.Index(fields=("next_try_at",), condition=models.Q(sent_at__isnull=True), name="notices_to_send"),
            models.Index(fields=("-id",), condition=~models.Q(trouble=""), name="notices_in_trouble"),
        )

    def __str__(self) -> str:
        return f"{self.subject} to {self.recipient_id}"

    @property
    def shown(self) -> Delivery:
        """How far it has come, with its label and tone."""
        if self.sent_at is None:
            return Delivery.RETRIED if self.trouble else Delivery.WAITING
        return Delivery.NOT_SENT if self.trouble else Delivery.SENT
