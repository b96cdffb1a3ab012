"""Calling AWS: once, or again where that is safe, and never for longer than a claim's lease allows."""

import logging
import time
from collections.abc import Callable
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from provisioning.gateway.aws.faults import THROTTLED, WORDS, fault_of, not_aws, request_id_of, told_of
from provisioning.gateway.contract import ACCESS_DENIED, NO_SUCH_ENTITY, Certainty, GatewayFault

log = logging.getLogger(__name__)
T = TypeVar("T")

# After so long no further try begins: a claim's lease must be longer than all calls of its act together.
PATIENCE_SECONDS = 8.0
_THROTTLE_WAITS = (0.2, 0.6, 1.5, 3.0)
_UNCLEAR_WAITS = (0.3, 1.0)
# A user that was just made can be unknown for a moment (IAM user guide, "Changes that I make are not always visible").
PROPAGATION_SECONDS = 30.0
_PROPAGATION_WAIT = 1.0


def call(
    operation: str,
    function: Callable[..., T],
    *,
    again: bool = False,
    unseen_for: float = 0.0,
    is_missing: Callable[[], bool] = lambda: False,
    **arguments: Any,  # noqa: ANN401
) -> T:
    """Call boto3's `function`; raise `GatewayFault` for whatever goes wrong.

    Try again while AWS throttles, and for `unseen_for` seconds while it does not know the user: it gives both answers
    before doing anything, so that is safe even for calls that must not be done twice. Where `again` says that this call
    may be, try again after an unclear answer too. What was unclear once stays so, whatever a later try is told.
    `is_missing` says whether a denial only means that there is no such user: IAM knows no path for it then, and our
    rights end at our path.
    """
    began, unclear = time.monotonic(), False
    throttled, unanswered = iter(_THROTTLE_WAITS), iter(_UNCLEAR_WAITS if again else ())
    while True:
        answer = _ask(operation, function, arguments)
        if not isinstance(answer, GatewayFault):
            return answer
        fault = answer
        log.warning(
            "aws_fault", extra={"operation": operation, "code": fault.code, "aws_request": fault.aws_request_id}
        )
        if fault.code == ACCESS_DENIED and is_missing():
            fault.code, fault.words = NO_SUCH_ENTITY, WORDS[NO_SUCH_ENTITY]
        unclear = unclear or not fault.is_certain
        patience, wait = PATIENCE_SECONDS, None
        if fault.code in THROTTLED:
            wait = next(throttled, None)
        elif fault.code == NO_SUCH_ENTITY and unseen_for:
            patience, wait = unseen_for, _PROPAGATION_WAIT
        elif not fault.is_certain:
            wait = next(unanswered, None)
        if wait is None or time.monotonic() + wait > began + patience:
            fault.certainty = Certainty.UNKNOWN if unclear else Certainty.NOT_DONE
            raise told_of(fault)
        time.sleep(wait)


def found(operation: str, function: Callable[..., Any], **arguments: Any) -> bool:  # noqa: ANN401
    """Ask for something, or delete it, and return whether it was there: what is gone is done."""
    try:
        call(operation, function, again=True, **arguments)
    except GatewayFault as fault:
        if fault.code == NO_SUCH_ENTITY:
            return False
        raise
    return True


# The fault is returned, not raised: boto's error, which may hold a reply with its secret, must not travel on with it.
def _ask(operation: str, function: Callable[..., T], arguments: dict[str, Any]) -> T | GatewayFault:
    try:
        reply = function(**arguments)
    except (ClientError, BotoCoreError) as error:
        return fault_of(operation, error)
    except (ResponseParserError, LookupError, ValueError, AttributeError, TypeError):
        return not_aws(operation)  # botocore read an answer that it has no way to read, such as the page of a proxy
    return reply if request_id_of(reply) else not_aws(operation)
