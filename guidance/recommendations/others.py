"""Why the other credentials do not fit: the sentences that several recommendations share."""

from typing import Final

from guidance.recommendations.shapes import Other, Verdict

ROLE: Final = "A role, no key"
ACCESS_KEYS: Final = "AWS access keys"
SMTP: Final = "SMTP credentials"
CONSOLE: Final = "IAM user name and password"
CENTER: Final = "IAM Identity Center"
ROOT: Final = "E-mail address and password of the account"

ROOT_NEVER: Final = Other(
    ROOT,
    Verdict.NEVER,
    "This is the root user, who can do everything in the account. It is not for sending or daily work.",
)
CONSOLE_IS_FOR_PEOPLE: Final = Other(
    CONSOLE, Verdict.DOES_NOT_WORK, "It signs a person in to a web page. Software cannot use it."
)
SMTP_CANNOT_SIGN_IN: Final = Other(
    SMTP, Verdict.DOES_NOT_WORK, "They send mail through the SMTP interface and open nothing else."
)

FOR_SMTP_ONLY: Final = (
    Other(
        ROLE,
        Verdict.DOES_NOT_WORK,
        "Roles give temporary credentials, and the SMTP interface refuses those.",
    ),
    Other(
        ACCESS_KEYS,
        Verdict.DOES_NOT_WORK,
        "They are for the SES API. The SMTP interface answers a secret access key with 535.",
    ),
    CONSOLE_IS_FOR_PEOPLE,
    ROOT_NEVER,
)
FOR_SMTP_BY_CHOICE: Final = (
    Other(
        ROLE,
        Verdict.DOES_NOT_WORK,
        "A role needs something that AWS can trust: one of its services, an OIDC token, a certificate or a role of the "
        "vendor's. You named none of them.",
    ),
    Other(
        ACCESS_KEYS,
        Verdict.SECOND_BEST,
        "They last as long, and whoever finds them holds the key itself. From an SMTP password nobody gets back to it, "
        "and it works in one region only.",
    ),
    CONSOLE_IS_FOR_PEOPLE,
    ROOT_NEVER,
)
FOR_ROLE: Final = (
    Other(
        ACCESS_KEYS,
        Verdict.NOT_ADVISED,
        (
            "They would work, but they last until somebody deletes them and have to be kept somewhere. A role needs "
            "neither."
        ),
    ),
    Other(
        SMTP,
        Verdict.NOT_ADVISED,
        "They are made from an access key and last as long. Take them only if your software cannot use the API.",
    ),
    CONSOLE_IS_FOR_PEOPLE,
    ROOT_NEVER,
)
FOR_ACCESS_KEY: Final = (
    Other(
        ROLE,
        Verdict.DOES_NOT_WORK,
        "A role needs something that AWS can trust: one of its services, an OIDC token, a certificate or a role of the "
        "vendor's. You named none of them. If that changes, prefer it.",
    ),
    Other(
        SMTP,
        Verdict.DOES_NOT_WORK,
        "They are for the SMTP interface. The API answers an SMTP password with SignatureDoesNotMatch.",
    ),
    CONSOLE_IS_FOR_PEOPLE,
    ROOT_NEVER,
)
FOR_CENTER_CONSOLE: Final = (
    Other(
        CONSOLE,
        Verdict.SECOND_BEST,
        "It works, but the password lasts and lies in one more place. Take it where there is no Identity Center.",
    ),
    Other(ACCESS_KEYS, Verdict.DOES_NOT_WORK, "They are for programs. The console does not ask for them."),
    SMTP_CANNOT_SIGN_IN,
    ROOT_NEVER,
)
FOR_CONSOLE_USER: Final = (
    Other(CENTER, Verdict.DOES_NOT_WORK, "You said there is none. If your organisation brings it in, move there."),
    Other(ACCESS_KEYS, Verdict.DOES_NOT_WORK, "They are for programs. The console does not ask for them."),
    SMTP_CANNOT_SIGN_IN,
    ROOT_NEVER,
)
_KEYS_FOR_A_PERSON: Final = Other(
    ACCESS_KEYS,
    Verdict.NOT_ADVISED,
    "They would work, but they would lie in a file on that computer for years. A person can sign in instead.",
)
_SMTP_AT_THE_CLI: Final = Other(
    SMTP, Verdict.DOES_NOT_WORK, "They send mail through the SMTP interface. The CLI speaks the API."
)
FOR_CENTER_COMMAND_LINE: Final = (
    _KEYS_FOR_A_PERSON,
    _SMTP_AT_THE_CLI,
    Other(CONSOLE, Verdict.SECOND_BEST, "It opens the console, and AWS CloudShell in it. It is a password that lasts."),
    ROOT_NEVER,
)
FOR_CLOUDSHELL: Final = (
    Other(CENTER, Verdict.DOES_NOT_WORK, "You said there is none. If your organisation brings it in, move there."),
    _KEYS_FOR_A_PERSON,
    _SMTP_AT_THE_CLI,
    ROOT_NEVER,
)
