"""The policies as the texts that people paste: JSON, a CloudFormation template, Terraform. All say the same."""

import json
from collections.abc import Callable, Mapping
from enum import StrEnum

OWN, BOUNDARY = "own", "boundary"
OWN_NAME = "sescreds-dashboard"
Policies = Mapping[str, Mapping[str, object]]  # OWN or BOUNDARY (or both): the document


class Form(StrEnum):
    """A form in which the policies are printed."""

    JSON = "json"
    CLOUDFORMATION = "cloudformation"
    TERRAFORM = "terraform"

    @property
    def label(self) -> str:
        """The form's own name."""
        return {"json": "JSON", "cloudformation": "CloudFormation", "terraform": "Terraform"}[self]


def text_of(form: Form, policies: Policies, boundary_arn: str) -> str:
    """Return the policies in one form; the boundary is named and placed as its ARN says."""
    writers: dict[Form, Callable[[Policies, str], str]] = {
        Form.JSON: _json,
        Form.CLOUDFORMATION: _cloudformation,
        Form.TERRAFORM: _terraform,
    }
    return writers[form](policies, boundary_arn)


def _json(policies: Policies, _boundary_arn: str) -> str:
    return json.dumps(policies if len(policies) > 1 else next(iter(policies.values())), indent=2)


def _cloudformation(policies: Policies, boundary_arn: str) -> str:
    resources, outputs = {}, {}
    for which, document in policies.items():
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


def _terraform(policies: Policies, boundary_arn: str) -> str:
    return "\n\n".join(_terraform_policy(which, document, boundary_arn) for which, document in policies.items())


def _terraform_policy(which: str, document: Mapping[str, object], boundary_arn: str) -> str:
    path, name = _place(which, boundary_arn)
    # JSON is an expression of HCL, but for the two signs that begin a template; `terraform fmt` wants spaces at colons.
    body = _hcl(json.dumps(document, indent=2, separators=(",", " : "))).replace("\n", "\n  ")
    return "\n".join(
        (
            f'resource "aws_iam_policy" "sescreds_{which}" {{',
            f'  name        = "{_hcl(name)}"',
            f'  path        = "{_hcl(path)}"',
            f'  description = "{_description(which)}"',
            f"  policy = jsonencode({body})",
            "}",
        )
    )


def _hcl(text: str) -> str:
    return text.replace("${", "$${").replace("%{", "%%{")


def _place(which: str, boundary_arn: str) -> tuple[str, str]:
    """Return the path and the name of the managed policy that holds this document."""
    if which == OWN:
        return "/", OWN_NAME
    path, _, name = boundary_arn.partition(":policy")[2].rpartition("/")
    return f"{path}/", name


def _description(which: str) -> str:
    return (
        "What the sescreds dashboard itself may do" if which == OWN else "The ceiling of the users that sescreds makes"
    )
