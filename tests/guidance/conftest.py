"""A sandbox in a process of its own, and one SMTP login in it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from guidance.recipes import Settings
from guidance.regions import Mode
from provisioning.domain.smtp_password import derive

ROOT = Path(__file__).resolve().parents[2]
REGION = "eu-central-1"


@pytest.fixture(scope="session")
def logins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[Mode, Settings]]:
    """Settings of a user who may send as *@example.com in eu-central-1, for both kinds of port."""
    var_dir = tmp_path_factory.mktemp("sandbox")
    ports = {"SANDBOX_AWS_PORT": "0", "SANDBOX_SMTP_PORT": "0", "SANDBOX_SMTPS_PORT": "0"}
    environment = {**os.environ, **ports, "VAR_DIR": str(var_dir), "SANDBOX_REGIONS": REGION}
    command = [sys.executable, "-m", "provisioning.sandbox"]
    with (
        (var_dir / "log").open("w") as log,
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=log, text=True) as process,
    ):
        try:
            assert process.stdout is not None
            ready = process.stdout.readline()
            assert ready.startswith("Sandbox: "), (var_dir / "log").read_text()
            aws_url, _, endpoints = ready.removeprefix("Sandbox: ").strip().partition(", SMTP ")
            key = _user(aws_url, json.loads((var_dir / "sandbox-root.json").read_text()))
            yield {
                settings.mode: settings
                for settings in (_settings(row, key, var_dir / "sandbox-ca.pem") for row in endpoints.split(","))
            }
        finally:
            process.terminate()


def _user(aws_url: str, root: dict[str, str]) -> dict[str, str]:
    iam = boto3.client(
        "iam",
        endpoint_url=aws_url,
        region_name=REGION,
        aws_access_key_id=root["access_key_id"],
        aws_secret_access_key=root["secret_access_key"],
    )
    condition = {"StringLike": {"ses:FromAddress": "*@example.com"}}
    allow = {"Effect": "Allow", "Action": "ses:SendRawEmail", "Resource": "*", "Condition": condition}
    iam.create_user(UserName="recipes")
    iam.put_user_policy(
        UserName="recipes",
        PolicyName="send",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [allow]}),
    )
    return dict(iam.create_access_key(UserName="recipes")["AccessKey"])


def _settings(row: str, key: dict[str, str], ca_file: Path) -> Settings:
    region, _, address = row.partition("=")
    where, _, mode = address.partition("/")
    host, _, port = where.partition(":")
    password = derive(key["SecretAccessKey"], region)
    return Settings(region, host, int(port), Mode(mode), key["AccessKeyId"], password, "news@example.com", str(ca_file))
