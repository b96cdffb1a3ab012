"""A second AWS account, from adding it to the last credential in it: checked, issued in, revoked, retired."""

import json

import pytest
from playwright.sync_api import expect

from provisioning.domain.own_policy import trust_policy
from provisioning.sandbox.account import DASHBOARD_ARN, SECOND_ROLE, SECOND_ROLE_ARN
from tests.services.elsewhere import BOUNDARY_THERE, root_there

pytestmark = pytest.mark.journey


def add(admin):
    admin.go("/setup/")
    admin.follow("AWS accounts")
    admin.follow("Add an account")
    admin.page.get_by_label("Name", exact=True).fill("Subsidiary")
    admin.page.get_by_label("Role to assume").fill(SECOND_ROLE_ARN)
    admin.page.get_by_role("checkbox", name="eu-central-1").check()
    admin.page.get_by_label("Permissions boundary").fill(BOUNDARY_THERE)
    admin.press("Add the account")
    admin.heading("Subsidiary")


def test_an_account_is_added_checked_issued_in_and_retired(walker, product):
    admin = walker("admin", scripts=False)
    add(admin)
    admin.press("Check now")
    expect(admin.page.get_by_text("does not let the dashboard into the account")).to_be_visible()
    external_id = admin.page.locator("#external-id").inner_text()
    trusted = trust_policy(principal_arn=DASHBOARD_ARN, external_id=external_id)
    root_there(product.sandbox).update_assume_role_policy(RoleName=SECOND_ROLE, PolicyDocument=json.dumps(trusted))
    admin.press("Check now")
    expect(admin.page.get_by_text("In order", exact=True)).to_be_visible()

    member = walker("member")
    member.go("/credentials/new/")
    member.page.get_by_label("AWS account").select_option(label="Subsidiary, 210987654321: eu-central-1")
    member.describe("sent-from-there", regions=("eu-central-1",))
    member.press("Review")
    member.heading("This is what will be made")
    expect(member.page.get_by_text("Subsidiary, 210987654321")).to_be_visible()
    member.press("Issue sent-from-there")
    member.heading("Store sent-from-there now")
    member.show()
    member.states("verified")

    auditor = walker("auditor")
    auditor.go("/aws-accounts/")
    auditor.follow("Subsidiary")
    expect(auditor.page.get_by_role("button", name="Check now")).to_have_count(0)
    outsider = walker("outsider")
    outsider.go("/aws-accounts/")
    outsider.heading("This is not yours to do")

    admin.go("/aws-accounts/")
    admin.follow("Subsidiary")
    admin.follow("Retire Subsidiary")
    admin.press("Retire Subsidiary")
    expect(admin.page.get_by_text("Retired", exact=True).first).to_be_visible()
    member.go("/credentials/")
    member.follow("sent-from-there")
    member.follow("Revoke sent-from-there")
    member.press("Revoke sent-from-there")
    expect(member.page.get_by_text("Revoked", exact=True).first).to_be_visible()
    assert not root_there(product.sandbox).list_users(PathPrefix="/ses-dashboard/")["Users"]
