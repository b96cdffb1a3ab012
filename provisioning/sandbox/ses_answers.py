"""SES of one region: account state, identities, and sending by API through the same decision as SMTP."""

import base64
from email.message import EmailMessage
from typing import Any

from .errors import AwsError
from .mail import PRODUCTION_PER_DAY, SANDBOX_PER_DAY, Letter, Refused, send, sent_last_day
from .pages import page
from .principals import Caller
from .wire import Call, Service
from .world import SesRegion, World


def answer(world: World, call: Call, caller: Caller) -> Any:
    """The result of an authorized SES call in the call's region."""
    ses = world.ses.get(call.region)
    if ses is None:
        raise AwsError("SandboxCannotAnswer", f"The sandbox has no SES in region {call.region}.")
    if call.operation in ("SendEmail", "SendRawEmail"):
        return _send(world, call, caller)
    return _READS[call.operation](world, ses, call.params)


def _account(world: World, ses: SesRegion, params: dict[str, Any]) -> Any:
    return {
        "DedicatedIpAutoWarmupEnabled": False,
        "EnforcementStatus": "HEALTHY",
        "ProductionAccessEnabled": ses.production,
        "SendingEnabled": True,
        "SendQuota": _quota(world, ses),
        "SuppressionAttributes": {"SuppressedReasons": ["BOUNCE", "COMPLAINT"]},
    }


def _quota(world: World, ses: SesRegion) -> dict[str, float]:
    return {
        "Max24HourSend": float(PRODUCTION_PER_DAY if ses.production else SANDBOX_PER_DAY),
        "MaxSendRate": 14.0 if ses.production else 1.0,
        "SentLast24Hours": float(sent_last_day(world, ses)),
    }


def _send_quota(world: World, ses: SesRegion, params: dict[str, Any]) -> Any:
    return _quota(world, ses)


def _type(name: str) -> str:
    return "EMAIL_ADDRESS" if "@" in name else "DOMAIN"


def _list(world: World, ses: SesRegion, params: dict[str, Any]) -> Any:
    rows = [
        (
            name,
            {
                "IdentityType": _type(name),
                "IdentityName": name,
                "SendingEnabled": verified,
                "VerificationStatus": "SUCCESS" if verified else "PENDING",
            },
        )
        for name, verified in ses.identities.items()
    ]
    shown, more = page(rows, {"Marker": params.get("NextToken"), "MaxItems": params.get("PageSize")})
    return {"EmailIdentities": shown, "NextToken": more.get("Marker")}


def _get(world: World, ses: SesRegion, params: dict[str, Any]) -> Any:
    name = params["EmailIdentity"]
    verified = _verified(ses, name)
    return {
        "IdentityType": _type(name),
        "FeedbackForwardingStatus": True,
        "VerifiedForSendingStatus": verified,
        "VerificationStatus": "SUCCESS" if verified else "PENDING",
        "Policies": {},
        "Tags": [],
    }


def _verified(ses: SesRegion, name: str) -> bool:
    if name not in ses.identities:
        raise AwsError("NotFoundException", f"Email identity {name} does not exist.")
    return ses.identities[name]


def _create(world: World, ses: SesRegion, params: dict[str, Any]) -> Any:
    name = params["EmailIdentity"]
    if name in ses.identities:
        raise AwsError("AlreadyExistsException", f"Email identity {name} already exist.")
    # Pending until its owner has acted in AWS; here until the control document says so.
    ses.identities[name] = False
    return {"IdentityType": _type(name), "VerifiedForSendingStatus": False}


def _delete(world: World, ses: SesRegion, params: dict[str, Any]) -> Any:
    _verified(ses, params["EmailIdentity"])
    del ses.identities[params["EmailIdentity"]]
    return {}


def _list_v1(world: World, ses: SesRegion, params: dict[str, Any]) -> Any:
    wanted = {"EmailAddress": "EMAIL_ADDRESS", "Domain": "DOMAIN"}.get(params.get("IdentityType", ""))
    return {"Identities": sorted(name for name in ses.identities if wanted in (None, _type(name)))}


def _verification_v1(world: World, ses: SesRegion, params: dict[str, Any]) -> Any:
    known = {name: ses.identities[name] for name in params["Identities"] if name in ses.identities}
    rows = {name: {"VerificationStatus": "Success" if good else "Pending"} for name, good in known.items()}
    return {"VerificationAttributes": rows}


_READS = {
    "GetAccount": _account,
    "GetSendQuota": _send_quota,
    "ListEmailIdentities": _list,
    "GetEmailIdentity": _get,
    "CreateEmailIdentity": _create,
    "DeleteEmailIdentity": _delete,
    "ListIdentities": _list_v1,
    "GetIdentityVerificationAttributes": _verification_v1,
}


def _send(world: World, call: Call, caller: Caller) -> Any:
    letter, action = _letter_v2(call) if call.service is Service.SESV2 else (_letter_v1(call), "ses:SendRawEmail")
    try:
        return {"MessageId": send(world, caller, call.region, letter, action)}
    except Refused as refused:
        raise AwsError(refused.code, refused.words) from refused


def _letter_v1(call: Call) -> Letter:
    data = call.params["RawMessage"]["Data"]
    recipients = tuple(call.params.get("Destinations", ()))
    return Letter(call.params.get("Source", ""), recipients, data, call.peer, "1")


def _letter_v2(call: Call) -> tuple[Letter, str]:
    """Raw content needs ses:SendRawEmail, simple content ses:SendEmail; templates are not answered."""
    params = call.params
    sender = params.get("FromEmailAddress", "")
    destination = params.get("Destination", {})
    recipients = tuple(each for kind in ("To", "Cc", "Bcc") for each in destination.get(f"{kind}Addresses", ()))
    content = params["Content"]
    if "Raw" in content:
        data = content["Raw"]["Data"]
        raw = data if isinstance(data, bytes) else base64.b64decode(data)
        return Letter(sender, recipients, raw, call.peer, "2"), "ses:SendRawEmail"
    if "Simple" not in content:
        raise AwsError("SandboxCannotAnswer", "The sandbox sends raw and simple messages, no templates.")
    message = EmailMessage()
    message["From"], message["To"] = sender, ", ".join(recipients)
    message["Subject"] = content["Simple"]["Subject"]["Data"]
    return Letter(sender, recipients, message.as_bytes(), call.peer, "2"), "ses:SendEmail"
