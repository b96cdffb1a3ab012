"""Every address, every role, both methods: what each meets at the door. A new address without a row fails by name."""

import re
from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from provisioning import audit
from provisioning.domain.from_entries import FromEntry
from provisioning.domain.roles import system
from provisioning.models import AuditEvent, Membership, Person, RefusalTally, Stop, Stopped
from tests.services.elsewhere import added
from tests.services.test_asking import ask
from tests.services.test_invitations import invited
from tests.web.visits import Visit, heading, signed_in, text

pytestmark = pytest.mark.django_db

ROLES = ("anonymous", "guest", "issuer", "teammate", "outsider", "admin", "auditor")
PUBLIC_PAGE = ("200 200 200 200 200 200 200", "405 405 405 405 405 405 405")
LIST = ("302 403 200 200 200 200 200", "302 405 405 405 405 405 405")
OVERSEERS_READ = ("302 403 403 403 403 200 200", "302 405 405 405 405 405 405")
ONLY_POSTED = "302 302 302 302 302 302 302"  # opened by hand, it leads back to the hand-over
OWNERS_ALONE = "302 403 303 403 404 403 403"
ADMINISTRATORS_PAGE = "302 403 403 403 403 200 403"
ADMINISTRATORS_MISTAKE = "302 403 403 403 403 422 403"  # an empty form
ADMINISTRATORS_ACT = "302 403 403 403 403 303 403"

