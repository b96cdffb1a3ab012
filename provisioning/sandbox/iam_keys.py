"""Access keys: two a user, their states, their last use, and the credential report."""

import csv
import io
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from moto.core.responses import ActionResult
from moto.iam.models import AccessKey, AccessKeyLastUsed, User

from .clock import ticks
from .errors import AwsError
from .iam_base import IamBase
from .world import World, new_secret

_REPORT_LIFE = timedelta(hours=4)
_KEY_COLUMNS = ("active", "last_rotated", "last_used_date", "last_used_region", "last_used_service")
REPORT_COLUMNS = (
    *("user", "arn", "user_creation_time", "password_enabled", "password_last_used", "password_last_changed"),
    *("password_next_rotation", "mfa_active"),
    *(f"access_key_{number}_{name}" for number in (1, 2) for name in _KEY_COLUMNS),
    *("cert_1_active", "cert_1_last_rotated", "cert_2_active", "cert_2_last_rotated"),
)


class Keys(IamBase):
    def create_access_key(self) -> ActionResult:
        user = self.user()
        result = super().create_access_key()
        key = user.access_keys[-1]
        key.create_date = self.world.clock.naive()
        key.secret_access_key = new_secret()
        self.world.born_keys[key.access_key_id] = ticks()
        return result

    def update_access_key(self) -> ActionResult:
        if self.call.params["Status"] == "Expired":
            # A status that AWS shows and nobody can set; the code is not confirmed.
            raise AwsError("ValidationError", "Value 'Expired' at 'status' failed to satisfy constraint")
        self._demand_key()
        return super().update_access_key()

    def delete_access_key(self) -> ActionResult:
        self._demand_key()
        return super().delete_access_key()

    def list_access_keys(self) -> ActionResult:
        self.user()
        return super().list_access_keys()

    def _demand_key(self) -> None:
        user, key_id = self.user(), self.call.params["AccessKeyId"]
        if not any(key.access_key_id == key_id for key in user.access_keys):
            raise AwsError("NoSuchEntity", f"The Access Key with id {key_id} cannot be found.")

    def get_access_key_last_used(self) -> ActionResult:
        key_id = self.call.params["AccessKeyId"]
        key = self.world.iam.access_keys.get(key_id)
        if key is None:
            # AWS does not tell a key of nobody from a key of another account.
            raise AwsError("AccessDenied", f"User: {self.caller.arn} is not authorized to see key {key_id}")
        used: dict[str, Any] = {"Region": "N/A", "ServiceName": "N/A"}
        if key.last_used:
            last = key.last_used
            used = {"LastUsedDate": last.timestamp, "Region": last.region, "ServiceName": last.service}
        return ActionResult({"UserName": key.user_name, "AccessKeyLastUsed": used})

    def generate_credential_report(self) -> ActionResult:
        now = self.world.clock.naive()
        known = self.world.reports.get(self.world.account)
        if known and now - known[0] < _REPORT_LIFE:
            return ActionResult({"State": "COMPLETE"})
        # AWS works on it for some seconds and answers ReportInProgress meanwhile; here it is ready at once.
        self.world.reports[self.world.account] = (now, report_of(self.world))
        return ActionResult({"State": "STARTED", "Description": "No report exists. Starting a new report"})

    def get_credential_report(self) -> ActionResult:
        known = self.world.reports.get(self.world.account)
        if known is None:
            raise AwsError("ReportNotPresent", "No report exists. Use GenerateCredentialReport to make one.")
        made, text = known
        if self.world.clock.naive() - made >= _REPORT_LIFE:
            raise AwsError("ReportExpired", "Credential report has expired.")
        return ActionResult({"Content": text, "ReportFormat": "text/csv", "GeneratedTime": made})


def report_of(world: World) -> str:
    """The credential report: root first, then every user; without key ids, as in AWS."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(REPORT_COLUMNS)
    writer.writerow(_root_row(world))
    for name in sorted(world.iam.users):
        writer.writerow(_user_row(world.iam.users[name]))
    return text.getvalue()


def _root_row(world: World) -> list[str]:
    born = _stamp(world.clock.naive() - timedelta(days=900))
    password = [born, "not_supported", "no_information", "not_supported", "not_supported", "false"]
    return [
        "<root_account>",
        world.root_arn,
        *password,
        "true",
        born,
        *_use(world.root_keys_used.get(world.account)),
        *_no_key(),
        *_no_certificates(),
    ]


def _user_row(user: User) -> list[str]:
    signed_in = _stamp(user.password_last_used) if user.password_last_used else "no_information"
    password = ["true", signed_in, _stamp(user.create_date), "N/A"] if user.password else ["false", *["N/A"] * 3]
    keys = [column for key in user.access_keys[:2] for column in _key(key)]
    keys += [column for _ in range(2 - len(user.access_keys)) for column in _no_key()]
    mfa = "true" if user.mfa_devices else "false"
    return [user.name, user.arn, _stamp(user.create_date), *password, mfa, *keys, *_no_certificates()]


def _key(key: AccessKey) -> Iterable[str]:
    return ["true" if key.status == "Active" else "false", _stamp(key.create_date), *_use(key.last_used)]


def _use(last: AccessKeyLastUsed | None) -> list[str]:
    return [_stamp(last.timestamp), last.region, last.service] if last else ["N/A", "N/A", "N/A"]


def _no_key() -> list[str]:
    return ["false", *["N/A"] * 4]


def _no_certificates() -> list[str]:
    return ["false", "N/A", "false", "N/A"]


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S+00:00")
