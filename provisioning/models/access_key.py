"""An access key of a credential: its ID is the SMTP user name. Its secret is never here."""

from django.db import models


class AccessKey(models.Model):
    """One key, from its making to its deletion."""

    credential = models.ForeignKey("Credential", models.PROTECT, related_name="keys")
    key_id = models.CharField(max_length=128, unique=True)
    made_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True)  # since when it is Inactive in AWS
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("made_at",)

    def __str__(self) -> str:
        return self.key_id
