"""The inline policy of an access key for the SES API: which ways of sending, as whom, from where, until when.

The API asks for another action by what a message consists of, and a bulk message has no From condition in AWS at all
(Service Authorization Reference), so that one is allowed on the identities of whole domains alone.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from provisioning.domain import sending_policy
from provisioning.domain.from_entries import FromEntry
from provisioning.domain.refusals import Breach
from provisioning.domain.sending_policy import Policy

SET_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Way(StrEnum):
    """A way of sending through the API; the value is the action that AWS asks for, without its prefix."""

    SIMPLE = "SendEmail"
    RAW = "SendRawEmail"
    TEMPLATED = "SendTemplatedEmail"
    BULK = "SendBulkEmail"


@dataclass(frozen=True)
class ApiOptions:
    """What only an access key has: its ways of sending, where it may be used from, and its configuration set."""

    ways: tuple[Way, ...]
    source_ips: tuple[str, ...] = ()
    configuration_set: str = ""

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Self:
        """Return what the database keeps; raise `ValueError` for a way of sending that AWS has not."""
        ways = tuple(way for way in Way if way in [Way(action) for action in options.get("actions", ())])
        return cls(ways, tuple(options.get("source_ips", ())), options.get("configuration_set", ""))

    @property
    def as_json(self) -> dict[str, object]:
        """The options as the database and the history keep them; what was not chosen is left out."""
        kept: dict[str, object] = {"actions": list(map(str, self.ways))}
        if self.source_ips:
            kept["source_ips"] = list(self.source_ips)
        if self.configuration_set:
            kept["configuration_set"] = self.configuration_set
        return kept

    @property
    def uses_templates(self) -> bool:
        """Whether its messages may come from templates that are kept in SES."""
        return bool({Way.TEMPLATED, Way.BULK} & set(self.ways))

    @property
    def sends_alone(self) -> bool:
        """Whether it can send a message that needs no template."""
        return bool({Way.SIMPLE, Way.RAW} & set(self.ways))


def api_policy(
    *,
    partition: str,
    account_id: str,
    regions: Iterable[str],
    from_entries: Iterable[str],
    expires_at: datetime | None,
    options: Mapping[str, Any],
) -> Policy:
    """Return the policy as a document; a bulk message has a statement of its own."""
    chosen, places, entries = ApiOptions.of(options), list(regions), list(from_entries)
    always = {**sending_policy.until(expires_at), **_from_there(chosen)}
    templates = ["template/*"] if chosen.uses_templates else []
    beside = (f"configuration-set/{chosen.configuration_set or '*'}", *templates)

    def where(*identities: str) -> list[str]:
        return sending_policy.arns(partition, account_id, places, (*identities, *beside))

    narrowed = [f"ses:{way}" for way in chosen.ways if way is not Way.BULK]
    statements = []
    if narrowed:
        as_these = {**sending_policy.only_as(entries), **always}
        statements.append(sending_policy.statement("SendAsTheseAddresses", narrowed, where("identity/*"), as_these))
    if Way.BULK in chosen.ways:
        domains = dict.fromkeys(f"identity/{FromEntry.parse(entry).domain}" for entry in entries)
        statements.append(
            sending_policy.statement("SendBulkAsTheseDomains", "ses:SendBulkEmail", where(*domains), always)
        )
    return sending_policy.document(*statements)


def _from_there(chosen: ApiOptions) -> Policy:
    return {"IpAddress": {"aws:SourceIp": list(chosen.source_ips)}} if chosen.source_ips else {}


def breaches(options: Mapping[str, Any], entries: Iterable[FromEntry]) -> tuple[Breach, ...]:
    """Return what of the options cannot be, whatever the guardrail says, a sentence each."""
    chosen = ApiOptions.of(options)
    found = [] if chosen.ways else [Breach("actions", "Choose at least one way of sending.")]
    narrow = [str(entry) for entry in entries if not entry.is_pattern]
    if Way.BULK in chosen.ways and narrow:
        text = (
            f"AWS has no From condition for SendBulkEmail, so it needs whole domains, and {', '.join(narrow)} is not "
            "one. Leave SendBulkEmail out, or write *@ and the domain."
        )
        found.append(Breach("actions", text))
    return tuple(found)
