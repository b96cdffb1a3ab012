"""SES of one region: account state, identities, configuration sets and templates."""

from dataclasses import dataclass
from typing import Any

from guidance.regions import REGIONS

from . import ses_sending
from .errors import AwsError
from .mail import PRODUCTION_PER_DAY, SANDBOX_PER_DAY, sent_last_day
from .pages import page
from .principals import Caller
from .wire import Call, Json
from .world import SesRegion, World


@dataclass(frozen=True)
class Question:
    world: World
    ses: SesRegion
    params: dict[str, Any]


def answer(world: World, call: Call, caller: Caller) -> Json:
    """The result of an authorized SES call in the call's region."""
    ses = world.ses.get(call.region) or _untouched(call)
    if ses is None:
        raise AwsError("SandboxCannotAnswer", f"The sandbox has no SES in region {call.region}.")
    if call.operation in ses_sending.ANSWERS:
        return ses_sending.ANSWERS[call.operation](world, call, caller)
    return _READS[call.operation](Question(world, ses, call.params))


def _untouched(call: Call) -> SesRegion | None:
    """SES as nobody has used it yet, for questions about the other regions that it is in: nothing is verified there."""
    is_there = call.region in REGIONS and call.operation in _CHANGES_NOTHING
    return SesRegion(production=False) if is_there else None


def _account(ask: Question) -> Json:
    return {
        "DedicatedIpAutoWarmupEnabled": False,
        "EnforcementStatus": "HEALTHY",
        "ProductionAccessEnabled": ask.ses.production,
        "SendingEnabled": True,
        "SendQuota": _quota(ask.world, ask.ses),
        "SuppressionAttributes": {"SuppressedReasons": ["BOUNCE", "COMPLAINT"]},
    }


def _quota(world: World, ses: SesRegion) -> dict[str, float]:
    return {
        "Max24HourSend": float(PRODUCTION_PER_DAY if ses.production else SANDBOX_PER_DAY),
        "MaxSendRate": 14.0 if ses.production else 1.0,
        "SentLast24Hours": float(sent_last_day(world, ses)),
    }


def _send_quota(ask: Question) -> Json:
    return _quota(ask.world, ask.ses)


def _type(name: str) -> str:
    return "EMAIL_ADDRESS" if "@" in name else "DOMAIN"


def _list(ask: Question) -> Json:
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
        for name, verified in ask.ses.identities.items()
    ]
    shown, more = page(rows, {"Marker": ask.params.get("NextToken"), "MaxItems": ask.params.get("PageSize")})
    return {"EmailIdentities": shown, "NextToken": more.get("Marker")}


def _get(ask: Question) -> Json:
    name = ask.params["EmailIdentity"]
    verified = _verified(ask.ses, name)
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


def _create(ask: Question) -> Json:
    name = ask.params["EmailIdentity"]
    if name in ask.ses.identities:
        raise AwsError("AlreadyExistsException", f"Email identity {name} already exist.")
    # Pending until its owner has acted in AWS; here until the control document says so.
    ask.ses.identities[name] = False
    return {"IdentityType": _type(name), "VerifiedForSendingStatus": False}


def _delete(ask: Question) -> Json:
    _verified(ask.ses, ask.params["EmailIdentity"])
    del ask.ses.identities[ask.params["EmailIdentity"]]
    return {}


def _create_set(ask: Question) -> Json:
    return _new(ask.ses.configuration_sets, ask.params["ConfigurationSetName"])


def _create_template(ask: Question) -> Json:
    return _new(ask.ses.templates, ask.params["TemplateName"])


def _new(names: set[str], name: str) -> Json:
    if name in names:
        raise AwsError("AlreadyExistsException", f"{name} already exists.")
    names.add(name)
    return {}


def _list_v1(ask: Question) -> Json:
    wanted = {"EmailAddress": "EMAIL_ADDRESS", "Domain": "DOMAIN"}.get(ask.params.get("IdentityType", ""))
    return {"Identities": sorted(name for name in ask.ses.identities if wanted in (None, _type(name)))}


def _verification_v1(ask: Question) -> Json:
    known = {name: ask.ses.identities[name] for name in ask.params["Identities"] if name in ask.ses.identities}
    rows = {name: {"VerificationStatus": "Success" if good else "Pending"} for name, good in known.items()}
    return {"VerificationAttributes": rows}


_READS = {
    "GetAccount": _account,
    "GetSendQuota": _send_quota,
    "ListEmailIdentities": _list,
    "GetEmailIdentity": _get,
    "CreateEmailIdentity": _create,
    "DeleteEmailIdentity": _delete,
    "CreateConfigurationSet": _create_set,
    "CreateEmailTemplate": _create_template,
    "ListIdentities": _list_v1,
    "GetIdentityVerificationAttributes": _verification_v1,
}
_CHANGES_NOTHING = {each for each in _READS if each.startswith(("Get", "List"))}
