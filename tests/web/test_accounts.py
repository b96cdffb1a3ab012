"""AWS accounts in the browser: added, checked, offered, shown; and who may."""

import json
import re

import pytest
from django.utils import timezone

from provisioning.models import AwsAccount, CredentialRequest
from provisioning.services import accounts
from tests.services.acts import issue
from tests.services.elsewhere import WANTED, added, printed_trust, ready, trust
from tests.web.test_set_up import words
from tests.web.visits import FORM, heading, signed_in, text, typed, went_stale

pytestmark = pytest.mark.django_db
NEW = "/aws-accounts/new/"


@pytest.fixture
def admin(world):
    return signed_in(world, "admin")


def test_an_account_is_added_and_shows_its_external_id(world, admin, aws_account):
    before = len(aws_account.calls)
    response = admin.post(NEW, WANTED)
    account = AwsAccount.objects.elsewhere().get()
    assert (response.status_code, response["Location"]) == (303, f"/aws-accounts/{account.pk}/")
    page = admin.get(response["Location"])
    assert heading(page) == "Subsidiary"
    assert f'<code id="external-id">{account.external_id}</code>' in text(page)
    assert "Not checked yet" in words(page)
    assert aws_account.calls[before:] == []


def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(world, admin):
    response = admin.post(NEW, {**WANTED, "role_arn": "arn:aws:iam::210987654321:user/x", "path": "x"})
    assert response.status_code == 422
    page = words(response)
    assert "Not the ARN of a role" in page
    assert "A path of its own between slashes" in page
    assert 'value="arn:aws:iam::210987654321:user/x"' in text(response)
    assert not AwsAccount.objects.elsewhere().exists()


def test_an_account_without_the_field_that_leads_anywhere(world, admin):
    response = admin.post(NEW, {"external_id": "mine"})
    assert response.status_code == 422
    assert "external_id" not in text(response)


def test_it_is_checked_and_the_page_says_what_to_mend(world, admin, aws_account):
    account = added(world)
    where = f"/aws-accounts/{account.pk}/"
    response = admin.post("/setup/check/", {"account": account.pk})
    assert (response.status_code, response["Location"]) == (303, where)
    assert "does not let the dashboard into the account" in words(admin.get(where))
    open_to_all = printed_trust(account)
    del open_to_all["Statement"][0]["Condition"]
    trust(aws_account, open_to_all)
    admin.post("/setup/check/", {"account": account.pk})
    assert "lets the dashboard in without its external ID" in words(admin.get(where))
    trust(aws_account, printed_trust(account))
    admin.post("/setup/check/", {"account": account.pk})
    assert "In order" in words(admin.get(where))
    assert "The account is in order" not in words(admin.get("/setup/"))
    assert "210987654321" in words(admin.get("/setup/?account=210987654321"))


def test_the_policies_of_an_account_are_printed_with_its_trust(world, admin, aws_account):
    account = ready(world, aws_account)
    for form in ("json", "cloudformation", "terraform"):
        page = words(admin.get(f"/setup/policies/?account=210987654321&form={form}"))
        assert account.external_id in page
        assert "sts:SetSourceIdentity" in page
        assert "arn:aws:iam::123456789012:user/sescreds-dashboard" in page
        assert "210987654321:user/ses-dashboard/*" in page
    home = words(admin.get("/setup/policies/"))
    assert account.role_arn in home
    assert account.external_id not in home


def test_a_change_needs_the_password_again_and_keeps_what_was_typed(world, admin):
    account = added(world)
    went_stale(admin)
    response = admin.post(f"/aws-accounts/{account.pk}/", {**WANTED, "name": "Daughter"})
    assert response.status_code == 303
    assert "reauthenticate" in response["Location"]
    assert 'value="Daughter"' in text(admin.get(f"/aws-accounts/{account.pk}/"))
    account.refresh_from_db()
    assert account.name == "Subsidiary"


def test_retiring_asks_once_and_says_what_stays(world, admin, aws_account):
    account = ready(world, aws_account)
    issue(world.reviewed(account_id=account.pk))
    where = f"/aws-accounts/{account.pk}/retirement/"
    assert "1 credential there keeps working" in words(admin.get(where))
    assert admin.post(where).status_code == 303
    page = words(admin.get(f"/aws-accounts/{account.pk}/"))
    assert "Retired" in page
    assert "Retire Subsidiary" not in page


def test_the_form_offers_the_account_only_where_there_are_several(world, aws_account):
    member = signed_in(world, "member")
    assert 'name="account"' not in text(member.get(FORM))
    account = ready(world, aws_account, regions=["us-east-1"])
    assert "Subsidiary, 210987654321: us-east-1" in words(member.get(FORM))
    refused = member.post(FORM, typed(world, account=account.pk))
    assert "Subsidiary, 210987654321 is not used in eu-central-1" in words(refused)
    review = member.post(FORM, typed(world, account=account.pk, regions=["us-east-1"]))
    assert "AWS account Subsidiary, 210987654321" in words(review)
    assert "arn:aws:iam::210987654321:user/ses-dashboard/newsletter/" in text(review)
    request = CredentialRequest.objects.get()
    assert f'<option value="{account.pk}" selected' in text(member.get(f"{FORM}?like={request.pk}"))
    accounts.retire(account.pk, by=world.actor("admin"), now=timezone.now())
    assert 'name="account"' not in text(member.get(FORM))
    stale = member.post(FORM, typed(world, account=account.pk))
    assert CredentialRequest.objects.latest("reviewed_at").account.account_id == "123456789012", stale


def test_lists_the_detail_and_the_file_name_the_account_where_there_are_several(world, aws_account):
    credential = issue(world.reviewed())
    auditor = signed_in(world, "auditor")
    assert "123456789012" not in words(auditor.get("/credentials/"))
    account = ready(world, aws_account)
    issue(world.reviewed(account_id=account.pk, application="there"))
    page = words(auditor.get("/credentials/"))
    assert "Subsidiary, 210987654321" in page
    assert "123456789012" in page
    assert "AWS account 123456789012" in words(auditor.get(f"/credentials/{credential.pk}/"))
    lines = text(auditor.get("/credentials.csv")).splitlines()
    assert lines[0].endswith("AWS account")
    assert sorted(line.rpartition(",")[2] for line in lines[1:]) == ["123456789012", "210987654321"]


def test_home_names_the_account_that_is_in_trouble(world, admin, aws_account):
    account = ready(world, aws_account)
    AwsAccount.objects.filter(pk=account.pk).update(trouble="The role is gone.")
    page = text(admin.get("/"))
    assert "Subsidiary: Nothing is issued" in page
    assert "/setup/?account=210987654321" in page


def test_refreshing_says_which_account_could_not_be_read(world, aws_account):
    added(world)
    member = signed_in(world, "member")
    response = member.post("/identities/")
    assert "Of other AWS accounts they were." in words(member.get(response["Location"]))


def test_an_auditor_reads_and_changes_nothing(world, aws_account):
    account = added(world)
    page = text(signed_in(world, "auditor").get(f"/aws-accounts/{account.pk}/"))
    assert account.external_id in page
    assert not re.search(r'<form[^>]*action="/(aws-accounts|setup)', page)
    assert json.loads(json.dumps(account.regions)) == sorted(WANTED["regions"])
