"""An access key of a credential: its ID is the SMTP user name. Its secret is never here."""

from django.db import models


class AccessKey(models.Model):
    """One key, from its making to its deletion."""

    credential = models.ForeignKey("Credential", models.PROTECT, related_name="keys")
    key_id = models.CharField(max_length=128, unique=True)
    made_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True)  # since when it is Inactive in AWS
    cut_over_at = models.DateTimeField(null=True)  # when its owner said that everything uses this one
    retired_at = models.DateTimeField(null=True)  # when its owner retired it in favour of another
    delete_due_at = models.DateTimeField(null=True)  # when a retired key is deleted
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("made_at",)
        indexes = (
            models.Index(
                fields=("delete_due_at",),
                condition=models.Q(deleted_at__isnull=True, delete_due_at__isnull=False),
                name="keys_to_delete",
            ),
        )

    def __str__(self) -> str:
        return self.key_id
