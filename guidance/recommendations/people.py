"""Sign-ins for people: in the SES console and at the command line."""

from dataclasses import replace
from typing import Final

from guidance.catalogue import CONSOLE_PARTS, TABLE, Kind, Link, Part
from guidance.recommendations.others import (
    FOR_CENTER_COMMAND_LINE,
    FOR_CENTER_CONSOLE,
    FOR_CLOUDSHELL,
    FOR_CONSOLE_USER,
)
from guidance.recommendations.shapes import Point, Recommendation

_CENTER_PARTS: Final = (
    Part("Sign-in of your organisation", "the account you have at work", "with its MFA"),
    Part("Permission set", "a name in the portal", "what you may do, for some hours"),
)
_CENTER: Final = Link(
    "What is IAM Identity Center?",
    "https://docs.aws.amazon.com/singlesignon/latest/userguide/what-is.html",
    "IAM Identity Center user guide",
)
_RIGHTS: Final = Point(
    "Signing in is not enough.",
    "Without SES rights every page refuses: `AmazonSESReadOnlyAccess` to look, `AmazonSESFullAccess` to change.",
)
_REGION: Final = Point(
    "The console shows one region at a time.", "Identities, quotas and the SES sandbox differ between regions."
)
_FIND_OUT: Final = "Ask whoever looks after your AWS accounts for the address of the access portal."

CONSOLE_CENTER: Final = Recommendation(
    slug="console-identity-center",
    kind=Kind.CONSOLE,
    title="No credential: sign in through IAM Identity Center",
    because="It gives people access that ends by itself, so no AWS password has to be made or kept.",
    parts=_CENTER_PARTS,
    parts_note="AWS keeps no password for you: the session ends after some hours.",
    steps=(
        "Ask the administrator of Identity Center for a permission set with SES rights in the account that sends.",
        "Open the access portal, choose the account and the permission set.",
        "In the console go to Amazon SES and choose the region.",
    ),
    others=FOR_CENTER_CONSOLE,
    watch=(_RIGHTS, _REGION),
    keep=(
        "Give the permission set to a group, not to single people.",
        "Take people out of the group when their task ends.",
    ),
    alternative="Where there is no Identity Center, an IAM user name and password with MFA does it.",
    links=(_CENTER,),
    needs_credential=False,
)
CONSOLE_CENTER_ASSUMED: Final = replace(
    CONSOLE_CENTER,
    because="AWS advises it for people: access ends by itself, and no AWS password has to be made or kept.",
    steps=(f"{_FIND_OUT} If there is none, change your answer.", *CONSOLE_CENTER.steps),
)
CONSOLE_USER: Final = Recommendation(
    slug="console-iam-user",
    kind=Kind.CONSOLE,
    title="Use an IAM user name and password, with MFA",
    because="Without Identity Center the console asks for a user of its own. Give each person one, and a second proof.",
    parts=CONSOLE_PARTS,
    parts_note="A third piece belongs to it: the sign-in address with the account's ID or alias.",
    steps=(
        "Sign in and continue to the form.",
        "Say whose sign-in it is and what it may do: look, or change. Your team's limits are shown beside it.",
        "Read what will be made: the IAM user, its boundary, its policy and the calls. Then issue it.",
        (
            "Within fifteen minutes give the person the sign-in address, "
            "`https://<account>.signin.aws.amazon.com/console`, and the user name one way, the password another way."
        ),
        "Let the person choose a password and register an MFA device at first sign-in, and check that it is there.",
    ),
    others=FOR_CONSOLE_USER,
    watch=(
        Point(
            "The first sign-in can end nowhere.",
            "A password to be changed needs the right to change it. The policy that is made here holds it; a user made "
            "by hand needs `IAMUserChangePassword` beside the SES rights.",
        ),
        _RIGHTS,
        _REGION,
        Point("Not for software.", "A user for a person gets no access keys."),
    ),
    keep=(
        "One user for each person, none shared.",
        "Remove the password when the person leaves or has not signed in for 90 days.",
    ),
    alternative="If your organisation brings in IAM Identity Center, move there and remove the password.",
    links=(*TABLE[2].how[:1], _CENTER),
    issued_here=True,
)
COMMAND_LINE_CENTER: Final = Recommendation(
    slug="cli-identity-center",
    kind=Kind.API,
    title="No credential: sign in to the CLI through IAM Identity Center",
    because="The CLI can fetch credentials that end by themselves after a sign-in in the browser.",
    parts=_CENTER_PARTS,
    parts_note="The CLI keeps the temporary credentials only until the session ends.",
    steps=(
        "Ask the administrator of Identity Center for a permission set with SES rights in the account that sends.",
        "Run `aws configure sso` once and answer with the address of the access portal.",
        "Run `aws sso login --profile <name>` when a session has ended.",
        "Try `aws sesv2 get-account --region <region> --profile <name>`.",
    ),
    others=FOR_CENTER_COMMAND_LINE,
    watch=(
        Point("A forgotten key wins.", "`AWS_ACCESS_KEY_ID` in the environment is taken before a profile. Remove it."),
        _RIGHTS,
        Point("This is for a person.", "What runs by itself is software: answer the first question again."),
    ),
    keep=("Delete access keys that are no longer needed, also those in `~/.aws/credentials`.",),
    alternative="For a single command AWS CloudShell in the console needs no set-up at all.",
    links=(
        Link(
            "Signing in to the AWS CLI with IAM Identity Center",
            "https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-sso.html",
            "AWS CLI user guide",
        ),
        _CENTER,
    ),
    needs_credential=False,
)
COMMAND_LINE_CENTER_ASSUMED: Final = replace(
    COMMAND_LINE_CENTER,
    because="AWS advises it for people: a sign-in in the browser gives the CLI credentials that end by themselves.",
    steps=(f"{_FIND_OUT} If there is none, change your answer.", *COMMAND_LINE_CENTER.steps),
)
CLOUDSHELL: Final = Recommendation(
    slug="cli-cloudshell",
    kind=Kind.CONSOLE,
    title="No key: use AWS CloudShell in the console",
    because="CloudShell is a command line inside the console and acts as whoever signed in, so no key is needed.",
    parts=CONSOLE_PARTS,
    parts_note="You sign in to the console as a person. CloudShell brings the AWS CLI and PowerShell with it.",
    steps=(
        (
            "Sign in to the console as an IAM user with MFA. If you have no such user yet, ask for one with the rights "
            "you need for SES and with `AWSCloudShellFullAccess`."
        ),
        "Open CloudShell from the top bar.",
        "Try `aws sesv2 get-account --region <region>`.",
    ),
    others=FOR_CLOUDSHELL,
    watch=(
        _RIGHTS,
        Point("It forgets.", "A session ends when it is idle, and not every region has CloudShell."),
        Point("This is for a person.", "What runs by itself is software: answer the first question again."),
    ),
    keep=("Keep MFA on, and remove the password when the task ends.",),
    alternative="If your organisation brings in IAM Identity Center, `aws sso login` works on any computer.",
    links=(
        Link(
            "What is AWS CloudShell?",
            "https://docs.aws.amazon.com/cloudshell/latest/userguide/welcome.html",
            "AWS CloudShell user guide",
        ),
    ),
)
