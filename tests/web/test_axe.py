"""axe finds nothing: every address, full, empty, with errors and refused, in both themes, on a desk and on a phone.

And every one of them fits a wide screen and a sheet of paper.
"""

import mimetypes
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core import mail
from django.template.loader import render_to_string
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from provisioning.domain.widening import fingerprint
from provisioning.gateway.aws import aws
from provisioning.models import (
    AwsAccount,
    Credential,
    CredentialRequest,
    GuardrailChange,
    Invitation,
    Membership,
    Person,
    RegionReading,
    SweepRun,
    Team,
)
from provisioning.sandbox.principals import record_use
from provisioning.services import passwords, sweeps
from tests.builders import open_team
from tests.journeys.browsers import browser_type_launch_args, playwright  # noqa: F401 - fixtures
from tests.rights import BOUNDARY, hold, root_of, without
from tests.services.acts import as_approved
from tests.services.elsewhere import WANTED, added, printed_trust, trust
from tests.services.test_approval import approve, decline
from tests.services.test_asking import ask
from tests.services.test_invitations import invited, join
from tests.web.visits import FORM, LOGIN, Visit, signed_in, typed

pytestmark = [pytest.mark.django_db, pytest.mark.journey, pytest.mark.same_pages]

SITE = "http://pages.example"
WIDTHS, THEMES = (1280, 390), ("light", "dark")
WIDE, PAPER = 1920, 720  # an A4 sheet between its margins
ON_A_SCREEN_ONLY = "button, .button, nav, search, dialog, .banner, .site, .foot, copy-button"
# What answers without a page: files, redirects, what only a form posts to and which then shows another page.
NO_PAGE = {"healthz", "credentials_csv", "history_csv", "handover_csv", "handover_env", "confirmation"}
NO_PAGE |= {"notice_test"}
NO_PAGE |= {"loss", "identities", "set_up_check", "join_link", "session_end", "readyz"}
WIZARD = "/guide/wizard/"
ANSWERS = "?who=software&where=outside&speaks=smtp"


@dataclass
class Shelf:
    """Pages as the product answered them, by the name of their address and the state they are in."""

    pages: dict[str, tuple[bytes, dict[str, str]]] = field(default_factory=dict)

    def put(self, label, response, status=200):
        assert response.status_code == status, f"{label}: {response.status_code}"
        self.pages[label] = (response.content, {"Content-Security-Policy": response["Content-Security-Policy"]})

    def put_template(self, label, template, **context):
        policy = next(iter(self.pages.values()))[1]
        text = render_to_string(template, {"now": timezone.now(), "request_id": "0" * 32, **context})
        self.pages[label] = (text.encode(), policy)

    @property
    def addresses(self):
        return {label.partition(",")[0] for label in self.pages}


def named(patterns, space="") -> Iterator[str]:
    for pattern in patterns:
        if hasattr(pattern, "url_patterns"):
            yield from named(pattern.url_patterns, f"{pattern.namespace}:" if pattern.namespace else space)
        else:
            yield f"{space}{pattern.name}"


def for_strangers(shelf):
    stranger = Client()
    shelf.put("guidance:table", stranger.get("/guide/"))
    shelf.put("guidance:regions", stranger.get("/guide/regions/"))
    shelf.put("guidance:wizard", stranger.get(WIZARD))
    shelf.put("guidance:wizard, an answer it has not", stranger.get(f"{WIZARD}?who=nobody"))
    shelf.put("guidance:wizard, the answer", stranger.get(f"{WIZARD}{ANSWERS}"))
    shelf.put("guidance:wizard, no credential", stranger.get(f"{WIZARD}?who=software&where=aws&speaks=api&service=ec2"))
    shelf.put("account_login", stranger.get(LOGIN))
    shelf.put("account_login, wrong", stranger.post(LOGIN, {"login": "member@example.com", "password": "wrong"}))
    shelf.put("account_inactive", stranger.get("/accounts/inactive/"))


def empty(shelf, world):
    for name in ("member", "admin", "auditor", "guest"):
        shelf.put(f"home, {name}, nothing there", signed_in(world, name).get("/"))
    member = signed_in(world, "member")
    shelf.put("credentials, empty", member.get("/credentials/"))
    shelf.put("history, empty", signed_in(world, "outsider").get("/history/"))
    shelf.put("credential_new", member.get(FORM))
    shelf.put("credential_new, errors", member.post(FORM, {"team": "newsletter"}), 422)
    outside = typed(world, from_addresses="boss@elsewhere.example", lifetime_days="999", application="Bad Name!")
    shelf.put("credential_new, outside the limits", member.post(FORM, outside), 422)
    shelf.put("credential_new, refused", signed_in(world, "auditor").get(FORM), 403)
    shelf.put("style", member.get("/style/"))
    shelf.put("account_logout", member.get("/accounts/logout/"))
    shelf.put("account_reauthenticate", member.get("/accounts/reauthenticate/"))


