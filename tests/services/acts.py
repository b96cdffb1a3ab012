"""The acts, as the tests of bad days begin them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.utils import timezone

from provisioning.domain.from_entries import FromEntry
from provisioning.domain.roles import system
from provisioning.gateway.aws import aws
from provisioning.gateway.contract import GatewayFault
from provisioning.models import Credential, CredentialRequest, Handover, Person, Team
from provisioning.services import (
    approval,
    approved,
    asking,
    console_resumption,
    expiry,
    extension,
    handover,
    issuance,
    readdressing,
    retirement,
    revocation,
    rotation,
    second_keys,
    suspension,
)
from provisioning.services import transfer as transferring
from provisioning.services.clock import real_time
from tests.builders import Clock, World, browser, description


def issue(request: CredentialRequest, *, shown_in=None, gateway=None, clock=real_time) -> Credential:
    """Issue what its owner has reviewed."""
    by = request.person.as_actor(is_fresh=True)
    issuance.issue(request.pk, by=by, browser=shown_in or browser(), gateway=gateway or aws(), clock=clock)
    return Credential.objects.get(request=request)


def as_approved(world: World, *, by="admin2", less=None, **asked_for) -> Credential:
    """Ask for it as a member of Newsletter, have it approved, or what `less` leaves of it, then issue and store it."""
    member, now, ours = world.actor("member"), timezone.now(), browser()
    wanted = {"lifetime_days": 3650} | asked_for
    asked = asking.ask(description(world.newsletter, **wanted), "It runs for years.", by=member, now=now)
    narrower = description(world.newsletter, **wanted | less) if less else None
    approval.approve(asked.pk, narrower, "", by=world.actor(by), now=now)
    approved.review(asked.pk, by=member, now=now)
    credential = issue(asked, shown_in=ours)
    stored(asked.pk, shown_in=ours)
    return credential


def revoke(credential: Credential, *, gateway=None, clock=real_time) -> None:
    revocation.revoke(credential.pk, by=credential.owner.as_actor(is_fresh=True), gateway=gateway or aws(), clock=clock)


def suspend(credential: Credential, *, gateway=None, clock=real_time) -> None:
    by = credential.owner.as_actor()
    suspension.suspend(credential.pk, by=by, gateway=gateway or aws(), clock=clock)


def resume(credential: Credential, *, gateway=None, clock=real_time) -> None:
    by = credential.owner.as_actor(is_fresh=True)
    suspension.resume(credential.pk, by=by, gateway=gateway or aws(), clock=clock)


def resume_console(
    credential: Credential, *, by=None, shown_in=None, gateway=None, clock=real_time
) -> CredentialRequest:
    """Review, then resume what was reviewed."""
    by = by or credential.owner.as_actor(is_fresh=True)
    review = console_resumption.prepare(credential.pk, by=by, now=clock())
    console_resumption.resume(review.pk, by=by, browser=shown_in or browser(), gateway=gateway or aws(), clock=clock)
    return review


def readdress(credential: Credential, *entries: str, by=None, gateway=None, clock=real_time) -> None:
    """Review, then apply what was reviewed."""
    by, wanted = by or credential.owner.as_actor(is_fresh=True), tuple(map(FromEntry.parse, entries))
    reviewed = readdressing.review(credential.pk, wanted, by=by, now=clock()).reviewed
    readdressing.readdress(credential.pk, wanted, reviewed=reviewed, by=by, gateway=gateway or aws(), clock=clock)


def extend(credential: Credential, days: int | None, *, by=None, gateway=None, clock=real_time) -> None:
    """Review, then apply what was reviewed."""
    by = by or credential.owner.as_actor(is_fresh=True)
    review = extension.review(credential.pk, days, by=by, now=clock())
    extension.extend(
        credential.pk, review.until, reviewed=review.reviewed, by=by, gateway=gateway or aws(), clock=clock
    )


def end_expired(clock, gateway=None) -> int:
    return expiry.expire_due(by=system("expiry"), gateway=gateway or aws(), clock=clock)


def transfer(credential: Credential, to: Team, *, by=None, gateway=None, clock=real_time) -> None:
    by = by or Person.objects.get(email="admin@example.com").as_actor(is_fresh=True)
    credential.refresh_from_db()
    transferring.transfer(
        credential.pk, to.pk, from_team_id=credential.team_id, by=by, gateway=gateway or aws(), clock=clock
    )


def rotate(credential: Credential, *added: str, by=None, shown_in=None, gateway=None, clock=real_time):
    """Review a second key, then make what was reviewed; return the review."""
    by = by or credential.owner.as_actor(is_fresh=True)
    request = second_keys.review(credential.pk, added, by=by, now=clock())
    rotation.rotate(request.pk, by=by, browser=shown_in or browser(), gateway=gateway or aws(), clock=clock)
    return request


def stored(handover_id, *, shown_in, clock=real_time) -> None:
    """Look at what waits there and confirm that it is stored."""
    by = Handover.objects.get(pk=handover_id).person.as_actor(is_fresh=True)
    handover.look(handover_id, by=by, browser=shown_in, now=clock())
    handover.burn(handover_id, by=by, now=clock())


def switched(credential: Credential, *added: str, clock=real_time) -> None:
    """Rotate, store the new key, and say that everything uses it."""
    ours = browser()
    stored(rotate(credential, *added, shown_in=ours, clock=clock).pk, shown_in=ours, clock=clock)
    retirement.switch_over(credential.pk, by=credential.owner.as_actor(), now=clock())


def retire(credential: Credential, key=None, reason="", *, gateway=None, clock=real_time) -> None:
    """Retire one key, the oldest unless told otherwise."""
    by, key_id = credential.owner.as_actor(is_fresh=True), key.key_id if key else ""
    retirement.retire(credential.pk, key_id, reason, by=by, gateway=gateway or aws(), clock=clock)


def reactivate(credential: Credential, *, gateway=None, clock=real_time) -> None:
    by = credential.owner.as_actor(is_fresh=True)
    retirement.reactivate(credential.pk, by=by, gateway=gateway or aws(), clock=clock)


def expire(clock, gateway=None) -> int:
    return handover.end_overdue(by=system("handovers"), gateway=gateway or aws(), clock=clock)


def in_a_minute(minutes: float = 1) -> Clock:
    return Clock(timezone.now() + timedelta(minutes=minutes))


@contextmanager
def faulted() -> Iterator["pytest.ExceptionInfo[GatewayFault]"]:
    with pytest.raises(GatewayFault) as caught:
        yield caught
