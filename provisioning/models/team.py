"""Teams, who is in them, and their guardrails."""

from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models.functions import Coalesce

from provisioning.domain.guardrails import Guardrail
from provisioning.domain.naming import MAX_TEAM_SLUG
from provisioning.domain.roles import THE_TABLE as TABLE
from provisioning.domain.roles import Act, Actor, Reach
from provisioning.models.guardrail_change import WAITS
from provisioning.models.person import Person

LIMITS = (
    "kinds",
    "regions",
    "from_entries",
    "live_limit",
    "longest_lifetime_days",
    "allows_no_expiry",
    "console_access",
)


class TeamQuerySet(models.QuerySet["Team"]):
    """Teams, asked for in words."""

    def where_may(self, actor: Actor, act: Act) -> Self:
        """Return the teams in which `actor` may do `act`."""
        reach = TABLE[act][actor.role]
        if reach is Reach.EVERYTHING:
            return self
        if reach is Reach.NOTHING:
            return self.none()
        return self.filter(pk__in=actor.team_ids)

    def with_counts(self) -> Self:
        """Count for each the people in it (`member_count`) and the credentials that it holds (`held_count`)."""
        from provisioning.models.credential import Credential  # a team and its credentials refer to each other

        def count(rows: models.QuerySet[Any]) -> Coalesce:
            of_one = rows.filter(team=models.OuterRef("pk")).order_by().values("team")
            return Coalesce(models.Subquery(of_one.annotate(count=models.Count("pk")).values("count")), 0)

        return self.annotate(
            member_count=count(Membership.objects.all()), held_count=count(Credential.objects.holding())
        )


class Team(models.Model):
    """A group of people with one guardrail: lists of JSON text, checked when they are written."""

    name = models.CharField(max_length=60, unique=True)
    slug = models.SlugField(max_length=MAX_TEAM_SLUG, unique=True)
    people: "models.ManyToManyField[Person, Membership]" = models.ManyToManyField(
        "Person", through="Membership", related_name="teams"
    )
    kinds = models.JSONField(default=list)
    regions = models.JSONField(default=list)
    from_entries = models.JSONField(default=list)
    live_limit = models.PositiveIntegerField(default=5)
    longest_lifetime_days = models.PositiveIntegerField(default=180)
    allows_no_expiry = models.BooleanField(default=False)
    # What a console login of the team may do at most: ConsoleAccess.
    console_access = models.CharField(max_length=8, default="read", db_default="read")

    widened_at = models.DateTimeField(null=True)  # when its guardrail last became wider

    objects = TeamQuerySet.as_manager()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    def was_widened_lately(self, now: datetime) -> bool:
        """Return whether a widening may still hold somebody back; locked with its team, the answer holds."""
        return self.widened_at is not None and self.widened_at > now - WAITS

    @property
    def guardrail(self) -> Guardrail:
        """The team's limits as the rules read them."""
        return Guardrail.of(self.name, {limit: getattr(self, limit) for limit in LIMITS})


class Membership(models.Model):
    """A person in a team."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="memberships")
    person = models.ForeignKey("Person", models.CASCADE, related_name="memberships")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("team", "person"), name="in_a_team_once"),)

    def __str__(self) -> str:
        return f"{self.person} in {self.team}"