def handing_over(shelf, world):
    visit = Visit.reviewing(world, signed_in(world, "member"))
    shelf.put("credential_new, review", visit.client.post(FORM, typed(world)))
    shelf.put("handover, not issued", visit.get())
    shelf.put("handover, not issued, in another browser", signed_in(world, "member").get(visit.address))
    visit.post()
    shelf.put("handover, sealed", visit.get())
    shelf.put("handover, in another browser", signed_in(world, "member").get(visit.address))
    shelf.put("look", visit.look())
    shelf.put("look, other settings", visit.post("look/", {"region": "us-east-1", "client": "swaks"}))
    wrong = {"region": "eu-central-1", "sender": "boss@example.com"}
    shelf.put("test_message, not from there", visit.post("test-message/", wrong), 409)
    visit.post("verification/")
    visit.post("test-message/", {"region": "eu-central-1", "sender": "digest@example.com"})
    shelf.put("handover, verified, message sent", visit.get())
    shelf.put("home, hand-over open", visit.client.get("/"))
    shelf.put("credential, hand-over open", visit.client.get(f"/credentials/{visit.credential.pk}/"))
    visit.post("confirmation/")
    shelf.put("handover, over", visit.get())
    shelf.put("look, too late", visit.look(), 409)
    pattern = Visit.issued(
        world, visit.client, application="pattern", from_addresses="*@example.com", regions="us-east-1"
    )
    shelf.put("handover, a pattern", pattern.get())
    pattern.client.logout()
    return visit


def an_access_key(shelf, world):
    member = signed_in(world, "member")
    key = {"kind": "api", "actions": ["SendRawEmail"], "source_ips": "203.0.113.7", "configuration_set": "events"}
    shelf.put("credential_new, would a role do", member.get(f"{FORM}?kind=api"))
    shelf.put("credential_new, an access key", member.get(f"{FORM}?kind=api&role=no"))
    shelf.put("credential_new, an access key with errors", member.post(FORM, {"kind": "api", "source_ips": "x"}), 422)
    visit = Visit.reviewing(world, member, application="an-access-key", **key)
    shelf.put("credential_new, review of an access key", member.post(FORM, typed(world, **key)))
    visit.post()
    shelf.put("handover, an access key, sealed", visit.get())
    shelf.put("look, an access key", visit.look())
    visit.post("verification/")
    visit.post("test-message/", {"region": "eu-central-1", "sender": "digest@example.com"})
    shelf.put("handover, an access key, message refused", visit.get())
    visit.post("confirmation/")
    shelf.put("handover, an access key, over", visit.get())
    shelf.put("credential, an access key", member.get(f"/credentials/{visit.credential.pk}/"))


def bad_days(shelf, world, sandbox):
    for effect, label in (("error", "aws says no"), ("lose_reply", "aws is silent")):
        visit = Visit.reviewing(world, signed_in(world, "member"), application=effect.replace("_", "-"))
        sandbox.faults.set("PutUserPolicy", effect)
        answer = visit.post()
        shelf.put(f"handover, {label}, the answer", answer, answer.status_code)
        assert answer.status_code >= 500
        sandbox.faults.clear()
        shelf.put(f"handover, {label}", visit.get())
        shelf.put(f"credential, {label}", visit.client.get(f"/credentials/{visit.credential.pk}/"))
    Credential.objects.filter(application="lose-reply").update(state="issuing")
    shelf.put(
        "handover, nobody's", visit.client.get(f"/handovers/{'0' * 8}-{'-'.join(['0' * 4] * 3)}-{'0' * 12}/"), 404
    )
    shelf.put("home, nothing there at all", Client().get("/nowhere/"), 404)
    for name in ("400", "403", "404", "500", "errors/server_error", "errors/csrf"):
        shelf.put_template(f"errors, {name}", f"{name}.html")
    shelf.put_template("errors, history", "errors/history_unwritable.html", commands=("aws iam delete-user",))


def of_console_logins(shelf, world, sandbox, settings):
    world.newsletter.kinds = ["smtp", "console"]
    world.newsletter.save()
    member = signed_in(world, "member")
    told = {"kind": "console", "application": "anna-keller", "regions": None, "from_addresses": None}
    shelf.put("credential_new, console", member.get(f"{FORM}?kind=console"))
    shelf.put("credential_new, console, errors", member.post(FORM, {"team": "newsletter", "kind": "console"}), 422)
    outside = typed(world, **told, access="full")
    shelf.put("credential_new, console, outside the limits", member.post(FORM, outside), 422)
    named, settings.AWS_CONSOLE_BOUNDARY_ARN = settings.AWS_CONSOLE_BOUNDARY_ARN, ""
    shelf.put("credential_new, console, no boundary", member.get(f"{FORM}?kind=console"))
    settings.AWS_CONSOLE_BOUNDARY_ARN = named
    shelf.put("credential_new, console, review", member.post(FORM, typed(world, **told, access="read")))
    visit = Visit.issued(world, member, **told, access="read")
    here = f"/credentials/{visit.credential.pk}/"
    shelf.put("handover, console", visit.get())
    shelf.put("look, console", visit.look())
    shelf.put("verification, console", visit.post("verification/"), 409)
    shelf.put("credential, console", member.get(here))
    visit.post("confirmation/")
    shelf.put("handover, console, over", visit.get())
    shelf.put("suspension, console", member.get(f"{here}suspension/"))
    member.post(f"{here}suspension/")
    shelf.put("credential, console, suspended", member.get(here))
    shelf.put("resumption, console", member.get(f"{here}resumption/"))
    shelf.put("revocation, console", member.get(f"{here}revocation/"))
    review = member.post(f"{here}resumption/")
    shelf.put("resumption, console, review", review)
    again = Visit(member, re.search(r'action="(/handovers/[^"]+)"', review.content.decode())[1])
    shelf.put("handover, console, not resumed yet", Visit(signed_in(world, "member"), again.address).get())
    sandbox.faults.set("CreateLoginProfile", "error", code="ConcurrentModification", status=409, times=20)
    again.post()
    sandbox.faults.clear()
    shelf.put("handover, console, not resumed", again.get())
    again.post()
    shelf.put("handover, console, resumed", again.get())
    again.look()
    again.post("confirmation/")
    shelf.put("handover, console, resumed, over", again.get())


