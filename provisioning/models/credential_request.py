"""What somebody described and reviewed: everything exact, before anything exists in AWS."""

import uuid
from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from guidance.catalogue import Kind
from provisioning.domain.from_entries import FromEntry
from provisioning.domain.guardrails import Wish
from provisioning.domain.lifecycle import Asking
from provisioning.domain.permission import Target
from provisioning.domain.roles import THE_TABLE, Act, Actor, Reach
from provisioning.models.person import Standing
from provisioning.models.team import Membership

REVIEW_HOLDS = timedelta(hours=1)
OPEN = (Asking.ASKED, Asking.APPROVED)  # what ends by itself, unless it is used


class CredentialRequestQuerySet(models.QuerySet["CredentialRequest"]):
    """Requests, asked for in words."""

    def asked(self) -> Self:
        """Return those that an administrator was asked for, whatever came of them."""
        return self.filter(asked_at__isnull=False)

    def only_looked_at(self) -> Self:
        """Return the reviews that nobody has used: no button was pressed, and nobody was asked."""
        from provisioning.models.claim import Claim  # a credential and its claims refer to each other

        begun = Claim.objects.filter(pk=OuterRef("pk"))
        return self.filter(~Exists(begun), asked_at=None, asking=Asking.NOT_ASKED, credential=None, handover=None)

    def visible_to(self, actor: Actor) -> Self:
        """Return what was asked for and `actor` may see; the rest does not exist for them."""
        reach = THE_TABLE[Act.REQUEST_READ][actor.role]
        if reach is Reach.EVERYTHING:
            return self.asked()
        if reach is Reach.NOTHING:
            return self.none()
        return self.asked().filter(team_id__in=actor.team_ids)

    def waiting(self, now: datetime) -> Self:
        """Return those that wait for a decision."""
        return self.filter(asking=Asking.ASKED, lapses_at__gt=now)

    def usable(self, now: datetime) -> Self:
        """Return what is approved and can still be issued."""
        return self.filter(asking=Asking.APPROVED, lapses_at__gt=now)

    def in_state(self, state: str, now: datetime) -> Self:
        """Return those that show `state` at `now`; an unknown state narrows nothing."""
        late = Q(asking__in=OPEN, lapses_at__lte=now)
        if state == Asking.LAPSED:
            return self.filter(Q(asking=state) | late)
        return self.filter(asking=state).exclude(late) if state in list(Asking) else self

    def over(self, now: datetime) -> Self:
        """Return what is open though its time is over, or though who asked may no longer issue there."""
        membership = Membership.objects.filter(person=OuterRef("person"), team=OuterRef("team"))
        gone = Q(person__is_active=False) | ~Q(person__standing=Standing.ADMINISTRATOR) & ~Exists(membership)
        return self.filter(Q(lapses_at__lte=now) | gone, asking__in=OPEN, lapses_at__isnull=False)


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
    lapses_at = models.DateTimeField(null=True)  # none once it is used
    # The approved request of which AWS refused the issue: its approval goes on here, under another user name.
    carries_on = models.OneToOneField("self", models.PROTECT, null=True, related_name="carried_on_by")

    objects = CredentialRequestQuerySet.as_manager()

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
            models.Index(fields=("-asked_at",), condition=Q(asked_at__isnull=False), name="requests_newest_first"),
            models.Index(fields=("team", "reviewed_at"), condition=Q(asked_at__isnull=True), name="reviews_of_a_team"),
            models.Index(fields=("reviewed_at",), condition=Q(asked_at__isnull=True), name="reviews_by_age"),
            models.Index(fields=("team", "-asked_at"), condition=Q(asked_at__isnull=False), name="requests_of_a_team"),
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
    def target(self) -> Target:
        """What an act reaches for when it reaches for this request."""
        return Target(team_id=self.team_id, person_id=self.person_id)

    def shown(self, now: datetime) -> Asking:
        """Return how far the asking has come at `now`, with its label and tone: time ends it before a sweep does."""
        state = Asking.of(self.asking)
        is_late = self.lapses_at is not None and self.lapses_at <= now
        return Asking.LAPSED if state in OPEN and is_late else state
