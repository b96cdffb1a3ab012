"""Delivering: what the last call gave is written down, and its secrets wait, sealed, for one browser."""

from datetime import datetime

from provisioning.domain.lifecycle import Login, Seal
from provisioning.domain.refusals import Reason, Refusal
from provisioning.models import AccessKey, Credential, CredentialRequest, Handover, SmtpLogin
from provisioning.services import sealing
from provisioning.services.making import Made
from provisioning.services.sealing import Browser


def require_key(browser: Browser) -> None:
    """Raise a `Refusal` unless the browser holds the key that opens the secret again."""
    if not sealing.is_key(browser.handover_key):
        raise Refusal(
            why=Reason.WRONG_BROWSER,
            title="This browser did not make the review",
            reason="The key that would open the secret again lives in the browser that was shown the review. Describe "
            "the credential again in this one, and let it keep cookies.",
            created_note="Nothing was made.",
            met_nothing=True,
        )


def deliver(
    request: CredentialRequest, credential: Credential, made: Made, sealed: bytes, *, browser: Browser, now: datetime
) -> None:
    """Write down the key and its hand-over, inside the caller's transaction."""
    row = None
    if made.key is not None:
        row = AccessKey.objects.create(credential=credential, key_id=made.key.access_key_id, made_at=now)
        SmtpLogin.objects.bulk_create(
            SmtpLogin(key=row, region=region, state=Login.UNTRIED) for region in request.regions
        )
    Handover.objects.create(
        request=request,
        credential=credential,
        key=row,
        person_id=request.person_id,
        session_digest=browser.session_digest,
        sealed=sealed,
        state=Seal.OPEN,
        made_at=now,
    )
