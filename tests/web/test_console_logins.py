"""Console logins at the doors: described, reviewed, handed over, taken along, suspended and resumed."""

import csv
import io
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from provisioning.domain.lifecycle import Seal, State
from provisioning.gateway.aws import aws
from provisioning.models import AwsAccount, Credential, CredentialRequest, Handover, Membership
from provisioning.services import handover, sweeps
from tests.builders import CONSOLE
from tests.services.acts import as_approved, suspend
from tests.services.test_guardrails import change
from tests.web.visits import FORM, Visit, heading, signed_in, text, typed

pytestmark = pytest.mark.django_db
TYPED = {"kind": "console", "application": "anna-keller", "access": "read", "regions": None, "from_addresses": None}
ADDRESS = "https://123456789012.signin.aws.amazon.com/console"


@pytest.fixture
def allowed(world):
    world.newsletter.kinds = ["smtp", "console"]
    world.newsletter.save()
    return world


@pytest.fixture
def member(allowed):
    return signed_in(allowed, "member")


@pytest.fixture
def visit(allowed, member):
    return Visit.issued(allowed, member, **TYPED)


def shown(page, place):
    return re.search(rf'id="{place}"[^>]*>([^<]+)<', text(page))[1]


def resuming(visit) -> Visit:
    """The same browser with the review of a resumption before it."""
    page = visit.client.post(f"/credentials/{visit.credential.pk}/resumption/")
    assert page.status_code == 200
    return Visit(visit.client, re.search(r'action="(/handovers/[^"]+)"', text(page))[1], text(page))


def test_in_another_browser_its_password_is_only_lost(allowed, visit):
    visit.look()
    visit.post("confirmation/")
    visit.client.post(f"/credentials/{visit.credential.pk}/suspension/")
    again = resuming(visit)
    again.post()
    page = text(signed_in(allowed, "member").get(again.address))
    assert f"{visit.credential.application} waits in another browser" in page
    assert f"I lost it: suspend {visit.credential.application}" in page
    assert "look/" not in page


def test_the_form_leads_to_identity_center_first_and_asks_for_no_addresses(member):
    page = text(member.get(f"{FORM}?kind=console"))
    assert heading(member.get(f"{FORM}?kind=console")) == "New console login"
    assert "IAM Identity Center is better" in page
    assert 'href="/guide/wizard/?who=console"' in page
    assert member.get("/guide/wizard/?who=console").status_code == 200
    for name in ("regions", "from_addresses"):
        assert f'name="{name}"' not in page
    assert f'href="{FORM}?kind=smtp"' in page
    assert f'href="{FORM}?kind=console"' in text(member.get(FORM))


def test_the_review_shows_all_that_will_be_made(allowed, member):
    page = text(member.post(FORM, typed(allowed, **TYPED)))
    for exact in (
        "policy/sescreds-console-boundary",
        "sescreds-console</code>",
        "CreateLoginProfile",
        "iam:ChangePassword",
        "ses:Describe*",
        "Read everything in SES",
        "/ses-dashboard/newsletter/",
        "managed-by = sescreds",
    ):
        assert exact in page, exact
    assert "CreateAccessKey" not in page
    assert not Credential.objects.exists()


def test_full_rights_where_a_team_may_only_read_are_refused_beside_their_field(allowed, member):
    page = member.post(FORM, typed(allowed, **TYPED | {"access": "full"}))
    assert page.status_code == 422
    assert "Newsletter may issue console logins that read only." in text(page)
    allowed.newsletter.console_access = "full"
    allowed.newsletter.save()
    assert "Do everything in SES" in text(member.post(FORM, typed(allowed, **TYPED | {"access": "full"})))


def test_without_its_boundary_the_page_says_so_before_and_after_anything_is_typed(allowed, member, settings):
    settings.AWS_CONSOLE_BOUNDARY_ARN = ""
    assert "Console logins cannot be issued here yet" in text(member.get(f"{FORM}?kind=console"))
    refused = member.post(FORM, typed(allowed, **TYPED))
    assert refused.status_code == 422
    assert "names no boundary for console logins" in text(refused)
    assert not CredentialRequest.objects.exists()


def test_it_is_handed_over_with_all_that_its_owner_needs_and_the_password_once(visit):
    waiting = visit.get()
    assert heading(waiting) == "Hand over anna-keller now"
    name = visit.credential.user_name
    for exact in (ADDRESS, name, "cannot be tried from here", f"exactly <code>{name}</code>", "asks for a password of"):
        assert exact in text(waiting), exact
    assert 'id="password"' not in text(waiting)
    opened = visit.look()
    assert opened.headers["Cache-Control"] == "no-store"
    password = shown(opened, "password")
    assert len(password) >= 20
    assert password not in opened.context["letter"], "the mail goes over another channel"
    assert visit.post("confirmation/").status_code == 303
    assert heading(visit.get()) == "The password of anna-keller is gone"