def operations(shelf, world):
    """Before any worker has run, with everything in trouble, and in order."""
    admin, now = signed_in(world, "admin"), timezone.now()
    auditor = Client()
    for _ in range(2):
        auditor.post(LOGIN, {"login": "auditor@example.com", "password": "sandbox-only"})
        shelf.put("home, auditor, nothing new", auditor.get("/"))
        auditor.post("/accounts/logout/")
    shelf.put("sweeps, no worker", admin.get("/sweeps/"))
    for name in sweeps.SWEEPS:
        SweepRun.objects.create(sweep=name, due=now, began_at=now, ended_at=now, handled=3)
    shelf.put("sweeps", admin.get("/sweeps/"))
    SweepRun.objects.filter(sweep="notices").update(trouble="The mail server does not answer.")
    SweepRun.objects.filter(sweep="usage").update(began_at=now - timezone.timedelta(days=3), ended_at=None)
    shelf.put("sweeps, late and in trouble", admin.get("/sweeps/"))
    shelf.put("sweeps, refused", signed_in(world, "member").get("/sweeps/"), 403)
    world.issued(application="of-an-identity-gone")
    Credential.objects.filter(application__endswith="3").update(state="suspended")
    RegionReading.objects.update(identities=[])
    AwsAccount.objects.update(trouble="The permissions boundary does not exist in AWS.")
    shelf.put("home, admin, everything in trouble", admin.get("/"))
    auditor.post(LOGIN, {"login": "auditor@example.com", "password": "sandbox-only"})
    shelf.put("home, auditor, much is new", auditor.get("/"))


def full(shelf, world, credential):
    for number in range(14):
        world.issued(application=f"a-name-of-thirty-letters-{number:05}")
    soon = timezone.now() + timezone.timedelta(days=3)
    Credential.objects.filter(application__endswith="1").update(expires_at=soon, last_used_at=timezone.now())
    Credential.objects.filter(application__endswith="2").update(expires_at=timezone.now() - timezone.timedelta(days=3))
    for name in ("member", "admin", "auditor"):
        client = signed_in(world, name)
        for address in ("home", "credentials", "history"):
            shelf.put(f"{address}, {name}", client.get({"home": "/"}.get(address, f"/{address}/")))
        shelf.put(f"credential, {name}", client.get(f"/credentials/{credential.pk}/"))
    shelf.put("credentials, nothing fits", client.get("/credentials/?q=zzz"))
    shelf.put("history, nothing fits", client.get("/history/?q=zzz"))
    shelf.put("revocation, refused", client.get(f"/credentials/{credential.pk}/revocation/"), 403)
    member = signed_in(world, "member")
    shelf.put("revocation", member.get(f"/credentials/{credential.pk}/revocation/"))
    member.post(f"/credentials/{credential.pk}/revocation/")
    shelf.put("credential, revoked", member.get(f"/credentials/{credential.pk}/"))


def set_up(shelf, world, sandbox, settings):
    sandbox.reset()  # a boundary that users have cannot be deleted
    aws.cache_clear()
    AwsAccount.objects.update(findings=None)
    admin, root = signed_in(world, "admin"), root_of(sandbox)
    shelf.put("set_up, not looked at", admin.get("/setup/"))
    admin.post("/setup/check/")
    shelf.put("set_up", admin.get("/setup/"))
    policy = without("LookAfterOwnUsers", "iam:TagUser")
    policy["Statement"].append({"Effect": "Allow", "Action": "iam:CreateRole", "Resource": "*"})
    hold(root, policy)
    root.delete_policy(PolicyArn=BOUNDARY)
    sandbox.faults.set("GetAccountSummary", "error", code="ServiceFailure", status=500)
    admin.post("/setup/check/")
    sandbox.faults.clear()
    shelf.put("set_up, much to mend", admin.get("/setup/"))
    shelf.put("set_up, auditor", signed_in(world, "auditor").get("/setup/"))
    shelf.put("set_up, refused", signed_in(world, "member").get("/setup/"), 403)
    for form in ("json", "cloudformation", "terraform"):
        shelf.put(f"set_up_policies, {form}", admin.get(f"/setup/policies/?form={form}"))
    named, settings.AWS_BOUNDARY_ARN = settings.AWS_BOUNDARY_ARN, ""
    shelf.put("set_up, names no account", admin.get("/setup/"))
    shelf.put("set_up_policies, no account", admin.get("/setup/policies/"), 503)
    settings.AWS_BOUNDARY_ARN = named


