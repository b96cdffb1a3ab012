"""Errors of boto3 become faults of ours: AWS's code and request id, words for a person, and how certain it is."""

from typing import Any

from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    ParamValidationError,
    PartialCredentialsError,
)

from provisioning.gateway.contract import Certainty, GatewayFault

# Refused before anything was done, so that asking again is safe for every call.
THROTTLED = frozenset({"Throttling", "ThrottlingException", "RequestLimitExceeded", "TooManyRequestsException"})

_CLOCK = "AWS takes the request for too old or too new: the clock of the dashboard's machine is wrong. Set it by NTP."
_DENIED = (
    "AWS does not allow the dashboard to do this. An administrator should compare its rights with the printed policy "
    "of the set-up page."
)
_SIGNATURE = (
    "AWS does not accept the signature of the dashboard's own access key: its secret is not the right one, or the "
    "clock of the dashboard's machine is wrong."
)
WORDS = {
    **dict.fromkeys(("AccessDenied", "AccessDeniedException"), _DENIED),
    "EntityAlreadyExists": "The account already has an IAM user with this name; IAM ignores case.",
    "LimitExceeded": "A quota of the AWS account is used up.",
    "PasswordPolicyViolation": "The password policy of the AWS account takes none of the passwords that are made here.",
    "MalformedPolicyDocument": "AWS does not accept the policy.",
    "NoSuchEntity": "AWS does not know something that this needs, such as the permissions boundary.",
    "DeleteConflict": "Something still hangs on the IAM user.",
    "InvalidClientTokenId": "AWS does not know the dashboard's own access key.",
    **dict.fromkeys(("SignatureDoesNotMatch", "InvalidSignatureException"), _SIGNATURE),
    **dict.fromkeys(("RequestExpired", "RequestTimeTooSkewed"), _CLOCK),
    "ExpiredToken": "The dashboard's own session in AWS has ended.",
    "OptInRequired": "The AWS account is not signed up for this: somebody has to finish its sign-up at AWS.",
    "ValidationError": "AWS does not accept what it was sent.",
    "ServiceFailure": "IAM had a failure of its own.",
    "Throttling": "AWS asks us to slow down, and still did after several tries.",
    "ConcurrentModification": "Somebody else is changing the same thing in AWS. Try again in a moment.",
}
# Where a code means something else of one operation.
WORDS_OF_OPERATION = {
    ("CreateLoginProfile", "EntityAlreadyExists"): "The IAM user has a console password already.",
}
_NO_ANSWER = "AWS did not answer in time, so it is not known whether it was done. Recovery looks at AWS and settles it."
_NOT_AWS = "What answered was not AWS, so it is not known whether it was done. Recovery looks at AWS and settles it."
# Nothing is to be settled after a question.
_NOT_READ = {
    _NO_ANSWER: "AWS did not answer a question in time. Asking changes nothing: try again in a while.",
    _NOT_AWS: "What answered a question was not AWS. Asking changes nothing: try again in a while.",
}
_READS = ("Get", "List", "Simulate")
# What boto3 raises before it has sent anything.
_NEVER_SENT: dict[type[Exception], str] = {
    NoCredentialsError: "The dashboard has no AWS credentials: the chain gives none.",
    PartialCredentialsError: "The dashboard has only a part of its AWS credentials.",
    ConnectTimeoutError: "AWS was not reached, so nothing was done.",
    EndpointConnectionError: "AWS was not reached, so nothing was done.",
    NoRegionError: "No region is set, so AWS was not asked.",
    ParamValidationError: "This cannot be sent to AWS.",
}


def fault_of(operation: str, error: Exception) -> GatewayFault:
    """Return what `error` of boto3 means; nothing of the request or the reply but AWS's code and request id."""
    if isinstance(error, ClientError):
        return _spoken(operation, error)
    for kind, words in _NEVER_SENT.items():
        if isinstance(error, kind):
            return GatewayFault(operation, type(error).__name__, words)
    return GatewayFault(operation, type(error).__name__, _NO_ANSWER, Certainty.UNKNOWN)


def not_aws(operation: str) -> GatewayFault:
    """Return the fault of an answer that is not AWS's, such as the page of a proxy."""
    return GatewayFault(operation, "UnreadableReply", _NOT_AWS, Certainty.UNKNOWN)


def told_of(fault: GatewayFault) -> GatewayFault:
    """Return `fault` in the words for what was only read, if that is all that its call does."""
    if fault.operation.startswith(_READS):
        fault.words = _NOT_READ.get(fault.words, fault.words)
    return fault


def request_id_of(reply: Any) -> str:  # noqa: ANN401 - whatever boto3 made of an answer
    """Return AWS's name of the request, or "": then it was not AWS that answered."""
    return str(reply.get("ResponseMetadata", {}).get("RequestId", ""))


def _spoken(operation: str, error: ClientError) -> GatewayFault:
    code = error.response.get("Error", {}).get("Code") or "Unknown"
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500)
    aws_request_id = request_id_of(error.response)
    unsure = (status >= 500 and code not in THROTTLED) or not aws_request_id
    return GatewayFault(
        operation=operation,
        code=code,
        words=WORDS_OF_OPERATION.get((operation, code)) or WORDS.get(code, _NO_ANSWER if unsure else "AWS said no."),
        certainty=Certainty.UNKNOWN if unsure else Certainty.NOT_DONE,
        aws_request_id=aws_request_id,
    )
