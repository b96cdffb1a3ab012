"""What SES decides about one message: whether this key may send it, its addresses are verified, quota is left."""

import uuid
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import getaddresses, parseaddr

from .actions import Demand, ses_arn
from .enforcement import outcome_of, principal_context
from .principals import Caller
from .world import Delivered, SesRegion, World

SIMULATOR = "@simulator.amazonses.com"
SANDBOX_PER_DAY = 200
PRODUCTION_PER_DAY = 50_000
_DAY = 86_400.0
MOST_RECIPIENTS = 50


@dataclass(frozen=True)
class Letter:
    """A message as handed over: the envelope and the raw content."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    peer: str
    api_version: str  # SMTP counts as version 2 of SendRawEmail
    action: str = "ses:SendRawEmail"
    configuration_set: str = ""  # that of the call; a header of the message names one too
    template: str = ""  # the name of one that is kept in SES


@dataclass(frozen=True)
class Opened:
    letter: Letter
    head: Message


class NotSentError(Exception):
    """SES does not take the message. `code` is the API's; SMTP has words of its own for each."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code
        self.words = words


def send(world: World, caller: Caller, region: str, letter: Letter) -> str:
    """Take the message or raise NotSentError; returns the message id. Hold the world's lock around it."""
    world = world.within(caller.account)
    ses = world.ses[region]
    head = BytesHeaderParser().parsebytes(letter.content)
    author = _author(head, letter)
    if len(letter.recipients) > MOST_RECIPIENTS:
        raise NotSentError("MessageRejected", f"Recipient count exceeds {MOST_RECIPIENTS}.")
    # Permission comes before verification: a key without the right learns nothing about identities.
    _demand_permission(world, caller, region, Opened(letter, head))
    _demand_verified(ses, region, [author, *_other_senders(head, letter), *_limited(ses, letter.recipients)])
    if (name := _configuration_set(letter, head)) and name not in ses.configuration_sets:
        raise NotSentError("ConfigurationSetDoesNotExist", f"Configuration set <{name}> does not exist.")
    if letter.template and letter.template not in ses.templates:
        raise NotSentError("TemplateDoesNotExist", f"Template {letter.template} does not exist.")
    _demand_quota(world, ses, letter)
    return _take(world, caller, region, letter, head)


def _author(head: Message, letter: Letter) -> str:
    """The address that counts as ses:FromAddress: the From header's, else the envelope's."""
    addresses = [address for _, address in getaddresses(_texts(head, "from")) if address]
    return addresses[0] if addresses else letter.sender


def _other_senders(head: Message, letter: Letter) -> list[str]:
    """Everything else that must be verified: MAIL FROM, Sender, Return-Path and further authors."""
    names = [text for header in ("from", "sender", "return-path") for text in _texts(head, header)]
    return [address for address in (letter.sender, *(address for _, address in getaddresses(names))) if address]


def _texts(head: Message, name: str) -> list[str]:
    return [str(value) for value in head.get_all(name, [])]


def _configuration_set(letter: Letter, head: Message) -> str:
    return letter.configuration_set or str(head.get("X-SES-CONFIGURATION-SET", "")).strip()


def _limited(ses: SesRegion, recipients: tuple[str, ...]) -> list[str]:
    """Recipients that must be verified: none with production access, all but the simulator's without."""
    if ses.production:
        return []
    return [address for address in recipients if not address.lower().endswith(SIMULATOR)]


def _demand_permission(world: World, caller: Caller, region: str, opened: Opened) -> None:
    letter, action = opened.letter, opened.letter.action
    context = principal_context(world, caller, letter.peer, region, "") | {"ses:ApiVersion": (letter.api_version,)}
    if action != "ses:SendBulkEmail":  # which knows no From and no recipients (Service Authorization Reference)
        context |= _of_the_message(opened)
    for resource in _resources(world, region, opened):
        outcome = outcome_of(caller, Demand(action, resource), context)
        if outcome is not None and not outcome.allowed:
            raise NotSentError(
                "AccessDenied",
                f"User `{caller.arn}' is not authorized to perform `{action}' on resource `{resource}'",
            )


def _of_the_message(opened: Opened) -> dict[str, tuple[str, ...]]:
    letter, head = opened.letter, opened.head
    author = _author(head, letter)
    keys: dict[str, tuple[str, ...]] = {
        "ses:FromAddress": (author,),
        "ses:Recipients": letter.recipients,
        "ses:FeedbackAddress": (letter.sender or author,),
    }
    display = parseaddr(_texts(head, "from")[0])[0] if _texts(head, "from") else ""
    return keys | ({"ses:FromDisplayName": (display,)} if display else {})


def _resources(world: World, region: str, opened: Opened) -> list[str]:
    """The ARNs that must all be allowed: the author's identity, verified recipients, configuration set, template.

    That verified recipients count while the region is in the SES sandbox was met by others (GSA/data.gov 3810,
    cloudposse/terraform-aws-ses 40); AWS documents it nowhere.
    """
    ses, letter, head = world.ses[region], opened.letter, opened.head
    author = _author(head, letter)
    found = [ses.identity_of(author) or author]
    found += [name for address in _limited(ses, letter.recipients) if (name := ses.identity_of(address))]
    arns = [ses_arn(world, region, "identity", name) for name in dict.fromkeys(found)]
    if name := _configuration_set(letter, head):
        arns.append(ses_arn(world, region, "configuration-set", name))
    if letter.template:
        arns.append(ses_arn(world, region, "template", letter.template))
    return arns


def _demand_verified(ses: SesRegion, region: str, addresses: list[str]) -> None:
    failed = [address for address in dict.fromkeys(addresses) if ses.identity_of(address) is None]
    if failed:
        raise NotSentError(
            "MessageRejected",
            "Email address is not verified. The following identities failed the check in region "
            f"{region.upper()}: {', '.join(failed)}",
        )


def sent_last_day(world: World, ses: SesRegion) -> int:
    """Recipients of the last 24 hours; the mailbox simulator's do not count."""
    since = world.clock.now().timestamp() - _DAY
    return sum(moment > since for moment in ses.sent)


def _demand_quota(world: World, ses: SesRegion, letter: Letter) -> None:
    quota = PRODUCTION_PER_DAY if ses.production else SANDBOX_PER_DAY
    if sent_last_day(world, ses) + len(_counted(letter)) > quota:
        raise NotSentError("Throttling", "Daily message quota exceeded.")


def _counted(letter: Letter) -> list[str]:
    return [address for address in letter.recipients if not address.lower().endswith(SIMULATOR)]


def _take(world: World, caller: Caller, region: str, letter: Letter, head: Message) -> str:
    message_id = f"{uuid.uuid4().hex[:16]}-{uuid.uuid4()}-000000"
    moment = world.clock.now().timestamp()
    world.ses[region].sent.extend(moment for _ in _counted(letter))
    headers = tuple((name, str(value)) for name, value in head.items())
    world.mailbox.append(Delivered(region, message_id, letter.sender, letter.recipients, headers, caller.key_id))
    return message_id