def of_accounts(shelf, world, sandbox):
    """AWS accounts: one that lets us in, one that does not, one that is retired; described, wrong and refused."""
    admin, auditor = signed_in(world, "admin"), signed_in(world, "auditor")
    shelf.put("aws_accounts, the first alone", admin.get("/aws-accounts/"))
    shelf.put("aws_account_new", admin.get("/aws-accounts/new/"))
    shelf.put(
        "aws_account_new, errors", admin.post("/aws-accounts/new/", {**WANTED, "role_arn": "x", "path": "x"}), 422
    )
    shelf.put("aws_account_new, refused", auditor.get("/aws-accounts/new/"), 403)
    account = added(world)
    where = f"/aws-accounts/{account.pk}/"
    shelf.put("aws_account, just added", admin.get(where))
    shelf.put("aws_account, errors", admin.post(where, {**WANTED, "name": "", "path": "/"}), 422)
    shelf.put("set_up_policies, who we are is not known", admin.get("/setup/policies/?account=210987654321"))
    admin.post("/setup/check/", {"account": account.pk})
    shelf.put("aws_account, does not let us in", admin.get(where))
    trust(sandbox, printed_trust(account))
    admin.post("/setup/check/", {"account": account.pk})
    admin.post("/setup/check/")
    shelf.put("aws_account", admin.get(where))
    shelf.put("aws_account, auditor", auditor.get(where))
    shelf.put("aws_accounts", auditor.get("/aws-accounts/"))
    shelf.put("set_up, of another account", admin.get("/setup/?account=210987654321"))
    for form in ("json", "cloudformation", "terraform"):
        shelf.put(
            f"set_up_policies, of a role, {form}", admin.get(f"/setup/policies/?account=210987654321&form={form}")
        )
    # The other pages have used up and narrowed what the team may.
    may = {"regions": ["eu-central-1", "us-east-1"], "from_entries": ["*@example.com"]}
    Team.objects.update(live_limit=100, longest_lifetime_days=180, **may)
    member = signed_in(world, "member")
    shelf.put("credential_new, several accounts", member.get(FORM))
    shelf.put("credential_new, review, in another account", member.post(FORM, typed(world, account=account.pk)))
    shelf.put("credentials, several accounts", member.get("/credentials/"))
    shelf.put("aws_account_retirement", admin.get(f"{where}retirement/"))
    shelf.put("aws_account_retirement, refused", auditor.get(f"{where}retirement/"), 403)
    admin.post(f"{where}retirement/")
    shelf.put("aws_account, retired", admin.get(where))


def of_teams(shelf, world):
    admin, wide = signed_in(world, "admin"), "\n".join(f"news{number}@example.com" for number in range(9))
    limits = {"kinds": "smtp", "regions": "us-east-1", "live_limit": 3, "longest_lifetime_days": 30}
    for name in ("member", "admin", "auditor"):
        shelf.put(f"teams, {name}", signed_in(world, name).get("/teams/"))
        shelf.put(f"team, {name}", signed_in(world, name).get("/teams/newsletter/"))
    shelf.put("teams, refused", signed_in(world, "guest").get("/teams/"), 403)
    shelf.put("team, another's", signed_in(world, "outsider").get("/teams/newsletter/"), 404)
    shelf.put("team_new", admin.get("/teams/new/"))
    shelf.put("team_new, errors", admin.post("/teams/new/", {"name": "Newsletter", "slug": "new", **limits}), 422)
    assert (
        admin.post("/teams/new/", {"name": "Reports", "live_limit": 0, "longest_lifetime_days": 1}).status_code == 303
    )
    shelf.put("team, just formed", admin.get("/teams/reports/"))
    shelf.put("team_name", admin.get("/teams/newsletter/name/"))
    shelf.put("team_name, errors", admin.post("/teams/newsletter/name/", {"name": "Billing"}), 422)
    shelf.put("members", admin.get("/teams/newsletter/members/"))
    shelf.put("members, errors", admin.post("/teams/newsletter/members/", {"email": "auditor@example.com"}), 422)
    removal = f"/teams/newsletter/members/{world.people['member'].pk}/removal/"
    shelf.put("member_removal", admin.get(removal))
    shelf.put("member_removal, refused", signed_in(world, "auditor").get(removal), 403)
    where = "/teams/newsletter/guardrail/"
    shelf.put("guardrail", admin.get(where))
    shelf.put("guardrail, errors", admin.post(where, {"from_addresses": "News@x", "live_limit": -1}), 422)
    reviewed = {**limits, "from_addresses": f"{wide}\nboss@elsewhere.example"}
    shelf.put("guardrail, wider and narrower", admin.post(where, reviewed))
    shelf.put("guardrail, nothing", admin.post(where, {**limits, "regions": []}))
    shelf.put("guardrail, changed meanwhile", admin.post(where, {**reviewed, "as_it_was": "old"}), 409)
    world.newsletter.refresh_from_db()
    admin.post(where, {**reviewed, "as_it_was": fingerprint(world.newsletter.guardrail)})
    shelf.put("team, a widening waits", signed_in(world, "admin2").get("/teams/newsletter/"))
    shelf.put("credential_new, waits for a second word", admin.post(FORM, typed(world)), 422)
    where += "confirmation/"
    shelf.put("guardrail_confirmation", signed_in(world, "admin2").get(where))
    shelf.put("guardrail_confirmation, one's own", admin.get(where))
    guest = f"/people/{world.people['guest'].pk}/standing/"
    admin.post(guest, {"standing": "administrator"})
    shelf.put("guardrail_confirmation, too new", signed_in(world, "guest").get(where))
    admin.post(guest, {"standing": "none"})
    own = {"change": GuardrailChange.objects.get(team=world.newsletter).pk}
    shelf.put("guardrail_confirmation, refused", admin.post(where, own), 403)
    signed_in(world, "admin2").post(where, own)
    shelf.put("guardrail_confirmation, nothing waits", admin.get(where))


