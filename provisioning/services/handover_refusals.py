"""What a hand-over refuses, in words and on record, and what stops its credential while nothing can be recorded."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from provisioning import audit
from provisioning.domain.refusals import Reason, Refusal
from provisioning.domain.roles import Act, Actor
from provisioning.models import Credential
from provisioning.services import by_hand


@contextmanager
def recorded(
    act: Act,
    handover_id: UUID,
    *,
    by: Actor,
    now: datetime,
    commands: Callable[[Credential], by_hand.Commands] = by_hand.stopping,
) -> Iterator[None]:
    """Write down a refusal; while the history cannot be written it carries `commands` of the credential."""

    def find() -> Credential | None:
        return Credential.objects.visible_to(by).filter(handovers=handover_id).first()

    subject = audit.Subject(f"hand-over {handover_id}")
    with audit.refusals_recorded(act, subject, by=by, at=now), by_hand.told_of(find, commands):
        yield


def over() -> Refusal:
    """Return the refusal of whatever comes after the end of a hand-over."""
    return Refusal(
        why=Reason.NOT_NOW,
        title="This hand-over is over",
        reason="Its secret is gone: it was stored, or its fifteen minutes are over. If you do not have it, "
        "rotate the credential, or revoke it and issue another.",
    )


def wrong_browser() -> Refusal:
    """Return the refusal of a browser or a sign-in that the secret is not sealed to."""
    return Refusal(
        why=Reason.WRONG_BROWSER,
        title="Only the browser that issued it can open it",
        reason="The secret is sealed to the browser and the sign-in of the moment of issue. If that one is lost, "
        "say that you lost it: what was made is deleted, and you start again.",
    )
