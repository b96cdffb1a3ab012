"""The terms that the guide uses, each explained once."""

from typing import Final

from guidance.catalogue import Word

WORDS: Final = (
    Word(
        "SMTP user name",
        "The access key ID of the key that the credential was made from. It begins with `AKIA`. It is neither the IAM "
        "user name nor an e-mail address.",
    ),
    Word(
        "SMTP password",
        "44 characters computed from a secret access key and a region. It works in that region only, and the secret "
        "cannot be computed back from it.",
    ),
    Word(
        "Access key",
        "An access key ID and a secret access key. It lasts until somebody deletes it; an IAM user can have two. "
        "IDs that begin with `ASIA` are temporary, and SMTP refuses them.",
    ),
    Word(
        "IAM user",
        "An identity inside an AWS account with rights of its own. It may have access keys, a password, or neither.",
    ),
    Word(
        "Root user",
        "The identity of the account itself: the e-mail address it was opened with. For the few tasks that need it, "
        "never for sending.",
    ),
    Word(
        "Role",
        "Rights that software or a person takes on for some hours. AWS hands out temporary credentials and renews "
        "them; nothing is stored, so nothing can leak for long.",
    ),
    Word(
        "IAM Identity Center",
        "AWS's sign-in for people, often tied to the company's own accounts. It gives the console and the CLI "
        "credentials that end by themselves.",
    ),
    Word(
        "Permissions boundary",
        "A ceiling on what an IAM user may ever do, whatever its own policy says. Every user made here has one.",
    ),
    Word("MFA", "A second proof at sign-in besides the password: a security key or a code from a device."),
    Word(
        "Verified identity",
        "A domain or an address that SES knows to be yours. From addresses must belong to one, in each region anew.",
    ),
    Word(
        "SES sandbox",
        "How every account begins in every region: mail goes to verified recipients only, 200 a day and one a second. "
        "AWS lifts it on request. It has nothing to do with the sandbox of this dashboard, which is a pretend AWS.",
    ),
    Word(
        "STARTTLS",
        "The connection begins in clear text and turns to TLS before anybody signs in. On the other ports TLS comes "
        "first; SES calls that TLS Wrapper.",
    ),
    Word(
        "Mail Manager login",
        "Another product's SMTP login: its user name begins with `inp-` and its host ends in "
        "`mail-manager-smtp.amazonaws.com`. It does not work at `email-smtp`, nor the other way round.",
    ),
)
