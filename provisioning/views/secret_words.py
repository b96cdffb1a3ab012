"""What the secret of a credential is called, and the words that go with it."""

from collections.abc import Sequence
from dataclasses import dataclass

from guidance.catalogue import Kind
from provisioning.domain.lifecycle import Login


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


def verified_as(kind: str) -> str:
    """Return what a proved sign-in is called: over SMTP it is one; of an API access key STS has named the user."""
    return "Key verified" if kind == Kind.API else Login.VERIFIED.label
