"""Does an access key work? STS says whose it is, and SES takes a message or not: asked with the key itself.

Each try has a client of its own: the key signs it and is kept nowhere.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from functools import lru_cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from provisioning.gateway.attempts import SIMULATOR, Answer, Attempt
from provisioning.gateway.aws.faults import request_id_of

SECONDS = 5
_BRIEFLY = Config(connect_timeout=3, read_timeout=SECONDS, retries={"total_max_attempts": 1})
_SUBJECT, _TEXT = "Test of an access key", "This message proves that the key can send.\n"
_making = threading.Lock()  # boto3 sessions are not safe between threads while they make clients

# AWS's own words name ARNs and what is missing, which helps who is refused; for these ours say more.
_WORDS = {
    "InvalidClientTokenId": "AWS does not know the key.",
    "UnrecognizedClientException": "AWS does not know the key.",
    "SignatureDoesNotMatch": "AWS does not accept the signature of the key.",
    "InvalidSignatureException": "AWS does not accept the signature of the key.",
}
_LONGEST = 300  # characters of AWS's words that are kept


@dataclass(frozen=True)
class Key:
    """An access key with its secret."""

    access_key_id: str
    secret_access_key: str = field(repr=False)


@dataclass(frozen=True)
class Letter:
    """The test message: where it is sent, as whom, whether as a whole MIME message, and with which set."""

    region: str
    sender: str
    raw: bool = False
    configuration_set: str = ""


def sign_in(key: Key, region: str) -> Attempt:
    """Ask STS of one region whose key it is, which needs no permission."""
    return _try(f"GetCallerIdentity in {region}", lambda: _client("sts", key, region).get_caller_identity())


def send_test(key: Key, letter: Letter) -> Attempt:
    """Send the fixed test message to the mailbox simulator; accepted only if SES took it."""
    content = {"Raw": {"Data": _mime(letter.sender)}} if letter.raw else {"Simple": _simple()}
    destination = {"ToAddresses": [SIMULATOR]}
    asked: dict[str, Any] = {"FromEmailAddress": letter.sender, "Destination": destination, "Content": content}
    if letter.configuration_set:
        asked["ConfigurationSetName"] = letter.configuration_set
    what = "raw" if letter.raw else "simple"
    return _try(
        f"SendEmail in {letter.region} with {what} content, from {letter.sender} to {SIMULATOR}",
        lambda: _client("sesv2", key, letter.region).send_email(**asked),
    )


@lru_cache(maxsize=1)
def _session() -> boto3.Session:
    return boto3.Session()  # for its models of the services alone: the key goes to the client


def _client(service: Any, key: Key, region: str) -> Any:  # noqa: ANN401 - boto3's own shape
    with _making:
        return _session().client(
            service,
            region_name=region,
            config=_BRIEFLY,
            aws_access_key_id=key.access_key_id,
            aws_secret_access_key=key.secret_access_key,
        )


def _try(said: str, ask: Callable[[], Any]) -> Attempt:
    try:
        reply = ask()
    except ClientError as error:
        return _refused(said, error)
    except (BotoCoreError, ResponseParserError, LookupError, ValueError, AttributeError, TypeError) as error:
        reached = not isinstance(error, BotoCoreError)
        words = "AWS gave no answer that can be read." if reached else "AWS was not reached, or gave no answer in time."
        return Attempt(Answer.UNREACHABLE, 0, words, (f"> {said}", f"< {words}"))
    request_id = request_id_of(reply)
    if not request_id:
        words = "What answered is not AWS, so nothing is proved. A message may have been sent all the same."
        return Attempt(Answer.UNREACHABLE, 0, words, (f"> {said}", f"< {words}"))
    lines = (f"> {said}", f"< 200 {_gave(reply)}", f"< request {request_id}")
    return Attempt(Answer.ACCEPTED, 200, "Accepted", lines, aws_request_id=request_id)


def _gave(reply: Any) -> str:  # noqa: ANN401 - boto3's own shape
    return f"MessageId {reply['MessageId']}" if "MessageId" in reply else str(reply.get("Arn", "OK"))


def _refused(said: str, error: ClientError) -> Attempt:
    told, about = error.response.get("Error", {}), error.response.get("ResponseMetadata", {})
    code, status = told.get("Code") or "Unknown", about.get("HTTPStatusCode", 500)
    words = _WORDS.get(code) or " ".join(str(told.get("Message", "")).split())[:_LONGEST] or "AWS said no."
    request_id = str(about.get("RequestId", ""))
    answer = Answer.REFUSED if status < 500 and request_id else Answer.UNREACHABLE
    lines = (f"> {said}", f"< {status} {code}: {words}", f"< request {request_id or 'not named'}")
    return Attempt(answer, status, words, lines, code, request_id)


def _simple() -> dict[str, object]:
    return {"Subject": {"Data": _SUBJECT}, "Body": {"Text": {"Data": _TEXT}}}


def _mime(sender: str) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, SIMULATOR, _SUBJECT
    message.set_content(_TEXT)
    return message.as_bytes()
