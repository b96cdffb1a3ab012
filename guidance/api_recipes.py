"""Client settings for one access key, ready to paste: each text is quoted by the rules of its own syntax.

The names are those of the AWS SDKs and of the AWS CLI. What reaches a text from outside is checked here once more.
"""

import json
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from guidance.recipes import SIMULATOR, Recipe

_CHECKS: Final = {
    "profile": re.compile(r"[A-Za-z0-9-]{1,64}"),
    "region": re.compile(r"[a-z]+(?:-[a-z]+)+-[0-9]+"),
    "key_id": re.compile(r"[A-Za-z0-9_]{16,128}"),
    "secret": re.compile(r"[A-Za-z0-9+/]{40}"),
    "from_address": re.compile(r"[A-Za-z0-9._+-]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?"),
    "action": re.compile(r"Send(Raw|Templated|Bulk)?Email"),
    "configuration_set": re.compile(r"[A-Za-z0-9_-]{0,64}"),
    "endpoint": re.compile(r"(https?://[A-Za-z0-9.:-]+)?"),
}


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """What software must know to call the API. Raises ValueError when a value could mean more than itself.

    `action` is what the key is used for first; `endpoint` leads elsewhere than to AWS, where it is not empty.
    """

    profile: str
    region: str
    key_id: str
    secret: str = field(repr=False)
    from_address: str
    action: str = "SendEmail"
    configuration_set: str = ""
    endpoint: str = ""

    def __post_init__(self) -> None:
        for name, pattern in _CHECKS.items():
            if not pattern.fullmatch(getattr(self, name)):
                raise ValueError(f"{name} does not have the form that client settings can carry")  # never the value


def recipes(settings: ApiSettings) -> tuple[Recipe, ...]:
    """Return the forms in which the key is stored, and a first message."""
    return (
        Recipe("env", ".env", dotenv([settings])),
        Recipe("files", "~/.aws files", _files(settings)),
        Recipe("configure", "aws configure", _configure(settings)),
        Recipe("boto3", "boto3", _boto3(settings)),
        Recipe("cli", "AWS CLI", _cli(settings)),
    )


def dotenv(regions: Sequence[ApiSettings]) -> str:
    """Return a `.env` file: the one key, and the first region as that of the SDKs. The others stand in a comment."""
    first, *others = regions
    lines = [
        f"AWS_ACCESS_KEY_ID={first.key_id}",
        f"AWS_SECRET_ACCESS_KEY='{first.secret}'",
        f"AWS_REGION={first.region}",
        f"AWS_DEFAULT_REGION={first.region}",
        f"SES_FROM='{first.from_address}'",
    ]
    if others:
        lines.insert(2, f"# The key also sends in {', '.join(other.region for other in others)}")
    if first.configuration_set:
        lines.append(f"SES_CONFIGURATION_SET={first.configuration_set}")
    if first.endpoint:
        lines.append(f"AWS_ENDPOINT_URL={first.endpoint}")
    return "\n".join(lines) + "\n"


def _files(settings: ApiSettings) -> str:
    endpoint = f"endpoint_url = {settings.endpoint}\n" if settings.endpoint else ""
    return (
        "# ~/.aws/credentials (mode 0600)\n"
        f"[{settings.profile}]\n"
        f"aws_access_key_id = {settings.key_id}\n"
        f"aws_secret_access_key = {settings.secret}\n"
        "\n"
        "# ~/.aws/config\n"
        f"[profile {settings.profile}]\n"
        f"region = {settings.region}\n"
        f"{endpoint}"
        "\n"
        f"# Software uses it with AWS_PROFILE={settings.profile}\n"
    )


def _configure(settings: ApiSettings) -> str:
    endpoint = f"aws configure set endpoint_url {settings.endpoint} --profile {settings.profile}\n"
    return (
        "# It asks four times, so that the secret stays out of the shell's history\n"
        f"aws configure --profile {settings.profile}\n"
        f"# AWS Access Key ID: {settings.key_id}\n"
        f"# AWS Secret Access Key: {settings.secret}\n"
        f"# Default region name: {settings.region}\n"
        "# Default output format: json\n"
        f"{endpoint if settings.endpoint else ''}"
        f"aws sts get-caller-identity --profile {settings.profile}\n"
    )


def _boto3(settings: ApiSettings) -> str:
    raw = settings.action == "SendRawEmail"
    sender = json.dumps(settings.from_address)
    message = (
        "message = EmailMessage()\n"
        f'message["From"], message["To"], message["Subject"] = {sender}, "{SIMULATOR}", "Test"\n'
        'message.set_content("Hello")\n'
    )
    method, content, _, _ = _CALLS[settings.action]
    lines = [f"FromEmailAddress={sender}", *content]
    if settings.configuration_set:
        lines.append(f"ConfigurationSetName={json.dumps(settings.configuration_set)}")
    return (
        "# The key comes from the environment or from ~/.aws, never from the code\n"
        f"{'from email.message import EmailMessage' + chr(10) * 2 if raw else ''}"
        "import boto3\n"
        "\n"
        f'ses = boto3.client("sesv2", region_name="{settings.region}")\n'
        f"{message if raw else ''}"
        f"ses.{method}(\n" + "".join(f"    {line},\n" for line in lines) + ")\n"
    )


def _cli(settings: ApiSettings) -> str:
    _, _, command, content = _CALLS[settings.action]
    lines = [
        f"aws sesv2 {command} --profile {settings.profile} --region {settings.region}",
        f"--from-email-address {shlex.quote(settings.from_address)}",
        *content,
    ]
    if settings.configuration_set:
        lines.append(f"--configuration-set-name {settings.configuration_set}")
    return " \\\n  ".join(lines) + "\n"


_TO: Final = f'{{"ToAddresses": ["{SIMULATOR}"]}}'
_TEMPLATE: Final = '{"Template": {"TemplateName": "your-template", "TemplateData": "{}"}}'
_TO_CLI: Final = f"--destination ToAddresses={SIMULATOR}"
# What is called and with what, by the action that AWS asks for: in Python, and at the command line.
_CALLS: Final[dict[str, tuple[str, tuple[str, ...], str, tuple[str, ...]]]] = {
    "SendEmail": (
        "send_email",
        (
            f"Destination={_TO}",
            'Content={"Simple": {"Subject": {"Data": "Test"}, "Body": {"Text": {"Data": "Hello"}}}}',
        ),
        "send-email",
        (_TO_CLI, "--content 'Simple={Subject={Data=Test},Body={Text={Data=Hello}}}'"),
    ),
    "SendRawEmail": (
        "send_email",
        (f"Destination={_TO}", 'Content={"Raw": {"Data": message.as_bytes()}}'),
        "send-email",
        (_TO_CLI, '--content "Raw={Data=$(base64 -w0 message.eml)}"'),
    ),
    "SendTemplatedEmail": (
        "send_email",
        (f"Destination={_TO}", f"Content={_TEMPLATE}"),
        "send-email",
        (_TO_CLI, f"--content '{_TEMPLATE}'"),
    ),
    "SendBulkEmail": (
        "send_bulk_email",
        (f"DefaultContent={_TEMPLATE}", f'BulkEmailEntries=[{{"Destination": {_TO}}}]'),
        "send-bulk-email",
        (f"--default-content '{_TEMPLATE}'", f"--bulk-email-entries '[{{\"Destination\": {_TO}}}]'"),
    ),
}
