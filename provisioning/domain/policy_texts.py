"""The policies as the texts that people paste: JSON, a CloudFormation template, Terraform. All say the same."""

import json
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum

OWN, BOUNDARY, CONSOLE, TRUST = "own", "boundary", "console_boundary", "trust"
OWN_NAME = "sescreds-dashboard"
Policies = Mapping[str, Mapping[str, object]]  # any of the four: the document
Arns = Mapping[str, str]  # of the boundaries, and of the role that TRUST is of: how each is named and placed


class Form(StrEnum):
    """A form in which the policies are printed."""

    JSON = "json"
    CLOUDFORMATION = "cloudformation"
    TERRAFORM = "terraform"

    @property
    def label(self) -> str:
        """The form's own name."""
        return {"json": "JSON", "cloudformation": "CloudFormation", "terraform": "Terraform"}[self]


def text_of(form: Form, policies: Policies, arns: Arns) -> str:
    """Return the policies in one form; the boundaries, and the role that TRUST is of, are placed as their ARNs say."""
    writers: dict[Form, Callable[[Policies, Arns], str]] = {
        Form.JSON: _json,
        Form.CLOUDFORMATION: _cloudformation,
        Form.TERRAFORM: _terraform,
    }
    return writers[form](policies, arns)


_LOGICAL = {OWN: "DashboardPolicy", BOUNDARY: "DashboardBoundary", CONSOLE: "DashboardConsoleBoundary"}
_DESCRIPTIONS = {
    OWN: "What the sescreds dashboard itself may do",
    BOUNDARY: "The ceiling of the users that sescreds makes",
    CONSOLE: "The ceiling of the console logins that sescreds makes",
    TRUST: "How the sescreds dashboard enters this account",
}


def _json(policies: Policies, _arns: Arns) -> str:
    return json.dumps(policies if len(policies) > 1 else next(iter(policies.values())), indent=2)


def _cloudformation(policies: Policies, arns: Arns) -> str:
    resources, outputs = dict[str, object](), dict[str, object]()
    for which, document in policies.items():
        if which == TRUST:
            resources["DashboardRole"] = _cloudformation_role(policies, arns)
            outputs["DashboardRoleArn"] = {"Value": {"Fn::GetAtt": ["DashboardRole", "Arn"]}}
            continue
        logical = _LOGICAL[which]
        path, name = _place(which, arns)
        resources[logical] = {
            "Type": "AWS::IAM::ManagedPolicy",
            "Properties": {
                "ManagedPolicyName": name,
                "Path": path,
                "Description": _DESCRIPTIONS[which],
                "PolicyDocument": document,
            },
        }
        outputs[f"{logical}Arn"] = {"Value": {"Ref": logical}}
    template = {"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources, "Outputs": outputs}
    return json.dumps(template, indent=2)


def _cloudformation_role(policies: Policies, arns: Arns) -> dict[str, object]:
    path, name = _path_and_name(arns[TRUST], ":role")
    held = {"ManagedPolicyArns": [{"Ref": "DashboardPolicy"}]} if OWN in policies else {}
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "RoleName": name,
            "Path": path,
            "Description": _DESCRIPTIONS[TRUST],
            "AssumeRolePolicyDocument": policies[TRUST],
            **held,
        },
    }


def _terraform(policies: Policies, arns: Arns) -> str:
    texts = [_terraform_policy(which, policies[which], arns) for which in policies if which != TRUST]
    return "\n\n".join([*texts, *_terraform_role(policies, arns)])


def _terraform_role(policies: Policies, arns: Arns) -> Iterator[str]:
    if TRUST not in policies:
        return
    path, name = _path_and_name(arns[TRUST], ":role")
    yield "\n".join(
        (
            'resource "aws_iam_role" "sescreds" {',
            f'  name        = "{_hcl(name)}"',
            f'  path        = "{_hcl(path)}"',
            f'  description = "{_DESCRIPTIONS[TRUST]}"',
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


def _terraform_policy(which: str, document: Mapping[str, object], arns: Arns) -> str:
    path, name = _place(which, arns)
    return "\n".join(
        (
            f'resource "aws_iam_policy" "sescreds_{which}" {{',
            f'  name        = "{_hcl(name)}"',
            f'  path        = "{_hcl(path)}"',
            f'  description = "{_DESCRIPTIONS[which]}"',
            f"  policy = jsonencode({_terraform_document(document)})",
            "}",
        )
    )


def _terraform_document(document: Mapping[str, object]) -> str:
    # JSON is an expression of HCL, but for the two signs that begin a template; `terraform fmt` wants spaces at colons.
    return _hcl(json.dumps(document, indent=2, separators=(",", " : "))).replace("\n", "\n  ")


def _hcl(text: str) -> str:
    return text.replace("${", "$${").replace("%{", "%%{")


def _place(which: str, arns: Arns) -> tuple[str, str]:
    """Return the path and the name of the managed policy that holds this document."""
    if which == OWN:
        return "/", OWN_NAME
    return _path_and_name(arns[which], ":policy")


def _path_and_name(arn: str, kind: str) -> tuple[str, str]:
    path, _, name = arn.partition(kind)[2].rpartition("/")
    return f"{path}/", name
