"""The policies as the texts that people paste: JSON, a CloudFormation template, Terraform. All say the same."""

import json
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum

OWN, BOUNDARY, TRUST = "own", "boundary", "trust"
OWN_NAME = "sescreds-dashboard"
Policies = Mapping[str, Mapping[str, object]]  # OWN, BOUNDARY, TRUST, or several: the document


class Form(StrEnum):
    """A form in which the policies are printed."""

    JSON = "json"
    CLOUDFORMATION = "cloudformation"
    TERRAFORM = "terraform"

    @property
    def label(self) -> str:
        """The form's own name."""
        return {"json": "JSON", "cloudformation": "CloudFormation", "terraform": "Terraform"}[self]


def text_of(form: Form, policies: Policies, boundary_arn: str, role_arn: str = "") -> str:
    """Return the policies in one form; the boundary, and the role that TRUST is of, are placed as their ARNs say."""
    writers: dict[Form, Callable[[Policies, str, str], str]] = {
        Form.JSON: _json,
        Form.CLOUDFORMATION: _cloudformation,
        Form.TERRAFORM: _terraform,
    }
    return writers[form](policies, boundary_arn, role_arn)


def _json(policies: Policies, _boundary_arn: str, _role_arn: str) -> str:
    return json.dumps(policies if len(policies) > 1 else next(iter(policies.values())), indent=2)


def _cloudformation(policies: Policies, boundary_arn: str, role_arn: str) -> str:
    resources, outputs = dict[str, object](), dict[str, object]()
    for which, document in policies.items():
        if which == TRUST:
            resources["DashboardRole"] = _cloudformation_role(policies, role_arn)
            outputs["DashboardRoleArn"] = {"Value": {"Fn::GetAtt": ["DashboardRole", "Arn"]}}
            continue
        logical = "DashboardPolicy" if which == OWN else "DashboardBoundary"
        path, name = _place(which, boundary_arn)
        resources[logical] = {
            "Type": "AWS::IAM::ManagedPolicy",
            "Properties": {
                "ManagedPolicyName": name,
                "Path": path,
                "Description": _description(which),
                "PolicyDocument": document,
            },
        }
        outputs[f"{logical}Arn"] = {"Value": {"Ref": logical}}
    template = {"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources, "Outputs": outputs}
    return json.dumps(template, indent=2)


def _cloudformation_role(policies: Policies, role_arn: str) -> dict[str, object]:
    path, name = _path_and_name(role_arn, ":role")
    held = {"ManagedPolicyArns": [{"Ref": "DashboardPolicy"}]} if OWN in policies else {}
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "RoleName": name,
            "Path": path,
            "Description": _description(TRUST),
            "AssumeRolePolicyDocument": policies[TRUST],
            **held,
        },
    }


def _terraform(policies: Policies, boundary_arn: str, role_arn: str) -> str:
    texts = [_terraform_policy(which, policies[which], boundary_arn) for which in policies if which != TRUST]
    return "\n\n".join([*texts, *_terraform_role(policies, role_arn)])


def _terraform_role(policies: Policies, role_arn: str) -> Iterator[str]:
    if TRUST not in policies:
        return
    path, name = _path_and_name(role_arn, ":role")
    yield "\n".join(
        (
            'resource "aws_iam_role" "sescreds" {',
            f'  name        = "{_hcl(name)}"',
            f'  path        = "{_hcl(path)}"',
            f'  description = "{_description(TRUST)}"',
            f"  assume_role_policy = jsonencode({_terraform_document(policies[TRUST])})",
            "}",
        )
    )
    if OWN in policies:
        yield "\n".join(
            (
                'resource "aws_iam_role_policy_attachment" "sescreds" {',
                "  role       = aws_iam_role.sescreds.name",
                f"  policy_arn = aws_iam_policy.sescreds_{OWN}.arn",
                "}",
            )
        )


def _terraform_policy(which: str, document: Mapping[str, object], boundary_arn: str) -> str:
    path, name = _place(which, boundary_arn)
    return "\n".join(
        (
            f'resource "aws_iam_policy" "sescreds_{which}" {{',
            f'  name        = "{_hcl(name)}"',
            f'  path        = "{_hcl(path)}"',
            f'  description = "{_description(which)}"',
            f"  policy = jsonencode({_terraform_document(document)})",
            "}",
        )
    )


def _terraform_document(document: Mapping[str, object]) -> str:
    # JSON is an expression of HCL, but for the two signs that begin a template; `terraform fmt` wants spaces at colons.
    return _hcl(json.dumps(document, indent=2, separators=(",", " : "))).replace("\n", "\n  ")


def _hcl(text: str) -> str:
    return text.replace("${", "$${").replace("%{", "%%{")


def _place(which: str, boundary_arn: str) -> tuple[str, str]:
    """Return the path and the name of the managed policy that holds this document."""
    if which == OWN:
        return "/", OWN_NAME
    return _path_and_name(boundary_arn, ":policy")


def _path_and_name(arn: str, kind: str) -> tuple[str, str]:
    path, _, name = arn.partition(kind)[2].rpartition("/")
    return f"{path}/", name


def _description(which: str) -> str:
    return {
        OWN: "What the sescreds dashboard itself may do",
        BOUNDARY: "The ceiling of the users that sescreds makes",
        TRUST: "How the sescreds dashboard enters this account",
    }[which]
