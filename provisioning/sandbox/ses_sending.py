"""Sending through the SES API, by the same decision as SMTP. AWS asks for another action by what a message is made of.

Raw content needs ses:SendRawEmail, simple content ses:SendEmail, a template ses:SendTemplatedEmail, many at once
ses:SendBulkEmail (Amazon SES developer guide; django-anymail 384 and nodemailer 1734 met the first).
"""

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any

from .errors import AwsError
from .mail import Letter, NotSentError, send
from .principals import Caller
from .wire import Call, Json, Service
from .world import World

_V2_CODES = {"ConfigurationSetDoesNotExist": "NotFoundException", "TemplateDoesNotExist": "NotFoundException"}


@dataclass(frozen=True)
class _Content:
    action: str
    raw: bytes = b""
    subject: str = ""
    template: str = ""


def _sent(world: World, call: Call, caller: Caller, letter: Letter) -> str:
    try:
        return send(world, caller, call.region, letter)
    except NotSentError as refused:
        code = _V2_CODES.get(refused.code, refused.code) if call.service is Service.SESV2 else refused.code
        raise AwsError(code, refused.words) from refused


def _raw_v1(world: World, call: Call, caller: Caller) -> Json:
    data = call.params["RawMessage"]["Data"]
    recipients = tuple(call.params.get("Destinations", ()))
    letter = Letter(call.params.get("Source", ""), recipients, data, call.peer, "1")
    return {"MessageId": _sent(world, call, caller, letter)}


def _email(world: World, call: Call, caller: Caller) -> Json:
    content = _content(call.params["Content"])
    return {"MessageId": _sent(world, call, caller, _letter(call, content, call.params.get("Destination", {})))}


def _bulk(world: World, call: Call, caller: Caller) -> Json:
    """One result for each destination. A refusal refuses the whole call."""
    template = call.params["DefaultContent"].get("Template")
    if not template:
        raise AwsError("BadRequestException", "A bulk message needs a template.")
    content = _Content("ses:SendBulkEmail", template=_name(template))
    results = []
    for entry in call.params["BulkEmailEntries"]:
        letter = _letter(call, content, entry.get("Destination", {}))
        results.append({"Status": "SUCCESS", "MessageId": _sent(world, call, caller, letter)})
    return {"BulkEmailEntryResults": results}


ANSWERS: dict[str, Callable[[World, Call, Caller], Json]] = {
    "SendEmail": _email,
    "SendRawEmail": _raw_v1,
    "SendBulkEmail": _bulk,
}


def _content(content: Mapping[str, Any]) -> _Content:
    kinds = [kind for kind in ("Raw", "Simple", "Template") if content.get(kind)]
    if len(kinds) != 1:
        raise AwsError("BadRequestException", "Content must be one of Raw, Simple and Template.")
    given = content[kinds[0]]
    if kinds[0] == "Raw":
        return _Content("ses:SendRawEmail", raw=_bytes(given["Data"]))
    if kinds[0] == "Simple":
        return _Content("ses:SendEmail", subject=given["Subject"]["Data"])
    return _Content("ses:SendTemplatedEmail", template=_name(given))


def _name(template: Mapping[str, Any]) -> str:
    """The name of a template that is kept in SES; one that is written into the call has none, and no resource."""
    if template.get("TemplateContent"):
        return ""
    name = template.get("TemplateName") or str(template.get("TemplateArn", "")).rpartition("/")[2]
    if not name:
        raise AwsError("BadRequestException", "A template needs a name, an ARN or its content.")
    return str(name)


def _bytes(data: bytes | str) -> bytes:
    try:
        return data if isinstance(data, bytes) else base64.b64decode(data)
    except binascii.Error as error:
        raise AwsError("BadRequestException", "Data is no base64.") from error


def _letter(call: Call, content: _Content, destination: Mapping[str, Any]) -> Letter:
    author = call.params.get("FromEmailAddress", "")
    recipients = tuple(each for kind in ("To", "Cc", "Bcc") for each in destination.get(f"{kind}Addresses", ()))
    return Letter(
        sender=parseaddr(author)[1],
        recipients=recipients,
        content=content.raw or _written(author, recipients, content.subject),
        peer=call.peer,
        api_version="2",
        action=content.action,
        configuration_set=call.params.get("ConfigurationSetName", ""),
        template=content.template,
    )


def _written(author: str, recipients: tuple[str, ...], subject: str) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = author, ", ".join(recipients), subject
    return message.as_bytes()
