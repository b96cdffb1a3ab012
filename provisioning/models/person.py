"""People who sign in, by e-mail address."""

from typing import ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower

from provisioning.domain.roles import Actor, Role


class Standing(models.TextChoices):
    """What somebody is beside the teams that they are in."""

    ADMINISTRATOR = "administrator", "Administrator"
    AUDITOR = "auditor", "Auditor"
    NONE = "none", "None"


class PersonQuerySet(models.QuerySet["Person"]):
    """People, asked for in words."""

    def active(self) -> Self:
        """Return those who may sign in."""
        return self.filter(is_active=True)

    def administrators(self) -> Self:
        """Return the active administrators."""
        return self.active().filter(standing=Standing.ADMINISTRATOR)

    def overseers(self) -> Self:
        """Return whom everything of weight is told: active administrators and auditors."""
        return self.active().filter(standing__in=(Standing.ADMINISTRATOR, Standing.AUDITOR))


class PersonManager(BaseUserManager["Person"]):
    """Makes people; addresses are kept in lower case, because people type them either way."""

    def create_person(self, email: str, password: str, standing: Standing = Standing.NONE) -> "Person":
        """Return a new person who can sign in with `password`."""
        person = self.model(email=email.lower(), standing=standing)
        person.set_password(password)
        person.save(using=self._db)
        return person


class Person(AbstractBaseUser):
    """Somebody who may sign in. `standing` outranks teams; an auditor is in none."""

    email = models.EmailField(unique=True)
    standing = models.CharField(max_length=16, choices=Standing, default=Standing.NONE)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    # allauth and Django ask for these; nobody here passes by them.
    is_staff = False
    is_superuser = False

    objects = PersonManager.from_queryset(PersonQuerySet)()

    class Meta:
        verbose_name_plural = "people"
        constraints = (models.UniqueConstraint(Lower("email"), name="one_person_for_each_address"),)

    def __str__(self) -> str:
        return self.email

    @property
    def role(self) -> Role:
        """The one role that counts; asks the database for the teams."""
        return self.as_actor().role

    def as_actor(self, *, is_fresh: bool = False) -> Actor:
        """Return this person as somebody who acts, having signed in lately or not; one query at most."""
        if self.standing == Standing.AUDITOR:
            return Actor(self.email, Role.AUDITOR, self.pk, is_fresh=is_fresh)
        if self.standing == Standing.ADMINISTRATOR:  # whatever teams they are in: an administrator reaches every one
            return Actor(self.email, Role.ADMINISTRATOR, self.pk, is_fresh=is_fresh)
        teams = frozenset(self.memberships.values_list("team_id", flat=True))
        role = Role.MEMBER if teams else Role.GUEST
        return Actor(self.email, role, self.pk, teams, is_fresh=is_fresh)
