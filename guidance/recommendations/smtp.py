"""SMTP credentials: for software that speaks only SMTP, that may speak only SMTP, or that has no role to take."""

from dataclasses import replace
from typing import Final

from guidance.catalogue import DEVELOPER_GUIDE, SMTP_PARTS, Kind, Link
from guidance.recommendations.others import FOR_SMTP_BY_CHOICE, FOR_SMTP_ONLY
from guidance.recommendations.shapes import Point, Recommendation

_GUIDE: Final = "https://docs.aws.amazon.com/ses/latest/dg/"

SMTP: Final = Recommendation(
    slug="smtp",
    kind=Kind.SMTP,
    title="Use SMTP credentials",
    because="Only SMTP credentials work there, and they are one of the few good reasons for a key that lasts.",
    parts=SMTP_PARTS,
    parts_note=(
        "One key serves several regions: each region has a password of its own, all made from the same secret at the "
        "same moment."
    ),
    steps=(
        "Sign in and continue to the form.",
        "Say which regions and which From addresses. Your team's limits are shown beside each field.",
        "Read what will be made: the IAM user, its policy and the three calls. Then issue it.",
        "Copy the settings into your software within fifteen minutes, while the page tests the login.",
    ),
    others=FOR_SMTP_ONLY,
    watch=(
        Point("The region is part of it.", "A password made for eu-central-1 fails in us-east-1 with 535."),
        Point(
            "Two names that mislead.",
            "SMTP wants neither the IAM user name nor the secret access key. The user name begins with `AKIA`; the "
            "password has 44 characters, not 40.",
        ),
        Point("Give a new key a moment.", "For 5 to 15 seconds it may still be refused."),
        Point(
            "Plus and slash are ordinary characters in it.",
            "In a URL such as `smtp://` they must be percent-encoded.",
        ),
        Point("Rotation changes the user name too,", "because it is the ID of the key."),
        Point("Port 25 is throttled from EC2.", "Use 587 with STARTTLS, or 465 with TLS from the start."),
        Point(
            "From must be verified in that region.",
            "While the account is in the SES sandbox there, so must the recipient.",
        ),
    ),
    keep=(
        "One credential for each application and environment.",
        "Only `ses:SendRawEmail`, only your From addresses.",
        "Rotate before 90 days; the old key stays until you retire it.",
        "If it leaks, deactivate the key first: that stops its passwords in every region at once.",
    ),
    alternative=(
        "A local relay or an SMTP-to-API proxy beside your software can hold a role, so that no key is needed. If the "
        "software can be changed after all, use the API with a role."
    ),
    links=(
        Link("Obtaining SMTP credentials", f"{_GUIDE}smtp-credentials.html", DEVELOPER_GUIDE),
        Link("Connecting to an SMTP endpoint", f"{_GUIDE}smtp-connect.html", DEVELOPER_GUIDE),
    ),
    issued_here=True,
)
SMTP_ASSUMED: Final = replace(
    SMTP,
    because=(
        "Nearly all software speaks SMTP, so this is the safe assumption. Check it before you ask for a credential."
    ),
    steps=(
        (
            "Look at the mail settings of the software. If they ask for a host, a port, a user name and a password, "
            "go on. If they ask for a region and an access key, change your answer."
        ),
        *SMTP.steps,
    ),
)
SMTP_BY_CHOICE: Final = replace(
    SMTP,
    because=(
        "No role can be used there, so a key that lasts is needed either way, and an SMTP credential is the one that "
        "can do less."
    ),
    others=FOR_SMTP_BY_CHOICE,
    alternative=(
        "If your software needs what only the API offers, such as templates or bulk mail, take an access key whose "
        "policy allows sending alone."
    ),
)
