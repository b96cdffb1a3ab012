"""What is true: AWS as its root user sees it, beside what the database says."""

import json
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

import boto3
from botocore.config import Config
from django.utils import timezone

from guidance.catalogue import Kind
from provisioning import audit
from provisioning.domain.lifecycle import STAYING, State
from provisioning.domain.naming import ACT_TAG, TEAM_TAG
from provisioning.domain.roles import system
from provisioning.gateway.aws import aws
from provisioning.models import Claim, Credential
from provisioning.models.claim import LEASE
from provisioning.sandbox.server import Sandbox
from provisioning.services import recovery, requesting
from provisioning.services.recovery import SEEN_TWICE_APART
from tests.builders import Clock

OUR_PATH = "/ses-dashboard/"


@dataclass
class Found:
    """A user in AWS and what hangs on it."""

    tags: dict[str, str]
    keys: list[str] = field(default_factory=list)
    policies: list[str] = field(default_factory=list)
    active: list[str] = field(default_factory=list)  # those of its keys that work
    can_sign_in: bool = False  # to the console


class Truth:
    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.root = boto3.client(
            "iam",
            region_name="us-east-1",
            endpoint_url=sandbox.aws_url,
            aws_access_key_id=sandbox.root_keys.access_key_id,
            aws_secret_access_key=sandbox.root_keys.secret_access_key,
            config=Config(retries={"total_max_attempts": 1}),
        )
        self.strangers: set[str] = set()

    def stranger(self, name: str = "ses-newsletter-somebody-else") -> str:
        """A user under our path that another hand has made, with a key and a policy of its own."""
        self.root.create_user(UserName=name, Path="/ses-dashboard/newsletter/", Tags=[{"Key": ACT_TAG, "Value": "no"}])
        self.root.put_user_policy(UserName=name, PolicyName="theirs", PolicyDocument=NOTHING)
        self.root.create_access_key(UserName=name)
        self.strangers.add(name)
        return name

    def delete(self, name: str) -> None:
        """Delete a user behind our back, with whatever hangs on it, if it is there."""
        if name not in self.users():
            return
        for key in self.root.list_access_keys(UserName=name)["AccessKeyMetadata"]:
            self.root.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
        for policy in self.root.list_user_policies(UserName=name)["PolicyNames"]:
            self.root.delete_user_policy(UserName=name, PolicyName=policy)
        with suppress(self.root.exceptions.NoSuchEntityException):
            self.root.delete_login_profile(UserName=name)
        self.root.delete_user(UserName=name)

    def users(self) -> dict[str, Found]:
        """Every user under our path."""
        listed = self.root.list_users(PathPrefix=OUR_PATH)
        assert not listed["IsTruncated"]
        return {user["UserName"]: self._found(user["UserName"]) for user in listed["Users"]}

    def _found(self, name: str) -> Found:
        listed = self.root.list_access_keys(UserName=name)["AccessKeyMetadata"]
        return Found(
            {tag["Key"]: tag["Value"] for tag in self.root.list_user_tags(UserName=name)["Tags"]},
            [key["AccessKeyId"] for key in listed],
            self.root.list_user_policies(UserName=name)["PolicyNames"],
            [key["AccessKeyId"] for key in listed if key["Status"] == "Active"],
            self._has_password(name),
        )

    def _has_password(self, name: str) -> bool:
        try:
            assert self.root.get_login_profile(UserName=name)["LoginProfile"]["PasswordResetRequired"]
        except self.root.exceptions.NoSuchEntityException:
            return False
        return True

    def _holds_what_the_books_say(self, credential: Credential, user: Found) -> None:
        """Which keys work, as whom it may send, and whose it is."""
        assert user.active == list(
            credential.keys.filter(deleted_at=None, stopped_at=None).values_list("key_id", flat=True)
        )
        works = user.can_sign_in if credential.kind == Kind.CONSOLE else bool(user.active)
        assert works == (credential.state == State.LIVE)
        held = self.root.get_user_policy(UserName=credential.user_name, PolicyName=credential.policy_name)
        text = requesting.policy_of(credential)
        assert held["PolicyDocument"] == json.loads(text)
        assert credential.policy_hash == requesting.policy_hash(text)
        assert user.tags[TEAM_TAG] == str(credential.team_id)

    def agrees(self) -> bool:
        """Whether the database and AWS say the same, nothing is left open, and the history is unbroken."""
        users = self.users()
        for name in self.strangers:
            stranger = users.pop(name)
            assert (stranger.policies, len(stranger.keys)) == (["theirs"], 1), f"{name} was not left alone"
        for credential in Credential.objects.filter(state__in=STAYING):
            user = users.pop(credential.user_name)
            self._holds_what_the_books_say(credential, user)
            assert user.tags[ACT_TAG] == str(credential.request_id)
            assert user.keys == list(credential.keys.filter(deleted_at=None).values_list("key_id", flat=True))
            is_console = credential.kind == Kind.CONSOLE
            assert len(user.keys) in ({0} if is_console else {1, 2})
            denied = ["sescreds-suspended"] if is_console and credential.state == State.SUSPENDED else []
            assert user.policies == [credential.policy_name, *denied]
        assert not users, f"orphans in AWS: {users}"
        assert not Claim.objects.open().exists(), "an act is still open"
        assert not Claim.objects.came_late().exists(), "an act came back late, and nobody has looked again"
        assert not Claim.objects.filter(steps=None).exists(), "an act of which nothing was written beforehand"
        assert not Credential.objects.filter(state__in=(State.ISSUING, State.REVOKING)).exists()
        _, flaw = audit.verify()
        assert flaw is None, flaw
        return True


NOTHING = '{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}'


def recover(clock: Clock) -> int:
    return recovery.recover_interrupted(by=system("recovery"), gateway=aws(), clock=clock)


def after_the_lease(times: int = 1, ahead: timedelta = timedelta()) -> Clock:
    """A clock at which a lease that was taken now, or `ahead` (or renewed, several times over), has lapsed."""
    return Clock(timezone.now() + ahead + times * LEASE + timedelta(seconds=1))


def recover_all(clock: Clock | None = None) -> int:
    """Sweep until every act is settled, as the worker would in some minutes; return how many sweeps that took."""
    clock = clock or after_the_lease()
    for sweeps in range(1, 10):
        recover(clock)
        if not (Claim.objects.open() | Claim.objects.came_late()).exists():
            return sweeps
        clock.now += max(SEEN_TWICE_APART, timedelta(minutes=1)) + timedelta(seconds=1)
    raise AssertionError("recovery does not end")
