"""Errors of boto3 become faults of ours: AWS's code and request id, words for a person, and how certain it is."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    ParamValidationError,
    PartialCredentialsError,
)
from botocore.exceptions import ConnectionError as BotoConnectionError

from provisioning.gateway.contract import ACCESS_DENIED, NO_SUCH_ENTITY, Certainty, GatewayFault

log = logging.getLogger(__name__)
T = TypeVar("T")

# Refused before anything was done, so that asking again is safe for every call.
_THROTTLED = frozenset({"Throttling", "ThrottlingException", "RequestLimitExceeded", "TooManyRequestsException"})
_THROTTLE_WAITS = (0.2, 0.6, 1.5, 3.0)  # seconds
# A user that was just made can be unknown for a moment (IAM user guide, "Changes that I make are not always visible").
_PROPAGATION_SECONDS = 30.0
_PROPAGATION_WAIT = 1.0

_WORDS = {
    "AccessDenied": "AWS does not allow the dashboard to do this. An administrator should compare its rights with "
    "`manage.py own_policy`.",
    "EntityAlreadyExists": "The account already has an IAM user with this name; IAM ignores case.",
    "LimitExceeded": "A quota of the AWS account is used up.",
    "MalformedPolicyDocument": "AWS does not accept the policy.",
    "NoSuchEntity": "AWS does not know something that this needs, such as the permissions boundary.",
    "DeleteConflict": "Something still hangs on the IAM user.",
    "InvalidClientTokenId": "AWS does not know the dashboard's own access key.",
    "SignatureDoesNotMatch": "AWS does not accept the signature of the dashboard's own access key.",
    "ExpiredToken": "The dashboard's own session in AWS has ended.",
    "ServiceFailure": "IAM had a failure of its own.",
    "Throttling": "AWS asks us to slow down, and still did after several tries.",
    "ConcurrentModification": "Somebody else is changing the same thing in AWS. Try again in a moment.",
}
_NO_ANSWER = "AWS did not answer in time, so it is not known whether it was done. Recovery looks at AWS and settles it."
_NOT_SENT = "AWS was not reached, so nothing was done."


@contextmanager
def translated(operation: str) -> Iterator[None]:
    """Raise `GatewayFault` for whatever goes wrong inside; log the operation, its code and request id, and no more."""
    try:
        yield
    except ClientError as error:
        fault = _spoken(operation, error)
    except (NoCredentialsError, PartialCredentialsError):
        fault = GatewayFault(operation, "NoCredentials", "The dashboard has no AWS credentials: the chain gives none.")
    except (ConnectTimeoutError, EndpointConnectionError, NoRegionError) as error:
        fault = GatewayFault(operation, type(error).__name__, _NOT_SENT)
    except ParamValidationError as error:
        fault = GatewayFault(operation, type(error).__name__, "This cannot be sent to AWS.")
    except (BotoCoreError, BotoConnectionError) as error:
        fault = GatewayFault(operation, type(error).__name__, _NO_ANSWER, Certainty.UNKNOWN)
    else:
        return
    log.warning(
        "aws_fault",
        extra={"operation": operation, "code": fault.code, "aws_request": fault.aws_request_id},
    )
    # The chained error may hold the request and the reply: it must not travel on.
    raise fault from None


def _spoken(operation: str, error: ClientError) -> GatewayFault:
    code = error.response.get("Error", {}).get("Code", "Unknown")
    metadata = error.response.get("ResponseMetadata", {})
    unsure = metadata.get("HTTPStatusCode", 500) >= 500 and code not in _THROTTLED
    return GatewayFault(
        operation=operation,
        code=code,
        words=_WORDS.get(code, _NO_ANSWER if unsure else "AWS said no."),
        certainty=Certainty.UNKNOWN if unsure else Certainty.NOT_DONE,
        aws_request_id=metadata.get("RequestId", ""),
    )


def call(
    operation: str,
    function: Callable[..., T],
    *,
    just_made: bool = False,
    is_missing: Callable[[], bool] = lambda: False,
    **arguments: Any,  # noqa: ANN401
) -> T:
    """Call boto3's `function`; try again while AWS throttles, and with `just_made` while its user is not visible yet.

    Both are answers that AWS gives before doing anything, so repeating is safe even for calls that are not idempotent.
    `is_missing` says whether a denial only means that there is no such user: IAM knows no path for it then, and our
    rights end at our path.
    """
    throttle_waits = iter(_THROTTLE_WAITS)
    visible_by = time.monotonic() + _PROPAGATION_SECONDS
    while True:
        try:
            with translated(operation):
                return function(**arguments)
        except GatewayFault as fault:
            if fault.code == ACCESS_DENIED and is_missing():
                fault.code, fault.words = NO_SUCH_ENTITY, _WORDS[NO_SUCH_ENTITY]
            if fault.code in _THROTTLED:
                wait = next(throttle_waits, None)
            elif just_made and fault.code == NO_SUCH_ENTITY and time.monotonic() < visible_by:
                wait = _PROPAGATION_WAIT
            else:
                wait = None
            if wait is None:
                raise
            time.sleep(wait)


def found(operation: str, function: Callable[..., Any], **arguments: Any) -> bool:  # noqa: ANN401
    """Call a deletion and return whether there was something to delete: what is gone is done."""
    try:
        call(operation, function, **arguments)
    except GatewayFault as fault:
        if fault.code == NO_SUCH_ENTITY:
            return False
        raise
    return True
