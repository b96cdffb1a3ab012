"""A credential: an IAM user made here, with what it may do and how long."""

from collections.abc import Iterable
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Cast, Coalesce, Lower

from provisioning.domain.from_entries import EVERYONE, FromEntry
from provisioning.domain.lifecycle import HOLDING, STAYING, STORED, Outcome, Seal, State, shown
from provisioning.domain.permission import Target
from provisioning.domain.roles import THE_TABLE, Act, Actor, Reach


class CredentialQuerySet(models.QuerySet["Credential"]):
    """Credentials, asked for in words."""

    def visible_to(self, actor: Actor) -> Self:
        """Return what `actor` may see; the rest does not exist for them."""
        reach = THE_TABLE[Act.CREDENTIAL_READ][actor.role]
        if reach is Reach.EVERYTHING:
            return self
        if reach is Reach.NOTHING:
            return self.none()
        return self.filter(team_id__in=actor.team_ids)

    def holding(self) -> Self:
        """Return those for which AWS holds, or may hold, a user."""
        return self.filter(state__in=HOLDING)

    def sending(self, now: datetime) -> Self:
        """Return what may send at `now`, or will once what is under way has ended: its issue, its resumption.

        Nor has what is being revoked stopped before AWS has said so.
        """
        from provisioning.models.claim import Claim  # a credential and its claims refer to each other

        unended = Q(expires_at=None) | Q(expires_at__gt=now)
        under_way = Claim.objects.open().filter(credential=OuterRef("pk"))
        turning = Q(Exists(under_way.filter(ends_as=State.LIVE)), state=State.SUSPENDED)
        turning |= Q(Exists(under_way), state=State.REVOKING)
        return self.filter(unended, Q(state__in=(State.ISSUING, State.LIVE)) | turning)

    def sending_as(self, sender: FromEntry) -> Self:
        """Return those that may send as `sender`, or as an address that it stands for."""
        whole = Q(senders__contains=f'"{EVERYONE}@{sender.domain}"')
        own = Q(senders__contains=f'@{sender.domain}"' if sender.is_pattern else f'"{sender}"')
        return self.annotate(senders=Cast("from_entries", models.TextField())).filter(whole | own)

    def to_be_told(self) -> Self:
        """Return what was issued and nobody has been told of yet, oldest first."""
        return self.filter(is_to_be_told=True).order_by("issued_at")

    def looked_at(self) -> Self:
        """Leave out what ends by itself: nobody has looked at its secret, or its owner has lost it."""
        return self.exclude(request__handover__state__in=(Seal.OPEN, Seal.EXPIRING))

    def ended_by(self, moment: datetime) -> Self:
        """Return what AWS had ended by `moment` and nobody has deleted yet, nor is at it; longest ended first."""
        from provisioning.models.claim import Claim  # a credential and its claims refer to each other

        busy = Claim.objects.open().filter(credential=OuterRef("pk"))
        return self.filter(~Exists(busy), state__in=STAYING, expires_at__lte=moment).order_by("expires_at", "pk")

    def number(self) -> Coalesce:
        """Return how many these are, as a piece of another query."""
        counted = self.order_by().annotate(all=models.Value(1)).values("all").annotate(n=models.Count("pk"))
        return Coalesce(models.Subquery(counted.values("n")), 0)

    def count_by_team(self, team_ids: Iterable[int]) -> dict[int, int]:
        """Return how many of these each team has; teams without any are left out."""
        counted = self.filter(team_id__in=team_ids).order_by().values_list("team_id").annotate(models.Count("pk"))
        return dict(counted)

    def in_state(self, state: str, now: datetime) -> Self:
        """Return those that show `state` at `now`; needs `with_unresolved()`. An unknown state narrows nothing."""
        unresolved = Q(is_unresolved=True, state__in=HOLDING)
        expired = Q(state__in=STAYING, expires_at__lte=now) | Q(state=State.EXPIRED)
        if state == State.UNRESOLVED:
            return self.filter(unresolved).exclude(expired)
        if state == State.EXPIRED:
            return self.filter(expired)
        if state in STORED:
            return self.filter(state=state).exclude(unresolved).exclude(expired)
        return self

    def with_unresolved(self) -> Self:
        """Mark each with whether its open act got no answer from AWS (`is_unresolved`)."""
        from provisioning.models.claim import Claim  # a credential and its claims refer to each other

        open_without_answer = Claim.objects.filter(
            credential=OuterRef("pk"), settled_at__isnull=True, outcome=Outcome.UNKNOWN
        )
        return self.annotate(is_unresolved=Exists(open_without_answer))


class Credential(models.Model):
    """One credential, from the moment it is being issued. Names are kept as they were, for the time after."""

    request = models.OneToOneField("CredentialRequest", models.PROTECT, related_name="credential")
    team = models.ForeignKey("Team", models.PROTECT, related_name="credentials")
    owner = models.ForeignKey("Person", models.PROTECT, related_name="credentials")
    account = models.ForeignKey("AwsAccount", models.PROTECT, related_name="credentials")
    kind = models.CharField(max_length=16)
    application = models.CharField(max_length=60)
    purpose = models.TextField()
    regions = models.JSONField()
    from_entries = models.JSONField()
    options = models.JSONField(
        default=dict, db_default=models.Value({}, models.JSONField())
    )  # what only its kind has, such as the actions of an API access key
    user_name = models.CharField(max_length=64)
    path = models.CharField(max_length=512)
    policy_name = models.CharField(max_length=128)
    policy_hash = models.CharField(max_length=64)
    state = models.CharField(max_length=16, choices=[(state.value, state.label) for state in STORED])
    expires_at = models.DateTimeField(null=True)
    issued_at = models.DateTimeField(null=True)
    # Whether people are still to be told that it was issued.
    is_to_be_told = models.BooleanField(default=False, db_default=False)
    ended_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    last_used_region = models.CharField(max_length=32, default="")
    note = models.TextField(default="", db_default="", blank=True)  # where it is used, in the team's own words

    objects = CredentialQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in STORED]), name="a_known_credential_state"
            ),
            models.UniqueConstraint(
                "account", Lower("user_name"), name="iam_user_names_are_unique_without_regard_to_case"
            ),
        )
        indexes = (
            models.Index(fields=("team", "-id"), name="credentials_of_a_team"),
            models.Index(fields=("state", "expires_at"), name="credentials_by_end"),
            models.Index(fields=("issued_at",), condition=Q(is_to_be_told=True), name="credentials_to_tell_of"),
        )

    def __str__(self) -> str:
        return self.application

    def shown_state(self, now: datetime) -> State:
        """Return the state to show at `now`; needs `with_unresolved()`."""
        return shown(State.of(self.state), self.expires_at, unresolved=getattr(self, "is_unresolved", False), now=now)

    @property
    def target(self) -> Target:
        """What an act reaches for when it reaches for this credential."""
        return Target(team_id=self.team_id, person_id=self.owner_id)
