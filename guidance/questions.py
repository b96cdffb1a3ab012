"""What the wizard asks: who needs SES, where it runs, what it speaks, and at most one question that follows from these.

The order of asking stands here too, so that a new question needs this file alone, and advice only for its new answers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Option:
    """One answer: its value in the address, what the reader sees, and how the recommendation says it back."""

    value: str
    label: str
    note: str
    says: str


@dataclass(frozen=True, slots=True)
class Question:
    """One question. `key` is its name in the address; `short` names it in the list of answers."""

    key: str
    short: str
    title: str
    why: str
    options: tuple[Option, ...]
    find_out: tuple[str, ...] = ()

    def option(self, value: str) -> Option | None:
        """Return the option with this value, or None when the question does not offer it."""
        return next((option for option in self.options if option.value == value), None)


WHO: Final = Question(
    "who",
    "Who needs SES",
    "Who or what needs Amazon SES?",
    "Software and people prove who they are in different ways.",
    (
        Option(
            "software", "Software that sends mail", "An application, a server, a device or a service.", "Your software"
        ),
        Option(
            "console",
            "A person, in the SES console",
            "Somebody opens the AWS website to look at SES or to set it up.",
            "A person works in the SES console",
        ),
        Option(
            "cli",
            "A person, at the command line",
            "Somebody types commands with the AWS CLI or the AWS Tools for PowerShell.",
            "A person works at the command line",
        ),
    ),
)

WHERE: Final = Question(
    "where",
    "Where it runs",
    "Where does your software run?",
    "On AWS it can often do without any credential of its own.",
    (
        Option("aws", "On AWS", "EC2, ECS, Lambda, EKS or another AWS service.", "runs on AWS"),
        Option(
            "outside",
            "Outside AWS",
            "Your own servers, another cloud, a build system, a laptop.",
            "runs outside AWS",
        ),
        Option(
            "vendor",
            "At a vendor",
            "A hosted product, an appliance or a device whose inside you cannot change.",
            "is a vendor's product",
        ),
    ),
)

SPEAKS: Final = Question(
    "speaks",
    "What it speaks",
    "What can your software speak?",
    "This decides which of the three credentials it can use at all.",
    (
        Option("smtp", "SMTP only", "It asks for a host, a port, a user name and a password.", "speaks only SMTP"),
        Option(
            "api",
            "The SES API",
            "It uses an AWS SDK, the AWS CLI or the AWS Tools for PowerShell.",
            "speaks the SES API",
        ),
        Option(
            "both",
            "Either, I can choose",
            "It is our own code, or it has a plug-in for both.",
            "can speak SMTP or the SES API",
        ),
        Option(
            "unknown",
            "I do not know",
            "We go on with what is safe to assume, and say how to find out.",
            "speaks something you do not know yet",
        ),
    ),
    (
        "Look at the settings page or the configuration file of the software.",
        (
            "It speaks **SMTP** if there is a mail host and a port 25, 465 or 587: `EMAIL_HOST`, `MAIL_HOST`, "
            "`relayhost`, `spring.mail.host`."
        ),
        (
            "It speaks **the API** if it names a region and an access key, or imports `boto3`, "
            "`@aws-sdk/client-sesv2` or `Aws\\SesV2`."
        ),
        "WordPress, GitLab, Grafana, Keycloak and Nextcloud speak SMTP as they come.",
    ),
)

CHANGE: Final = Question(
    "change",
    "Can you change it",
    "Can you change how your software sends mail?",
    "What can be changed can use the API and do without a lasting key. What cannot most likely speaks SMTP.",
    (
        Option("yes", "Yes", "It is our own code, or a plug-in for the SES API exists.", "can be changed"),
        Option("no", "No, or I do not know", "We can only fill in its mail settings.", "cannot be changed"),
    ),
)

SERVICE: Final = Question(
    "service",
    "AWS service",
    "Which AWS service runs it?",
    "Each hands a role to your software in its own way.",
    (
        Option("ec2", "Amazon EC2", "A virtual machine.", "runs on Amazon EC2"),
        Option("ecs", "Amazon ECS", "Containers as tasks, on EC2 or on Fargate.", "runs on Amazon ECS"),
        Option("lambda", "AWS Lambda", "A function without a server.", "runs on AWS Lambda"),
        Option("eks", "Amazon EKS", "Containers in Kubernetes.", "runs on Amazon EKS"),
        Option("other", "Another one, or I do not know", "App Runner, Batch, CodeBuild and so on.", "runs on AWS"),
    ),
)

IDENTITY: Final = Question(
    "identity",
    "What it can prove",
    "What can it already prove about itself?",
    "AWS can trust an identity from elsewhere and give a role for it. Then no key has to be kept.",
    (
        Option(
            "oidc",
            "It gets OIDC tokens",
            "GitHub Actions, GitLab CI, another cloud, a Kubernetes cluster of your own.",
            "gets OIDC tokens",
        ),
        Option(
            "x509",
            "It has an X.509 certificate",
            "Your organisation runs a certificate authority that gives one to each server.",
            "has an X.509 certificate",
        ),
        Option(
            "none", "Neither, or I do not know", "A plain server, a laptop, a device.", "has neither OIDC nor X.509"
        ),
    ),
    (
        (
            "Ask whoever runs the build system or the servers for **workload identity**, **OIDC** or **machine "
            "certificates**."
        ),
        (
            "In GitHub Actions a job with the permission `id-token: write` gets such tokens; in GitLab CI the "
            "keyword is `id_tokens`."
        ),
    ),
)

ASSUME: Final = Question(
    "assume",
    "Can it take a role",
    "Can the product take on a role in your AWS account?",
    "Products that run on AWS themselves often can. Then you keep no key and give none away.",
    (
        Option(
            "yes",
            "Yes",
            "Its set-up page asks for a role ARN and shows an external ID.",
            "can take on a role in your account",
        ),
        Option("no", "No, or I do not know", "It asks for an access key.", "cannot take on a role in your account"),
    ),
)

CENTER: Final = Question(
    "center",
    "Identity Center",
    "Does your organisation use IAM Identity Center?",
    "It signs people in without a password or key that lasts.",
    (
        Option(
            "yes",
            "Yes",
            "There is an AWS access portal where people choose account and role.",
            "your organisation has IAM Identity Center",
        ),
        Option(
            "no",
            "No",
            "People sign in with an IAM user, or nobody has signed in yet.",
            "your organisation does not have IAM Identity Center",
        ),
        Option(
            "unknown",
            "I do not know",
            "We go on with what AWS advises, and say how to find out.",
            "your organisation may have IAM Identity Center",
        ),
    ),
    (
        (
            "An address such as `https://d-1234567890.awsapps.com/start` or `https://yourcompany.awsapps.com/start` "
            "is an access portal: you have it."
        ),
        "A sign-in page that asks for an account ID or alias and an IAM user name is not.",
    ),
)

QUESTIONS: Final = (WHO, WHERE, SPEAKS, CHANGE, SERVICE, IDENTITY, ASSUME, CENTER)
MOST_QUESTIONS: Final = 4

# The question that follows once who, where and what it speaks are known; no entry means that nothing more is asked.
_AFTER_SPEAKS: Final[Mapping[tuple[str, str], Question]] = {
    ("aws", "api"): SERVICE,
    ("aws", "both"): SERVICE,
    ("aws", "unknown"): CHANGE,
    ("outside", "api"): IDENTITY,
    ("outside", "both"): IDENTITY,
    ("outside", "unknown"): CHANGE,
    ("vendor", "api"): ASSUME,
    ("vendor", "both"): ASSUME,
}


def next_question(answers: Mapping[str, str]) -> Question | None:
    """Return what has to be asked after these answers, or None when they suffice. Order and extra answers are ignored.

    An answer that its question does not offer counts as missing.
    """

    def given(question: Question) -> str | None:
        value = answers.get(question.key, "")
        return value if question.option(value) else None

    who, where, speaks = given(WHO), given(WHERE), given(SPEAKS)
    if who is None:
        return WHO
    if who != "software":
        return None if given(CENTER) else CENTER
    if where is None:
        return WHERE
    if speaks is None:
        return SPEAKS
    last = _AFTER_SPEAKS.get((where, speaks))
    return last if last and given(last) is None else None
