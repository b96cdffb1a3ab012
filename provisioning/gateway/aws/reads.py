"""What we only read: who we are, the boundary, SES identities, the credential report."""

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from provisioning.gateway.aws.calls import call, found
from provisioning.gateway.aws.sessions import Clients
from provisioning.gateway.contract import Caller, GatewayFault, Identity, KeyUse, SendingAccount

# The credential report is not ready: not an error, only a later try.
_NOT_READY = frozenset({"ReportNotPresent", "ReportExpired", "ReportInProgress"})


class Reads:
    """The half of the gateway that changes nothing."""

    _clients: Clients

    @property
    def is_real(self) -> bool:
        """Whether the other end is AWS."""
        return self._clients.is_real

    def key_in_use(self) -> str:
        """Return the ID of the access key that signs our calls, or ""."""
        return self._clients.key_in_use()

    def caller(self) -> Caller:
        """Return who the credential chain makes us."""
        reply = call("GetCallerIdentity", self._clients.sts.get_caller_identity, again=True)
        return Caller(account_id=reply["Account"], arn=reply["Arn"])

    def policy_exists(self, arn: str) -> bool:
        """Return whether the managed policy exists."""
        return found("GetPolicy", self._clients.iam.get_policy, PolicyArn=arn)

    def identities(self, region: str) -> tuple[Identity, ...]:
        """Return every identity of the account in `region`."""
        client = self._clients.ses(region)
        identities: list[Identity] = []
        where: dict[str, Any] = {"PageSize": 1000}
        while True:
            page = call("ListEmailIdentities", client.list_email_identities, again=True, **where)
            identities += [
                Identity(found["IdentityName"], found.get("SendingEnabled", False)) for found in page["EmailIdentities"]
            ]
            if not page.get("NextToken"):
                return tuple(identities)
            where["NextToken"] = page["NextToken"]

    def sending_account(self, region: str) -> SendingAccount:
        """Return whether SES is out of its sandbox in `region`, and sends."""
        reply = call("GetAccount", self._clients.ses(region).get_account, again=True)
        return SendingAccount(reply.get("ProductionAccessEnabled", False), reply.get("SendingEnabled", False))

    def key_uses(self) -> tuple[datetime, tuple[KeyUse, ...]] | None:
        """Return the time of the credential report and the key uses in it, or None while AWS still makes it."""
        call("GenerateCredentialReport", self._clients.iam.generate_credential_report, again=True)
        try:
            reply = call("GetCredentialReport", self._clients.iam.get_credential_report, again=True)
        except GatewayFault as fault:
            if fault.code in _NOT_READY:
                return None
            raise
        rows = csv.DictReader(io.StringIO(reply["Content"].decode()))
        return reply["GeneratedTime"], tuple(use for row in rows for use in _uses(row))


def _uses(row: dict[str, str]) -> Iterator[KeyUse]:
    for number in ("1", "2"):
        used_at = row.get(f"access_key_{number}_last_used_date", "N/A")
        try:
            at = datetime.fromisoformat(used_at)
        except ValueError:  # N/A, no_information, not_supported
            continue
        region = row.get(f"access_key_{number}_last_used_region", "N/A")
        service = row.get(f"access_key_{number}_last_used_service", "N/A")
        yield KeyUse(row["user"], at, region, service)