def test_an_alias_is_in_the_address(visit):
    AwsAccount.objects.update(alias="example-mail")
    assert "https://example-mail.signin.aws.amazon.com/console" in text(visit.get())


def test_the_file_has_the_columns_of_the_iam_console(visit):
    rows = list(csv.reader(io.StringIO(text(visit.get("credential.csv")))))
    assert rows[0] == ["User name", "Password", "Console sign-in URL"]
    assert (rows[1][0], rows[1][2]) == (visit.credential.user_name, ADDRESS)
    assert rows[1][1] == shown(visit.look(), "password")
    assert visit.handover.looks == 2


@pytest.mark.parametrize("below", ["verification/", "test-message/"])
def test_nothing_is_tried_with_it(visit, below):
    refused = visit.post(below, {"region": "eu-central-1", "sender": "digest@example.com"})
    assert (refused.status_code, heading(refused)) == (409, "A console login cannot be proved from here")


def test_it_has_no_file_for_software(visit):
    assert visit.get("credential.env").status_code == 404
    assert visit.handover.looks == 0


def test_its_page_says_what_it_is(visit):
    page = text(visit.client.get(f"/credentials/{visit.credential.pk}/"))
    assert "Read only, in every region" in page
    assert ADDRESS in page
    assert "SMTP user name" not in page
    assert "/from-addresses/" not in page
    assert f'href="{visit.address}"' in page, "the hand-over is open"


def test_it_is_suspended_and_resumed_with_a_new_password(visit):
    old = shown(visit.look(), "password")
    visit.post("confirmation/")
    here = f"/credentials/{visit.credential.pk}/"
    assert "sessions of the console last up to twelve hours" in text(visit.client.get(f"{here}suspension/"))
    assert visit.client.post(f"{here}suspension/").status_code == 303
    assert "With a new password." in text(visit.client.get(here))
    assert "It gets a new password" in text(visit.client.get(f"{here}resumption/"))
    again = resuming(visit)
    assert "Nothing has happened in AWS yet" in again.reviewed
    assert heading(again.get()) == "anna-keller gets a new password", "the review can be read again"
    assert visit.credential.state == State.SUSPENDED
    assert again.post().status_code == 303
    assert again.post().status_code == 303
    assert heading(again.get()) == "Hand over anna-keller now"
    assert shown(again.look(), "password") != old
    assert f'href="{again.address}"' in text(visit.client.get(here))
    assert again.post("confirmation/").status_code == 303
    assert heading(again.get()) == "The password of anna-keller is gone"
    assert visit.credential.state == State.LIVE


@pytest.mark.parametrize(
    ("name", "status", "title", "words"),
    [
        (
            "admin2",
            403,
            "Who approves does not see the secret",
            "You approved the request for anna-keller. member@example.com, whose it is, or another administrator can",
        ),
        (
            "colleague",
            403,
            "Its new password is for its owner",
            "member@example.com, whose it is, or an administrator can resume anna-keller",
        ),
        (
            "admin",
            409,
            "A second administrator has to agree first",
            "You widened the guardrail of Newsletter. Until",
        ),
    ],
)
def test_who_is_not_handed_its_password_is_told_so_before_they_try(world, name, status, title, words):
    world.people["colleague"] = world.people["outsider"]
    Membership.objects.create(team=world.newsletter, person=world.people["outsider"])
    login = as_approved(world, by="admin2", **CONSOLE | {"options": {"access": "full"}})
    suspend(login)
    change(world, "admin", live_limit=9)
    client, here = signed_in(world, name), f"/credentials/{login.pk}/"
    page, first = text(client.get(here)), text(client.get(f"{here}resumption/"))
    assert words in page
    assert f'href="{here}resumption/"' not in page
    assert words in first
    assert f'action="{here}resumption/"' not in first
    refused = client.post(f"{here}resumption/")
    assert (refused.status_code, heading(refused)) == (status, title)
    assert words in text(refused)
    login.refresh_from_db()
    assert login.state == State.SUSPENDED
    member = signed_in(world, "member")
    assert f'href="{here}resumption/"' in text(member.get(here))
    assert member.post(f"{here}resumption/").status_code == 200


def test_what_nobody_looked_at_in_time_is_suspended_again(visit):
    suspend(visit.credential)
    again = resuming(visit)
    again.post()
    assert "suspended again" in text(visit.client.get("/"))
    Handover.objects.filter(pk=again.id).update(made_at=timezone.now() - timedelta(minutes=17))
    sweeps.run_now("handovers", aws())
    assert visit.credential.state == State.SUSPENDED
    assert heading(again.get()) == "Nobody looked in time"
    assert "the login is suspended again" in text(again.get())


