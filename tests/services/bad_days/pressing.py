"""How an act is begun when all that is known of it is the id of the review."""

from collections.abc import Callable
from uuid import UUID

from provisioning.models import Credential, CredentialRequest, Stop
from provisioning.services import handover, stops
from provisioning.services.stops import Scope
from tests.builders import open_team
from tests.services import acts


def credential(about: UUID) -> Credential:
    return Credential.objects.select_related("owner", "team", "request").get(request=about)


def on_credential(act: Callable[..., object], *more: str) -> Callable[..., object]:
    return lambda about, **named: act(credential(about), *more, **named)


def issue(about: UUID, **named: object) -> None:
    acts.issue(CredentialRequest.objects.get(pk=about), **named)


def transfer(about: UUID, **named: object) -> None:
    acts.transfer(credential(about), open_team(), **named)


def stop(about: UUID, **named: object) -> None:
    """Stop the whole team; the second press goes on with it."""
    one = credential(about)
    by = one.owner.as_actor(is_fresh=True)
    if Stop.objects.filter(pk=about).exists():
        stops.try_again(about, by=by, **named)
    else:
        stops.begin(Scope(one.team), "They are misused.", stop_id=about, by=by, **named)


def undo(about: UUID, **named: object) -> None:
    """Undo the stop; the second press goes on with it."""
    by = credential(about).owner.as_actor(is_fresh=True)
    if Stop.objects.get(pk=about).undone_at is None:
        stops.undo(about, by=by, **named)
    else:
        stops.try_again(about, by=by, **named)


def lose(about: UUID, **named: object) -> None:
    handover.lose(about, by=credential(about).owner.as_actor(is_fresh=True), **named)


def expire(about: UUID, *, gateway: object, clock: Callable[[], object]) -> None:
    acts.expire(clock, gateway)
