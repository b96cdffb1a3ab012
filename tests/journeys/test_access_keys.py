"""An access key for the API: a member issues, proves and uses it; who is an auditor or an outsider is refused."""

import boto3
import pytest
from botocore.exceptions import ClientError
from playwright.sync_api import expect

pytestmark = pytest.mark.journey
ALLOWED, ANOTHER = "digest@example.com", "invoices@billing.example.com"


def send(product, key_id, secret, sender):
    """Send as software would; return AWS's code, or "" where SES took the message."""
    ses = boto3.client(
        "sesv2",
        region_name="eu-central-1",
        endpoint_url=product.sandbox.aws_url,
        aws_access_key_id=key_id,
        aws_secret_access_key=secret,
    )
    content = {"Simple": {"Subject": {"Data": "x"}, "Body": {"Text": {"Data": "y"}}}}
    to = {"ToAddresses": ["success@simulator.amazonses.com"]}
    try:
        ses.send_email(FromEmailAddress=sender, Destination=to, Content=content)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return ""


def issue(person, application):
    person.go("/credentials/new/?kind=api")
    person.heading("Would a role do?")
    person.follow("No role can do it: describe a key")
    person.heading("New API access key")
    person.page.get_by_label("Team").select_option(label="Newsletter")
    person.describe(application)
    person.press("Review")
    person.heading("This is what will be made")
    expect(person.page.locator("#policy-json")).to_contain_text("ses:SendEmail")
    person.press(f"Issue {application}")
    person.heading(f"Store {application} now")


def show(person):
    person.press("Show the secret access key")
    main = person.page.get_by_role("main")
    return main.locator("#access-key-id").inner_text(), main.locator("#secret-access-key").inner_text()


def test_an_access_key(product, walker):
    person = walker("member")
    issue(person, "api-journey")
    key_id, secret = show(person)
    person.states("verified", "verified")
    person.press("Send a test message")
    expect(person.page.locator("#tested")).to_contain_text("Sending proved")
    expect(person.page.locator("#secret-access-key")).to_have_text(secret)  # it stays where it is
    person.press("I have stored it")
    person.heading("api-journey")
    address = person.page.url
    assert send(product, key_id, secret, ALLOWED) == ""
    assert send(product, key_id, secret, ANOTHER) == "AccessDeniedException"

    auditor, outsider = walker("auditor"), walker("outsider")
    auditor.go(address)
    expect(auditor.page.get_by_role("main")).to_contain_text(key_id)
    assert secret not in auditor.page.content()
    assert auditor.go("/credentials/new/?kind=api").status == 403
    assert outsider.go(address).status == 404
    outsider.go("/credentials/new/?kind=api&role=no")
    outsider.describe("not-theirs", regions=("eu-central-1",), senders="x@billing.example.com")
    outsider.press("Review")
    expect(outsider.page.get_by_role("main")).to_contain_text("may not issue this kind of credential")

    administrator = walker("admin")
    administrator.go(address)
    administrator.follow("Revoke api-journey")
    administrator.press("Revoke api-journey")
    expect(administrator.page.locator(".head [data-state='revoked']")).to_be_visible()
    assert send(product, key_id, secret, ALLOWED) == "UnrecognizedClientException"


def test_an_administrator_issues_one_too(walker):
    person = walker("admin")
    issue(person, "api-of-an-admin")
    person.states("verified", "verified")
