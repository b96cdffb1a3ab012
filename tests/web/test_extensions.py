"""The pages of an extension: reviewed exactly, applied once, kept when refused; what pages say of an end."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from provisioning.gateway.aws import aws
from provisioning.models import AwsAccount, Credential
from provisioning.sandbox.principals import record_use
from provisioning.services import sweeps
from tests.rights import hold, without
from tests.services.acts import suspend
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
def test_where_aws_does_not_say_when_and_where_it_was_used_last_the_report_does(visit, aws_account, below):
    Credential.objects.update(state="suspended")
    aws_account.faults.set("ListAccessKeys", "error", code="ServiceFailure", status=500, times=99)
    page = text(visit.client.get(at(visit, below)))
    assert "AWS did not say just now when it was last used" in page
    assert "daily report is older" in page
    AwsAccount.objects.update(uses_read_at=timezone.now())
    assert "never, as far as AWS has told, as of <" in text(visit.client.get(at(visit, below)))
    Credential.objects.update(last_used_at=timezone.now() - DAY, last_used_region="us-east-1")
    assert " in us-east-1, as of <" in text(visit.client.get(at(visit, below)))


@pytest.mark.parametrize(
    ("state", "ask"),
    [
        ("suspended", lambda visit: visit.client.get(at(visit, "resumption/"))),
        ("live", lambda visit: visit.client.get(at(visit, "extension/"))),
        ("live", lambda visit: visit.client.post(at(visit, "extension/"), {"lifetime_days": "60"})),
    ],
    ids=["resumption", "extension", "review"],
)
def test_pages_that_let_it_go_on_ask_aws_when_it_was_used_too(visit, aws_account, state, ask):
    Credential.objects.update(state=state)
    assert "Never used, as far as AWS has told" in text(ask(visit))
    record_use(aws_account.world, visit.credential.keys.get().key_id, "ses-smtp", "eu-central-1")
    page = text(ask(visit))
    assert "SMTP in eu-central-1" in page
    assert "Asked of AWS just now." in page


def test_the_button_that_revokes_leads_to_the_page_that_asks_aws(visit, aws_account):
    """A question on the page of the credential could only say what the books do: AWS is not asked for reading."""
    aws_account.world.calls.clear()
    page = text(visit.client.get(at(visit)))
    assert list(aws_account.calls) == []
    assert f'href="{at(visit, "revocation/")}"' in page
    assert "<dialog" not in page


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
    assert "AWS did not say just now what else hangs on its IAM user" not in page
    aws_account.faults.set("ListGroupsForUser", "error", code="ServiceFailure", status=500, times=9)
    page = text(visit.client.get(at(visit, "revocation/")))
    assert "Revoke weekly-digest?" in page
    assert "AWS did not say just now what else hangs on its IAM user" in page


@pytest.mark.parametrize(
    ("below", "words"),
    [
        ("suspension/", "A password made by hand goes on working"),
        ("revocation/", "Nobody here made a password for the console: what relies on it stops as well."),
    ],
)
def test_pages_that_stop_something_say_that_somebody_gave_its_user_a_password(visit, aws_account, below, words):
    assert words not in text(visit.client.get(at(visit, below)))
    root = Truth(aws_account).root
    root.create_login_profile(UserName=visit.credential.user_name, Password="Long-enough-1234")
    assert words in text(visit.client.get(at(visit, below)))
    hold(root, without("LookAfterOwnUsers", "iam:GetLoginProfile"))
    page = text(visit.client.get(at(visit, below)))
    assert words not in page
    assert ("The rights of the dashboard do not let it see" in page) is (below == "revocation/")
    assert "AWS did not say just now what else" not in page


def test_a_console_login_has_a_password_of_ours(world):
    credential = world.console_login()
    for below in ("suspension/", "revocation/"):
        page = text(signed_in(world, "member").get(f"/credentials/{credential.pk}/{below}"))
        assert "by hand" not in page


@pytest.mark.parametrize("is_console", [False, True])
def test_suspending_what_has_ended_does_not_say_that_it_stops_anything_more(world, visit, is_console):
    credential = world.console_login() if is_console else visit.credential
    Credential.objects.update(expires_at=timezone.now() - timedelta(hours=1))
    page = text(visit.client.get(f"/credentials/{credential.pk}/suspension/"))
    assert "suspending stops nothing more" in page
    assert ("but the sign-in" in page) is is_console
    assert "stops within seconds" not in page


def test_what_has_ended_and_is_deleted_is_neither_extended_nor_revoked_again(visit):
    Credential.objects.update(expires_at=timezone.now() - timedelta(days=2))
    sweeps.run_now("expiry", aws())
    for response in (
        visit.client.get(at(visit, "extension/")),
        visit.client.post(at(visit, "extension/"), {"lifetime_days": "9"}),
    ):
        assert (response.status_code, heading(response)) == (409, "weekly-digest is expired")
        assert "Issue another one." in text(response)
    assert visit.client.post(at(visit, "revocation/")).status_code == 303
    page = text(visit.client.get(at(visit)))
    assert "It had ended already. Its time is over: AWS has ended it, and its IAM user is deleted." in page
    assert "Revoked. It is" not in page


def test_a_second_click_on_revoke_says_what_the_first_has_done(visit):
    for _ in range(2):
        assert visit.client.post(at(visit, "revocation/")).status_code == 303
        page = text(visit.client.get(at(visit)))
        assert "Revoked. It is of no use to anybody any more." in page


@pytest.mark.parametrize(
    ("method", "below"),
    [
        ("GET", "suspension/"),
        ("GET", "revocation/"),
        ("GET", "extension/"),
        ("POST", "extension/"),
        ("GET", "resumption/"),
        ("POST", "resumption/"),
    ],
)
def test_pages_that_ask_about_a_console_login_say_when_somebody_signed_in(world, aws_account, method, below):
    credential = world.console_login()
    member, address = signed_in(world, "member"), f"/credentials/{credential.pk}/{below}"
    if below == "resumption/":
        suspend(credential)

    def page():
        return text(member.get(address) if method == "GET" else member.post(address, {"lifetime_days": "60"}))

    assert "Nobody has signed in, as far as AWS has told" in page()
    # Nobody can sign in to the pretend console, so its user is told that somebody did.
    user = aws_account.world.iam.users[credential.user_name]
    user.password_last_used = aws_account.world.clock.naive() - timedelta(days=3)
    assert "Last signed in" in page()
    assert f"{user.password_last_used:%Y-%m-%dT%H:%M}" in page()
    aws_account.faults.set("GetUser", "error", code="ServiceFailure", status=500, times=99)
    assert "AWS did not say just now when it was last used" in page()


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


def test_without_an_end_there_is_nothing_to_fill_in(visit):
    Credential.objects.update(expires_at=None)
    response = visit.client.get(at(visit, "extension/"))
    assert (response.status_code, heading(response)) == (409, "weekly-digest has no end")
