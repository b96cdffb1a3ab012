"""What is shown of a console login: where its owner signs in, as whom, and the password once."""

from django.template.loader import render_to_string

from provisioning.models import Handover
from provisioning.services import console_logins
from provisioning.services.console_logins import PASSWORD
from provisioning.services.handover import Opened

# The header of the file that the IAM console gives.
COLUMNS = ("User name", "Password", "Console sign-in URL")


def context_of(handover: Handover) -> dict[str, object]:
    """Return what the hand-over of a console login shows, the password not among it."""
    credential, address = handover.credential, console_logins.address_of(handover.credential.account)
    told = {
        "address": address,
        "user_name": credential.user_name,
        "access": credential.options["access"],
        "ends": credential.expires_at,
    }
    return {"address": address, "letter": render_to_string("provisioning/handovers/console/letter.txt", told).strip()}


def page_of(opened: Opened, *, region: str, client: str) -> dict[str, object]:  # noqa: ARG001 - there is one of it
    """Return what only the answer to a look shows."""
    return {"password": opened.secrets[PASSWORD]}


def rows(opened: Opened) -> list[tuple[str, ...]]:
    """Return the file that the IAM console would give."""
    account = opened.handover.credential.account
    user_name = opened.handover.request.user_name
    return [COLUMNS, (user_name, opened.secrets[PASSWORD], console_logins.address_of(account))]
