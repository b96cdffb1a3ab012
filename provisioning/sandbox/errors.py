"""Errors as AWS words them, in the wire format of the service that answers."""

import json
from xml.sax.saxutils import escape

from .wire import Reply, Service

NAMESPACES = {
    "iam": "https://iam.amazonaws.com/doc/2010-05-08/",
    "sts": "https://sts.amazonaws.com/doc/2011-06-15/",
    "ses": "http://ses.amazonaws.com/doc/2010-12-01/",
}
# Codes that AWS sends but does not model, and the few whose status differs from the usual 400.
_STATUS = {
    "AccessDenied": 403,
    "AccessDeniedException": 403,
    "InvalidClientTokenId": 403,
    "SignatureDoesNotMatch": 403,
    "ExpiredToken": 403,
    "IncompleteSignature": 400,
    "MissingAuthenticationToken": 403,
    "NoSuchEntity": 404,
    "NotFoundException": 404,
    "EntityAlreadyExists": 409,
    "LimitExceeded": 409,
    "DeleteConflict": 409,
    "ConcurrentModification": 409,
    "EntityTemporarilyUnmodifiable": 409,
    "ReportInProgress": 404,
    "ReportNotPresent": 410,
    "ReportExpired": 410,
    "ServiceFailure": 500,
    "InternalFailure": 500,
    "SandboxCannotAnswer": 501,
}


class AwsError(Exception):
    """What the pretend AWS answers instead of a result."""

    def __init__(self, code: str, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status or _STATUS.get(code, 400)


def cannot_answer(what: str) -> AwsError:
    """The sandbox's own error: it says what it lacks and never guesses."""
    return AwsError("SandboxCannotAnswer", f"The sandbox cannot answer this as AWS would: {what}.")


def error_reply(service: Service | None, error: AwsError, request_id: str, *, as_json: bool = False) -> Reply:
    """The error in the protocol of the service; where there is none, `as_json` says what the client speaks."""
    if service is Service.SESV2 or (service is None and as_json):
        return _json(error, request_id)
    return _xml(service.model_name if service else "iam", error, request_id)


def _xml(service: str, error: AwsError, request_id: str) -> Reply:
    fault = "Receiver" if error.status >= 500 else "Sender"
    body = (
        f'<ErrorResponse xmlns="{NAMESPACES[service]}"><Error><Type>{fault}</Type><Code>{escape(error.code)}</Code>'
        f"<Message>{escape(error.message)}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>"
    )
    headers = {"Content-Type": "text/xml", "x-amzn-RequestId": request_id}
    return Reply(error.status, headers, body.encode(), error.code)


# The REST service names some of the same refusals differently.
_REST_CODES = {
    "AccessDenied": "AccessDeniedException",
    "InvalidClientTokenId": "UnrecognizedClientException",
    "SignatureDoesNotMatch": "InvalidSignatureException",
    "MissingAuthenticationToken": "MissingAuthenticationTokenException",
    "ExpiredToken": "ExpiredTokenException",
    "Throttling": "TooManyRequestsException",
    "ValidationError": "BadRequestException",
}


def _json(error: AwsError, request_id: str) -> Reply:
    code = _REST_CODES.get(error.code, error.code)
    status = 429 if code == "TooManyRequestsException" else error.status
    body = json.dumps({"__type": code, "message": error.message})
    # The REST protocol has no place for the request id in an error body; AWS sends it as a header.
    headers = {"Content-Type": "application/json", "x-amzn-ErrorType": code, "x-amzn-RequestId": request_id}
    return Reply(status, headers, body.encode(), code)
