"""The terms that the guide uses, each explained once."""

from typing import Final

from guidance.catalogue import Word

WORDS: Final = (
    Word(
        "SMTP user name",
        (
            "The access key ID of the key that the credential was made from. It begins with `AKIA`. It is neither "
            "the IAM user name nor an e-mail address."
        ),
    ),
    Word(
        "SMTP password",
        (
            "44 characters computed from a secret access key and a region. It works in that region only, and leads "
            "nobody back to the secret."
        ),
    ),
    Word(
        "Access key",
        (
            "An access key ID and a secret access key. It lasts until somebody deletes it. IDs that begin with "
            "`ASIA` are temporary, and SMTP refuses them."
        ),
    ),
    Word(
        "IAM user",
        "An identity inside an AWS account with rights of its own: with access keys, a password, or neither.",
    ),
    Word(
        "Root user",
        (
            "The identity of the account itself: the e-mail address it was opened with. For the few tasks that need "
            "it, never for sending."
        ),
    ),
    Word(
        "Role",
        "Rights taken on for some hours. AWS hands out temporary credentials and renews them; nothing is stored.",
    ),
    Word(
        "IAM Identity Center",
        "AWS's sign-in for people, often with their account at work. What it gives ends by itself.",
    ),
    Word(
        "Permissions boundary",
        "A ceiling on what an IAM user may ever do, whatever its own policy says. Every user made here has one.",
    ),
    Word(
        "Verified identity",
        "A domain or an address that SES knows to be yours. From addresses must belong to one, in each region anew.",
    ),
    Word(
        "SES sandbox",
        (
            "How every account begins in every region: 200 messages a day, one a second, to verified recipients "
            "only. AWS lifts it on request. This dashboard's own sandbox is a pretend AWS."
        ),
    ),
    Word(
        "Mail Manager login",
        (
            "Another product: its user name begins with `inp-`, its host ends in `mail-manager-smtp.amazonaws.com`. "
            "It does not work at `email-smtp`, nor the other way round."
        ),
    ),
)
