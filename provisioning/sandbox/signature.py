"""Signature Version 4: who signed a request, and whether the secret was right."""

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qsl, quote

from .errors import AwsError
from .wire import Raw

_HEADER = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[\w-]+)/(?P<date>\d{8})/(?P<region>[\w-]+)/(?P<service>[\w-]+)/aws4_request"
    r", ?SignedHeaders=(?P<signed>[\w;-]+), ?Signature=(?P<signature>[0-9a-f]{64})"
)
_TOLERANCE_SECONDS = 300


@dataclass(frozen=True)
class Signature:
    key_id: str
    date: str
    region: str
    service: str
    signed_headers: tuple[str, ...]
    value: str


def read_signature(raw: Raw) -> Signature:
    """Who claims to have signed; raises AwsError where there is no signature or one that is no Signature Version 4."""
    header = raw.headers.get("authorization", "")
    if not header:
        raise AwsError("MissingAuthenticationToken", "Request is missing Authentication Token")
    found = _HEADER.fullmatch(header)
    if not found:
        raise AwsError("IncompleteSignature", "Authorization header is not a Signature Version 4 header.")
    signed = tuple(found["signed"].split(";"))
    return Signature(found["key"], found["date"], found["region"], found["service"], signed, found["signature"])


def demand_right_signature(raw: Raw, signature: Signature, secret: str) -> None:
    """Raise SignatureDoesNotMatch unless the request was signed with `secret` within five minutes.

    The age is measured against real time: the sandbox's clock offset moves policies, not the client's own clock.
    """
    stamp = raw.headers.get("x-amz-date", "")
    if not _fresh(stamp):
        raise AwsError("SignatureDoesNotMatch", f"Signature expired: {stamp} is not within five minutes of now.")
    scope = f"{signature.date}/{signature.region}/{signature.service}/aws4_request"
    canonical = hashlib.sha256(_canonical(raw, signature).encode()).hexdigest()
    text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{canonical}"
    key = f"AWS4{secret}".encode()
    for part in (signature.date, signature.region, signature.service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    if not hmac.compare_digest(hmac.digest(key, text.encode(), "sha256").hex(), signature.value):
        raise AwsError(
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided. "
            "Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
        )


def _fresh(stamp: str) -> bool:
    try:
        moment = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return False
    return abs((datetime.now(UTC) - moment).total_seconds()) <= _TOLERANCE_SECONDS


def _canonical(raw: Raw, signature: Signature) -> str:
    query = sorted(
        (quote(k, safe="-_.~"), quote(v, safe="-_.~")) for k, v in parse_qsl(raw.query, keep_blank_values=True)
    )
    headers = "".join(f"{name}:{' '.join(raw.headers.get(name, '').split())}\n" for name in signature.signed_headers)
    return "\n".join(
        (
            raw.method,
            quote(raw.path, safe="/~"),  # all services but S3 sign the already encoded path encoded once more
            "&".join(f"{key}={value}" for key, value in query),
            headers,
            ";".join(signature.signed_headers),
            hashlib.sha256(raw.body).hexdigest(),
        )
    )
