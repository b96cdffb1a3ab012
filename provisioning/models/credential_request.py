"""What somebody described and reviewed: everything exact, before anything exists in AWS."""

import uuid
from datetime import datetime, timedelta

from django.db import models

from guidance.catalogue import Kind
from provisioning.domain.from_entries import FromEntry
from provisioning.domain.guardrails import Wish

REVIEW_HOLDS = timedelta(hours=1)


class CredentialRequest(models.Model):
    """One reviewed wish. Its id is the address of the hand-over, chosen before the first call to AWS."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey("Person", models.PROTECT, related_name="credential_requests")
    team = models.ForeignKey("Team", models.PROTECT, related_name="credential_requests")
    account = models.ForeignKey("AwsAccount", models.PROTECT, related_name="credential_requests")
    kind = models.CharField(max_length=16)
    application = models.CharField(max_length=60)
    purpose = models.TextField()
    regions = models.JSONField()
    from_entries = models.JSONField()
    lifetime_days = models.PositiveIntegerField(null=True)
    user_name = models.CharField(max_length=64)
    path = models.CharField(max_length=512)
    boundary_arn = models.CharField(max_length=256)
    tags = models.JSONField()
    policy = models.TextField()
    expires_at = models.DateTimeField(null=True)
    reviewed_at = models.DateTimeField()

    class Meta:
        ordering = ("-reviewed_at",)

    def __str__(self) -> str:
        return self.application

    def is_stale(self, now: datetime) -> bool:
        """Whether the review is too old to be issued: dates and limits may no longer be those that were read."""
        return now > self.reviewed_at + REVIEW_HOLDS

    @property
    def wish(self) -> Wish:
        """What was wished for, as the rules read it."""
        return Wish(
            kind=Kind(self.kind),
            regions=tuple(self.regions),
            from_entries=tuple(map(FromEntry.parse, self.from_entries)),
            lifetime_days=self.lifetime_days,
        )
