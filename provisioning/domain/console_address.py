"""Where somebody with a console login signs in, and where their SES console is."""

# IAM user guide, "How IAM users sign in"; GovCloud user guide, "Signing in". That of the European Sovereign Cloud
# follows its partition's domain and is not attested by an account of ours.
_SIGN_IN = {
    "aws": "signin.aws.amazon.com",
    "aws-us-gov": "signin.amazonaws-us-gov.com",
    "aws-eusc": "signin.amazonaws-eusc.eu",
}


def sign_in_address(*, partition: str, account_id: str, alias: str = "") -> str:
    """Return the account's own sign-in page, by its alias where it has one; that by its ID goes on working."""
    return f"https://{alias or account_id}.{_SIGN_IN[partition]}/console"
