"""All that we ever ask of AWS: the calls, the plain records that they return, and how they fail."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Certainty(StrEnum):
    """What is known after a call failed."""

    NOT_DONE = "AWS did not do it"
    UNKNOWN = "AWS may have done it"


@dataclass(eq=False)
class GatewayFault(Exception):  # noqa: N818 - a fault carries AWS's own words for the error
    """AWS did not do it, or did not say. `code` and `aws_request_id` are AWS's, empty where AWS never spoke."""

    operation: str
    code: str
    words: str
    certainty: Certainty = Certainty.NOT_DONE
    aws_request_id: str = ""
    created_note: str = "Nothing was made or changed."
    stays_open: bool = False  # recovery settles the act that it ended
    way_on: str = ""  # an address of this site that says where the act stands
    again: str = ""  # an address where the same is begun anew, with the answers: this attempt is over

    def __str__(self) -> str:
        return f"{self.operation}: {self.code}"

    @property
    def reference(self) -> str:
        """What an administrator can look it up by: AWS's code, and its name of the request where it spoke."""
        return f"{self.code}, request {self.aws_request_id}" if self.aws_request_id else self.code

    @property
    def is_certain(self) -> bool:
        """Whether it is certain that the call changed nothing."""
        return self.certainty is Certainty.NOT_DONE

    @property
    def status(self) -> int:
        """The HTTP status of the page that says it: 502 where AWS spoke, 503 where it was not reached."""
        return 502 if self.aws_request_id else 503


# AWS's codes that acts tell apart; the rest is only shown.
NO_SUCH_ENTITY = "NoSuchEntity"
ACCESS_DENIED = "AccessDenied"
ENTITY_ALREADY_EXISTS = "EntityAlreadyExists"
DELETE_CONFLICT = "DeleteConflict"
LIMIT_EXCEEDED = "LimitExceeded"
PASSWORD_POLICY_VIOLATION = "PasswordPolicyViolation"  # noqa: S105 - a code of AWS


@dataclass(frozen=True)
class Caller:
    """Who the credential chain makes us in AWS."""

    account_id: str
    arn: str

    @property
    def is_root(self) -> bool:
        """Whether it is the root user of the account."""
        return self.arn.endswith(":root")


@dataclass(frozen=True)
class Role:
    """A role in another account, the external ID by which it knows us, and the person whom AWS shall name."""

    arn: str
    external_id: str
    person: str = ""


@dataclass(frozen=True)
class NewUser:
    """An IAM user to be made, complete in one call."""

    name: str
    path: str
    boundary_arn: str
    tags: Mapping[str, str]


@dataclass(frozen=True)
class IamUser:
    """An IAM user as AWS knows it. Of all sign-ins to the console in five minutes AWS notes the first."""

    name: str
    path: str
    arn: str
    tags: Mapping[str, str]
    signed_in_at: datetime | None = None


@dataclass(frozen=True)
class NewKey:
    """The reply of CreateAccessKey: the only time that AWS tells the secret."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    created_at: datetime


@dataclass(frozen=True)
class UserKey:
    """An access key as AWS lists it. AWS knows more states than two: whatever is not Active does not work."""

    key_id: str
    is_active: bool
    made_at: datetime


@dataclass(frozen=True)
class KeyLastUse:
    """The last use of one key. Of all uses in fifteen minutes AWS notes the first, and only the last is kept."""

    used_at: datetime
    region: str
    service: str


@dataclass(frozen=True)
class Holdings:
    """All that keeps a user from being deleted, as far as we may look. `groups` only an administrator can leave."""

    access_keys: Sequence[str] = ()
    inline_policies: Sequence[str] = ()
    attached_policies: Sequence[str] = ()
    mfa_devices: Sequence[str] = ()
    groups: Sequence[str] = ()


@dataclass(frozen=True)
class Identity:
    """A domain or an address in SES, in one region."""

    name: str
    can_send: bool


@dataclass(frozen=True)
class SendingAccount:
    """How SES sees the account in one region."""

    in_production: bool
    sending_enabled: bool


@dataclass(frozen=True)
class KeyUse:
    """The last use of one of a user's keys, or of its password, by the credential report, which names no key IDs."""

    user_name: str
    used_at: datetime
    region: str
    service: str


@dataclass(frozen=True)
class AccountSummary:
    """What IAM counts in the account; None where it does not say."""

    users: int | None
    users_quota: int | None
    root_has_mfa: bool | None
    root_has_keys: bool | None


class Verdict(StrEnum):
    """What the policy simulator says of one action, in AWS's words."""

    ALLOWED = "allowed"
    IMPLICIT_DENY = "implicitDeny"
    EXPLICIT_DENY = "explicitDeny"


