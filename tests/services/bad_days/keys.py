"""The acts on one key of a credential that stays: a second one made, the first retired, let work again, deleted."""

from uuid import UUID

from django.utils import timezone

from provisioning.domain.lifecycle import State
from provisioning.domain.roles import Act, system
from provisioning.models import Credential
from provisioning.services import retirement
from tests.builders import World
from tests.services import acts
from tests.services.bad_days.buttons import button_at, button_of_the_second_key
from tests.services.bad_days.pressing import credential, on_credential
from tests.services.bad_days.trial import Trial


def in_one_region(world: World) -> UUID:
    return world.stored(regions=("eu-central-1",)).request_id


def switched(world: World) -> UUID:
    about = in_one_region(world)
    acts.switched(credential(about))
    return about


def retired(world: World) -> UUID:
    about = switched(world)
    acts.retire(credential(about))
    return about


def watched_long_enough(world: World) -> UUID:
    about = retired(world)
    credential(about).keys.exclude(delete_due_at=None).update(delete_due_at=timezone.now())
    return about


def delete_due(about: UUID, **named: object) -> None:
    retirement.delete_due(by=system("keys"), **named)


def has_two_keys(one: Credential) -> bool:
    return one.keys.kept().count() == 2 and len(one.regions) == 2


def has_one_key(one: Credential) -> bool:
    return one.state == State.LIVE and one.keys.kept().count() == 1 and one.regions == ["eu-central-1"]


def first_works(one: Credential) -> bool:
    return one.keys.earliest("made_at").is_in_use


KEY_TRIALS = (
    Trial(
        "rotate",
        Act.CREDENTIAL_ROTATE,
        before=in_one_region,
        press=on_credential(acts.rotate, "us-east-1"),
        calls=("PutUserPolicy", "CreateAccessKey"),
        done=has_two_keys,
        recovered=has_one_key,
        button=button_of_the_second_key,
    ),
    Trial(
        "retire",
        Act.CREDENTIAL_RETIRE,
        before=switched,
        press=on_credential(acts.retire),
        calls=("GetAccessKeyLastUsed", "UpdateAccessKey"),
        asks=("GetAccessKeyLastUsed",),
        done=lambda one: not first_works(one),
        button=button_at("retirement"),
    ),
    Trial(
        "reactivate",
        Act.CREDENTIAL_REACTIVATE,
        before=retired,
        press=on_credential(acts.reactivate),
        calls=("UpdateAccessKey",),
        done=first_works,
        button=button_at("reactivation"),
    ),
    Trial(
        "keys",
        Act.KEY_DELETE,
        before=watched_long_enough,
        press=delete_due,
        calls=("GetAccessKeyLastUsed", "DeleteAccessKey"),
        asks=("GetAccessKeyLastUsed",),
        done=lambda one: one.keys.kept().count() == 1,
        is_answered=False,
    ),
)
