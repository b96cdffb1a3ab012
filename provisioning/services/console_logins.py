"""Console logins: what of the account their passwords and addresses depend on, and giving a user its password."""

import random
from collections.abc import Callable

from provisioning.domain.console_address import sign_in_address
from provisioning.domain.console_password import generate
from provisioning.gateway.contract import PASSWORD_POLICY_VIOLATION, Aws, GatewayFault
from provisioning.models import AwsAccount

PASSWORD = "password"  # noqa: S105 - the name of the secret in the seal
_CHANCE = random.SystemRandom()


def read_account(account: AwsAccount, gateway: Aws, ask: Callable[[str, Callable[[], object]], object]) -> None:
    """Keep the account's password policy and alias; `ask` notes what AWS does not answer, and that stays as it was."""

    def keep_alias() -> int:
        return AwsAccount.objects.filter(pk=account.pk).update(alias=gateway.alias())

    ask("The password policy", lambda: _keep_password_policy(account, gateway))
    ask("The account's alias", keep_alias)


def give_password(account: AwsAccount, user_name: str, gateway: Aws) -> str:
    """Let the user sign in with a new password, and return it; raises `GatewayFault`.

    Where AWS says that the password is not to the policy, the policy that was kept is old: it is read anew, once.
    """
    password = generate(account.password_policy, _CHANCE)
    try:
        gateway.create_login(user_name, password)
    except GatewayFault as fault:
        if fault.code != PASSWORD_POLICY_VIOLATION or not fault.is_certain:
            raise
        password = generate(_policy_now(account, gateway, fault), _CHANCE)
        gateway.create_login(user_name, password)
    return password


def _policy_now(account: AwsAccount, gateway: Aws, refused: GatewayFault) -> dict[str, object] | None:
    try:
        return _keep_password_policy(account, gateway)
    except GatewayFault:  # it was only a question: what counts is that AWS did not take the password
        raise refused from None


def _keep_password_policy(account: AwsAccount, gateway: Aws) -> dict[str, object] | None:
    policy = gateway.password_policy()
    AwsAccount.objects.filter(pk=account.pk).update(password_policy=policy)
    return policy


def address_of(account: AwsAccount) -> str:
    """Return where the console logins of `account` sign in."""
    return sign_in_address(partition=account.partition, account_id=account.account_id, alias=account.alias)
