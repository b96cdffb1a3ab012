"""The pages of an extension: reviewed exactly, applied once, kept when refused; what pages say of an end."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from provisioning.models import AwsAccount, Credential
from provisioning.sandbox.principals import record_use
from tests.services.truth import NOTHING, Truth
from tests.web.test_changes import at, hidden
from tests.web.visits import Visit, heading, signed_in, text, went_stale

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def visit(world) -> Visit:
    return Visit.issued(world, lifetime_days="30")


def test_an_end_is_reviewed_exactly_then_moved(visit):
    here = at(visit, "extension/")
    assert f'href="{here}"' in text(visit.client.get(at(visit)))
    assert "at most 180 days" in text(visit.client.get(here))
    before = Credential.objects.get().expires_at
    review = text(visit.client.post(here, {"lifetime_days": "60"}))
    assert "This is how long weekly-digest will last" in review
    assert Credential.objects.get().expires_at == before
    typed = hidden(review)
    assert f"{typed['until'].replace('+00:00', 'Z')}" in review, "the policy names the very moment"
    for _ in range(2):
        assert visit.client.post(here, typed).status_code == 303
    assert Credential.objects.get().expires_at.isoformat() == typed["until"]
    assert "<strong>Extended</strong> from " in text(visit.client.get(at(visit)))


def test_what_was_typed_is_kept_with_the_reason_beside_it(visit):
    here = at(visit, "extension/")
    for typed, words in (("999", "longer than Newsletter may"), ("", "needs an end date"), ("0", "At least 1 day.")):
        response = visit.client.post(here, {"lifetime_days": typed})
        assert response.status_code == 422
        assert words in text(response)
        assert f'value="{typed}"' in text(response) or not typed


def test_an_old_review_leads_back_to_the_form(visit):
    here = at(visit, "extension/")
    old = hidden(text(visit.client.post(here, {"lifetime_days": "60"})))
    visit.client.post(here, hidden(text(visit.client.post(here, {"lifetime_days": "50"}))))
    response = visit.client.post(here, old)
    assert response.status_code == 422
    assert "Somebody changed weekly-digest since you reviewed it" in text(response)
    form = visit.client.post(here, {**old, "change_something": "1"})
    assert heading(form) == "Extend weekly-digest"
    assert 'value="60"' in text(form)


def test_it_asks_for_the_password_of_a_sign_in_that_is_old(visit):
    went_stale(visit.client)
    for method in ("GET", "POST"):
        response = visit.client.generic(method, at(visit, "extension/"))
        assert response["Location"].startswith("/accounts/reauthenticate/?next=")


def test_what_has_ended_says_when_its_user_is_deleted_and_offers_more_time(visit):
    Credential.objects.update(expires_at=timezone.now() - timedelta(hours=1))
    page = text(visit.client.get(at(visit)))
    assert "unless it is extended before" in page
    assert f'href="{at(visit, "extension/")}"' in page
    assert "unless you extend it before" in text(visit.client.get(at(visit, "extension/")))
    Credential.objects.update(state="expired")
    page = text(visit.client.get(at(visit)))
    assert f'href="{at(visit, "extension/")}"' not in page
    assert f'href="{at(visit, "revocation/")}"' not in page


@pytest.mark.parametrize("below", ["resumption/", "extension/"])
def test_pages_that_ask_say_when_and_where_it_was_used_last_by_the_report(visit, below):
    Credential.objects.update(state="suspended")
    assert "daily report is older" in text(visit.client.get(at(visit, below)))
    AwsAccount.objects.update(uses_read_at=timezone.now())
    assert "never, as far as AWS has told, as of <" in text(visit.client.get(at(visit, below)))
    Credential.objects.update(last_used_at=timezone.now() - DAY, last_used_region="us-east-1")
    assert " in us-east-1, as of <" in text(visit.client.get(at(visit, below)))


@pytest.mark.parametrize(
    ("below", "of_by_hand"),
    [("suspension/", "A key made by hand goes on sending"), ("revocation/", "What was made by hand is deleted, too")],
)
def test_pages_that_stop_something_ask_aws_when_it_was_used_and_what_else_there_is(
    visit, aws_account, below, of_by_hand
):
    def page():
        return text(visit.client.get(at(visit, below)))

    key_id = visit.credential.keys.get().key_id
    assert "Never used, as far as AWS has told" in page()
    record_use(aws_account.world, key_id, "ses-smtp", "eu-central-1")
    assert "SMTP in eu-central-1" in page()
    assert of_by_hand not in page()
    theirs = Truth(aws_account).root.create_access_key(UserName=visit.credential.user_name)["AccessKey"]["AccessKeyId"]
    assert of_by_hand in page()
    assert theirs in page()
    aws_account.faults.set("ListAccessKeys", "error", code="ServiceFailure", status=500, times=9)
    assert "AWS did not say just now when it was last used" in page()


def test_the_page_before_a_revocation_names_what_goes_with_it_and_what_will_be_in_the_way(visit, aws_account):
    root, name = Truth(aws_account).root, visit.credential.user_name
    page = text(visit.client.get(at(visit, "revocation/")))
    assert "What was made by hand" not in page
    assert "Something will be in the way" not in page
    root.put_user_policy(UserName=name, PolicyName="extra", PolicyDocument=NOTHING)
    root.create_group(GroupName="somebody-s")
    root.add_user_to_group(GroupName="somebody-s", UserName=name)
    page = text(visit.client.get(at(visit, "revocation/")))
    assert "Nobody here made the inline policy extra: what relies on it stops as well." in page
    assert "Somebody put the IAM user into the group somebody-s" in page
    aws_account.faults.set("ListGroupsForUser", "error", code="ServiceFailure", status=500, times=9)
    assert "Revoke weekly-digest?" in text(visit.client.get(at(visit, "revocation/")))


@pytest.mark.parametrize("below", ["suspension/", "revocation/"])
def test_pages_that_stop_a_console_login_say_when_somebody_signed_in(world, aws_account, below):
    credential = world.console_login()
    member, address = signed_in(world, "member"), f"/credentials/{credential.pk}/{below}"
    assert "Nobody has signed in, as far as AWS has told" in text(member.get(address))
    # Nobody can sign in to the pretend console, so its user is told that somebody did.
    user = aws_account.world.iam.users[credential.user_name]
    user.password_last_used = aws_account.world.clock.naive() - timedelta(days=3)
    page = text(member.get(address))
    assert "Last signed in" in page
    assert f"{user.password_last_used:%Y-%m-%dT%H:%M}" in page


@pytest.mark.parametrize("below", ["suspension/", "resumption/", "revocation/"])
def test_pages_that_ask_do_not_ask_of_what_is_gone(visit, below):
    visit.client.post(at(visit, "revocation/"))
    response = visit.client.get(at(visit, below))
    assert (response.status_code, heading(response)) == (409, "weekly-digest is revoked")


def test_the_page_asks_the_database_little(world, visit):
    admin, here = signed_in(world, "admin"), at(visit, "extension/")
    admin.get(here)
    with CaptureQueriesContext(connection) as queries:
        assert admin.get(here).status_code == 200
    assert len(queries) <= 8
