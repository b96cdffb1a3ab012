"""Every policy that the product writes, as parliament reads it: nothing above LOW.

Parliament runs beside the tests, as a program: it warns of its own old ways on import, and warnings are errors here.
"""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from provisioning.domain.api_policy import Way, api_policy
from provisioning.domain.console_policy import SUSPENDED, console_policy
from provisioning.domain.guardrails import ConsoleAccess
from provisioning.domain.own_policy import boundary_policy, console_boundary_policy, own_policy
from provisioning.domain.sending_policy import sending_policy

PRINTED = {"account_id": "123456789012", "path": "/ses-dashboard/", "partition": "aws"}
ARN = "arn:aws:iam::123456789012:policy/sescreds-boundary"
CONSOLE_ARN = "arn:aws:iam::123456789012:policy/sescreds-console-boundary"
END = datetime(2027, 5, 22, 14, 2, tzinfo=UTC)
SENT = {
    "partition": "aws",
    "account_id": "123456789012",
    "regions": ["eu-central-1"],
    "from_entries": ["digest@example.com"],
    "expires_at": END,
}
POLICIES = {
    "own": own_policy(boundary_arn=ARN, **PRINTED),
    "own-of-a-user": own_policy(boundary_arn=ARN, principal_arn="arn:aws:iam::123456789012:user/sescreds", **PRINTED),
    "own-of-a-role": own_policy(boundary_arn=ARN, principal_arn="arn:aws:iam::123456789012:role/sescreds", **PRINTED),
    "own-with-console-logins": own_policy(boundary_arn=ARN, console_boundary_arn=CONSOLE_ARN, **PRINTED),
    "own-with-roles": own_policy(boundary_arn=ARN, role_arns=["arn:aws:iam::210987654321:role/sescreds"], **PRINTED),
    "boundary": boundary_policy(**PRINTED),
    "console-boundary": console_boundary_policy(**PRINTED),
    "suspended": SUSPENDED,
    **{
        f"console-{access}": console_policy(partition="aws", account_id="123456789012", access=access, expires_at=END)
        for access in ConsoleAccess
    },
    "sending": sending_policy(**SENT),
    "sending-without-an-end": sending_policy(**SENT | {"expires_at": None}),
    "sending-from-many-regions": sending_policy(**SENT | {"regions": ["eu-central-1", "us-east-1", "eu-west-1"]}),
    "sending-as-a-whole-domain": sending_policy(**SENT | {"from_entries": ["*@example.com"]}),
    "sending-as-several": sending_policy(**SENT | {"from_entries": ["a@example.com", "*@news.example.com"]}),
}
API = SENT | {"from_entries": ["*@example.com"], "options": {"actions": list(Way)}}
# Parliament knows IPv4 alone; AWS takes both.
BOUND = {"source_ips": ["203.0.113.0/24", "198.51.100.7/32"], "configuration_set": "events"}
POLICIES |= {
    "api": api_policy(**API | {"options": {"actions": ["SendEmail", "SendRawEmail"]}}),
    "api-raw-as-one": api_policy(**API | {"from_entries": ["a@example.com"], "options": {"actions": ["SendRawEmail"]}}),
    "api-templated": api_policy(**API | {"options": {"actions": ["SendTemplatedEmail"]}}),
    "api-bulk": api_policy(**API | {"options": {"actions": ["SendBulkEmail"]}}),
    "api-everything": api_policy(**API | {"expires_at": None}),
    "api-everything-from-there": api_policy(**API | {"options": API["options"] | BOUND}),
}
HARMLESS = {"MUTE", "INFO", "LOW"}
# LOW for parliament, whose list of actions grows old; for us a word that AWS may not know. All of ours are in its list.
NEVER_HARMLESS = {"UNKNOWN_ACTION"}


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    """What parliament finds, by the name of the policy: severity and issue."""
    return judge(tmp_path_factory.mktemp("policies"), POLICIES)


def judge(folder, policies):
    for name, policy in policies.items():
        (folder / f"{name}.json").write_text(json.dumps(policy))
    program = Path(sys.executable).parent / "parliament"
    command = [str(program), "--directory", str(folder), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert "Traceback" not in done.stderr, done.stderr
    found = {name: set() for name in policies}
    for line in done.stdout.splitlines():
        finding = json.loads(line)
        found[Path(finding["location"]["filepath"]).stem].add((finding["severity"], finding["issue"]))
    return found


@pytest.mark.parametrize("name", POLICIES)
def test_parliament_finds_nothing_that_matters(judged, name):
    assert what_matters(judged[name]) == set()


def what_matters(found):
    return {issue for severity, issue in found if severity not in HARMLESS or issue in NEVER_HARMLESS}


def test_it_would_find_what_is_wrong(tmp_path):
    policy = json.loads(json.dumps(POLICIES["boundary"]).replace("SendBulkEmail", "SendBulkLetters"))
    wide = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iam:GetUser", "Resource": "ses"}]}
    found = judge(tmp_path, {"unheard-of": policy, "no-arn": wide})
    assert what_matters(found["unheard-of"]) == {"UNKNOWN_ACTION"}
    assert what_matters(found["no-arn"]) == {"INVALID_ARN"}
