"""The acts on a console login: a password made, taken away, made anew, and all of it deleted."""

from uuid import UUID

from guidance.catalogue import Kind
from provisioning.domain.lifecycle import State
from provisioning.domain.roles import Act
from tests.builders import CONSOLE, World
from tests.services import acts
from tests.services.bad_days.buttons import button_at, button_of_a_login, button_of_a_new_password
from tests.services.bad_days.pressing import credential, issue, on_credential
from tests.services.bad_days.trial import Trial

ASKED_FIRST = "GetUser"  # an amendment looks whether the user is the one that was made here


def reviewed(world: World) -> UUID:
    world.newsletter.kinds = [*world.newsletter.kinds, Kind.CONSOLE]
    world.newsletter.save()
    return world.reviewed(**CONSOLE).pk


def issued(world: World) -> UUID:
    return world.console_login().request_id


def suspended(world: World) -> UUID:
    about = issued(world)
    acts.suspend(credential(about))
    return about


CONSOLE_TRIALS = (
    Trial(
        "issue-console",
        Act.CREDENTIAL_ISSUE,
        before=reviewed,
        press=issue,
        calls=("CreateUser", "PutUserPolicy", "CreateLoginProfile"),
        done=lambda one: one.state == State.LIVE,
        recovered=lambda one: one.state == State.FAILED,
        makes_user=True,
        button=button_of_a_login,
    ),
    Trial(
        "suspend-console",
        Act.CREDENTIAL_SUSPEND,
        before=issued,
        press=on_credential(acts.suspend),
        calls=(ASKED_FIRST, "PutUserPolicy", "DeleteLoginProfile"),
        done=lambda one: one.state == State.SUSPENDED,
        button=button_at("suspension"),
    ),
    Trial(
        "resume-console",
        Act.CREDENTIAL_RESUME,
        before=suspended,
        press=on_credential(acts.resume_console),
        calls=(ASKED_FIRST, "DeleteLoginProfile", "CreateLoginProfile", "DeleteUserPolicy"),
        tidies=("DeleteLoginProfile",),
        done=lambda one: one.state == State.LIVE,
        recovered=lambda one: one.state == State.SUSPENDED,
        button=button_of_a_new_password,
    ),
    Trial(
        "revoke-console",
        Act.CREDENTIAL_REVOKE,
        before=issued,
        press=on_credential(acts.revoke),
        calls=("DeleteLoginProfile", "DeleteUserPolicy", "DeleteUser"),
        done=lambda one: one.state == State.REVOKED,
        button=button_at("revocation"),
    ),
)