def of_people(shelf, world):
    """People, invitations, one's own account: full, empty, wrong and refused."""
    admin, auditor, guest = (signed_in(world, name) for name in ("admin", "auditor", "guest"))
    shelf.put("people, nobody invited", admin.get("/people/"))
    shelf.put("invitations", admin.get("/people/invitations/"))
    shelf.put("invitations, errors", admin.post("/people/invitations/", {"email": "guest@example.com"}), 422)
    typed = {"email": "somebody.with.a.long.name@department.example.com", "standing": "none", "once": "o" * 24}
    answer = admin.post("/people/invitations/", typed | {"teams": [world.newsletter.pk, world.billing.pk]})
    shelf.put("invitations, the link", answer)
    token = re.search(r"/people/join/([^/<]+)/", answer.content.decode())[1]
    stranger = Client()
    stranger.get(f"/people/join/{token}/")
    shelf.put("join", stranger.get("/people/join/"))
    shelf.put("join, errors", stranger.post("/people/join/", {"password": "short", "again": "longer"}), 422)
    guest.get(f"/people/join/{token}/")
    shelf.put("join, somebody else", guest.get("/people/join/"), 409)
    shelf.put("join, no link", Client().get("/people/join/"), 409)
    for name, client in (("admin", admin), ("auditor", auditor)):
        shelf.put(f"people, {name}", client.get("/people/"))
        shelf.put(f"person, {name}", client.get(f"/people/{world.people['member'].pk}/"))
    shelf.put("people, nobody matches", admin.get("/people/?q=zzz"))
    shelf.put("people, refused", guest.get("/people/"), 403)
    shelf.put("withdrawal", admin.get(f"/people/invitations/{Invitation.objects.waiting().get().pk}/withdrawal/"))
    member, gone = f"/people/{world.people['member'].pk}/", f"/people/{world.people['admin2'].pk}/"
    shelf.put("standing", admin.get(f"{member}standing/"))
    shelf.put("standing, errors", admin.post(f"{member}standing/"), 422)
    shelf.put("deactivation", admin.get(f"{member}deactivation/"))
    Membership.objects.create(team=world.newsletter, person=world.people["admin2"])
    shelf.put("person, the question", admin.get(gone))
    admin.post(f"{gone}deactivation/")
    shelf.put("person, deactivated", admin.get(gone))
    for name, client in (("admin", admin), ("auditor", auditor)):
        shelf.put(f"team, one of it deactivated, {name}", client.get("/teams/newsletter/"))
        assert b'data-state="deactivated"' in shelf.pages[f"team, one of it deactivated, {name}"][0]
    shelf.put("reactivation", admin.get(f"{gone}reactivation/"))
    last = admin.post(f"/people/{world.people['admin'].pk}/deactivation/")
    shelf.put("deactivation, the last administrator", last, 409)


def of_ones_own(shelf, world):
    """One's own account, sessions and password."""
    member = Client(headers={"user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"})
    for client in (Client(), member):
        client.post(LOGIN, {"login": "member@example.com", "password": "sandbox-only"})
    shelf.put("own_account", member.get("/account/"))
    shelf.put("usersessions_list", member.get("/accounts/sessions/"))
    shelf.put("usersessions_list, none", signed_in(world, "guest").get("/accounts/sessions/"))
    shelf.put("account_change_password", member.get("/accounts/password/change/"))
    shelf.put("account_change_password, errors", member.post("/accounts/password/change/", {"password1": "short"}))
    reset, stranger = "/accounts/password/reset/", Client()
    shelf.put("account_reset_password", stranger.get(reset))
    shelf.put("account_reset_password, errors", stranger.post(reset, {"email": "nobody"}))
    shelf.put("account_reset_password_done", stranger.get(f"{reset}done/"))
    passwords.mail_reset_link("member@example.com")
    link = re.search(r"https?://[^/]+(/\S+)", mail.outbox[-1].body.partition("link")[2])[1]
    form = stranger.get(link)["Location"]
    shelf.put("account_reset_password_from_key", stranger.get(form))
    shelf.put("account_reset_password_from_key, errors", stranger.post(form, {"password1": "short"}))
    shelf.put("account_reset_password_from_key, over", Client().get(f"{reset}key/1-made-up/"))
    shelf.put("account_reset_password_from_key_done", stranger.get(f"{reset}key/done/"))
    shelf.put_template("errors, 429", "429.html")


def changing(shelf, world, sandbox):
    visit = Visit.issued(world, signed_in(world, "member"), application="changing")
    member, admin = visit.client, signed_in(world, "admin")
    here = f"/credentials/{visit.credential.pk}/"
    shelf.put("suspension", member.get(f"{here}suspension/"))
    shelf.put("suspension, refused", signed_in(world, "auditor").get(f"{here}suspension/"), 403)
    shelf.put("from_addresses", member.get(f"{here}from-addresses/"))
    outside = {"from_addresses": "boss@elsewhere.example\nBOSS"}
    shelf.put("from_addresses, errors", member.post(f"{here}from-addresses/", outside), 422)
    news = {"from_addresses": "news@example.com\nmore@example.com"}
    shelf.put("from_addresses, review", member.post(f"{here}from-addresses/", news))
    shelf.put("note", member.get(f"{here}note/"))
    shelf.put("note, errors", member.post(f"{here}note/", {"note": "x" * 2_001}), 422)
    member.post(f"{here}note/", {"note": "On web-1 and web-2.\nAsk the night shift."})
    open_team()
    shelf.put("transfer", admin.get(f"{here}transfer/"))
    shelf.put("transfer, not admitted", admin.post(f"{here}transfer/", {"team": "billing"}), 422)
    shelf.put("transfer, review", admin.post(f"{here}transfer/", {"team": "successor"}))
    shelf.put("transfer, refused", member.get(f"{here}transfer/"), 403)
    shelf.put("stops, empty", member.get("/stops/"))
    shelf.put("stop_new", member.get("/stops/new/"))
    shelf.put("stop_new, errors", member.get("/stops/new/?team=&sender=BOSS"), 422)
    shelf.put("stop_new, preview", member.get("/stops/new/?team=newsletter"))
    shelf.put("stop_new, nothing", member.get("/stops/new/?sender=nobody@elsewhere.example"))
    shelf.put("stop_new, without a reason", member.post("/stops/new/", {"team": "newsletter"}), 422)
    sandbox.faults.set("UpdateAccessKey", "error", code="ConcurrentModification", status=409, times=1)
    stop = {"team": "newsletter", "reason": "Misused.", "stop": "0" * 31 + "1"}
    where = member.post("/stops/new/", stop)["Location"]
    shelf.put("stop, in part", member.get(where))
    shelf.put("stops, in part", member.get("/stops/"))
    member.post(where)
    shelf.put("stop", member.get(where))
    shelf.put("stop, refused", signed_in(world, "outsider").get(where), 404)
    shelf.put("credential, suspended", member.get(here))
    shelf.put("resumption", member.get(f"{here}resumption/"))
    shelf.put("home, suspended", member.get("/"))
    shelf.put("stop_undo", member.get(f"{where}undo/"))
    member.post(f"{where}undo/")
    shelf.put("stop, undone", member.get(where))
    shelf.put("stop_undo, undone", member.get(f"{where}undo/"))
    shelf.put("stops", signed_in(world, "auditor").get("/stops/"))
    shelf.put("history, changes", admin.get("/history/"))


