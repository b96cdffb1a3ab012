"""The AWS account that credentials are made in, and what was last read of it."""

from typing import Self

from django.db import models

from guidance.catalogue import Kind
from guidance.regions import REGIONS


class AwsAccountQuerySet(models.QuerySet["AwsAccount"]):
    """Accounts, asked for in words."""

    def elsewhere(self) -> Self:
        """Return those that are entered through a role."""
        return self.exclude(role_arn="")

    def in_use(self) -> Self:
        """Return those in which something new may be made."""
        return self.filter(retired_at=None)


class AwsAccount(models.Model):
    """One account: where our users live, and the last answer to "are we set up safely?"."""

    account_id = models.CharField(max_length=12, unique=True)
    partition = models.CharField(max_length=16)
    path = models.CharField(max_length=512)
    boundary_arn = models.CharField(max_length=256)
    console_boundary_arn = models.CharField(max_length=256, default="", db_default="")
    # Of an account that is entered through a role; all empty for the one that the credential chain signs in to.
    name = models.CharField(max_length=60, default="", db_default="")
    role_arn = models.CharField(max_length=256, default="", db_default="")
    external_id = models.CharField(max_length=64, default="", db_default="")
    regions = models.JSONField(default=list, db_default=models.Value([], models.JSONField()))
    retired_at = models.DateTimeField(null=True)  # nothing new is made in it since
    # What console logins need to know of it, as last read.
    alias = models.CharField(max_length=63, default="", db_default="")
    password_policy = models.JSONField(null=True)
    # The last check of our own principal, and for which key and settings it holds.
    checked_at = models.DateTimeField(null=True)
    checked_for = models.CharField(max_length=64, default="")
    principal_arn = models.CharField(max_length=256, default="")
    trouble = models.TextField(default="")
    findings = models.JSONField(null=True)  # what the set-up page shows of that check
    # The last credential report that was read.
    uses_read_at = models.DateTimeField(null=True)

    objects = AwsAccountQuerySet.as_manager()

    def __str__(self) -> str:
        return self.account_id

    @property
    def label(self) -> str:
        """What people call it, with its number."""
        return f"{self.name}, {self.account_id}" if self.name else self.account_id

    def covers(self, region: str) -> bool:
        """Return whether it is used in `region`; the account that we sign in to is used wherever a team may send.

        No account reaches into a region of another partition.
        """
        is_there = region in REGIONS and REGIONS[region].partition == self.partition
        return is_there and (not self.role_arn or region in self.regions)

    def boundary_for(self, kind: str) -> str:
        """Return the ARN of the boundary of users of `kind`; "" where the set-up names none."""
        return self.console_boundary_arn if kind == Kind.CONSOLE else self.boundary_arn


class RegionReadingQuerySet(models.QuerySet["RegionReading"]):
    """Readings, asked for in words."""

    def of(self, account: AwsAccount) -> Self:
        """Return the readings of one account."""
        return self.filter(account=account)


class RegionReading(models.Model):
    """What SES said of the account in one region, and when; pages show it with its age instead of asking AWS."""

    account = models.ForeignKey(AwsAccount, models.CASCADE, related_name="readings")
    region = models.CharField(max_length=32)
    identities = models.JSONField(default=list)  # names of those that can send
    in_production = models.BooleanField(default=False)
    sending_enabled = models.BooleanField(default=False)
    read_at = models.DateTimeField()

    objects = RegionReadingQuerySet.as_manager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("account", "region"), name="one_reading_for_each_region"),)

    def __str__(self) -> str:
        return f"{self.account} in {self.region}"
