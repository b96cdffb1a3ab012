"""Make the first administrator: print a link by which an address joins as one. No password is asked for or shown."""

import secrets
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.urls import reverse
from django.utils import timezone

from provisioning import request_id
from provisioning.domain.refusals import Refusal
from provisioning.domain.roles import system
from provisioning.models import Person, Standing
from provisioning.services import invitations, people
from provisioning.services.invitations import Wanted

BY = system("create_administrator")


class Command(BaseCommand):
    """`manage.py create_administrator you@example.com`."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the address, and the word that one more is wanted."""
        parser.add_argument("email")
        parser.add_argument("--another", action="store_true", help="although there is an active administrator")

    def handle(self, *_: Any, **options: Any) -> None:  # noqa: ANN401 - Django's signature
        """Invite, or make an administrator of who is here already."""
        request_id.begin()
        email = str(options["email"]).lower()
        try:
            validate_email(email)
        except ValidationError:
            raise CommandError(f"{email} is not an e-mail address. Nothing was made.") from None
        if Person.objects.administrators().exists() and not options["another"]:
            raise CommandError(
                "There is an active administrator, who can invite others on /people/. Nothing was made. "
                "If nobody can reach them, say --another."
            )
        try:
            self._make(email)
        except Refusal as refusal:
            raise CommandError(f"{refusal} {' '.join(breach.text for breach in refusal.breaches)}") from None

    def _make(self, email: str) -> None:
        known = Person.objects.active().filter(email=email).first()
        if known is not None:
            people.change_standing(known.pk, Standing.ADMINISTRATOR, by=BY, now=timezone.now())
            self.stdout.write(f"{email} is an administrator now, with the password they have.")
            return
        wanted = Wanted(email, Standing.ADMINISTRATOR, (), secrets.token_urlsafe(24))
        invited = invitations.invite(wanted, by=BY, now=timezone.now())
        link = settings.BASE_URL + reverse("join_link", args=(invited.token,))
        self.stdout.write(f"{email} joins as administrator by this link, once, within seven days:\n{link}")
