"""An invitation: a link that lets one address join, once, for some days. Its token is kept as a digest alone."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Q

from provisioning.models.person import Standing
from provisioning.models.team import Team

HOLDS = timedelta(days=7)
# How far ahead of ours the clock may have been that an invitation was made by.
SKEW = timedelta(minutes=5)


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Invitations, asked for in words."""

    def open(self, now: datetime) -> Self:
        """Return those that can still be used."""
        return self.waiting().filter(expires_at__gt=now, made_at__lte=now + SKEW)

    def waiting(self) -> Self:
        """Return those that nobody has used or withdrawn, whether their time is over or not."""
        return self.filter(used_at=None, withdrawn_at=None)


class Invitation(models.Model):
    """Whom we invited, as what, and whether they came."""

    email = models.EmailField()
    standing = models.CharField(max_length=16, choices=Standing, default=Standing.NONE)
    teams: "models.ManyToManyField[Team, models.Model]" = models.ManyToManyField(Team, related_name="+")
    token_digest = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey("Person", models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    person = models.OneToOneField("Person", models.PROTECT, null=True, related_name="invitation")

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("email",),
                condition=Q(used_at__isnull=True, withdrawn_at__isnull=True),
                name="one_open_invitation_for_each_address",
            ),
        )

    def __str__(self) -> str:
        return self.email

    def is_open(self, now: datetime) -> bool:
        """Whether it can still be used. One from the future, made by a wrong clock, would hold for too long."""
        in_time = self.made_at <= now + SKEW and now < self.expires_at
        return self.used_at is None and self.withdrawn_at is None and in_time
