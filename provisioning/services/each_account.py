"""Doing the same in every AWS account: trouble in one keeps from none of the others."""

import logging
from collections.abc import Callable, Iterable

from provisioning.domain.refusals import Refusal
from provisioning.gateway.contract import GatewayFault
from provisioning.models import AwsAccount

log = logging.getLogger(__name__)


def in_each(accounts: Iterable[AwsAccount], act: Callable[[AwsAccount], int]) -> int:
    """Do `act` in each of `accounts` and return the sum; what went wrong first is raised once all had their turn."""
    done, first = 0, None
    for account in accounts:
        try:
            done += act(account)
        except (GatewayFault, Refusal) as trouble:
            log.warning("account_troubled", extra={"account": account.account_id, "trouble": str(trouble)})
            first = first or trouble
    if first is not None:
        raise first
    return done
