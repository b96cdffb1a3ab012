"""The policies as texts to paste: each form says the same, and the tools that read it take it."""

import json
import os
import re
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from provisioning.domain.own_policy import boundary_policy, console_boundary_policy, own_policy, trust_policy
from provisioning.domain.policy_texts import BOUNDARY, CONSOLE, OWN, TRUST, Form, text_of

ARN = "arn:aws:iam::123456789012:policy/security/mail/sescreds-boundary"
CONSOLE_ARN = "arn:aws:iam::123456789012:policy/security/sescreds-console-boundary"
ROLE = "arn:aws:iam::123456789012:role/mail/sescreds"
ARNS = {BOUNDARY: ARN, CONSOLE: CONSOLE_ARN, TRUST: ROLE}
WHERE = {"account_id": "123456789012", "path": "/ses-dashboard/", "partition": "aws"}
ITSELF = "arn:aws:iam::123456789012:role/sescreds"
ALL = {
    OWN: own_policy(boundary_arn=ARN, console_boundary_arn=CONSOLE_ARN, principal_arn=ITSELF, **WHERE),
    BOUNDARY: boundary_policy(**WHERE),
    CONSOLE: console_boundary_policy(**WHERE),
}
LED_INTO = ALL | {TRUST: trust_policy(principal_arn="arn:aws:iam::111122223333:role/sescreds", external_id="abc-123")}
RESOURCE = re.compile(
    r'resource "aws_iam_policy" "(?P<label>[a-z_]+)" \{\n'
    r'  name        = "(?P<name>[^"]+)"\n  path        = "(?P<path>[^"]+)"\n  description = "[^"]+"\n'
    r"  policy = jsonencode\((?P<policy>\{\n.*?\n  \})\)\n\}",
    re.DOTALL,
)


def resources(text):
    """The resources of a Terraform text; fails where anything stands beside them."""
    assert RESOURCE.sub("", text).strip() == ""
    return {found["label"]: found for found in RESOURCE.finditer(text)}


def in_hcl(text):
    """What HCL reads in a quoted string: a doubled sign begins no template."""
    assert not re.search(r"(?<!\$)\$\{|(?<!%)%\{", text)
    return text.replace("$${", "${").replace("%%{", "%{")


def test_json_is_the_policy_itself_or_all_by_name():
    assert json.loads(text_of(Form.JSON, {OWN: ALL[OWN]}, ARNS)) == ALL[OWN]
    assert json.loads(text_of(Form.JSON, ALL, ARNS)) == ALL


def test_cloudformation_makes_all_as_managed_policies():
    made = json.loads(text_of(Form.CLOUDFORMATION, ALL, ARNS))["Resources"]
    own, boundary = made["DashboardPolicy"]["Properties"], made["DashboardBoundary"]["Properties"]
    console = made["DashboardConsoleBoundary"]["Properties"]
    assert (own["ManagedPolicyName"], own["Path"]) == ("sescreds-dashboard", "/")
    assert (boundary["ManagedPolicyName"], boundary["Path"]) == ("sescreds-boundary", "/security/mail/")
    assert (console["ManagedPolicyName"], console["Path"]) == ("sescreds-console-boundary", "/security/")
    documents = {OWN: own, BOUNDARY: boundary, CONSOLE: console}
    assert {which: made["PolicyDocument"] for which, made in documents.items()} == ALL


@pytest.mark.parametrize("which", [(OWN, BOUNDARY, CONSOLE), (OWN,), (BOUNDARY,)])
def test_cfn_lint_finds_nothing_in_the_template(tmp_path, which):
    template = tmp_path / "policies.json"
    template.write_text(text_of(Form.CLOUDFORMATION, {each: ALL[each] for each in which}, ARNS))
    assert cfn_lint(template) == (0, "")