def rotating(shelf, world, sandbox):
    """A rotation from its first page to its last, with what may lie in its way."""
    visit = Visit.issued(world, signed_in(world, "member"), application="rotating", regions="eu-central-1")
    visit.look()
    visit.post("confirmation/")
    member, here = visit.client, f"/credentials/{visit.credential.pk}/"
    shelf.put("rotation", member.get(f"{here}rotation/"))
    shelf.put("rotation, refused", signed_in(world, "auditor").get(f"{here}rotation/"), 403)
    shelf.put("rotation, errors", member.post(f"{here}rotation/", {"regions": "ap-south-1"}), 422)
    shelf.put("retirement, the only key", member.get(f"{here}retirement/"), 409)
    shelf.put("switch_over, the only key", member.get(f"{here}switch-over/"), 409)
    by_hand = root_of(sandbox).create_access_key(UserName=visit.credential.user_name)["AccessKey"]["AccessKeyId"]
    shelf.put("rotation, a key made by hand", member.get(f"{here}rotation/"))
    second = Visit.rotating(member, visit.credential, "us-east-1")
    shelf.put("rotation, review", member.post(f"{here}rotation/", {"regions": "us-east-1"}))
    answer = second.post()
    shelf.put("handover, no room for a second key, the answer", answer, answer.status_code)
    shelf.put("handover, no room for a second key", second.get())
    root_of(sandbox).delete_access_key(UserName=visit.credential.user_name, AccessKeyId=by_hand)
    second = Visit.rotating(member, visit.credential, "us-east-1")
    shelf.put("handover, not rotated, in another browser", signed_in(world, "member").get(second.address))
    second.post()
    shelf.put("handover, of a second key", second.get())
    shelf.put("home, a second key waits", member.get("/"))
    shelf.put("credential, a second key waits", member.get(here))
    second.look()
    shelf.put("handover, of a second key, seen", second.get())
    second.post("confirmation/")
    shelf.put("handover, of a second key, over", second.get())
    shelf.put("credential, to be switched", member.get(here))
    shelf.put("switch_over", member.get(f"{here}switch-over/"))
    member.post(f"{here}switch-over/")
    shelf.put("credential, to be retired", member.get(here))
    shelf.put("rotation, two keys", member.get(f"{here}rotation/"))
    shelf.put("retirement", member.get(f"{here}retirement/"))
    old, new = (key.key_id for key in visit.credential.keys.all())
    shelf.put("retirement, the new key", member.get(f"{here}retirement/?key={new}"))
    record_use(sandbox.world, old, "ses", "eu-central-1")
    shelf.put("retirement, still in use", member.get(f"{here}retirement/"))
    shelf.put("retirement, without a reason", member.post(f"{here}retirement/", {"key": old}), 422)
    member.post(f"{here}retirement/", {"key": old, "reason": "The host is gone."})
    shelf.put("credential, with a retired key", member.get(here))
    shelf.put("retirement, retired already", member.get(f"{here}retirement/?key={old}"))
    shelf.put("key_reactivation", member.get(f"{here}reactivation/"))
    visit.credential.keys.filter(key_id=old).update(used_since_at=timezone.now())
    shelf.put("credential, with a retired key that is used", member.get(here))
    shelf.put("retirement, retired but used", member.get(f"{here}retirement/?key={old}"))
    sandbox.faults.set("ListAccessKeys", "error", code="ServiceFailure", status=500, times=9)
    shelf.put("rotation, AWS does not say", member.get(f"{here}rotation/"))
    sandbox.faults.clear()


def sends_a_test(admin):
    """The list of notices, after a test."""
    admin.post("/notices/test/")
    return admin.get("/notices/")


