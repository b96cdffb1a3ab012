"""Reading the environment: NAME, or the file that NAME_FILE names; what cannot be read is a sentence that names it."""

import warnings
from contextlib import suppress
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured


class Environment(environ.FileAwareEnv):  # type: ignore[misc]
    """An editor ends a file with a line break, which is no part of the value."""

    def get_value(self, var: str, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - whatever the caller casts to
        """Return a value without white space around it; raise `ImproperlyConfigured` where it is not of its kind."""
        try:
            value = super().get_value(var, *args, **options)
        except OSError as error:
            raise ImproperlyConfigured(f"{var}_FILE cannot be read: {error}.") from None
        except (ValueError, TypeError):
            raise ImproperlyConfigured(f"{var} is not what it should be: the README says what it takes.") from None
        return value.strip() if isinstance(value, str) else value

    def database(self, var: str, *, default: str) -> dict[str, Any]:
        """Return Django's settings of the database that an address names."""
        return self._named(var, "ENGINE", self.db, default, "postgres://user:password@host:5432/name")

    def mail(self, var: str, *, default: str) -> dict[str, Any]:
        """Return Django's settings of the mail server that an address names."""
        return self._named(var, "EMAIL_BACKEND", self.email_url, default, "smtp+tls://user:password@host:587")

    def _named(self, var: str, essential: str, read: Any, default: str, such_as: str) -> dict[str, Any]:  # noqa: ANN401
        found: dict[str, Any] = {}
        with warnings.catch_warnings(), suppress(ImproperlyConfigured, LookupError, ValueError, AttributeError):
            warnings.simplefilter("ignore")  # it shows what it could not read
            found = read(var, default=default)
        if not found.get(essential):  # the value may hold a password, so it is not shown
            raise ImproperlyConfigured(f"{var} is no address that can be used. Write one such as {such_as}.")
        return found
