"""Which stop holds a credential back: whoever finds their mail stopped reads who did it, and why."""

from provisioning.domain.lifecycle import State
from provisioning.models import Credential, Stop, Stopped
from provisioning.models.stop import StoppedQuerySet


def still_stopped() -> StoppedQuerySet:
    """Return what a stop suspended and nobody has resumed since."""
    return Stopped.objects.filter(stop__undone_at=None, resumed_at=None).exclude(suspended_at=None)


def stop_of(credential: Credential, state: State) -> Stop | None:
    """Return the stop that holds `credential`, which shows `state`, back; None where it was suspended by itself."""
    if state is not State.SUSPENDED:
        return None
    found = still_stopped().filter(credential=credential).select_related("stop__by").first()
    return found.stop if found else None
