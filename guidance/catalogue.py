"""The credential table of Amazon SES as data: what you want to reach decides which credential you need.

Source: Amazon SES developer guide, "Types of Amazon SES credentials", with what has changed at AWS since.
In every text `code` marks what is typed somewhere, as in Markdown.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """The three ways to reach SES, each with a credential of its own."""

    API = "api"
    SMTP = "smtp"
    CONSOLE = "console"

    @property
    def label(self) -> str:
        """What people call one of it."""
        return {"api": "API access key", "smtp": "SMTP credential", "console": "Console login"}[self]


@dataclass(frozen=True, slots=True)
class Link:
    """A page elsewhere and whose it is."""

    text: str
    url: str
    where: str


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of a credential: its name, how it looks, how to tell it from others."""

    name: str
    looks: str
    note: str


@dataclass(frozen=True, slots=True)
class Card:
    """The row in two sentences, for somebody who has only a moment."""

    title: str
    when: str
    who: str
    needs: str
    better: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table. `credentials` and `consist_of` list alternatives; an alternative's pieces all belong."""

    kind: Kind
    access: str
    through: tuple[str, ...]
    credentials: tuple[str, ...]
    consist_of: tuple[tuple[str, ...], ...]
    how: tuple[Link, ...]
    advice: tuple[str, ...]
    more: Link
    since: str
    card: Card
    anatomy: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Action:
    """An IAM action that whoever makes SMTP credentials in the console must be allowed, then or now."""

    name: str
    four: bool
    five: bool


@dataclass(frozen=True, slots=True)
class Word:
    """A term and what it means here."""

    term: str
    meaning: str


_GR: Final = "https://docs.aws.amazon.com/general/latest/gr/"
GENERAL_REFERENCE: Final = "AWS General Reference"
DEVELOPER_GUIDE: Final = "SES developer guide"
ROOT_OR_IAM: Final = Link(
    "Root account credentials or IAM user credentials", f"{_GR}root-vs-iam.html", GENERAL_REFERENCE
)

SMTP_PARTS: Final = (
    Part("SMTP user name", "AKIA················", "20 characters: the access key ID"),
    Part("SMTP password", "B···················", "44 characters, one for each region"),
)
ACCESS_KEY_PARTS: Final = (
    Part("Access key ID", "AKIA················", "20 characters, names the key"),
    Part("Secret access key", "····················", "40 characters, shown once"),
)
CONSOLE_PARTS: Final = (
    Part("IAM user name", "a name in your account", "with an MFA device"),
    Part("Password", "chosen by its owner", "reset at first sign-in"),
)

