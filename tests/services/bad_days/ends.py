"""The acts on the end of a credential: moved, or carried out once AWS has ended it."""

from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from provisioning.domain.lifecycle import State
from provisioning.domain.roles import Act
from provisioning.models import AwsAccount, Credential
from tests.builders import World
from tests.services import acts
from tests.services.bad_days.buttons import button_at
from tests.services.bad_days.pressing import on_credential
from tests.services.bad_days.trial import Trial

PAST_THE_GRACE = timedelta(days=12)


def ends_soon(world: World) -> UUID:
    return world.issued(lifetime_days=30).request_id


def ends_within_days(world: World) -> UUID:
    about = world.issued(lifetime_days=10).request_id
    AwsAccount.objects.update(checked_at=timezone.now() + PAST_THE_GRACE)  # the set-up is looked at by another sweep
    return about


def end_expired(about: UUID, *, gateway: object, clock: object) -> None:
    acts.end_expired(clock, gateway)


def lasts(one: Credential) -> bool:
    return one.expires_at > timezone.now() + timedelta(days=119)


END_TRIALS = (
    Trial(
        "extend",
        Act.CREDENTIAL_EXTEND,
        before=ends_soon,
        press=on_credential(acts.extend, 120),
        calls=("GetUser", "PutUserPolicy"),
        done=lasts,
        button=button_at("extension", lifetime_days="120"),
    ),
    Trial(
        "end expired",
        Act.CREDENTIAL_EXPIRE,
        before=ends_within_days,
        press=end_expired,
        calls=("DeleteAccessKey", "DeleteUserPolicy", "DeleteUser"),
        done=lambda one: one.state == State.EXPIRED,
        is_answered=False,
        ahead=PAST_THE_GRACE,
    ),
)
