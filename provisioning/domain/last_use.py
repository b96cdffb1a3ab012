"""The last use of a key, in words: AWS's names of services are not those that people know."""

from datetime import timedelta

from guidance.catalogue import Kind

# AWS notes only the first use in such a span, so a later one may be missing.
RESOLUTION = timedelta(minutes=15)
# Under which of the two an SMTP sign-in appears is not settled, so both are read alike.
_OF_SES = frozenset({"ses", "ses-smtp"})


def service(kind: Kind, name: str) -> str:
    """Return what AWS calls the service `name`, as somebody reads it who knows the key's credential."""
    if name not in _OF_SES:
        return name.upper()
    return "SMTP" if kind is Kind.SMTP or name == "ses-smtp" else "SES"
