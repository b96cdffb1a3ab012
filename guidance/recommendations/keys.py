"""An access key for the SES API: for software that speaks only the API where no role can be taken."""

from typing import Final

from guidance.catalogue import ACCESS_KEY_PARTS, Kind, Link
from guidance.recommendations.others import FOR_ACCESS_KEY
from guidance.recommendations.shapes import Point, Recommendation

ACCESS_KEY: Final = Recommendation(
    slug="access-key",
    kind=Kind.API,
    title="Use an access key of a dedicated IAM user",
    because="No role can be used there, so the API leaves only a key that lasts. Keep what it may do small.",
    parts=ACCESS_KEY_PARTS,
    parts_note="The secret is shown once, when the key is made. AWS cannot show it again.",
    steps=(
        "Sign in and continue to the form.",
        "Say which regions, which From addresses and which ways of sending. Your team's limits are shown beside them.",
        "Read what will be made: the IAM user, its policy and the three calls. Then issue it.",
        (
            "Copy both parts into your software's secret store within fifteen minutes, as `AWS_ACCESS_KEY_ID`, "
            "`AWS_SECRET_ACCESS_KEY` and `AWS_REGION`. Leave `AWS_SESSION_TOKEN` unset."
        ),
        "Send the test message to `success@simulator.amazonses.com` from the same page.",
    ),
    others=FOR_ACCESS_KEY,
    watch=(
        Point("A user of its own,", "never the root user, and never the key of a colleague."),
        Point(
            "Raw mail counts as another action.",
            "`SendEmail` with raw content asks for `ses:SendRawEmail`; with a template for `ses:SendTemplatedEmail`.",
        ),
        Point("From must be verified in that region.", "Verified elsewhere does not count."),
        Point("Give a new key a moment.", "For 5 to 15 seconds it may be answered with InvalidClientTokenId."),
        Point("It is not an SMTP login.", "The SMTP interface answers this pair with 535."),
    ),
    keep=(
        "One user and one key for each application and environment.",
        "Rotate before 90 days: a second key, change over, watch the last use, deactivate, delete.",
        "Where its addresses are stable, allow only them with `aws:SourceIp`.",
        "Keep it out of code and images. AWS quarantines keys that it finds in public.",
    ),
    alternative=(
        "Ask again for a role from time to time: OIDC, IAM Roles Anywhere, or a role for the vendor. Each makes this "
        "key unnecessary."
    ),
    links=(
        Link(
            "Managing access keys for IAM users",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html",
            "IAM user guide",
        ),
    ),
    issued_here=True,
)
