"""The inline policy of a credential, by its kind."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from guidance.catalogue import Kind
from provisioning.domain.api_policy import api_policy
from provisioning.domain.console_policy import console_policy
from provisioning.domain.guardrails import ConsoleAccess
from provisioning.domain.sending_policy import Policy, sending_policy


@dataclass(frozen=True)
class Scope:
    """All that the policy of a credential depends on. `options` are what only its kind has."""

    partition: str
    account_id: str
    regions: Iterable[str]
    from_entries: Iterable[str]
    expires_at: datetime | None
    options: Mapping[str, Any] = field(default_factory=dict)


def policy(kind: Kind, scope: Scope) -> Policy:
    """Return the inline policy of a credential of `kind`, as a document."""
    return _POLICIES[kind](scope)


def _smtp(scope: Scope) -> Policy:
    return sending_policy(
        partition=scope.partition,
        account_id=scope.account_id,
        regions=scope.regions,
        from_entries=scope.from_entries,
        expires_at=scope.expires_at,
    )


def _api(scope: Scope) -> Policy:
    return api_policy(
        partition=scope.partition,
        account_id=scope.account_id,
        regions=scope.regions,
        from_entries=scope.from_entries,
        expires_at=scope.expires_at,
        options=scope.options,
    )


def _console(scope: Scope) -> Policy:
    return console_policy(
        partition=scope.partition,
        account_id=scope.account_id,
        access=ConsoleAccess(scope.options["access"]),
        expires_at=scope.expires_at,
    )


_POLICIES: dict[Kind, Callable[[Scope], Policy]] = {Kind.SMTP: _smtp, Kind.API: _api, Kind.CONSOLE: _console}
