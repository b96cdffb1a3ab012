"""How a credential of each kind is tried: its sign-in in one region, and a message from there."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from guidance.catalogue import Kind
from provisioning.domain.api_policy import ApiOptions, Way
from provisioning.gateway import smtp
from provisioning.gateway.attempts import Answer, Attempt
from provisioning.gateway.aws import proofs as api
from provisioning.services.handover import Opened
from provisioning.services.making import SECRET

_DENIED = "AccessDeniedException"
_ELSEWHERE = "This key sends from {} alone, and the dashboard is elsewhere, it seems: send a message from there."


@dataclass(frozen=True)
class Proof:
    """`sign_in` takes the region, `send` the region and the From address."""

    sign_in: Callable[[Opened, str], Attempt]
    send: Callable[[Opened, str, str], Attempt]


def proof_of(kind: Kind) -> Proof:
    """Return how a credential of `kind` is tried."""
    return _PROOFS[kind]


def _smtp_sign_in(opened: Opened, region: str) -> Attempt:
    found = smtp.endpoints(region)
    return smtp.sign_in(found[0], _login(opened, region)) if found else _no_endpoint(region)


def _no_endpoint(region: str) -> Attempt:
    return Attempt(Answer.UNREACHABLE, 0, f"SES_SMTP_ENDPOINTS names no SMTP endpoint of {region}.")


def _smtp_send(opened: Opened, region: str, sender: str) -> Attempt:
    found = smtp.endpoints(region)
    return smtp.send_test(found[0], _login(opened, region), sender) if found else _no_endpoint(region)


def _login(opened: Opened, region: str) -> smtp.SmtpLogin:
    return smtp.SmtpLogin(opened.handover.access_key.key_id, opened.secrets[region])


def _api_sign_in(opened: Opened, region: str) -> Attempt:
    return api.sign_in(_key(opened), region)


def _api_send(opened: Opened, region: str, sender: str) -> Attempt:
    options = ApiOptions.of(opened.handover.credential.options)
    raw = Way.SIMPLE not in options.ways
    attempt = api.send_test(_key(opened), api.Letter(region, sender, raw, options.configuration_set))
    if options.source_ips and attempt.aws_code == _DENIED:
        return replace(attempt, words=f"{attempt.words} {_ELSEWHERE.format(', '.join(options.source_ips))}")
    return attempt


def _key(opened: Opened) -> api.Key:
    return api.Key(opened.handover.access_key.key_id, opened.secrets[SECRET])


_PROOFS: dict[Kind, Proof] = {
    Kind.SMTP: Proof(_smtp_sign_in, _smtp_send),
    Kind.API: Proof(_api_sign_in, _api_send),
}