# name: (GET, POST), a status for each role. 302 for somebody anonymous is the way to the sign-in.
TABLE = {
    "guidance:table": PUBLIC_PAGE,
    "guidance:wizard": PUBLIC_PAGE,
    "guidance:regions": PUBLIC_PAGE,
    "account_login": ("200 302 302 302 302 302 302", "200 302 302 302 302 302 302"),
    "account_logout": ("302 200 200 200 200 200 200", "302 302 302 302 302 302 302"),
    "account_inactive": PUBLIC_PAGE,
    "account_reauthenticate": ("302 200 200 200 200 200 200", "302 200 200 200 200 200 200"),
    "style": ("302 200 200 200 200 200 200", "302 405 405 405 405 405 405"),
    "healthz": ("200 200 200 200 200 200 200", "200 200 200 200 200 200 200"),
    "aws_accounts": OVERSEERS_READ,
    "aws_account_new": (ADMINISTRATORS_PAGE, ADMINISTRATORS_MISTAKE),
    "aws_account": ("302 403 403 403 403 200 200", ADMINISTRATORS_MISTAKE),
    "aws_account_retirement": (ADMINISTRATORS_PAGE, ADMINISTRATORS_ACT),
    "home": ("302 200 200 200 200 200 200", "405 405 405 405 405 405 405"),
    "credentials": LIST,
    "credentials_csv": LIST,
    "credential_new": ("302 403 200 200 200 200 403", "302 403 422 422 422 422 403"),
    "credential": ("302 403 200 200 404 200 200", "302 405 405 405 405 405 405"),
    "revocation": ("302 403 200 200 404 200 403", "302 403 303 303 404 303 403"),
    "handover": ("302 404 200 403 404 403 403", "302 403 303 403 403 403 403"),
    "look": (ONLY_POSTED, "302 403 200 403 404 403 403"),
    "handover_csv": ("302 403 200 403 404 403 403", "302 405 405 405 405 405 405"),
    "handover_env": ("302 403 200 403 404 403 403", "302 405 405 405 405 405 405"),
    "verification": ("302 403 200 403 404 403 403", OWNERS_ALONE),
    "test_message": (ONLY_POSTED, "302 403 409 403 404 403 403"),
    "confirmation": (ONLY_POSTED, OWNERS_ALONE),
    "loss": (ONLY_POSTED, OWNERS_ALONE),
    "identities": ("302 405 405 405 405 405 405", "302 403 303 303 303 303 403"),
    "history": LIST,
    "history_csv": LIST,
    "set_up": OVERSEERS_READ,
    "set_up_check": ("302 405 405 405 405 405 405", "302 403 403 403 403 303 403"),
    "set_up_policies": OVERSEERS_READ,
    "readyz": ("200 200 200 200 200 200 200", "200 200 200 200 200 200 200"),
    "sweeps": ("302 403 403 403 403 200 200", "302 405 405 405 405 405 405"),
    "teams": LIST,
    "team_new": (ADMINISTRATORS_PAGE, ADMINISTRATORS_MISTAKE),
    "team": ("302 403 200 200 404 200 200", "302 405 405 405 405 405 405"),
    "guardrail": (ADMINISTRATORS_PAGE, ADMINISTRATORS_MISTAKE),
    "guardrail_confirmation": (ADMINISTRATORS_PAGE, ADMINISTRATORS_ACT),
    "members": (ADMINISTRATORS_PAGE, ADMINISTRATORS_MISTAKE),
    "member_removal": (ADMINISTRATORS_PAGE, ADMINISTRATORS_ACT),
    "team_name": (ADMINISTRATORS_PAGE, ADMINISTRATORS_MISTAKE),
}
# People, and one's own account.
ADMINS_AND_AUDITORS = ("302 403 403 403 403 200 200", "302 405 405 405 405 405 405")
ADMINS_ASK = "302 403 403 403 403 200 403"
ADMINS_DO = "302 403 403 403 403 303 403"
OWN = "302 200 200 200 200 200 200"
TABLE |= {
    "people": ADMINS_AND_AUDITORS,
    "person": ADMINS_AND_AUDITORS,
    "standing": (ADMINS_ASK, "302 403 403 403 403 422 403"),
    "deactivation": (ADMINS_ASK, ADMINS_DO),
    "reactivation": (ADMINS_ASK, ADMINS_DO),
    "invitations": (ADMINS_ASK, "302 403 403 403 403 422 403"),
    "withdrawal": (ADMINS_ASK, ADMINS_DO),
    "join": ("409 409 409 409 409 409 409", "409 409 409 409 409 409 409"),  # without having opened a link
    "join_link": ("302 302 302 302 302 302 302", "302 302 302 302 302 302 302"),
    "own_account": (OWN, "302 405 405 405 405 405 405"),
    "session_end": ("302 302 302 302 302 302 302", "302 404 404 404 404 404 404"),
    "usersessions_list": (OWN, "302 302 302 302 302 302 302"),
    "account_change_password": (OWN, OWN),
    "account_reset_password": ("200 200 200 200 200 200 200", "200 200 200 200 200 200 200"),
    "account_reset_password_done": PUBLIC_PAGE,
    "account_reset_password_from_key": ("200 200 200 200 200 200 200", "200 200 200 200 200 200 200"),
    "account_reset_password_from_key_done": PUBLIC_PAGE,
    "suspension": ("302 403 200 200 404 200 403", "302 403 303 303 404 303 403"),
    "resumption": ("302 403 409 409 404 409 403", "302 403 303 303 404 303 403"),
    "from_addresses": ("302 403 200 200 404 200 403", "302 403 422 422 404 422 403"),
    "rotation": ("302 403 409 409 404 409 403", "302 403 409 409 404 409 403"),  # its secret is not stored
    # One key alone: nothing can be switched, retired or reactivated.
    "switch_over": ("302 403 409 409 404 409 403", "302 403 409 409 404 409 403"),
    "retirement": ("302 403 409 409 404 409 403", "302 403 409 409 404 409 403"),
    "key_reactivation": ("302 403 409 409 404 409 403", "302 403 409 409 404 409 403"),
    "extension": ("302 403 200 200 404 200 403", "302 403 422 422 404 422 403"),
    "notices": ("302 403 403 403 403 200 200", "302 405 405 405 405 405 405"),
    "notice_test": ("302 302 302 302 302 302 302", "302 403 403 403 403 303 403"),
    "note": ("302 403 200 200 404 200 403", "302 403 303 303 404 303 403"),
    "transfer": ("302 403 403 403 403 200 403", "302 403 403 403 403 422 403"),
    "stops": LIST,
    "stop_new": ("302 403 200 200 200 200 403", "302 403 422 422 422 422 403"),
    "stop": ("302 403 200 200 404 200 200", "302 403 303 303 404 303 403"),
    "stop_undo": ("302 404 200 200 404 200 403", "302 403 303 303 404 303 403"),
}
TABLE |= {
    "requests": LIST,
    "request": ("302 403 200 200 404 200 200", "302 405 405 405 405 405 405"),
    "request_new": ("302 403 200 200 200 200 403", "302 403 422 422 422 422 403"),
    "request_approval": (ADMINISTRATORS_PAGE, ADMINISTRATORS_MISTAKE),
    "request_decline": (ADMINISTRATORS_PAGE, ADMINISTRATORS_MISTAKE),
    "request_review": ("302 302 302 302 302 302 302", "302 403 409 403 404 403 403"),
    "request_withdrawal": ("302 403 200 403 404 403 403", "302 403 303 403 404 403 403"),
}
# What a stranger may open without being led to the sign-in.
PUBLIC = {
    "guidance:table",
    "guidance:wizard",
    "guidance:regions",
    "account_login",
    "account_inactive",
    "healthz",
    "readyz",
}
PUBLIC |= {name for name in TABLE if name.startswith("account_reset_password")}
NOWHERE = "00000000-0000-4000-8000-000000000000"
OTHER_IDS = {
    "account_id": 1,
    "invitation_id": 1,
    "key": "made-up",
    "person_id": 1,
    "session_id": 1,
    "request_id": NOWHERE,
    "slug": "newsletter",
    "stop_id": NOWHERE,
    "token": "made-up",
    "uidb36": "1",
}
CASES = [(name, method) for name in TABLE for method in ("GET", "POST")]


