"""What the secret of a credential is called, and the words that go with it."""

from collections.abc import Sequence
from dataclasses import dataclass

from guidance.catalogue import Kind


@dataclass(frozen=True)
class SecretWords:
    """A name, such as "passwords", and the verbs and the pronoun that fit it."""

    name: str
    are: str = "is"
    were: str = "was"
    it: str = "it"


_ONE: dict[Kind, str] = {Kind.SMTP: "password", Kind.API: "secret access key", Kind.CONSOLE: "password"}


def secret_words(kind: str, regions: Sequence[str]) -> SecretWords:
    """Return the words for the secret of one credential: an SMTP credential has a password for each region."""
    if kind == Kind.SMTP and len(regions) > 1:
        return SecretWords("passwords", "are", "were", "them")
    return SecretWords(_ONE[Kind(kind)])
