"""The acts that meet bad days: one entry each, from which every test of a kill, a code or a lost reply is made.

A new act joins with an entry in `TRIALS`. Its calls are written down there and compared with what the sandbox sees.
"""

from datetime import timedelta

from provisioning.domain.lifecycle import STAYING, State
from provisioning.domain.roles import Act
from provisioning.models import Credential
from provisioning.models.credential import CredentialQuerySet
from tests.builders import open_team
from tests.services import acts
from tests.services.bad_days.before import (
    bystander,
    issued,
    reviewed,
    reviewed_for_the_api,
    stopped,
    suspended,
    two_issued,
)
from tests.services.bad_days.buttons import (
    button_at,
    button_of_a_review_for_the_api,
    button_of_the_loss,
    button_of_the_review,
    button_of_the_stop,
    button_of_the_undoing,
)
from tests.services.bad_days.console import ASKED_FIRST, CONSOLE_TRIALS
from tests.services.bad_days.ends import END_TRIALS
from tests.services.bad_days.keys import KEY_TRIALS
from tests.services.bad_days.pressing import credential, expire, issue, lose, on_credential, stop, transfer, undo
from tests.services.bad_days.trial import Trial, among

__all__ = ["ASKED_FIRST", "NAMED", "TRIALS", "Trial", "among", "bystander", "credential", "issued", "two_issued"]

DELETING = ("DeleteAccessKey", "DeleteUserPolicy", "DeleteUser")
PAST_THE_HANDOVER = timedelta(minutes=17)


def is_stopped(one: Credential) -> bool:
    return not _of_its_team(one).exclude(state=State.SUSPENDED).exists()


def is_undone(one: Credential) -> bool:
    return not _of_its_team(one).exclude(state=State.LIVE).exists()


def _of_its_team(one: Credential) -> CredentialQuerySet:
    return Credential.objects.filter(team=one.team, state__in=STAYING)


TRIALS = (
    Trial(
        "issue",
        Act.CREDENTIAL_ISSUE,
        before=reviewed,
        press=issue,
        calls=("CreateUser", "PutUserPolicy", "CreateAccessKey"),
        done=lambda one: one.state == State.LIVE,
        recovered=lambda one: one.state == State.FAILED,
        makes_user=True,
        button=button_of_the_review,
    ),
    Trial(
        "issue an access key",
        Act.CREDENTIAL_ISSUE,
        before=reviewed_for_the_api,
        press=issue,
        calls=("CreateUser", "PutUserPolicy", "CreateAccessKey"),
        done=lambda one: one.state == State.LIVE,
        recovered=lambda one: one.state == State.FAILED,
        makes_user=True,
        button=button_of_a_review_for_the_api,
    ),
    Trial(
        "revoke",
        Act.CREDENTIAL_REVOKE,
        before=issued,
        press=on_credential(acts.revoke),
        calls=DELETING,
        done=lambda one: one.state == State.REVOKED,
        button=button_at("revocation"),
    ),
    Trial(
        "suspend",
        Act.CREDENTIAL_SUSPEND,
        before=issued,
        press=on_credential(acts.suspend),
        calls=("UpdateAccessKey",),
        done=lambda one: one.state == State.SUSPENDED,
        button=button_at("suspension"),
    ),
    Trial(
        "resume",
        Act.CREDENTIAL_RESUME,
        before=suspended,
        press=on_credential(acts.resume),
        calls=("UpdateAccessKey",),
        done=lambda one: one.state == State.LIVE,
        button=button_at("resumption"),
    ),
    Trial(
        "readdress",
        Act.CREDENTIAL_READDRESS,
        before=issued,
        press=on_credential(acts.readdress, "news@example.com"),
        calls=(ASKED_FIRST, "PutUserPolicy"),
        done=lambda one: one.from_entries == ["news@example.com"],
        button=button_at("from-addresses", from_addresses="news@example.com"),
    ),
    Trial(
        "transfer",
        Act.CREDENTIAL_TRANSFER,
        before=issued,
        press=transfer,
        calls=(ASKED_FIRST, "TagUser"),
        done=lambda one: one.team == open_team(),
        button=button_at("transfer", "admin", team="successor"),
    ),
    Trial(
        "stop",
        Act.STOP_BEGIN,
        before=two_issued,
        press=stop,
        calls=("UpdateAccessKey",) * 2,
        done=is_stopped,
        recovered=lambda one: Credential.objects.filter(team=one.team, state=State.SUSPENDED).exists(),
        is_answered=False,
        button=button_of_the_stop,
    ),
    Trial(
        "undo the stop",
        Act.STOP_UNDO,
        before=stopped,
        press=undo,
        calls=("UpdateAccessKey",) * 2,
        done=is_undone,
        recovered=lambda one: Credential.objects.filter(team=one.team, state=State.LIVE).exists(),
        is_answered=False,
        button=button_of_the_undoing,
    ),
    Trial(
        "lose the secret",
        Act.CREDENTIAL_REVOKE,
        before=issued,
        press=lose,
        calls=DELETING,
        done=lambda one: one.state == State.REVOKED,
        button=button_of_the_loss,
    ),
    Trial(
        "expire",
        Act.HANDOVER_EXPIRE,
        before=issued,
        press=expire,
        calls=DELETING,
        done=lambda one: one.state == State.UNCLAIMED,
        is_answered=False,
        ahead=PAST_THE_HANDOVER,
    ),
    *KEY_TRIALS,
    *END_TRIALS,
    *CONSOLE_TRIALS,
)
NAMED = {trial.name: trial for trial in TRIALS}
