"""Give somebody whom no mail reaches a new password, typed twice here. Unlike Django's own, it is in the history."""

import sys
from getpass import getpass
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from provisioning import request_id
from provisioning.domain.refusals import Refusal
from provisioning.domain.roles import system
from provisioning.models import Person
from provisioning.services import passwords


class Command(BaseCommand):
    """`manage.py changepassword somebody@example.com`; what is piped in is read as two lines."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the address."""
        parser.add_argument("email")

    def handle(self, *_: Any, **options: Any) -> None:  # noqa: ANN401 - Django's signature
        """Ask, and reset."""
        request_id.begin()
        email = str(options["email"]).lower()
        person = Person.objects.active().filter(email=email).first()
        if person is None:
            raise CommandError(f"Nobody who may sign in here has the address {email}. Nothing was changed.")
        password = _typed(person)
        try:
            passwords.reset_on_server(person, password, by=system("changepassword"), now=timezone.now())
        except Refusal as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(f"{email} has a new password, and is signed out everywhere. They are told by mail.")


def _typed(person: Person) -> str:
    first, again = _ask("New password: "), _ask("Once more: ")
    if first != again:
        raise CommandError("These are two different passwords. Nothing was changed.")
    try:
        validate_password(first, person)
    except ValidationError as trouble:
        raise CommandError(f"{' '.join(trouble.messages)} Nothing was changed.") from None
    return first


def _ask(words: str) -> str:
    return getpass(words) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
