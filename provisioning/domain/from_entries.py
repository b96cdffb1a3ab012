"""From entries: what a credential may send as. An exact lower-case address, or every address of one domain.

SES compares `ses:FromAddress` case-sensitively, so entries are lower-case and mail must be sent so too.
"""

import re
from dataclasses import dataclass
from typing import Self

# No policy variable (${...}), no `?`: nothing here can mean more in a policy than it says.
# No hyphen first: command lines would read the address as an option.
_LOCAL = re.compile(r"[a-z0-9_+][a-z0-9_+-]*(\.[a-z0-9_+-]+)*")
_DOMAIN = re.compile(r"(?=.{4,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
EVERYONE = "*"


@dataclass(frozen=True, order=True)
class FromEntry:
    """`local` is a local part or the one star; `domain` is compared exactly, never as a pattern."""

    local: str
    domain: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the entry that `text` spells; raise `ValueError` with a sentence for a person."""
        local, at, domain = text.partition("@")
        if text != text.lower():
            raise ValueError(f"{text} has capital letters. SES compares From addresses exactly: write {text.lower()}.")
        if not at or not _DOMAIN.fullmatch(domain):
            raise ValueError(f"{text} is not an e-mail address. Write news@example.com, or *@example.com for a domain.")
        if local != EVERYONE and (len(local) > 64 or not _LOCAL.fullmatch(local)):
            raise ValueError(
                f"{text}: before the @ stand letters, digits and . _ + - or a single star for every address."
            )
        return cls(local, domain)

    @property
    def is_pattern(self) -> bool:
        """Whether it stands for every address of its domain."""
        return self.local == EVERYONE

    def contains(self, other: "FromEntry") -> bool:
        """Return whether all that `other` allows is allowed by this entry too."""
        return self.domain == other.domain and self.local in {EVERYONE, other.local}

    def verified_by(self, identity: str) -> bool:
        """Return whether the SES identity (a domain or an address) verifies it; a domain covers its subdomains."""
        if "@" in identity:
            return str(self) == identity.lower()
        return self.domain == identity.lower() or self.domain.endswith("." + identity.lower())

    def __str__(self) -> str:
        return f"{self.local}@{self.domain}"
