"""What we only read: who we are, the boundary, SES identities, the credential report."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from provisioning.gateway.aws.calls import call, found
from provisioning.gateway.aws.sessions import Clients
from provisioning.gateway.contract import (
    NO_SUCH_ENTITY,
    AccountSummary,
    Caller,
    GatewayFault,
    Identity,
    KeyUse,
    SendingAccount,
    Verdict,
)

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

    def policy_document(self, arn: str) -> dict[str, object] | None:
        """Return what the managed policy says, in its default version, or None."""
        try:
            policy = call("GetPolicy", self._clients.iam.get_policy, again=True, PolicyArn=arn)["Policy"]
        except GatewayFault as fault:
            if fault.code == NO_SUCH_ENTITY:
                return None
            raise
        version = policy["DefaultVersionId"]
        read = self._clients.iam.get_policy_version
        reply = call("GetPolicyVersion", read, again=True, PolicyArn=arn, VersionId=version)
        document: Any = reply["PolicyVersion"]["Document"]  # botocore has read the JSON already
        return dict(document)

    def simulate(
        self, principal_arn: str, actions: Sequence[str], resource: str, context: Mapping[str, str]
    ) -> dict[str, Verdict]:
        """Ask the policy simulator, page by page."""
        entries = [
            {"ContextKeyName": name, "ContextKeyType": "string", "ContextKeyValues": [value]}
            for name, value in context.items()
        ]
        asked: dict[str, Any] = {
            "PolicySourceArn": principal_arn,
            "ActionNames": list(actions),
            "ResourceArns": [resource],
            "ContextEntries": entries,
        }
        verdicts: dict[str, Verdict] = {}
        while True:
            page = call("SimulatePrincipalPolicy", self._clients.iam.simulate_principal_policy, again=True, **asked)
            verdicts |= {each["EvalActionName"]: Verdict(each["EvalDecision"]) for each in page["EvaluationResults"]}
            if not page.get("IsTruncated"):
                return verdicts
            asked["Marker"] = page["Marker"]

    def account_summary(self) -> AccountSummary:
        """Return what IAM counts in the account."""
        counted = call("GetAccountSummary", self._clients.iam.get_account_summary, again=True)["SummaryMap"]
        mfa, keys = counted.get("AccountMFAEnabled"), counted.get("AccountAccessKeysPresent")
        return AccountSummary(
            users=counted.get("Users"),
            users_quota=counted.get("UsersQuota"),
            root_has_mfa=None if mfa is None else mfa > 0,
            root_has_keys=None if keys is None else keys > 0,
        )

    def password_policy(self) -> dict[str, object] | None:
        """Return the account's own password policy, or None."""
        try:
            reply = call("GetAccountPasswordPolicy", self._clients.iam.get_account_password_policy, again=True)
        except GatewayFault as fault:
            if fault.code == NO_SUCH_ENTITY:
                return None
            raise
        return dict(reply["PasswordPolicy"])

    def alias(self) -> str:
        """Return the account's alias, or ""."""
        aliases = call("ListAccountAliases", self._clients.iam.list_account_aliases, again=True)["AccountAliases"]
        return aliases[0] if aliases else ""

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
        report = self._report()
        return (report[0], tuple(use for row in report[1] for use in _uses(row))) if report else None

    def keys_made(self, user_arn: str) -> tuple[datetime, ...] | None:
        """Return since when the user has each of its active keys, by the credential report."""
        report = self._report()
        return tuple(at for row in report[1] if row["arn"] == user_arn for at in _made(row)) if report else None

    def _report(self) -> tuple[datetime, list[dict[str, str]]] | None:
        call("GenerateCredentialReport", self._clients.iam.generate_credential_report, again=True)
        try:
            reply = call("GetCredentialReport", self._clients.iam.get_credential_report, again=True)
        except GatewayFault as fault:
            if fault.code in _NOT_READY:
                return None
            raise
        return reply["GeneratedTime"], list(csv.DictReader(io.StringIO(reply["Content"].decode())))


def _made(row: dict[str, str]) -> Iterator[datetime]:
    for number in ("1", "2"):
        if row.get(f"access_key_{number}_active") != "true":
            continue
        with suppress(ValueError):  # N/A, no_information
            yield datetime.fromisoformat(row.get(f"access_key_{number}_last_rotated", "N/A"))


def _uses(row: dict[str, str]) -> Iterator[KeyUse]:
    with suppress(ValueError):  # N/A, no_information: it has no password, or nobody has signed in with it
        yield KeyUse(row["user"], datetime.fromisoformat(row.get("password_last_used", "N/A")), "N/A", "console")
    for number in ("1", "2"):
        used_at = row.get(f"access_key_{number}_last_used_date", "N/A")
        try:
            at = datetime.fromisoformat(used_at)
        except ValueError:  # N/A, no_information, not_supported
            continue
        region = row.get(f"access_key_{number}_last_used_region", "N/A")
        service = row.get(f"access_key_{number}_last_used_service", "N/A")
        yield KeyUse(row["user"], at, region, service)