def patterns(found=None, prefix: str = "") -> Iterator[tuple[str, set[str]]]:
    """The name of every address there is, and what stands in it."""
    for pattern in get_resolver().url_patterns if found is None else found:
        if hasattr(pattern, "url_patterns"):
            inner = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            yield from patterns(pattern.url_patterns, inner)
        else:
            yield f"{prefix}{pattern.name}", set(pattern.pattern.regex.groupindex)


def address(name: str, credential_id: int = 1, handover_id: str = NOWHERE, **more: object) -> str:
    ids = {"credential_id": credential_id, "handover_id": handover_id, **OTHER_IDS, **more}
    return reverse(name, kwargs={each: ids[each] for each in dict(patterns())[name]})


@pytest.fixture
def seen(world) -> Visit:
    """What `member` has issued and looked at; `teammate` is in the same team."""
    teammate = Person.objects.create_person("teammate@example.com", "not-used-here")
    Membership.objects.create(person=teammate, team=world.newsletter)
    world.people.update(teammate=teammate, issuer=world.people["member"])
    visit = Visit.issued(world)
    assert visit.look().status_code == 200
    return visit


@pytest.fixture
def others(world, seen) -> dict[str, object]:
    """The ids of what else some addresses name: somebody without a team, an invitation, a stop."""
    return {
        "account_id": added(world).pk,
        "person_id": world.people["guest"].pk,
        "invitation_id": invited(world).invitation.pk,
        "stop_id": stopped(world, seen).pk,
        "request_id": ask(world).pk,
    }


def stopped(world, seen: Visit) -> Stop:
    """A stop of the issuer's team that has found what they issued, and did not come to it."""
    by = world.people["admin"]
    stop = Stop.objects.create(team=world.newsletter, reason="A test.", by=by, at=timezone.now())
    Stopped.objects.create(stop=stop, credential=seen.credential, trouble="Not tried.")
    return stop


def browser_of(world, role: str, seen: Visit) -> Client:
    if role == "anonymous":
        return Client()
    return seen.client if role == "issuer" else signed_in(world, role)


def test_every_address_has_its_row():
    assert sorted(name for name, _ in patterns()) == sorted(TABLE)


@pytest.mark.parametrize(("name", "method"), CASES)
def test_a_door_answers_each_role_as_its_row_says(world, seen, others, name, method):
    row = TABLE[name][method == "POST"].split()
    wanted, met = dict(zip(ROLES, row, strict=True)), {}
    if name == "member_removal":
        others["person_id"] = world.people["teammate"].pk
    where = address(name, seen.credential.pk, seen.id, **others)
    for role in ROLES:
        with transaction.atomic():
            browser = browser_of(world, role, seen)
            response = browser.generic(method, where)
            met[role] = str(response.status_code)
            if met[role] in {"403", "404"}:
                assert_refused_in_words_and_on_record(
                    response, world.people.get("member" if role == "issuer" else role)
                )
            transaction.set_rollback(True)
    assert met == wanted


