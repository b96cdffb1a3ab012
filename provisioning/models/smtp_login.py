"""What trying a key's SMTP sign-in has shown, region by region."""

from django.db import models
from django.db.models import Q

from provisioning.domain.lifecycle import Login, Seal


class SmtpLogin(models.Model):
    """The sign-in of one key in one region: only outcomes, never the password."""

    key = models.ForeignKey("AccessKey", models.PROTECT, related_name="logins")
    region = models.CharField(max_length=32)
    state = models.CharField(
        max_length=16, choices=[(state.value, state.label) for state in Login], default=Login.UNTRIED
    )
    tries = models.PositiveIntegerField(default=0)
    tried_at = models.DateTimeField(null=True)
    reply_code = models.PositiveIntegerField(default=0)
    reply = models.TextField(default="")
    usable_after_seconds = models.FloatField(null=True)
    sending_proved_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("region",)
        constraints = (
            models.UniqueConstraint(fields=("key", "region"), name="one_login_for_each_key_and_region"),
            models.CheckConstraint(condition=Q(state__in=[state.value for state in Login]), name="a_known_login_state"),
        )

    def __str__(self) -> str:
        return f"{self.key} in {self.region}"

    @property
    def shown(self) -> Login:
        """The state with its label and tone. Once its hand-over is over, nobody tries it any more."""
        state = Login.of(self.state)
        if state is Login.PROPAGATING and self.key.handover.state not in {Seal.OPEN, Seal.SEEN}:
            return Login.UNTRIED
        return state
