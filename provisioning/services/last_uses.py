"""When AWS last saw each of several credentials used, at this moment, for a page that asks before it stops them.

What AWS does not say, whatever the reason, is left out: nobody is kept from stopping them for that.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from guidance.catalogue import Kind
from provisioning.domain.permission import demand
from provisioning.domain.refusals import Refusal
from provisioning.domain.roles import Act, Actor
from provisioning.gateway.contract import Aws, GatewayFault
from provisioning.models import AccessKey, AwsAccount, Credential
from provisioning.services import set_up

_AT_ONCE = 8


@dataclass(frozen=True)
class Seen:
    """What AWS said; `at` is None where it knows of no use."""

    at: datetime | None


@dataclass(frozen=True)
class _Question:
    """One read about one credential."""

    credential: Credential
    ask: Callable[[], datetime | None]


def last_uses(credentials: Sequence[Credential], *, by: Actor, gateway: Aws, now: datetime) -> dict[int, Seen]:
    """Return what AWS says of each, by the credential's own key: of its keys that work, or of its sign-ins.

    One read for each key. An account that does not let us in, or does not answer, is asked no more.
    """
    for credential in credentials:
        demand(by, Act.CREDENTIAL_READ, credential.target)
    questions = _questions(credentials, _gateways(credentials, gateway, now=now))
    silent = set[int]()
    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        # Each in a copy of the context: AWS's log names our request there, too.
        asked = [pool.submit(copy_context().run, _answer, question, silent) for question in questions]
    answers: dict[int, list[Seen | None]] = defaultdict(list)
    for question, answer in zip(questions, asked, strict=True):
        answers[question.credential.pk].append(answer.result())
    whole = {pk: [seen for seen in said if seen is not None] for pk, said in answers.items() if None not in said}
    return {pk: Seen(max((seen.at for seen in said if seen.at), default=None)) for pk, said in whole.items()}


def _gateways(credentials: Sequence[Credential], gateway: Aws, *, now: datetime) -> dict[int, Aws]:
    """Return the gateway into each account that lets us in."""
    found = {}
    for account in {credential.account_id: credential.account for credential in credentials}.values():
        let_in = _let_in(account, gateway, now=now)
        if let_in is not None:
            found[account.pk] = let_in
    return found


def _let_in(account: AwsAccount, gateway: Aws, *, now: datetime) -> Aws | None:
    try:
        return set_up.require_account(account, gateway, now=now)
    except (GatewayFault, Refusal):
        return None


def _questions(credentials: Sequence[Credential], gateways: dict[int, Aws]) -> list[_Question]:
    within = {credential.pk: credential for credential in credentials if credential.account_id in gateways}
    of_keys = [
        _Question(credential, partial(_used_at, gateways[credential.account_id], key.key_id))
        for key in AccessKey.objects.in_use().filter(credential__in=within)
        for credential in [within[key.credential_id]]
    ]
    return of_keys + [
        _Question(credential, partial(_signed_in_at, gateways[credential.account_id], credential.user_name))
        for credential in within.values()
        if credential.kind == Kind.CONSOLE
    ]


def _used_at(gateway: Aws, key_id: str) -> datetime | None:
    use = gateway.key_last_used(key_id)
    return use.used_at if use else None


def _signed_in_at(gateway: Aws, user_name: str) -> datetime | None:
    return gateway.known_user(user_name).signed_in_at


def _answer(question: _Question, silent: set[int]) -> Seen | None:
    """Ask; None where AWS does not say. `silent` are the accounts in which nobody answered: to wait once is enough."""
    account_id = question.credential.account_id
    if account_id in silent:
        return None
    try:
        return Seen(question.ask())
    except GatewayFault as fault:
        if not fault.aws_request_id:
            silent.add(account_id)
        return None
