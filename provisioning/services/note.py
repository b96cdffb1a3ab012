"""A note on a credential: where it is used, in the team's own words."""

from datetime import datetime

from django.db import transaction

from provisioning import audit
from provisioning.domain.lifecycle import Outcome
from provisioning.domain.permission import demand
from provisioning.domain.refusals import Breach, Reason, Refusal
from provisioning.domain.roles import Act, Actor
from provisioning.models import Credential
from provisioning.services import by_hand, claiming

LONGEST = 2_000  # characters


def write(credential_id: int, text: str, *, by: Actor, now: datetime) -> None:
    """Keep `text` as the note; the same text again changes nothing. Raises a `Refusal`."""
    subject = audit.Subject(f"credential {credential_id}")

    def find() -> Credential | None:
        return Credential.objects.visible_to(by).filter(pk=credential_id).first()

    with (
        audit.refusals_recorded(Act.CREDENTIAL_NOTE, subject, by=by, at=now),
        by_hand.told_of(find, by_hand.stopping),
        transaction.atomic(),
    ):
        demand(by, Act.CREDENTIAL_NOTE)
        credential = claiming.locked(credential_id, Act.CREDENTIAL_NOTE, by=by)
        _require_short(text)
        if credential.note == text:
            return
        Credential.objects.filter(pk=credential.pk).update(note=text)
        audit.record(
            Act.CREDENTIAL_NOTE,
            Outcome.DONE,
            audit.Subject(credential.application, credential, credential.team),
            by=by,
            at=now,
            detail={"before": credential.note, "after": text},
        )


def _require_short(text: str) -> None:
    if len(text) > LONGEST:
        words = f"The note has {len(text):,} characters: at most {LONGEST:,}."
        raise Refusal(why=Reason.NOT_NOW, title="The note is too long", reason=words, breaches=(Breach("note", words),))
