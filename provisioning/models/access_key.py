"""An access key of a credential: its ID is the SMTP user name. Its secret is never here."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import OuterRef, Q, Subquery


class AccessKeyQuerySet(models.QuerySet["AccessKey"]):
    """Keys, asked for in words."""

    def kept(self) -> Self:
        """Return those that AWS holds: each takes one of a user's two places, whether it works or not."""
        return self.filter(deleted_at=None)

    def in_use(self) -> Self:
        """Return those that work, or will once their credential is resumed: neither retired nor deleted."""
        return self.kept().filter(retired_at=None)

    def oldest_in_use(self) -> Self:
        """Return of each credential the key in use that was made first."""
        first = AccessKey.objects.in_use().filter(credential=OuterRef("credential")).order_by("made_at", "pk")
        return self.in_use().filter(pk=Subquery(first.values("pk")[:1]))

    def to_delete(self, now: datetime) -> Self:
        """Return those whose time is over."""
        return self.kept().filter(delete_due_at__lte=now)


class AccessKey(models.Model):
    """One key, from its making to its deletion."""

    credential = models.ForeignKey("Credential", models.PROTECT, related_name="keys")
    key_id = models.CharField(max_length=128, unique=True)
    made_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True)  # since when it is Inactive in AWS
    cut_over_at = models.DateTimeField(null=True)  # when its owner said that everything uses this one
    retired_at = models.DateTimeField(null=True)  # when its owner retired it in favour of another
    delete_due_at = models.DateTimeField(null=True)  # when a retired key is deleted
    used_since_at = models.DateTimeField(null=True)  # its last use since it was retired, as a look at AWS has shown
    deleted_at = models.DateTimeField(null=True)

    objects = AccessKeyQuerySet.as_manager()

    class Meta:
        ordering = ("made_at",)
        indexes = (
            models.Index(
                fields=("delete_due_at",),
                condition=Q(deleted_at__isnull=True, delete_due_at__isnull=False),
                name="keys_to_delete",
            ),
            models.Index(
                fields=("made_at",),
                condition=Q(deleted_at__isnull=True, retired_at__isnull=True),
                name="keys_in_use_by_age",
            ),
        )

    def __str__(self) -> str:
        return self.key_id

    @property
    def is_in_use(self) -> bool:
        """Whether it is neither retired nor deleted."""
        return self.retired_at is None and self.deleted_at is None