def assert_refused_in_words_and_on_record(response, person) -> None:
    page = text(response)
    assert "What you can do" in page
    assert "Why" in page
    event = AuditEvent.objects.first()
    assert (event.outcome, event.person_id) == ("refused", person.pk)
    assert event.request_id == response["X-Request-Id"]


@pytest.mark.parametrize("name", sorted(TABLE))
def test_a_stranger_is_led_to_the_sign_in_and_back(name):
    where = address(name)
    if name in PUBLIC:
        assert Client().get(where).status_code == 200
        return
    if name == "join":
        assert Client().get(where).status_code == 409
        return
    response = Client().get(where)
    expected = {
        "home": reverse("guidance:table"),
        "account_logout": reverse("guidance:table"),
        "join_link": reverse("join"),
    }.get(name, f"/accounts/login/?next={where}")
    assert response["Location"] == expected


LEADS_ELSEWHERE = {"home", "account_logout", "account_reauthenticate", "join_link"}  # and nothing polls these
POLLED = [name for name, (get, _) in TABLE.items() if get.split()[0] == "302" and name not in LEADS_ELSEWHERE]


@pytest.mark.parametrize("name", POLLED)
def test_a_page_that_polls_for_a_stranger_goes_to_the_sign_in_whole(name):
    response = Client().get(address(name), headers={"HX-Request": "true"})
    assert (response.status_code, response["HX-Redirect"]) == (204, "/accounts/login/")
    assert response.content == b""


def without_what_differs(response) -> str:
    """The page without its request id, times, form tokens, and the ids that stood in its own address."""
    page = re.sub(r"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}", "ID", text(response))
    page = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "TOKEN", page)
    page = re.sub(r"<time[^>]*>.*?</time>", "TIME", page, flags=re.DOTALL)
    return re.sub(r"/credentials/\d+/", "/credentials/N/", page)


SHAPES = [
    ("GET", "/requests/{request}/"),
    ("POST", "/requests/{request}/review/"),
    ("GET", "/requests/{request}/withdrawal/"),
    ("POST", "/requests/{request}/withdrawal/"),
    ("GET", "/credentials/{credential}/"),
    ("GET", "/credentials/{credential}/revocation/"),
    ("POST", "/credentials/{credential}/revocation/"),
    ("GET", "/credentials/{credential}/suspension/"),
    ("POST", "/credentials/{credential}/suspension/"),
    ("POST", "/credentials/{credential}/resumption/"),
    ("GET", "/credentials/{credential}/from-addresses/"),
    ("POST", "/credentials/{credential}/from-addresses/"),
    ("GET", "/credentials/{credential}/rotation/"),
    ("POST", "/credentials/{credential}/rotation/"),
    ("GET", "/credentials/{credential}/switch-over/"),
    ("POST", "/credentials/{credential}/switch-over/"),
    ("GET", "/credentials/{credential}/retirement/"),
    ("POST", "/credentials/{credential}/retirement/"),
    ("GET", "/credentials/{credential}/reactivation/"),
    ("POST", "/credentials/{credential}/reactivation/"),
    ("GET", "/credentials/{credential}/extension/"),
    ("POST", "/credentials/{credential}/extension/"),
    ("GET", "/credentials/{credential}/note/"),
    ("POST", "/credentials/{credential}/note/"),
    ("GET", "/handovers/{handover}/"),
    ("POST", "/handovers/{handover}/"),
    ("POST", "/handovers/{handover}/look/"),
    ("GET", "/handovers/{handover}/credential.csv"),
    ("GET", "/handovers/{handover}/credential.env"),
    ("POST", "/handovers/{handover}/verification/"),
    ("POST", "/handovers/{handover}/test-message/"),
    ("POST", "/handovers/{handover}/confirmation/"),
    ("POST", "/handovers/{handover}/loss/"),
]


