"""A sandbox for the session, a fresh account for each test, and clients as each principal."""

import json
import os
import smtplib
import ssl
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from provisioning.domain.smtp_password import derive
from provisioning.sandbox.server import Sandbox
from provisioning.sandbox.world import KeyPair

# Nothing of the person's own AWS set-up may reach a test.
for _name in [name for name in os.environ if name.startswith(("AWS_", "MOTO_"))]:
    del os.environ[_name]
os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull

BOUNDARY = "arn:aws:iam::123456789012:policy/sescreds-boundary"
PATH = "/ses-dashboard/newsletter/"


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    sandbox = Sandbox(tmp_path_factory.mktemp("sandbox"))
    sandbox.start()
    yield sandbox
    sandbox.stop()


@pytest.fixture
def sandbox(running: Sandbox) -> Sandbox:
    running.reset()
    return running


@pytest.fixture(scope="session")
def client_of(running: Sandbox) -> Callable[..., Any]:
    made: dict[tuple[str, ...], Any] = {}

    def client(service: str, keys: KeyPair, region: str = "eu-central-1", **more: Any) -> Any:
        name = (service, keys.access_key_id, keys.secret_access_key, region, *map(str, more))
        if name not in made:
            made[name] = boto3.client(
                service,
                endpoint_url=running.aws_url,
                region_name=region,
                aws_access_key_id=keys.access_key_id,
                aws_secret_access_key=keys.secret_access_key,
                config=Config(retries={"total_max_attempts": 1}, connect_timeout=3, read_timeout=10),
                **more,
            )
        return made[name]

    return client


@pytest.fixture
def root(sandbox: Sandbox, client_of: Callable[..., Any]) -> Any:
    """IAM as root: nothing is forbidden, everything is checked."""
    return client_of("iam", sandbox.root_keys)


@pytest.fixture
def iam(sandbox: Sandbox, client_of: Callable[..., Any]) -> Any:
    """IAM as the dashboard, with exactly the printed policy."""
    return client_of("iam", sandbox.dashboard_keys)


@pytest.fixture
def as_user(client_of: Callable[..., Any]) -> Callable[..., Any]:
    def client(service: str, key: dict[str, str], region: str = "eu-central-1") -> Any:
        return client_of(service, KeyPair(key["AccessKeyId"], key["SecretAccessKey"]), region)

    return client


def code_of(call: Callable[[], Any]) -> str:
    """AWS's error code of a call that must fail, after a look at the shape of the whole answer."""
    with pytest.raises(ClientError) as caught:
        call()
    metadata = caught.value.response["ResponseMetadata"]
    assert metadata["RequestId"] == metadata["HTTPHeaders"]["x-amzn-requestid"]
    return str(caught.value.response["Error"]["Code"])


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action: Any, resource: Any = "*", **condition: Any) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Action": action,
        "Resource": resource,
        **({"Condition": condition} if condition else {}),
    }


def deny(action: Any, resource: Any = "*", **condition: Any) -> dict[str, Any]:
    return {**allow(action, resource, **condition), "Effect": "Deny"}


def sending(region: str = "eu-central-1", addresses: str = "*@example.com", **more: Any) -> str:
    arns = [f"arn:aws:ses:{region}:123456789012:{kind}/*" for kind in ("identity", "configuration-set")]
    return policy(allow("ses:SendRawEmail", arns, StringLike={"ses:FromAddress": [addresses]}, **more))


@pytest.fixture
def make_user(root: Any) -> Callable[..., dict[str, str]]:
    """A user with a policy (and a boundary); returns its access key."""

    def make(name: str, document: str = "", path: str = PATH, **more: Any) -> dict[str, str]:
        root.create_user(UserName=name, Path=path, **more)
        if document:
            root.put_user_policy(UserName=name, PolicyName="given", PolicyDocument=document)
        return dict(root.create_access_key(UserName=name)["AccessKey"])

    return make


class Post:
    """A client of the SMTP endpoint that verifies the certificate."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.context = ssl.create_default_context(cafile=str(sandbox.ca_file))

    def connect(self, region: str = "eu-central-1", mode: str = "starttls") -> smtplib.SMTP:
        rows = [row.partition("=") for row in self.sandbox.smtp_endpoints.split(",")]
        address = next(rest for name, _, rest in rows if name == region and rest.endswith(f"/{mode}"))
        host, port = address.partition("/")[0].split(":")
        if mode == "tls":
            return smtplib.SMTP_SSL(host, int(port), context=self.context, timeout=10)
        client = smtplib.SMTP(host, int(port), timeout=10)
        client.starttls(context=self.context)
        return client

    def login(self, key: dict[str, str], region: str = "eu-central-1", mode: str = "starttls") -> smtplib.SMTP:
        client = self.connect(region, mode)
        try:
            client.login(key["AccessKeyId"], derive(key["SecretAccessKey"], region))
        except smtplib.SMTPException:
            client.close()
            raise
        return client

    def login_code(self, key: dict[str, str], region: str = "eu-central-1", mode: str = "starttls") -> tuple[int, str]:
        try:
            self.login(key, region, mode).quit()
        except smtplib.SMTPResponseException as error:
            return error.smtp_code, bytes(error.smtp_error).decode()
        return 235, ""

    def send(
        self,
        key: dict[str, str],
        sender: str = "news@example.com",
        to: str = "success@simulator.amazonses.com",
        region: str = "eu-central-1",
        header: str = "",
        envelope: str = "",
    ) -> tuple[int, str]:
        client = self.login(key, region)
        text = f"From: {sender}\r\nTo: {to}\r\n{header}Subject: test\r\n\r\nhello\r\n"
        client.mail(envelope or sender)
        client.rcpt(to)
        code, words = client.data(text)
        client.quit()
        return code, words.decode()


@pytest.fixture
def post(sandbox: Sandbox) -> Post:
    return Post(sandbox)
