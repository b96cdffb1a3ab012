"""By hand: the commands that do in AWS what the dashboard refuses while its history cannot be written."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from guidance.catalogue import Kind
from provisioning.domain.console_policy import SUSPENDED
from provisioning.domain.naming import SUSPENDED_POLICY_NAME
from provisioning.domain.refusals import Reason, Refusal
from provisioning.models import Credential

Commands = tuple[str, ...]


def stopping(credential: Credential) -> Commands:
    """Return the AWS CLI commands that stop `credential`: its keys, or a console login and its open sessions."""
    if credential.kind == Kind.CONSOLE:
        user = f"--user-name {credential.user_name}"
        denial = json.dumps(SUSPENDED, separators=(",", ":"))
        return (
            f"aws iam put-user-policy {user} --policy-name {SUSPENDED_POLICY_NAME} --policy-document '{denial}'",
            f"aws iam delete-login-profile {user}",
        )
    return tuple(
        f"aws iam update-access-key --user-name {credential.user_name} --access-key-id {key.key_id} --status Inactive"
        for key in credential.keys.all()
        if key.deleted_at is None
    )


def ending(credential: Credential) -> Commands:
    """Return the AWS CLI commands that stop `credential` and delete it."""
    user = f"--user-name {credential.user_name}"
    keys = credential.keys.filter(deleted_at=None)
    denial = [SUSPENDED_POLICY_NAME] if credential.kind == Kind.CONSOLE else []
    return (
        *stopping(credential),
        *(ending_of_key(credential, key.key_id) for key in keys),
        *(f"aws iam delete-user-policy {user} --policy-name {name}" for name in (credential.policy_name, *denial)),
        f"aws iam delete-user {user}",
    )


def ending_of_key(credential: Credential, key_id: str) -> str:
    """Return the AWS CLI command that deletes one key of the user of `credential`."""
    return f"aws iam delete-access-key --user-name {credential.user_name} --access-key-id {key_id}"


def told(
    credential: Credential | None, commands: Callable[[Credential], Commands] = ending
) -> AbstractContextManager[None]:
    """While the history cannot be written, let the refusal carry the commands that stop `credential` without us.

    It asks the database for keys, so it goes around the transaction that the refusal breaks off, not into it.
    """
    return told_of(lambda: credential, commands)


@contextmanager
def told_of(find: Callable[[], Credential | None], commands: Callable[[Credential], Commands]) -> Iterator[None]:
    """Do the same for a credential that is looked for only then."""
    try:
        yield
    except Refusal as refusal:
        if refusal.why is Reason.HISTORY_UNWRITABLE and (credential := find()) is not None:
            refusal.commands = commands(credential)
        raise
