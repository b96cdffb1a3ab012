"""Every cell of the credential table is there; the expectations are written from the table, not from the code."""

import pytest

from guidance import catalogue
from guidance.catalogue import Kind
from guidance.words import WORDS

GR = "https://docs.aws.amazon.com/general/latest/gr/"
CELLS = {
    Kind.API: {
        "access": "The SES API",
        "through": ["SDK", "AWS CLI", "Tools for Windows PowerShell"],
        "credentials": ["AWS access keys"],
        "consist_of": [["Access key ID", "secret access key"]],
        "how": [f"{GR}aws-sec-cred-types.html#access-keys-and-secret-access-keys"],
        "advice": ["IAM user", "not those of the AWS account", "every resource", "lock them away"],
        "more": f"{GR}root-vs-iam.html",
        "since": ["root user access keys", "none"],
    },
    Kind.SMTP: {
        "access": "The SES SMTP interface",
        "through": [],
        "credentials": ["SMTP credentials"],
        "consist_of": [["User name", "password"]],
        "how": ["https://docs.aws.amazon.com/ses/latest/dg/smtp-credentials.html"],
        "advice": ["differ from AWS access keys", "IAM user", "type of IAM credential", "root account", "four"],
        "more": "#actions",
        "since": ["five"],
    },
    Kind.CONSOLE: {
        "access": "The SES console",
        "through": [],
        "credentials": ["IAM user name and password", "e-mail address and password"],
        "consist_of": [["IAM user name", "password"], ["e-mail address", "password"]],
        "how": [
            f"{GR}aws-sec-cred-types.html#iam-user-name-and-password",
            f"{GR}aws-sec-cred-types.html#email-and-password-for-your-AWS-account",
        ],
        "advice": ["IAM user name and password", "whole AWS account", "safe", "out of daily work"],
        "more": f"{GR}root-vs-iam.html",
        "since": ["Identity Center"],
    },
}


@pytest.mark.parametrize("kind", list(Kind))
def test_every_cell_of_the_row_is_there(kind):
    row, cells = catalogue.row(kind), CELLS[kind]
    assert row.access == cells["access"]
    assert [want for want, way in zip(cells["through"], row.through, strict=True) if want not in way] == []
    assert list(row.credentials) == cells["credentials"]
    assert [list(pieces) for pieces in row.consist_of] == cells["consist_of"]
    assert [link.url for link in row.how] == cells["how"]
    assert [want for want in cells["advice"] if want not in " ".join(row.advice)] == []
    assert row.more.url == cells["more"]
    assert [want for want in cells["since"] if want not in row.since] == []


def test_the_table_has_its_three_rows_in_order():
    assert [row.kind.value for row in catalogue.TABLE] == ["api", "smtp", "console"]


def test_the_four_actions_and_the_five_of_today():
    assert {action.name for action in catalogue.ACTIONS if action.four} == {
        "iam:ListUsers",
        "iam:CreateUser",
        "iam:CreateAccessKey",
        "iam:PutUserPolicy",
    }
    assert {action.name for action in catalogue.ACTIONS if action.five} == {
        "iam:CreateUser",
        "iam:CreateGroup",
        "iam:PutGroupPolicy",
        "iam:AddUserToGroup",
        "iam:CreateAccessKey",
    }
    assert "6 Sep 2024" in catalogue.FOUR_LABEL
    assert "6 Sep 2024" in catalogue.FIVE_LABEL
    assert "administrator" in catalogue.ACTIONS_WARNING


def test_what_stands_below_the_table():
    assert catalogue.OTHER_CREDENTIALS.url == f"{GR}aws-security-credentials.html"
    assert "except SMTP credentials" in catalogue.OTHER_CREDENTIALS_NOTE
    urls = [link.url for link in catalogue.READING]
    assert "https://aws.amazon.com/blogs/messaging-and-targeting/" in urls
    assert "https://aws.amazon.com/blogs/messaging-and-targeting/credentials-and-ses" in urls
    assert "https://forums.aws.amazon.com/forum.jspa?forumID=90" in urls
    assert "https://repost.aws/" in urls


def test_what_tells_the_credentials_apart():
    api, smtp, console = (row.anatomy for row in catalogue.TABLE)
    assert [(part.name, part.note[:2]) for part in api] == [("Access key ID", "20"), ("Secret access key", "40")]
    assert [(part.name, part.note[:2]) for part in smtp] == [("SMTP user name", "20"), ("SMTP password", "44")]
    assert smtp[0].looks.startswith("AKIA")
    assert smtp[1].looks.startswith("B")
    assert [part.name for part in console] == ["IAM user name", "Password"]


def test_words_are_explained_once():
    terms = [word.term for word in WORDS]
    assert len(set(terms)) == len(terms)
    assert {"SMTP user name", "SMTP password", "Permissions boundary", "Root user", "Mail Manager login"} <= set(terms)
