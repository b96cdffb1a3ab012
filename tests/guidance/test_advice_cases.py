"""What the wizard must answer, case by case: written from what an AWS expert advises, not from the code."""

import pytest

from guidance.advice import Advised, consult

# answers -> slug, needs a credential, words that the recommendation must say
CASES = [
    # A person in the console: Identity Center first, an IAM user with MFA where there is none.
    ("who=console center=yes", "console-identity-center", False, ["permission set"]),
    ("who=console center=no", "console-iam-user", True, ["MFA", "IAMUserChangePassword", "AmazonSESReadOnlyAccess"]),
    ("who=console center=unknown", "console-identity-center", False, ["access portal"]),
    # A person at the command line: a sign-in or CloudShell, not keys.
    ("who=cli center=yes", "cli-identity-center", False, ["aws sso login"]),
    ("who=cli center=no", "cli-cloudshell", True, ["CloudShell", "MFA"]),
    ("who=cli center=unknown", "cli-identity-center", False, ["aws configure sso"]),
    # Software on AWS with the API: the role of the service, no key.
    ("who=software where=aws speaks=api service=ec2", "role-ec2", False, ["instance profile"]),
    ("who=software where=aws speaks=api service=ecs", "role-ecs", False, ["taskRoleArn"]),
    ("who=software where=aws speaks=api service=lambda", "role-lambda", False, ["execution role"]),
    ("who=software where=aws speaks=api service=eks", "role-eks", False, ["Pod Identity", "IRSA"]),
    ("who=software where=aws speaks=api service=other", "role-aws", False, ["instance profile", "task role"]),
    ("who=software where=aws speaks=both service=lambda", "role-lambda", False, ["ses:SendRawEmail"]),
    # Outside AWS with the API: OIDC or Roles Anywhere; a key only where neither works.
    ("who=software where=outside speaks=api identity=oidc", "role-oidc", False, ["identity provider", "subject"]),
    ("who=software where=outside speaks=api identity=x509", "role-anywhere", False, ["trust anchor"]),
    (
        "who=software where=outside speaks=api identity=none",
        "access-key",
        True,
        ["AWS_ACCESS_KEY_ID", "which From addresses"],
    ),
    ("who=software where=outside speaks=both identity=oidc", "role-oidc", False, ["AWS_WEB_IDENTITY_TOKEN_FILE"]),
    ("who=software where=outside speaks=both identity=none", "smtp", True, ["can do less"]),
    # Only SMTP: SMTP credentials wherever it runs, because roles cannot sign in there.
    ("who=software where=outside speaks=smtp", "smtp", True, ["AKIA", "44 characters", "535", "587"]),
    ("who=software where=aws speaks=smtp", "smtp", True, ["temporary credentials", "API with a role"]),
    ("who=software where=vendor speaks=smtp", "smtp", True, ["form"]),
    # Not known what it speaks.
    ("who=software where=aws speaks=unknown change=yes", "role-aws", False, ["SDK finds"]),
    ("who=software where=outside speaks=unknown change=no", "smtp", True, ["mail settings"]),
    ("who=software where=vendor speaks=unknown", "smtp", True, ["Check it"]),
    # A vendor's product with the API: a role with an external ID, else a key.
    ("who=software where=vendor speaks=api assume=yes", "role-vendor", False, ["sts:ExternalId"]),
    ("who=software where=vendor speaks=api assume=no", "access-key", True, ["dedicated IAM user"]),
]


def test_there_are_twenty_five_cases():
    assert len({case[0] for case in CASES}) == 25


@pytest.mark.parametrize(("answers", "slug", "needs_credential", "words"), CASES, ids=[case[0] for case in CASES])
def test_the_wizard_answers(answers, slug, needs_credential, words):
    outcome = consult(dict(pair.split("=") for pair in answers.split()))
    assert isinstance(outcome, Advised)
    advice = outcome.recommendation
    assert (advice.slug, advice.needs_credential) == (slug, needs_credential)
    assert advice.issued_here == (slug in {"smtp", "access-key", "console-iam-user"})
    said = repr(advice) + outcome.because
    assert [word for word in words if word not in said] == []