def cfn_lint(template):
    command = [str(Path(sys.executable).parent / "cfn-lint"), "--non-zero-exit-code", "informational", str(template)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("which", [(OWN, BOUNDARY, TRUST), (TRUST,)])
def test_cloudformation_makes_the_role_that_leads_in(tmp_path, which):
    text = text_of(Form.CLOUDFORMATION, {each: LED_INTO[each] for each in which}, ARNS)
    template = tmp_path / "role.json"
    template.write_text(text)
    assert cfn_lint(template) == (0, "")
    role = json.loads(text)["Resources"]["DashboardRole"]["Properties"]
    assert (role["RoleName"], role["Path"]) == ("sescreds", "/mail/")
    assert role["AssumeRolePolicyDocument"] == LED_INTO[TRUST]
    assert role.get("ManagedPolicyArns") == ([{"Ref": "DashboardPolicy"}] if OWN in which else None)


def test_terraform_makes_the_role_that_leads_in():
    text = text_of(Form.TERRAFORM, LED_INTO, ARNS)
    assert text.startswith(text_of(Form.TERRAFORM, ALL, ARNS))
    rest = text.removeprefix(text_of(Form.TERRAFORM, ALL, ARNS))
    found = re.fullmatch(
        r'\s+resource "aws_iam_role" "sescreds" \{\n  name        = "sescreds"\n  path        = "/mail/"\n'
        r'  description = "[^"]+"\n  assume_role_policy = jsonencode\((?P<trust>\{\n.*?\n  \})\)\n\}\n\n'
        r'resource "aws_iam_role_policy_attachment" "sescreds" \{\n  role       = aws_iam_role.sescreds.name\n'
        r"  policy_arn = aws_iam_policy.sescreds_own.arn\n\}",
        rest,
        re.DOTALL,
    )
    assert json.loads(in_hcl(found["trust"])) == LED_INTO[TRUST]


def test_only_with_the_external_id_and_only_this_dashboard():
    enter, name = LED_INTO[TRUST]["Statement"]
    assert enter["Condition"] == {"StringEquals": {"sts:ExternalId": "abc-123"}}
    assert {each["Principal"]["AWS"] for each in (enter, name)} == {"arn:aws:iam::111122223333:role/sescreds"}
    assert (enter["Action"], name["Action"]) == ("sts:AssumeRole", "sts:SetSourceIdentity")


def test_cfn_lint_would_find_what_is_wrong(tmp_path):
    template = tmp_path / "policies.json"
    template.write_text(text_of(Form.CLOUDFORMATION, ALL, ARNS).replace('"Effect": "Allow"', '"Effect": "Perhaps"', 1))
    code, said = cfn_lint(template)
    assert code
    assert "Perhaps" in said


def test_terraform_makes_all_as_policies():
    made = resources(text_of(Form.TERRAFORM, ALL, ARNS))
    assert {label: (found["name"], found["path"]) for label, found in made.items()} == {
        "sescreds_own": ("sescreds-dashboard", "/"),
        "sescreds_boundary": ("sescreds-boundary", "/security/mail/"),
        "sescreds_console_boundary": ("sescreds-console-boundary", "/security/"),
    }
    assert json.loads(in_hcl(made["sescreds_own"]["policy"])) == ALL[OWN]
    assert json.loads(in_hcl(made["sescreds_boundary"]["policy"])) == ALL[BOUNDARY]
    assert json.loads(in_hcl(made["sescreds_console_boundary"]["policy"])) == ALL[CONSOLE]


@given(st.text("$%{}a-z/", min_size=1))
def test_no_path_begins_a_template_of_terraform(path):
    policy = own_policy(boundary_arn=ARN, **WHERE | {"path": f"/{path}/"})
    found = resources(text_of(Form.TERRAFORM, {OWN: policy}, ARNS))["sescreds_own"]
    assert json.loads(in_hcl(found["policy"])) == policy


def printed(*options):
    out = StringIO()
    call_command(
        "own_policy",
        "--account",
        "123456789012",
        "--boundary-arn",
        ARN,
        "--console-boundary-arn",
        CONSOLE_ARN,
        *options,
        stdout=out,
    )
    return out.getvalue().strip()


@pytest.mark.django_db
@pytest.mark.parametrize("form", list(Form))
def test_the_command_prints_each_form(form):
    assert printed("--format", form.value, "--principal-arn", ITSELF) == text_of(form, ALL, ARNS)
    assert printed("--format", form.value, "--only", BOUNDARY) == text_of(form, {BOUNDARY: ALL[BOUNDARY]}, ARNS)


@pytest.mark.django_db
def test_the_command_names_the_roles_that_lead_into_other_accounts():
    assert "EnterOtherAccounts" not in printed()
    assert f'"{ROLE}"' in printed("--role-arn", ROLE)


@pytest.mark.django_db
def test_the_command_asks_about_nobody_unless_it_is_told_whom():
    assert "SimulatePrincipalPolicy" not in printed()


def test_the_command_prints_before_there_is_a_database(tmp_path):
    command = [sys.executable, "manage.py", "own_policy", "--account", "123456789012", "--only", OWN]
    surroundings = {"SECRET_KEY": "x" * 60, "VAR_DIR": str(tmp_path), "PATH": os.environ["PATH"]}
    done = subprocess.run(command, env=surroundings, capture_output=True, text=True, check=True, timeout=60)
    assert json.loads(done.stdout)["Statement"]
    assert "only those typed are named" in done.stderr


def test_the_command_prints_nothing_for_an_account_that_is_none():
    with pytest.raises(CommandError, match="12 digits"):
        call_command("own_policy", "--account", "12")