@pytest.mark.parametrize(("method", "shape"), SHAPES)
def test_what_belongs_to_another_team_reads_like_what_does_not_exist(world, seen, method, shape):
    outsider = signed_in(world, "outsider")
    # A key of their own, so that the browser is not what they are refused for.
    outsider.cookies["handover_key"] = seen.cookie.value
    asked = ask(world, application="asked-for").pk
    theirs = outsider.generic(method, shape.format(credential=seen.credential.pk, handover=seen.id, request=asked))
    nobodys = outsider.generic(method, shape.format(credential=4_000_000, handover=NOWHERE, request=NOWHERE))
    assert (theirs.status_code, nobodys.status_code) == (404, 404)
    assert without_what_differs(theirs) == without_what_differs(nobodys)
    assert "weekly-digest" not in text(theirs)


@pytest.mark.parametrize(
    "where",
    ["/credentials/99999999999999999999999/", "/credentials/0/", "/credentials/9223372036854775808/revocation/"],
)
@pytest.mark.parametrize("name", ["admin", "member"])
def test_an_id_beyond_every_row_is_not_there(world, name, where):
    assert signed_in(world, name).get(where).status_code == 404


@pytest.mark.parametrize(
    "where",
    [
        "/admin/", "/accounts/", "/accounts/signup/", "/accounts/password/", "/accounts/password/reset/key/",
        "/accounts/password/set/", "/accounts/email/", "/accounts/confirm-email/", "/accounts/login/code/",
        "/accounts/login/code/confirm/", "/accounts/3rdparty/", "/accounts/social/connections/", "/accounts/2fa/",
        "/accounts/sessions/1/", "/accounts/mfa/", "/people/0x1/",
        "/people/invitations/1/", "/handovers/", "/handovers/x/", "/sandbox/faults", "/.env",
        "/static/../manage.py", "/credentials/-1/", "/credentials/1e3/", "/credentials/../admin/",
    ],
)  # fmt: skip
def test_nothing_else_is_there(world, where):
    for browser in (Client(), signed_in(world, "admin")):
        response = browser.get(where)
        assert response.status_code == 404
        assert heading(response) == "There is nothing for you at this address"


def test_a_refusal_says_why_and_offers_a_way_on(world, seen):
    response = signed_in(world, "auditor").post(f"/credentials/{seen.credential.pk}/revocation/")
    page = text(response)
    assert heading(response) == "Auditors change nothing"
    assert "sees everything but secrets" in page
    assert f'href="{reverse("credentials")}"' in page


def test_the_same_refusal_again_within_a_minute_is_counted_not_repeated(world, seen):
    auditor, before = signed_in(world, "auditor"), AuditEvent.objects.count()
    where = f"/credentials/{seen.credential.pk}/revocation/"
    now = timezone.now()
    minute = now.replace(second=0, microsecond=0)
    RefusalTally.objects.all().delete()
    for _ in range(4):
        auditor.post(where)
    tallies = RefusalTally.objects.filter(minute__gte=minute)
    events = AuditEvent.objects.filter(outcome="refused", actor_name="auditor@example.com")
    # The minute may turn while the four are under way: then there are two of each.
    assert AuditEvent.objects.count() - before == events.count() == tallies.count() <= 2
    assert sum(tally.repeats for tally in tallies) == 4 - tallies.count()
    counted = tallies.filter(repeats__gt=0).count()
    assert audit.note_repeats(by=system("refusals"), now=now + timedelta(minutes=2)) == counted
    noted = audit.json.loads(AuditEvent.objects.first().text)
    assert noted["detail"]["person"] == "auditor@example.com"
    assert noted["detail"]["repeats"] + events.count() >= 3
    assert not RefusalTally.objects.exists()
    assert audit.verify()[1] is None


