"""What somebody described and reviewed: everything exact, before anything exists in AWS."""

import uuid
from datetime import datetime, timedelta

from django.db import models
from django.db.models import F, Q

from guidance.catalogue import Kind
from provisioning.domain.from_entries import FromEntry
from provisioning.domain.guardrails import Wish
from provisioning.domain.lifecycle import Asking

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
    options = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))
    lifetime_days = models.PositiveIntegerField(null=True)
    user_name = models.CharField(max_length=64)
    path = models.CharField(max_length=512)
    boundary_arn = models.CharField(max_length=256)
    tags = models.JSONField()
    policy = models.TextField()
    expires_at = models.DateTimeField(null=True)
    reviewed_at = models.DateTimeField()
    # The credential that gets another secret by this: a second key, or a new password. None where one is made.
    renews = models.ForeignKey("Credential", models.PROTECT, null=True, related_name="renewals")
    # Where it lies outside the guardrail: how far the asking has come.
    asking = models.CharField(max_length=16, default=Asking.NOT_ASKED, db_default=Asking.NOT_ASKED.value)
    reason = models.TextField(default="", db_default="")
    asked_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey("Person", models.PROTECT, null=True, related_name="+")
    decision = models.TextField(default="", db_default="")  # why, in the words of who decided
    lapses_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-reviewed_at",)
        constraints = (
            models.CheckConstraint(
                condition=Q(asking__in=[asking.value for asking in Asking]), name="a_known_state_of_asking"
            ),
            models.CheckConstraint(
                condition=~Q(asking=Asking.APPROVED.value) | ~Q(person=F("decided_by")),
                name="nobody_approves_their_own",
            ),
        )
        indexes = (
            models.Index(
                fields=("lapses_at",),
                condition=Q(asking__in=(Asking.ASKED.value, Asking.APPROVED.value)),
                name="requests_that_lapse",
            ),
            models.Index(
                fields=("asking", "-asked_at"), condition=Q(asked_at__isnull=False), name="requests_by_asking"
            ),
        )

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
            options=self.options,
        )

    @property
    def shown(self) -> Asking:
        """How far the asking has come, with its label and tone."""
        return Asking.of(self.asking)
