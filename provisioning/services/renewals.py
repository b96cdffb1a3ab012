"""Renewing: the review that gives a credential which is there another secret: a second key, or a new password."""

from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

from django.urls import reverse

from guidance.catalogue import Kind
from provisioning.domain.refusals import NextStep, Reason, Refusal
from provisioning.domain.roles import Actor, Role
from provisioning.models import Credential, CredentialRequest
from provisioning.services import approved, requesting, reviews, widening
from provisioning.services.amending import NOTHING


def require_may_have(credential: Credential, *, by: Actor, now: datetime) -> None:
    """Raise a `Refusal` unless `by` may be handed another secret of `credential`, as they might the first one."""
    refusal = _not_theirs(credential, by)
    if refusal is not None:
        raise refusal
    widening.require_second_word(credential.team, by=by, now=now)


def why_not(credential: Credential, *, by: Actor, now: datetime) -> str:
    """Return in words why `by` may not be handed another secret of `credential`, for its pages; "" if they may."""
    refusal = _not_theirs(credential, by)
    return refusal.reason if refusal is not None else widening.why_held_back(credential.team, by=by, now=now)


def _not_theirs(credential: Credential, by: Actor) -> Refusal | None:
    granted, act = approved.granted(credential), "resume" if credential.kind == Kind.CONSOLE else "rotate"
    if granted is not None and granted.decided_by_id == by.person_id:
        return _refusal(
            credential,
            "Who approves does not see the secret",
            f"You approved the request for {credential.application}. {_others(credential, 'another')} can {act} it.",
        )
    is_of_theirs = by.role is Role.ADMINISTRATOR or credential.owner_id == by.person_id
    if credential.kind == Kind.CONSOLE and not is_of_theirs:
        return _refusal(
            credential,
            "Its new password is for its owner",
            f"{_others(credential, 'an')} can {act} {credential.application}: whoever does is handed its password.",
        )
    return None


def _others(credential: Credential, which: str) -> str:
    owner = credential.owner
    administrator = f"{which} administrator"
    return f"{owner.email}, whose it is, or {administrator}" if owner.is_active else administrator.capitalize()


def _refusal(credential: Credential, title: str, reason: str) -> Refusal:
    where = reverse("credential", args=(credential.pk,))
    text = "Its page says whose it is, and what you can do with it."
    return Refusal(
        why=Reason.NOT_PERMITTED,
        title=title,
        reason=reason,
        next_steps=(NextStep("Look at it again", text, where, credential.application),),
        created_note=NOTHING,
    )


def reviewed(credential: Credential, *, regions: Sequence[str], by: Actor, now: datetime) -> CredentialRequest:
    """Return the review, which holds for an hour: all but the secret and the regions is as the credential has it."""
    was = credential.request
    review = CredentialRequest(
        id=uuid4(),
        renews=credential,
        person_id=requesting.person(by),
        team=credential.team,
        account=credential.account,
        kind=credential.kind,
        application=credential.application,
        purpose=credential.purpose,
        regions=list(regions),
        from_entries=credential.from_entries,
        options=credential.options,
        lifetime_days=was.lifetime_days,
        user_name=credential.user_name,
        path=credential.path,
        boundary_arn=was.boundary_arn,
        tags=was.tags,
        policy=requesting.policy_of(credential, regions=regions),
        expires_at=credential.expires_at,
        reviewed_at=now,
    )
    return reviews.keep(review, now=now)
