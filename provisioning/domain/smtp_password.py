"""The SMTP password that SES accepts for an access key in one region.

Source: Amazon SES developer guide, "Obtaining SMTP credentials" (converting an existing secret access key).
"""

import base64
import hashlib
import hmac

_VERSION = b"\x04"
# The fixed steps after the region, in order: each digest is the key of the next step.
_BEFORE_REGION = "11111111"
_AFTER_REGION = ("ses", "aws4_request", "SendRawEmail")


def derive(secret_access_key: str, region: str) -> str:
    """Return the 44-character SMTP password of `secret_access_key` for `region` (an id such as ``eu-west-1``).

    A pure function: AWS is not asked, and any region id gives a password, also one without an SMTP endpoint.
    The same key has a different password in each region. The secret cannot be computed back from it.
    """
    digest = f"AWS4{secret_access_key}".encode()
    for text in (_BEFORE_REGION, region, *_AFTER_REGION):
        digest = hmac.digest(digest, text.encode(), hashlib.sha256)
    return base64.b64encode(_VERSION + digest).decode("ascii")