def of_ends(shelf, world, settings):
    """Extending, before and after the end; what people were told by mail."""
    visit = Visit.issued(world, signed_in(world, "member"), application="ending")
    member, admin = visit.client, signed_in(world, "admin")
    here = f"/credentials/{visit.credential.pk}/extension/"
    shelf.put("extension", member.get(here))
    shelf.put("extension, errors", member.post(here, {"lifetime_days": "999"}), 422)
    shelf.put("extension, review", member.post(here, {"lifetime_days": "120"}))
    shelf.put("extension, refused", signed_in(world, "auditor").get(here), 403)
    shelf.put("notices", admin.get("/notices/"))
    shelf.put("notices, auditor", signed_in(world, "auditor").get("/notices/"))
    shelf.put("notices, nobody matches", admin.get("/notices/?q=zzz"))
    shelf.put("notices, refused", member.get("/notices/"), 403)
    working, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, "django.core.mail.backends.dummy.EmailBackend"
    shelf.put("notices, after a test that failed", sends_a_test(admin))
    settings.EMAIL_BACKEND = working
    shelf.put("notices, after a test", sends_a_test(admin))
    Credential.objects.filter(pk=visit.credential.pk).update(expires_at=timezone.now() - timezone.timedelta(hours=1))
    shelf.put("credential, ended", member.get(f"/credentials/{visit.credential.pk}/"))
    shelf.put("extension, ended", member.get(here))
    shelf.put("extension, review of what has ended", member.post(here, {"lifetime_days": "120"}))
    Credential.objects.filter(pk=visit.credential.pk).update(state="expired", ended_at=timezone.now())
    shelf.put("credential, ended and deleted", member.get(f"/credentials/{visit.credential.pk}/"))


def requests(shelf, world):
    """Requests in every state they can be in, and their forms wrong and refused."""
    member, admin, auditor = (signed_in(world, name) for name in ("member", "admin", "auditor"))
    for name, client in (("member", member), ("admin", admin), ("auditor", auditor)):
        shelf.put(f"requests, {name}, empty", client.get("/requests/"))
    shelf.put("requests, nothing matches", admin.get("/requests/?state=lapsed"))
    shelf.put("request_new", member.get("/requests/new/"))
    wanted = typed(world, lifetime_days="400", from_addresses="*@example.com")
    shelf.put("credential_new, offers to ask", member.post(FORM, wanted), 422)
    shelf.put("request_new, errors", member.post("/requests/new/", wanted | {"application": ""}), 422)
    shelf.put("request_new, refused", auditor.get("/requests/new/"), 403)
    asked = {name: ask(world, application=name) for name in ("asked", "approved", "declined", "withdrawn", "lapsed")}
    where = {name: f"/requests/{each.pk}/" for name, each in asked.items()}
    shelf.put("request_approval", admin.get(f"{where['approved']}approval/"))
    more = {"regions": "eu-west-1", "lifetime_days": 500, "words": "x" * 1_001}
    shelf.put("request_approval, errors", admin.post(f"{where['approved']}approval/", more), 422)
    less = {"regions": ["us-east-1"], "from_addresses": "digest@example.com", "lifetime_days": 300}
    shelf.put("request_approval, narrower", admin.post(f"{where['approved']}approval/", less))
    approve(world, asked["approved"], words="Fine.", lifetime_days=300)
    shelf.put("request_decline", admin.get(f"{where['declined']}decline/"))
    shelf.put("request_decline, errors", admin.post(f"{where['declined']}decline/"), 422)
    decline(world, asked["declined"])
    shelf.put("request_decline, taking back", admin.get(f"{where['approved']}decline/"))
    shelf.put("request_decline, refused", auditor.get(f"{where['asked']}decline/"), 403)
    shelf.put("request_withdrawal", member.get(f"{where['withdrawn']}withdrawal/"))
    member.post(f"{where['withdrawn']}withdrawal/")
    CredentialRequest.objects.filter(pk=asked["lapsed"].pk).update(lapses_at=timezone.now())
    for name, client in (("member", member), ("admin", admin), ("auditor", auditor)):
        shelf.put(f"requests, {name}", client.get("/requests/"))
        shelf.put(f"requests, {name}, all", client.get("/requests/?state="))
        for state, address in where.items():
            shelf.put(f"request, {name}, {state}", client.get(address))
    shelf.put("request, another's", signed_in(world, "outsider").get(where["asked"]), 404)
    shelf.put("home, member, decided", member.get("/"))
    shelf.put("home, admin, requests wait", admin.get("/"))
    shelf.put("request_review", member.post(f"{where['approved']}review/"))
    shelf.put("request_review, not approved", member.post(f"{where['asked']}review/"), 409)
    own = f"/requests/{ask(world, 'admin', application='own').pk}/"
    shelf.put("request_approval, one's own", admin.get(f"{own}approval/"), 403)
    Person.objects.filter(email="admin2@example.com").update(is_active=False)
    shelf.put("requests, the only administrator", admin.get("/requests/"))
    shelf.put("request, the only administrator", admin.get(own))
    shelf.put("request_new, the only administrator", admin.get("/requests/new/"))
    shelf.put("home, the only administrator", admin.get("/"))
    Person.objects.filter(email="admin2@example.com").update(is_active=True)
    world.people["just-here"] = join(invited(world, "just-here@example.com", teams=[world.newsletter]))
    theirs = f"/requests/{ask(world, 'just-here', application='theirs').pk}/"
    shelf.put("request, of whom they have just invited", admin.get(theirs))
    shelf.put("request_approval, of whom they have just invited", admin.get(f"{theirs}approval/"), 403)
    approved = (
        f"/credentials/{as_approved(world, by='admin', application='as-approved', regions=('eu-central-1',)).pk}/"
    )
    shelf.put("credential, of who approved it", admin.get(approved))
    shelf.put("rotation, of who approved it", admin.get(f"{approved}rotation/"))
    shelf.put("rotation, no more regions", member.get(f"{approved}rotation/"))


