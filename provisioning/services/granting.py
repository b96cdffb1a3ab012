"""What an approval leaves of a request: shown exactly before it is approved, and left so when it is."""

from copy import copy
from datetime import datetime

from provisioning import audit
from provisioning.domain.narrowing import beyond, differences
from provisioning.domain.permission import demand
from provisioning.domain.roles import Act, Actor
from provisioning.domain.widening import Difference
from provisioning.models import CredentialRequest
from provisioning.services import requesting
from provisioning.services.requesting import Description


def narrow(request: CredentialRequest, narrower: Description) -> tuple[Difference, ...]:
    """Leave of `request` what `narrower` names, if it is part of it; return what became less. Nothing is saved."""
    asked, granted = request.wish, narrower.wish
    requesting.refuse(beyond(asked, granted))
    request.regions, request.from_entries = list(granted.regions), [str(entry) for entry in granted.from_entries]
    request.lifetime_days, request.options = granted.lifetime_days, dict(granted.options)
    return differences(asked, granted)


def review(
    request: CredentialRequest, narrower: Description, *, by: Actor, now: datetime
) -> tuple[CredentialRequest, tuple[Difference, ...]]:
    """Return what would be approved, with its exact policy, and what became less; `request` stays as it is.

    Raises a `Refusal` for what was not asked for, and for what nobody can approve.
    """
    granted = copy(request)
    with audit.refusals_recorded(Act.REQUEST_APPROVE, audit.Subject(request.application), by=by, at=now):
        demand(by, Act.REQUEST_APPROVE, request.target)
        changed = narrow(granted, narrower)
        requesting.bring_up_to_date(granted, now)
        requesting.require_decidable(granted)
    return granted, changed
