"""boto3 clients, made once, with bounded waiting and no retries of their own."""

import threading
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from provisioning import request_id

if TYPE_CHECKING:  # the stubs are on desks only
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sts import STSClient

CONNECT_SECONDS = 3
READ_SECONDS = 10
# IAM is global; a region is only needed to find its partition's endpoint and to sign.
_HOME_REGION = {"aws": "us-east-1", "aws-us-gov": "us-gov-west-1", "aws-eusc": "eusc-de-east-1"}

# One request, never repeated by botocore: CreateUser and CreateAccessKey must not be done twice, and only who counts
# the tries knows whether an earlier one may have been done. `calls.call` repeats. (`max_attempts: 1` would mean two.)
_ONCE = Config(connect_timeout=CONNECT_SECONDS, read_timeout=READ_SECONDS, retries={"total_max_attempts": 1})


class Clients:
    """The clients of one process. Making one takes a lock, because boto3 sessions are not safe between threads.

    With `base`, those of a session in another account: `keys` as boto3 names them instead of the credential chain's.
    """

    def __init__(
        self, partition: str = "aws", *, base: "Clients | None" = None, keys: Mapping[str, str] | None = None
    ) -> None:
        self.lock: threading.Lock = base.lock if base else threading.Lock()
        self.session: boto3.Session = base.session if base else boto3.Session(region_name=_HOME_REGION[partition])
        self._keys: dict[str, Any] = dict(keys or {})
        self._ses: dict[str, SESV2Client] = {}

    @cached_property
    def iam(self) -> "IAMClient":
        """IAM, which is global."""
        client: IAMClient = self._make("iam")
        return client

    @cached_property
    def sts(self) -> "STSClient":
        """STS, to ask who we are."""
        client: STSClient = self._make("sts")
        return client

    def ses(self, region: str) -> "SESV2Client":
        """SES in one region."""
        if region not in self._ses:
            self._ses[region] = self._make("sesv2", region)
        return self._ses[region]

    def key_in_use(self) -> str:
        """Return the ID of the access key that signs, or "" where the chain gives none."""
        if self._keys:
            return str(self._keys["aws_access_key_id"])
        try:
            with self.lock:
                credentials = self.session.get_credentials()
            return (credentials.get_frozen_credentials().access_key or "") if credentials else ""
        except (BotoCoreError, ClientError):  # the chain could not fetch or renew them
            return ""

    @cached_property
    def is_real(self) -> bool:
        """Whether the IAM client's own endpoint is one of AWS's."""
        host = urlsplit(self.iam.meta.endpoint_url).hostname or ""
        return host.endswith((".amazonaws.com", ".amazonaws.com.cn", ".api.aws", ".amazonaws.eu"))

    def _make(self, service: Any, region: str | None = None) -> Any:  # noqa: ANN401 - boto3's own shape
        make: Any = self.session.client  # its overloads know no keys by name
        with self.lock:
            client = make(service, config=_ONCE, region_name=region, **self._keys)
            client.meta.events.register("before-send", _name_the_request)
        return client


def _name_the_request(request: Any, **_: Any) -> None:  # noqa: ANN401 - botocore's hook
    """Put our request id into the user agent, which CloudTrail keeps: it ties AWS's record to ours."""
    if request_id.current():
        request.headers["User-Agent"] = f"{_text(request.headers['User-Agent'])} sescreds/{request_id.current()}"


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value
