"""A note on a credential: where it is used, in the team's own words."""

from datetime import datetime

from django.db import transaction

from provisioning import audit
from provisioning.domain.lifecycle import Outcome
from provisioning.domain.permission import demand, not_there
from provisioning.domain.refusals import Breach, Reason, Refusal
from provisioning.domain.roles import Act, Actor
from provisioning.models import Credential

LONGEST = 2_000  # characters


def write(credential_id: int, text: str, *, by: Actor, now: datetime) -> None:
    """Keep `text` as the note; the same text again changes nothing. Raises a `Refusal`."""
    subject = audit.Subject(f"credential {credential_id}")
    with audit.refusals_recorded(Act.CREDENTIAL_NOTE, subject, by=by, at=now), transaction.atomic():
        demand(by, Act.CREDENTIAL_NOTE)
        found = Credential.objects.visible_to(by).select_for_update(no_key=True, of=("self",)).select_related("team")
        credential = found.filter(pk=credential_id).first()
        if credential is None:
            raise not_there("credential")
        demand(by, Act.CREDENTIAL_NOTE, credential.target)
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