class Aws(Protocol):
    """The one door. Each call raises `GatewayFault`; deletions answer whether there was something to delete."""

    @property
    def is_real(self) -> bool:
        """Whether the other end is AWS, judged by the address that the client really uses."""

    def key_in_use(self) -> str:
        """Return the ID of the access key that signs our calls, or "" when the chain gives none. Asks nobody."""

    @property
    def role(self) -> Role | None:
        """The role through which this gateway came into its account; None in the one that we sign in to."""

    def into(self, role: Role | None, *, anew: bool = False) -> "Aws":
        """Return the gateway into the account of `role`, or back to our own; a kept session serves unless `anew`."""

    def is_let_in(self, role: Role) -> bool:
        """Return whether `role` lets us in, asked at once; the session that this gives is dropped."""

    def caller(self) -> Caller: ...
    def policy_exists(self, arn: str) -> bool: ...
    def policy_document(self, arn: str) -> dict[str, object] | None:
        """Return what the managed policy says, in its default version, or None where there is no such policy."""

    def simulate(
        self, principal_arn: str, actions: Sequence[str], resource: str, context: Mapping[str, str]
    ) -> dict[str, Verdict]:
        """Return for each action what a user's or a role's policies say of it on `resource`; nothing is done."""

    def account_summary(self) -> AccountSummary: ...
    def password_policy(self) -> dict[str, object] | None:
        """Return the account's own password policy in AWS's words, or None where AWS's default holds."""

    def alias(self) -> str:
        """Return the account's alias, or "" where it has none."""

    def create_user(self, user: NewUser) -> str:
        """Make the user and return AWS's request id. Sent once: never repeated by itself after an unclear answer."""

    def put_policy(self, user_name: str, policy_name: str, document: str) -> str:
        """Put the inline policy on a user that was just made (waits for it to be visible); return the request id."""

    def create_key(self, user_name: str, *, is_new: bool = True) -> NewKey:
        """Make an access key, for a user that was just made unless told otherwise. Sent once, like `create_user`."""

    def create_login(self, user_name: str, password: str) -> None:
        """Let a user sign in to the console, to give a password of its own first. Sent once, like `create_user`."""

    def set_key_status(self, user_name: str, access_key_id: str, *, active: bool) -> None:
        """Let one access key work, or stop it; being so already is no error."""

    def tag_user(self, user_name: str, tags: Mapping[str, str]) -> None:
        """Set these tags of the user; its others stay."""

    def delete_key(self, user_name: str, access_key_id: str, *, unseen_for: float = 0.0) -> bool:
        """Delete one access key; for `unseen_for` seconds "not there" is taken for a user who is too new to be seen."""

    def delete_policy(self, user_name: str, policy_name: str, *, unseen_for: float = 0.0) -> bool: ...
    def detach_policy(self, user_name: str, arn: str) -> bool: ...
    def delete_login(self, user_name: str, *, unseen_for: float = 0.0) -> bool: ...
    def has_login(self, user_name: str) -> bool:
        """Return whether the user has a password for the console."""

    def deactivate_mfa(self, user_name: str, serial: str) -> bool: ...
    def delete_mfa(self, serial: str) -> bool:
        """Delete a virtual MFA device that nobody uses any more."""

    def delete_user(self, user_name: str, *, unseen_for: float = 0.0) -> bool:
        """Delete the user, whose policies and keys are gone; `unseen_for` as in `delete_key`."""

    def user(self, user_name: str) -> IamUser | None: ...

    def known_user(self, user_name: str) -> IamUser: ...
    def keys(self, user_name: str) -> tuple[UserKey, ...]:
        """Return the access keys of a user, oldest first."""

    def key_last_used(self, access_key_id: str) -> KeyLastUse | None:
        """Return the last use of a key, None if there was none. That of a key which is gone, AWS denies."""

    def holdings(self, user_name: str) -> Holdings: ...
    def obstacles(self, user_name: str) -> tuple[str, ...]:
        """Return, in words, what hangs on the user that we may see and not take off."""

    def identities(self, region: str) -> tuple[Identity, ...]: ...
    def sending_account(self, region: str) -> SendingAccount: ...

    def key_uses(self) -> tuple[datetime, tuple[KeyUse, ...]] | None:
        """Return when the credential report was made and the uses it names, or None while AWS still makes it."""

    def keys_made(self, user_arn: str) -> tuple[datetime, ...] | None:
        """Return since when the user has each of its active keys, by the credential report; None as in `key_uses`."""
