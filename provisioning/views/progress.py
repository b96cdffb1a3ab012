"""How far a rotation has come, and the one step that is next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from guidance.catalogue import Kind
from provisioning.domain.lifecycle import Seal, State
from provisioning.domain.permission import reaches
from provisioning.domain.roles import Act, Actor
from provisioning.models import AccessKey, Credential, Handover


@dataclass(frozen=True)
class Progress:
    """The keys in their parts, the step that is next ("" where none is), and whether the reader may take it."""

    step: str
    may: bool
    old: AccessKey | None = None
    new: AccessKey | None = None
    retired: AccessKey | None = None
    switched_at: datetime | None = None


def progress(credential: Credential, keys: Sequence[AccessKey], *, by: Actor, state: State) -> Progress | None:
    """Return how far it is, or None where nothing can be rotated; `keys` come oldest first, with their hand-overs."""
    if state is not State.LIVE or credential.kind == Kind.CONSOLE:
        return None
    may = reaches(by, Act.CREDENTIAL_ROTATE, credential.target)
    in_use = [key for key in keys if key.is_in_use]
    retired = next((key for key in keys if key.retired_at is not None and key.deleted_at is None), None)
    if retired is not None:
        return Progress("", may, new=in_use[-1] if in_use else None, retired=retired)
    if len(in_use) < 2:
        return Progress("Rotate", may, old=in_use[0] if in_use else None)
    old, new = in_use[0], in_use[-1]
    if not _is_stored(new):
        return Progress("Store", may, old=old, new=new)
    step = "Switch" if new.cut_over_at is None else "Retire"
    return Progress(step, may, old=old, new=new, switched_at=new.cut_over_at)


def _is_stored(key: AccessKey) -> bool:
    handover: Handover | None = getattr(key, "handover", None)
    return key.delete_due_at is None and (handover is None or handover.state == Seal.BURNT)