@pytest.mark.parametrize("name", ["guest", "member"])
def test_any_number_of_made_up_addresses_costs_an_event_for_each_door(world, name):
    browser, before = signed_in(world, name), AuditEvent.objects.count()
    for number in range(1, 6):
        for method, shape in SHAPES:
            ids = {"handover": uuid4(), "request": uuid4(), "credential": 4_000_000 + number}
            assert browser.generic(method, shape.format(**ids)).status_code in {403, 404}
    tallies = list(RefusalTally.objects.all())
    assert len(tallies) + sum(tally.repeats for tally in tallies) == 5 * len(SHAPES), "each was counted"
    minutes = len({tally.minute for tally in tallies})
    assert AuditEvent.objects.count() - before == len(tallies) <= minutes * len(SHAPES)


def test_the_first_of_them_names_its_address_and_the_rest_are_counted(world):
    guest, now = signed_in(world, "guest"), timezone.now()
    addresses = [f"/handovers/{uuid4()}/" for _ in range(4)]
    for where in addresses:
        guest.get(where)
    first, *more = AuditEvent.objects.filter(actor_name="guest@example.com").order_by("pk")
    assert (first.subject, first.act) == (addresses[0], "handover:look")
    # The minute may turn while the four are under way: then there are two of each.
    assert len(more) <= 1
    audit.note_repeats(by=system("refusals"), now=now + timedelta(minutes=2))
    noted = [audit.json.loads(event.text)["detail"]["repeats"] for event in AuditEvent.objects.all()[: 1 + len(more)]]
    assert sum(noted) + 1 + len(more) == 4


def test_the_same_refusal_at_another_credential_is_in_its_own_history(world):
    bill = {"team": world.billing, "from_entries": (FromEntry.parse("bill@billing.example.com"),)}
    both = [
        world.issued("member", application="samename"),
        world.issued("outsider", application="samename", **bill),
    ]
    auditor, now = signed_in(world, "auditor"), timezone.now()
    for credential in (both[0], both[1], both[1]):
        assert auditor.post(f"/credentials/{credential.pk}/revocation/").status_code == 403
    refused = AuditEvent.objects.filter(act="credential:revoke", outcome="refused")
    told = [refused.filter(credential_id=each.pk, team_id=each.team_id).count() for each in both]
    assert min(told) == 1
    assert "Was not allowed to revoke" in text(signed_in(world, "outsider").get(f"/credentials/{both[1].pk}/"))
    audit.note_repeats(by=system("refusals"), now=now + timedelta(minutes=2))
    assert refused.filter(credential_id=both[1].pk, team_id=world.billing.pk).count() == 2, "the repeats are there, too"


def test_another_refusal_is_an_event_of_its_own(world, seen):
    auditor = signed_in(world, "auditor")
    auditor.post(f"/credentials/{seen.credential.pk}/revocation/")
    auditor.post("/credentials/new/")
    auditor.post("/identities/")
    auditor.post(f"{seen.address}look/")
    acts = AuditEvent.objects.filter(outcome="refused", actor_name="auditor@example.com").values_list("act", flat=True)
    assert sorted(acts) == ["credential:prepare", "credential:revoke", "handover:look", "identity:read"]


def test_somebody_deactivated_is_out_at_once(world, seen):
    Person.objects.filter(email="member@example.com").update(is_active=False)
    for where in ("/", "/credentials/", seen.address):
        assert seen.client.get(where)["Location"].startswith(("/accounts/login/", "/guide/"))
    assert seen.look()["Location"].startswith("/accounts/login/")


def test_somebody_taken_out_of_the_team_sees_its_things_no_more(world, seen):
    Membership.objects.create(person=world.people["member"], team=world.billing)
    Membership.objects.filter(person=world.people["member"], team=world.newsletter).delete()
    assert seen.client.get(f"/credentials/{seen.credential.pk}/").status_code == 404
    assert seen.client.post(f"/credentials/{seen.credential.pk}/revocation/").status_code == 404
    assert seen.get().status_code == 404
    assert seen.look().status_code == 404
    assert "weekly-digest" not in text(seen.client.get("/credentials/"))
    assert "weekly-digest" not in text(seen.client.get("/history.csv"))


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "HEAD"])
@pytest.mark.parametrize("name", ["credentials", "credential", "handover", "handover_csv", "look"])
def test_no_method_goes_around_the_sign_in(method, name):
    assert Client().generic(method, address(name)).status_code == 302
