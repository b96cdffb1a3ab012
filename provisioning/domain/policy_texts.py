"""The policies as the texts that people paste: JSON, a CloudFormation template, Terraform. All say the same."""

import json
from collections.abc import Callable, Mapping
from enum import StrEnum

OWN, BOUNDARY, CONSOLE = "own", "boundary", "console_boundary"
OWN_NAME = "sescreds-dashboard"
Policies = Mapping[str, Mapping[str, object]]  # any of the three: the document
Arns = Mapping[str, str]  # of the boundaries: how each is named and placed


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
    """Return the policies in one form; a boundary is named and placed as its ARN says."""
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
}


def _json(policies: Policies, _arns: Arns) -> str:
    return json.dumps(policies if len(policies) > 1 else next(iter(policies.values())), indent=2)


def _cloudformation(policies: Policies, arns: Arns) -> str:
    resources, outputs = {}, {}
    for which, document in policies.items():
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


def _terraform(policies: Policies, arns: Arns) -> str:
    return "\n\n".join(_terraform_policy(which, document, arns) for which, document in policies.items())


def _terraform_policy(which: str, document: Mapping[str, object], arns: Arns) -> str:
    path, name = _place(which, arns)
    # JSON is an expression of HCL, but for the two signs that begin a template; `terraform fmt` wants spaces at colons.
    body = _hcl(json.dumps(document, indent=2, separators=(",", " : "))).replace("\n", "\n  ")
    return "\n".join(
        (
            f'resource "aws_iam_policy" "sescreds_{which}" {{',
            f'  name        = "{_hcl(name)}"',
            f'  path        = "{_hcl(path)}"',
            f'  description = "{_DESCRIPTIONS[which]}"',
            f"  policy = jsonencode({body})",
            "}",
        )
    )


def _hcl(text: str) -> str:
    return text.replace("${", "$${").replace("%{", "%%{")


def _place(which: str, arns: Arns) -> tuple[str, str]:
    """Return the path and the name of the managed policy that holds this document."""
    if which == OWN:
        return "/", OWN_NAME
    path, _, name = arns[which].partition(":policy")[2].rpartition("/")
    return f"{path}/", name