@pytest.fixture(scope="module")
def _kept():
    """The pages, made for the first test that asks: they are as good for the next."""
    return Shelf()


@pytest.fixture
def shelf(_kept, request):
    return _kept if _kept.pages else request.getfixturevalue("_filled")


@pytest.fixture
def _whole_again(sandbox):
    """What is broken for the sake of pages is whole for whoever comes next."""
    yield
    sandbox.reset()


@pytest.fixture
def _filled(_kept, world, sandbox, settings, _whole_again):
    world.newsletter.live_limit = 50
    world.newsletter.save()
    shelf = Shelf()
    for_strangers(shelf)
    empty(shelf, world)
    visit = handing_over(shelf, world)
    an_access_key(shelf, world)
    bad_days(shelf, world, sandbox)
    full(shelf, world, visit.credential)
    changing(shelf, world, sandbox)
    of_console_logins(shelf, world, sandbox, settings)
    rotating(shelf, world, sandbox)
    of_ends(shelf, world, settings)
    requests(shelf, world)
    operations(shelf, world)
    of_teams(shelf, world)
    of_people(shelf, world)
    of_ones_own(shelf, world)
    set_up(shelf, world, sandbox, settings)
    sandbox.reset()
    aws.cache_clear()
    of_accounts(shelf, world, sandbox)
    _kept.pages.update(shelf.pages)
    return _kept


@pytest.fixture
def desk(shelf, new_context, settings):
    """A browser window that is served from the shelf; what it complains about is kept."""
    page = new_context().new_page()
    page.complaints = []

    def serve(route):
        path = urlsplit(route.request.url).path
        if path.startswith("/static/"):
            file = Path(settings.STATIC_ROOT) / path.removeprefix("/static/")
            route.fulfill(path=file, content_type=mimetypes.guess_type(file.name)[0])
        elif path == "/":
            route.fulfill(body=page.shown[0], headers=page.shown[1], content_type="text/html; charset=utf-8")
        else:
            route.abort()  # a page that asks by itself is left without an answer

    def complain(message):
        if message.type == "error" and "ERR_FAILED" not in message.text and not message.text.startswith("htmx:"):
            page.complaints.append(message.text)

    page.route("**/*", serve)
    page.on("console", complain)
    return page


def looked_at(page) -> Iterator[str]:
    """Give what axe finds and what does not fit. A theme changes colours alone, so each width has one whole look."""
    page.evaluate(Axe().axe_script)
    for width, whole in zip(WIDTHS, THEMES, strict=True):
        page.set_viewport_size({"width": width, "height": 900})
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            yield f"{width}: wider than the window"
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)
            options = {"resultTypes": ["violations"], **({} if theme == whole else {"runOnly": ["color-contrast"]})}
            for found in page.evaluate("options => axe.run(document, options)", options)["violations"]:
                where = "; ".join(node["html"][:120] for node in found["nodes"][:2])
                yield f"{width} {theme}: {found['id']}: {found['help']}: {where}"


def beside(page) -> Iterator[str]:
    """Give what does not fit a wide screen or a sheet of paper, and what is printed though no paper can do it."""
    for width, medium in ((WIDE, "screen"), (PAPER, "print")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(media=medium, color_scheme="light")
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            yield f"{medium}: wider than {width}"
    shown = "all => all.filter(each => each.checkVisibility()).map(each => each.outerHTML.slice(0, 80))"
    yield from (f"print: {each}" for each in page.locator(ON_A_SCREEN_ONLY).evaluate_all(shown))
    if not page.locator("h1").first.is_visible():
        yield "print: no heading"
    page.emulate_media(media="screen")


PARTS = 3  # of the pages: as many workers can look at them side by side


@pytest.mark.parametrize(
    "part", [pytest.param(part, marks=pytest.mark.xdist_group(f"pages {part}")) for part in range(PARTS)]
)
def test_axe_finds_nothing(shelf, desk, part):
    found = {}
    for label, shown in list(shelf.pages.items())[part::PARTS]:
        desk.shown = shown
        desk.goto(SITE)
        if label.endswith("the question"):
            desk.get_by_role("button", name="Deactivate admin2@example.com").click()
        found[label] = [*looked_at(desk), *beside(desk), *desk.complaints]
        desk.complaints.clear()
    assert {label: words for label, words in found.items() if words} == {}


def test_every_address_is_on_the_shelf(shelf):
    assert set(named(get_resolver().url_patterns)) - NO_PAGE == shelf.addresses - {"errors"}


def test_it_would_find_what_is_wrong(shelf, desk):
    page, policy = shelf.pages["guidance:wizard"]
    broken = page.replace(b"<main", b'<p class="pale">Pale</p><img src="/static/favicon.svg"><main', 1)
    desk.shown = broken, policy
    desk.goto(SITE)
    desk.evaluate("document.querySelector('.pale').style.color = 'light-dark(#ddd, #333)'")
    found = " ".join(looked_at(desk))
    assert "image-alt" in found
    assert all(f"{width} {theme}: color-contrast" in found for width in WIDTHS for theme in THEMES)
    desk.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<div class=wrap><nav>Next</nav>')")
    desk.evaluate("document.querySelector('.pale').style.minWidth = '2000px'")
    desk.evaluate("document.querySelector('h1').remove()")
    found = " ".join(beside(desk))
    assert all(words in found for words in ("screen: wider", "print: wider", "print: <nav", "print: no heading")), found
