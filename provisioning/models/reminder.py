"""A reminder that was given: once for each credential, day and threshold, whatever the number of workers."""

from django.db import models


class Reminder(models.Model):
    """Told the owner of a credential that something is due on a day, so many days before."""

    credential = models.ForeignKey("Credential", models.PROTECT, related_name="reminders")
    about = models.CharField(max_length=16)  # "rotation" or "expiry"
    due_on = models.DateField()
    days = models.PositiveSmallIntegerField()  # the threshold: 30, 14, 7 or 1
    made_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("credential", "about", "due_on", "days"), name="one_reminder_for_each_threshold"
            ),
        )

    def __str__(self) -> str:
        return f"{self.about} of {self.credential_id} in {self.days} days"