TABLE: Final = (
    Row(
        kind=Kind.API,
        access="The SES API",
        through=("an AWS SDK", "the AWS CLI", "the AWS Tools for Windows PowerShell"),
        credentials=("AWS access keys",),
        consist_of=(("Access key ID", "secret access key"),),
        how=(
            Link("Access keys", f"{_GR}aws-sec-cred-types.html#access-keys-and-secret-access-keys", GENERAL_REFERENCE),
        ),
        advice=(
            "Use access keys of an IAM user, not those of the AWS account.",
            "Account keys open every resource in the account: lock them away and work with those of an IAM user.",
        ),
        more=ROOT_OR_IAM,
        since="Account keys are called root user access keys today, and the advice is to have none.",
        card=Card(
            "SES API",
            "Your code calls AWS through an SDK, the CLI or PowerShell.",
            "You need",
            "access keys",
            ", or better: a role.",
        ),
        anatomy=ACCESS_KEY_PARTS,
    ),
    Row(
        kind=Kind.SMTP,
        access="The SES SMTP interface",
        through=(),
        credentials=("SMTP credentials",),
        consist_of=(("User name", "password"),),
        how=(
            Link(
                "Obtaining your SMTP credentials",
                "https://docs.aws.amazon.com/ses/latest/dg/smtp-credentials.html",
                DEVELOPER_GUIDE,
            ),
        ),
        advice=(
            "They differ from AWS access keys, also from those of an IAM user, yet are a type of IAM credential.",
            "An IAM user can make them once the owner of the root account has allowed that user four IAM actions.",
        ),
        more=Link("The four, and the five of today", "#actions", "on this page"),
        since="Since 6 September 2024 the console asks for five actions.",
        card=Card(
            "SMTP interface",
            "Your software asks for a mail server, a user name and a password.",
            "You need",
            "SMTP credentials",
            ".",
        ),
        anatomy=SMTP_PARTS,
    ),
    Row(
        kind=Kind.CONSOLE,
        access="The SES console",
        through=(),
        credentials=("IAM user name and password", "e-mail address and password"),
        consist_of=(("IAM user name", "password"), ("e-mail address", "password")),
        how=(
            Link(
                "IAM user name and password",
                f"{_GR}aws-sec-cred-types.html#iam-user-name-and-password",
                GENERAL_REFERENCE,
            ),
            Link(
                "E-mail address and password",
                f"{_GR}aws-sec-cred-types.html#email-and-password-for-your-AWS-account",
                GENERAL_REFERENCE,
            ),
        ),
        advice=(
            "Use the IAM user name and password.",
            "The e-mail address and password belong to the whole AWS account: keep them safe and out of daily work.",
        ),
        more=ROOT_OR_IAM,
        since="For people AWS now puts IAM Identity Center first, which needs neither pair.",
        card=Card(
            "SES console",
            "A person signs in with a browser.",
            "They need",
            "a user name and password",
            ", or better: Identity Center.",
        ),
        anatomy=CONSOLE_PARTS,
    ),
)

ACTIONS: Final = (
    Action("iam:ListUsers", four=True, five=False),
    Action("iam:CreateUser", four=True, five=True),
    Action("iam:CreateAccessKey", four=True, five=True),
    Action("iam:PutUserPolicy", four=True, five=False),
    Action("iam:CreateGroup", four=False, five=True),
    Action("iam:PutGroupPolicy", four=False, five=True),
    Action("iam:AddUserToGroup", four=False, five=True),
)
FOUR_LABEL: Final = "The four of the table: console before 6 Sep 2024"
FIVE_LABEL: Final = "The five of today: console since 6 Sep 2024"
ACTIONS_NOTE: Final = (
    "The four write the policy on the user, the five put the user in a group that carries it. A program that gives "
    "each user a policy, as this dashboard does, works with the four and with calls to read and delete."
)
ACTIONS_WARNING: Final = (
    "Allowed on every resource (`*`), the writing ones are as good as administrator rights. This dashboard holds them "
    "under one path only, and every user it makes carries a permissions boundary."
)

OTHER_CREDENTIALS: Final = Link("AWS security credentials", f"{_GR}aws-security-credentials.html", GENERAL_REFERENCE)
OTHER_CREDENTIALS_NOTE: Final = "covers every kind except SMTP credentials: those exist only for SES."

READING: Final = (
    Link(
        "Credentials and SES",
        "https://aws.amazon.com/blogs/messaging-and-targeting/credentials-and-ses",
        "AWS blog: the same three kinds; the commonest mistake is plain AWS credentials at the SMTP interface",
    ),
    Link(
        "AWS Messaging and Targeting Blog",
        "https://aws.amazon.com/blogs/messaging-and-targeting/",
        "News and discussion",
    ),
    Link(
        "Amazon SES forum",
        "https://forums.aws.amazon.com/forum.jspa?forumID=90",
        "Questions; AWS's forums have since moved to re:Post",
    ),
    Link("AWS re:Post", "https://repost.aws/", "Where questions are asked today"),
)


def row(kind: Kind) -> Row:
    """Return the row of the table for `kind`."""
    return next(line for line in TABLE if line.kind is kind)
