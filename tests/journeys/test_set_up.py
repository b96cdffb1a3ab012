"""An administrator finds the one right that the dashboard lacks, mends it in AWS, and sees that it is mended."""

import pytest
from playwright.sync_api import expect

from tests.rights import hold, printed, root_of, without

pytestmark = pytest.mark.journey
LACKED = "iam:DeleteAccessKey"


@pytest.fixture
def root(product):
    """IAM as the account's root user; the dashboard holds the printed policy again afterwards."""
    client = root_of(product.sandbox)
    yield client
    hold(client, printed())


def test_a_missing_action_is_found_named_and_mended(walker, root):
    admin = walker("admin")
    main = admin.page.get_by_role("main")
    hold(root, without("LookAfterOwnUsers", LACKED))
    admin.go("/setup/")
    admin.press("Check now")
    expect(main.get_by_role("heading", name=f"The dashboard may not do {LACKED}")).to_be_visible()
    expect(admin.row(LACKED)).to_contain_text("user/ses-dashboard/*")
    admin.follow("Print the policies")
    admin.heading("Policies as JSON")
    expect(main.locator("#own")).to_contain_text(LACKED)
    admin.press("Terraform")
    admin.heading("Policies as Terraform")
    hold(root, printed())
    admin.follow("Set-up")
    admin.press("Check now")
    expect(main.get_by_role("status")).to_contain_text("checked just now")
    expect(main.get_by_text(LACKED)).to_have_count(0)
