"""The hand-over: a sealed secret that waits for one browser."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q, Value
from django.db.models.functions import Coalesce

from provisioning.domain.lifecycle import HOLDING, STAYING, Seal, State

if TYPE_CHECKING:
    from provisioning.models.access_key import AccessKey

OPEN_FOR = timedelta(minutes=15)
GRACE = timedelta(minutes=1)
TEST_MESSAGES = 5


# Of a console login that was resumed: its new password is deleted.
_SUSPENDED_AGAIN = Q(key=None, request__renews__isnull=False, credential__state=State.SUSPENDED)


class HandoverQuerySet(models.QuerySet["Handover"]):
    """Hand-overs, asked for in words."""

    def sealed(self) -> Self:
        """Return those that still hold a secret."""
        return self.filter(state__in=(Seal.OPEN, Seal.SEEN))

    def overdue(self, now: datetime) -> Self:
        """Return those that still hold a secret though their time is over."""
        return self.sealed().filter(made_at__lte=now - OPEN_FOR - GRACE)

    def end(self, now: datetime) -> None:
        """Wipe the secrets of these; what nobody has looked at is marked, so that its credential is revoked."""
        self.filter(state=Seal.OPEN).update(state=Seal.EXPIRING, sealed=b"", ended_at=now)
        self.burn(now)

    def burn(self, now: datetime) -> int:
        """Wipe the secrets of these; return of how many."""
        return self.sealed().update(state=Seal.BURNT, sealed=b"", ended_at=now)

    def lose(self, now: datetime) -> None:
        """Wipe the secrets of these, and mark them: what was handed over is to be taken back."""
        self.update(state=Seal.EXPIRING, sealed=b"", lost_at=now, ended_at=Coalesce("ended_at", Value(now)))

    def to_take_back(self) -> Self:
        """Return those whose secret still opens something that nobody is to use, and is being worked on by nobody."""
        from provisioning.models.claim import Claim  # a credential and its claims refer to each other

        busy = Claim.objects.open().filter(credential=OuterRef("credential"))
        still_there = self.filter(state=Seal.EXPIRING, credential__state__in=STAYING, key__deleted_at=None)
        return still_there.exclude(_SUSPENDED_AGAIN).filter(~Exists(busy))

    def note_taken_back(self) -> None:
        """Close those whose secret opens nothing any more, whoever has seen to it."""
        ended = ~Q(credential__state__in=HOLDING)
        gone = ended | Q(key__deleted_at__isnull=False) | _SUSPENDED_AGAIN
        self.filter(gone, state=Seal.EXPIRING).update(state=Seal.BURNT)


class Handover(models.Model):
    """Ciphertext whose key only a cookie of the issuing person's browser holds; it opens to their session alone."""

    request = models.OneToOneField("CredentialRequest", models.PROTECT, primary_key=True, related_name="handover")
    credential = models.ForeignKey("Credential", models.PROTECT, related_name="handovers")
    # None where the secret is no key's: the password of a console login.
    key = models.OneToOneField("AccessKey", models.PROTECT, null=True, related_name="handover")
    person = models.ForeignKey("Person", models.PROTECT, related_name="handovers")
    session_digest = models.CharField(max_length=64)
    sealed = models.BinaryField()
    state = models.CharField(max_length=16, default=Seal.OPEN)
    looks = models.PositiveIntegerField(default=0)
    tests = models.PositiveSmallIntegerField(default=0)
    conversation = models.TextField(default="")  # of the last test message, masked
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    lost_at = models.DateTimeField(null=True)  # when its owner said so

    objects = HandoverQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(state__in=[seal.value for seal in Seal]), name="a_known_seal"),
            models.CheckConstraint(
                condition=Q(state__in=(Seal.OPEN.value, Seal.SEEN.value)) | Q(sealed=b""),
                name="no_ciphertext_after_the_end",
            ),
            models.CheckConstraint(condition=Q(tests__lte=TEST_MESSAGES), name="few_test_messages"),
        )
        indexes = (
            models.Index(
                fields=("made_at",), condition=Q(state__in=(Seal.OPEN.value, Seal.SEEN.value)), name="handovers_to_end"
            ),
            models.Index(fields=("ended_at",), condition=Q(state=Seal.EXPIRING.value), name="handovers_to_take_back"),
        )

    def __str__(self) -> str:
        return f"hand-over of {self.credential_id}"

    @property
    def access_key(self) -> "AccessKey":
        """The key whose secret it is: only of kinds that have one."""
        if self.key is None:
            raise TypeError("this is the hand-over of a password")
        return self.key

    @property
    def is_of_second_key(self) -> bool:
        """Whether a rotation made it: the credential has another key, which stays."""
        return self.key_id is not None and self.request.renews_id is not None

    @property
    def is_taken_back(self) -> bool:
        """Whether it has ended in nobody's hands: unseen, or lost."""
        return self.state == Seal.BURNT and (not self.looks or self.lost_at is not None)

    def is_open(self, now: datetime) -> bool:
        """Whether it still holds its secret, and in time."""
        return self.state in {Seal.OPEN, Seal.SEEN} and now <= self.open_until

    @property
    def ended_early(self) -> bool:
        """Whether it ended before its time: with its session, or with its owner's right to it."""
        return self.ended_at is not None and self.ended_at < self.open_until

    @property
    def open_until(self) -> datetime:
        """When its time is over."""
        return self.made_at + OPEN_FOR
