"""Renewing: the review that gives a credential which is there another secret: a second key, or a new password."""

from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

from provisioning.domain.roles import Actor
from provisioning.models import Credential, CredentialRequest
from provisioning.services import requesting, reviews


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