def test_a_lost_new_password_suspends_it_and_leads_back(visit):
    suspend(visit.credential)
    again = resuming(visit)
    again.post()
    again.look()
    response = again.post("loss/")
    assert response["Location"] == f"/credentials/{visit.credential.pk}/resumption/"
    assert visit.credential.state == State.SUSPENDED


def test_when_aws_says_no_the_page_says_that_it_is_as_it_was(visit, aws_account):
    suspend(visit.credential)
    again = resuming(visit)
    aws_account.faults.set("CreateLoginProfile", "error", code="ConcurrentModification", status=409, times=20)
    assert again.post().status_code == 502
    aws_account.faults.clear()
    assert heading(again.get()) == "anna-keller was not resumed"
    assert "ConcurrentModification" in text(again.get())


def test_when_aws_says_nothing_the_page_says_who_settles_it(visit, aws_account):
    suspend(visit.credential)
    again = resuming(visit)
    aws_account.faults.set("CreateLoginProfile", "lose_reply", times=1)
    assert again.post().status_code == 503
    assert heading(again.get()) == "AWS has not answered"


def test_another_browser_cannot_resume_from_the_review(allowed, visit):
    suspend(visit.credential)
    again = resuming(visit)
    elsewhere = Visit(signed_in(allowed, "member"), again.address)
    assert elsewhere.post().status_code == 403
    assert heading(elsewhere.get()) == "anna-keller has not been resumed"
    other = signed_in(allowed, "admin")
    other.cookies["handover_key"] = again.cookie.value
    assert other.post(again.address).status_code == 404
    assert visit.credential.state == State.SUSPENDED


def test_a_review_that_is_too_old_leads_back_to_the_login(visit):
    suspend(visit.credential)
    again = resuming(visit)
    CredentialRequest.objects.filter(pk=again.id).update(reviewed_at=timezone.now() - timedelta(hours=2))
    refused = again.post()
    assert (refused.status_code, heading(refused)) == (409, "This review is out of date")
    assert f'href="/credentials/{visit.credential.pk}/"' in text(refused)
    assert "too old" in text(again.get())


def test_a_resumption_is_issued_as_nothing_new(allowed, visit):
    from provisioning.domain.refusals import Refusal
    from provisioning.services import issuance
    from tests.builders import browser

    suspend(visit.credential)
    again = resuming(visit)
    with pytest.raises(Refusal):
        issuance.issue(again.id, by=allowed.actor("member"), browser=browser(), gateway=aws())
    assert Credential.objects.count() == 1


def test_whoever_signs_out_leaves_no_password_behind(visit):
    suspend(visit.credential)
    again = resuming(visit)
    again.post()
    handover.end_for_session(Handover.objects.get(pk=again.id).session_digest, by=_system(), now=timezone.now())
    assert again.handover.state == Seal.EXPIRING
    sweeps.run_now("handovers", aws())
    assert visit.credential.state == State.SUSPENDED


def _system():
    from provisioning.domain.roles import system

    return system("test")


def test_revoking_says_what_ends(visit):
    page = text(visit.client.get(f"/credentials/{visit.credential.pk}/revocation/"))
    assert "sessions that are open end at once" in page
    assert visit.client.post(f"/credentials/{visit.credential.pk}/revocation/").status_code == 303
    assert visit.credential.state == State.REVOKED


def test_a_guardrail_may_allow_them_and_its_review_says_that_it_is_wider(allowed):
    admin = signed_in(allowed, "admin")
    assert "Console login" in text(admin.get("/teams/newsletter/guardrail/"))
    limits = {"kinds": ["smtp", "console"], "regions": ["eu-central-1", "us-east-1"], "live_limit": 5}
    limits |= {"from_addresses": "*@example.com", "longest_lifetime_days": 180, "console_access": "full"}
    page = text(admin.post("/teams/newsletter/guardrail/", limits))
    assert "full rights" in page
    assert "It becomes wider" in page


def test_narrowing_to_read_only_says_which_logins_are_then_outside(allowed, member):
    allowed.newsletter.console_access = "full"
    allowed.newsletter.save()
    Visit.issued(allowed, member, **TYPED | {"access": "full"})
    limits = {"kinds": ["smtp", "console"], "regions": ["eu-central-1", "us-east-1"], "live_limit": 5}
    limits |= {"from_addresses": "*@example.com", "longest_lifetime_days": 180, "console_access": "read"}
    page = text(signed_in(allowed, "admin").post("/teams/newsletter/guardrail/", limits))
    assert "with full rights" in page
