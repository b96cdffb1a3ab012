"""The set-up page: what is stored, a check now, what cannot be asked, the policies; small, and without asking AWS."""

import html
import json
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from provisioning.domain.roles import system
from provisioning.gateway.aws import aws
from provisioning.models import AuditEvent, AwsAccount, RegionReading
from provisioning.services import posture
from tests.rights import BOUNDARY, SELF, hold, printed, root_of, without
from tests.web.visits import heading, signed_in, text

pytestmark = pytest.mark.django_db
PAGE, CHECK, POLICIES = "/setup/", "/setup/check/", "/setup/policies/"


@pytest.fixture
def admin(world):
    return signed_in(world, "admin")


def looked():
    posture.look(aws(), by=system("test"), now=timezone.now())


def words(response):
    """The page as it is read: no tags, no entities, one space."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", text(response))))


def test_the_page_shows_what_is_stored_and_asks_aws_nothing(world, admin, aws_account):
    looked()
    before = len(aws_account.calls)
    page = words(admin.get(PAGE))
    assert len(aws_account.calls) == before
    assert f"Signs in as {SELF} IAM user; a role is better" in page
    assert "Rights As printed" in page
    assert f"Boundary {BOUNDARY} As printed" in page
    assert "IAM users 4 of 5000" in page
    assert re.search(r"Root user.s MFA off", page)
    assert "us-east-1 Production" in page
    assert "eu-central-1 SES sandbox" in page
    assert "billing.example.com" in page


def test_what_was_never_looked_at_is_not_claimed(world, admin):
    AwsAccount.objects.update(checked_at=None, principal_arn="")
    response = admin.get(PAGE)
    assert heading(response) == "The set-up has not been checked yet"
    page = words(response)
    assert "Signs in as not known yet" in page
    assert "Rights not asked" in page
    assert re.search(r"Root user.s MFA not known", page)


def test_check_now_asks_and_leads_back(world, admin, aws_account):
    looked()
    aws_account.world.ses["eu-central-1"].identities["new.example.com"] = True
    RegionReading.objects.filter(region="us-east-1").delete()
    response = admin.post(CHECK)
    assert (response.status_code, response["Location"]) == (303, PAGE)
    page = words(admin.get(PAGE))
    assert "The set-up was checked just now." in page
    assert "new.example.com" in page
    assert RegionReading.objects.count() == 2


def test_twice_is_as_good_as_once(world, admin):
    for _ in range(2):
        assert admin.post(CHECK).status_code == 303
    assert AwsAccount.objects.count() == 1


def test_a_missing_action_is_named_with_its_resource_and_gone_when_mended(world, admin, aws_account):
    root = root_of(aws_account)
    hold(root, without("LookAfterOwnUsers", "iam:TagUser"))
    admin.post(CHECK)
    response = admin.get(PAGE)
    assert heading(response) == "Three things in the set-up need you"
    page = words(response)
    assert "The dashboard may not do iam:TagUser" in page
    assert "iam:TagUser arn:aws:iam::123456789012:user/ses-dashboard/*" in page
    hold(root, printed())
    admin.post(CHECK)
    assert "iam:TagUser" not in words(admin.get(PAGE))


def test_rights_beyond_are_listed(world, admin, aws_account):
    policy = printed()
    policy["Statement"].append({"Effect": "Allow", "Action": "iam:CreateRole", "Resource": "*"})
    hold(root_of(aws_account), policy)
    admin.post(CHECK)
    page = words(admin.get(PAGE))
    assert "The dashboard may do too much: iam:CreateRole" in page
    assert "iam:CreateRole for roles" in page


def test_without_the_simulator_the_page_says_how_to_allow_it(world, admin, aws_account):
    hold(root_of(aws_account), without("AskAboutItself", "iam:SimulatePrincipalPolicy"))
    assert admin.post(CHECK).status_code == 303
    page = words(admin.get(PAGE))
    assert "Its rights could not be asked" in page
    assert re.search(r"Code AccessDenied , request [0-9a-f-]{36}", page)
    assert "give the dashboard iam:SimulatePrincipalPolicy on its own ARN" in page


@pytest.mark.parametrize("operation", ["GetCallerIdentity", "GetPolicy"])
def test_a_check_that_aws_refuses_is_said_with_its_request(world, admin, aws_account, operation):
    aws_account.faults.set(operation, "error", code="ServiceFailure", status=500)
    assert admin.post(CHECK)["Location"] == PAGE
    page = words(admin.get(PAGE))
    assert f"The check could not be finished: {operation}: ServiceFailure." in page
    assert re.search(r"AWS.s request [0-9a-f-]{36}", page)
    assert "could not be asked" in page


def test_what_aws_no_longer_answers_is_a_problem_and_what_it_said_before_stays(world, admin, aws_account):
    looked()
    before = words(admin.get(PAGE))
    root = root_of(aws_account)
    root.update_access_key(
        UserName="sescreds-dashboard", AccessKeyId=aws_account.dashboard_keys.access_key_id, Status="Inactive"
    )
    admin.post(CHECK)
    page = words(admin.get(PAGE))
    assert "The set-up is in order" not in page
    assert "The dashboard does not get through to AWS" in page
    assert "Code InvalidClientTokenId , request" in page
    assert "Rights As printed" in page
    assert "MFA off" in before
    assert "MFA off" in page
    assert "The dashboard does not get through to AWS" in words(admin.get("/"))


def test_a_dashboard_without_rights_is_a_problem(world, admin, aws_account):
    looked()
    nothing = {"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}
    hold(root_of(aws_account), {"Version": "2012-10-17", "Statement": [nothing]})
    admin.post(CHECK)
    page = words(admin.get(PAGE))
    assert "The dashboard may not ask AWS: SES in eu-central-1" in page
    assert "as it is printed" in page
    assert "The dashboard may not ask AWS" in words(admin.get("/"))


def test_a_check_that_nobody_answers_keeps_what_is_known(world, admin, monkeypatch):
    looked()
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    aws.cache_clear()
    assert admin.post(CHECK).status_code == 303
    page = words(admin.get(PAGE))
    assert "The check could not be finished: GetCallerIdentity: EndpointConnectionError." in page
    assert "Rights As printed" in page
    assert "The dashboard does not get through to AWS" in page
    aws.cache_clear()


def test_an_auditor_reads_and_has_no_button(world):
    page = text(signed_in(world, "auditor").get(PAGE))
    assert "Check now" not in page
    assert POLICIES in page


def test_a_refusal_is_in_the_history_as_what_it_was(world):
    member = signed_in(world, "member")
    for method, where, act in (("GET", PAGE, "read"), ("GET", POLICIES, "read"), ("POST", CHECK, "check")):
        assert member.generic(method, where).status_code == 403
        assert AuditEvent.objects.filter(act=f"account:{act}", outcome="refused").exists()


def test_where_the_environment_names_no_account_the_page_says_what_to_do(world, admin, settings):
    settings.AWS_BOUNDARY_ARN = ""
    response = admin.get(PAGE)
    assert (response.status_code, heading(response)) == (200, "The set-up names no AWS account")
    assert "manage.py own_policy --account" in words(response)
    assert "AWS_BOUNDARY_ARN does not name a managed policy" in words(response)
    assert admin.get(POLICIES).status_code == 503


def codes(response):
    return [html.unescape(found) for found in re.findall(r"<pre[^>]*><code>(.*?)</code>", text(response), re.DOTALL)]


def test_the_policies_are_those_of_this_account_and_principal(world, admin):
    own, *boundaries = map(json.loads, codes(admin.get(POLICIES)))
    assert own == printed()
    assert boundaries == list(posture.policies_of(AwsAccount.objects.get())[1:])


def test_without_console_logins_their_boundary_is_not_printed(world, admin, settings):
    settings.AWS_CONSOLE_BOUNDARY_ARN = ""
    own, _ = codes(admin.get(POLICIES))
    assert "CreateLoginProfile" not in own


@pytest.mark.parametrize(("form", "begins"), [("cloudformation", "{"), ("terraform", 'resource "aws_iam_policy"')])
def test_the_other_forms_hold_all_in_one_text(world, admin, form, begins):
    (one,) = codes(admin.get(f"{POLICIES}?form={form}"))
    assert one.startswith(begins)
    assert SELF in one
    assert BOUNDARY in one


def test_a_form_that_there_is_not_is_json(world, admin):
    assert heading(admin.get(f"{POLICIES}?form=yaml")) == "Policies as JSON"


def test_at_most_eight_queries_and_as_many_for_many_regions(world, admin):
    looked()
    few = queries(admin)
    account = AwsAccount.objects.get()
    names = [f"{'long-name-' * 5}{number}.example.com" for number in range(200)]
    for number in range(30):
        RegionReading.objects.create(
            account=account, region=f"xx-nowhere-{number}", identities=names, read_at=timezone.now()
        )
    assert queries(admin) == few
    assert max(few.values()) <= 8


def queries(client):
    found = {}
    for page in (PAGE, POLICIES):
        client.get(page)
        with CaptureQueriesContext(connection) as seen:
            assert client.get(page).status_code == 200
        found[page] = len(seen)
    return found


@pytest.mark.parametrize("form", ["json", "cloudformation", "terraform"])
def test_the_policies_stay_small(world, admin, form):
    assert len(admin.get(f"{POLICIES}?form={form}").content) <= 15 * 1024


def test_the_page_stays_small_on_the_worst_day(world, admin, aws_account):
    root = root_of(aws_account)
    everything = {"Effect": "Allow", "Action": "iam:*", "Resource": "*"}
    only = [each for each in printed()["Statement"] if each["Sid"] == "AskAboutItself"]
    hold(root, {"Version": "2012-10-17", "Statement": [*only, everything]})
    admin.post(CHECK)
    much = len(admin.get(PAGE).content)
    hold(root, {"Version": "2012-10-17", "Statement": only})
    admin.post(CHECK)
    nothing = len(admin.get(PAGE).content)
    assert max(much, nothing) <= 15 * 1024, (much, nothing)


def test_the_set_up_and_the_sweeps_lead_to_each_other(world, admin):
    assert 'href="/sweeps/"' in text(admin.get(PAGE))
    assert '<a href="/setup/">Set-up</a>' in text(admin.get("/sweeps/")).split("<h1>")[0].split("<main")[1]
