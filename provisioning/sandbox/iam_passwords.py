"""Console logins: the account's password policy is applied, the forced reset is kept, devices in use stay."""

import string
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.iam.models import User

from .errors import AwsError
from .iam_base import IamBase

# Without a policy of the account's own: 8 to 128 characters, three of the four kinds.
_LONGEST = 128


class Passwords(IamBase):
    def create_login_profile(self) -> ActionResult:
        user, params = self.user(), self.call.params
        if user.password:
            raise AwsError("EntityAlreadyExists", f"Login Profile for user {user.name} already exists.")
        self._demand_good_password(params.get("Password", ""))
        user.password = params["Password"]
        user.password_reset_required = params.get("PasswordResetRequired", False)
        return ActionResult({"LoginProfile": self._profile(user)})

    def get_login_profile(self) -> ActionResult:
        return ActionResult({"LoginProfile": self._profile(self._with_profile())})

    def update_login_profile(self) -> ActionResult:
        user, params = self._with_profile(), self.call.params
        if "Password" in params:
            self._demand_good_password(params["Password"])
            user.password = params["Password"]
        user.password_reset_required = params.get("PasswordResetRequired", user.password_reset_required)
        return EmptyResult()

    def delete_login_profile(self) -> ActionResult:
        self._with_profile().password = None
        return EmptyResult()

    def change_password(self) -> ActionResult:
        user, params = self.user(self.caller.name), self.call.params
        if not user.password or user.password != params["OldPassword"]:
            raise AwsError("InvalidUserType" if not user.password else "AccessDenied", "The old password is not right.")
        self._demand_good_password(params["NewPassword"])
        user.password = params["NewPassword"]
        user.password_reset_required = False
        return EmptyResult()

    def delete_virtual_mfa_device(self) -> ActionResult:
        serial = self.call.params["SerialNumber"]
        device = self.world.iam.virtual_mfa_devices.get(serial)
        if device is None:
            raise AwsError("NoSuchEntity", f"VirtualMFADevice with serial number {serial} doesn't exist.")
        if device.user is not None:
            raise AwsError("DeleteConflict", "Virtual MFA device has a current association with a user.")
        return super().delete_virtual_mfa_device()

    def _with_profile(self) -> User:
        user = self.user()
        if not user.password:
            raise AwsError("NoSuchEntity", f"Login Profile for User {user.name} cannot be found.")
        return user

    def _profile(self, user: User) -> dict[str, Any]:
        reset = bool(user.password_reset_required)
        return {"UserName": user.name, "CreateDate": user.create_date, "PasswordResetRequired": reset}

    def _demand_good_password(self, password: str) -> None:
        kinds = {
            "upper": any(sign in string.ascii_uppercase for sign in password),
            "lower": any(sign in string.ascii_lowercase for sign in password),
            "digit": any(sign in string.digits for sign in password),
            "symbol": any(sign in string.punctuation for sign in password),
        }
        policy = self.world.iam.account_password_policy
        if policy is None:
            good = 8 <= len(password) <= _LONGEST and sum(kinds.values()) >= 3
        else:
            required = {
                "upper": policy.require_uppercase_characters,
                "lower": policy.require_lowercase_characters,
                "digit": policy.require_numbers,
                "symbol": policy.require_symbols,
            }
            enough = policy.minimum_password_length <= len(password) <= _LONGEST
            good = enough and all(kinds[kind] for kind, needed in required.items() if needed)
        if not good:
            raise AwsError("PasswordPolicyViolation", "Password does not conform to the account password policy.")
