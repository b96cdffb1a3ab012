"""A secret comes to rest nowhere: after a whole journey, every sink is searched for it in every dress.

The search proves itself first: a leak is planted in each sink, in each dress, and has to be found.
"""

import base64
import csv
import html
import io
import json
import logging
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.sessions.backends.db import SessionStore
from django.core import mail
from django.core.cache import cache
from django.core.signals import got_request_exception
from django.db import connection
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone
from django.views.debug import get_exception_reporter_class
from huey.contrib.djhuey import HUEY

from provisioning.domain.roles import system
from provisioning.domain.smtp_password import derive
from provisioning.gateway import smtp
from provisioning.gateway.aws import aws, proofs
from provisioning.gateway.contract import NewKey
from provisioning.models import Claim, Credential, Handover, SmtpLogin
from provisioning.sandbox.iam_keys import Keys
from provisioning.sandbox.iam_passwords import Passwords
from provisioning.services import delivery, making, sweeps
from provisioning.services import handover as handovers
from provisioning.services.making import Made
from provisioning.services.sealing import Browser
from provisioning.sign_in import session_digest
from provisioning.views import api_slips
from provisioning.views.slips import slips
from sescreds.logs import LineFormatter
from tests.builders import REGIONS
from tests.services.truth import recover_all
from tests.web.visits import FORM, TYPED, Visit, sign_in, text, typed

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("queue"), pytest.mark.real_queue]
ADDRESS = {"region": "eu-central-1", "sender": "digest@example.com"}
# Other programs that run in the same process here: the pretend AWS and its libraries.
PRETENDERS = ("mail", "moto", "werkzeug", "provisioning.sandbox")


# Every dress a secret can wear ---------------------------------------------------------------------------------------


def inside_base64(value: bytes, offset: int) -> str:
    """What of `value` is certain to be seen in the base64 of a text in which `offset` bytes (mod 3) stand before it."""
    padded = b"\0" * offset + value
    whole = len(padded) - len(padded) % 3
    start = {0: 0, 1: 2, 2: 3}[offset]
    return base64.b64encode(padded[:whole]).decode()[start:]


def dresses(user: str, secret: str) -> dict[str, str]:
    """Every form in which `secret` could leave; a short form is one that longer ones contain."""
    raw = secret.encode()
    together = f"\0{user}\0{secret}".encode()
    return {
        "plain": secret,
        "percent-encoded": quote(secret, safe=""),
        "percent-encoded in lower case": re.sub(r"%..", lambda found: found[0].lower(), quote(secret, safe="")),
        "percent-encoded twice": quote(quote(secret, safe=""), safe=""),
        "as a form posts it": quote_plus(secret),
        "as JSON with escaped slashes": json.dumps(secret)[1:-1].replace("/", "\\/"),
        "as JSON for a page": json.dumps(secret)[1:-1].replace("+", "\\u002B").replace("/", "\\u002F"),
        "as HTML": html.escape(secret),
        "as numbered HTML": secret.replace("+", "&#x2B;").replace("/", "&#x2F;"),
        "as hexadecimal": raw.hex(),
        "as base64": base64.b64encode(raw).decode(),
        "as base64 for addresses": base64.urlsafe_b64encode(raw).decode(),
        "as AUTH PLAIN": base64.b64encode(together).decode(),
        "as Basic": base64.b64encode(f"{user}:{secret}".encode()).decode(),
        **{f"inside base64, at {offset}": inside_base64(raw, offset) for offset in range(3)},
    }


# Every place where it could come to rest -----------------------------------------------------------------------------


class Watched(Client):
    """A browser that keeps whatever it was sent, but for the bodies of the pages that show the secret."""

    def __init__(self, kept: list[bytes], **options: object) -> None:
        super().__init__(raise_request_exception=False, **options)
        self.kept = kept

    def request(self, **environ):
        response = super().request(**environ)
        self.kept.append(f"{environ['PATH_INFO']}?{environ.get('QUERY_STRING', '')}".encode())
        self.kept.append(response.serialize_headers())
        self.kept += [str(cookie).encode() for cookie in response.cookies.values()]
        if "messages" in response.cookies:
            storage = CookieStorage(RequestFactory().get("/"))
            self.kept.append(repr(storage._decode(response.cookies["messages"].value)).encode())
        shows = environ["PATH_INFO"].endswith(("/look/", "/credential.csv", "/credential.env"))
        if not (shows and response.status_code == 200):
            body = b"".join(response.streaming_content) if response.streaming else response.content
            self.kept.append(body)
            if response.streaming:
                response.streaming_content = [body]
        return response


class Sinks:
    """All of them, each as text."""

    def __init__(self) -> None:
        self.log = io.StringIO()
        self.pages: list[bytes] = []
        self.reports: list[str] = []
        self.reprs: list[str] = []
        self.secrets: dict[str, list[str]] = {}

    def browser(self, person) -> Watched:
        client = Watched(self.pages)
        sign_in(client, person)
        return client

    def contents(self) -> dict[str, bytes]:
        return {
            "log": self.log.getvalue().encode(),
            "database": self.database(),
            "database file": self.database_file(),
            "sessions": self.sessions(),
            "queue": self.queue(),
            "mail": self.mail(),
            "cache": self.cache(),
            "pages, headers, addresses, messages": b"\n".join(self.pages),
            "error reports": "\n".join(self.reports).encode(),
            "repr": "\n".join(self.reprs).encode(),
        }

    def database(self) -> bytes:
        parts = []
        with connection.cursor() as cursor:
            for table in connection.introspection.table_names(cursor):
                cursor.execute(f'SELECT * FROM "{table}"')
                for row in cursor.fetchall():
                    parts += [
                        bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode() for value in row
                    ]
        return b"\n".join(parts)

    def database_file(self) -> bytes:
        if connection.vendor != "sqlite":
            return b""
        first = Path(connection.settings_dict["NAME"])
        return b"".join(path.read_bytes() for path in first.parent.glob(f"{first.name}*"))

    def sessions(self) -> bytes:
        rows = SessionStore.get_model_class().objects.values_list("session_data", flat=True)
        return "\n".join(repr(SessionStore().decode(data)) for data in rows).encode()

    def queue(self) -> bytes:
        storage = HUEY.storage
        results = storage.result_items()
        return b"\n".join([*storage.enqueued_items(), *storage.scheduled_items(), *map(bytes, results.values())])

    def mail(self) -> bytes:
        return b"\n".join(
            "\n".join([message.subject, message.body, repr(message.extra_headers), *message.recipients()]).encode()
            for message in mail.outbox
        )

    def cache(self) -> bytes:
        with connection.cursor() as cursor:
            cursor.execute("SELECT cache_key, value FROM cache")
            return b"\n".join(key.encode() + b" " + base64.b64decode(value) for key, value in cursor.fetchall())

    def found(self) -> list[str]:
        """Where a known secret stands, and in which dress."""
        # JSON doubles backslashes, a cookie spells semicolons, a page spells ampersands.
        everything = {
            name: content + b"\n" + content.replace(b"\\\\", b"\\").replace(b"\\073", b";").replace(b"&amp;", b"&")
            for name, content in self.contents().items()
        }
        return sorted(
            {
                f"{kind} in {name}, {dress}"
                for kind, (user, *secrets) in self.secrets.items()
                for secret in secrets
                for dress, form in dresses(user, secret).items()
                for name, content in everything.items()
                if form.encode() in content
            }
        )


@contextmanager
def everything_logged(log: io.StringIO) -> Iterator[None]:
    """Every logger at DEBUG, through the handlers and formatters of the settings, into `log`."""
    root = logging.getLogger()
    names = [name for name in root.manager.loggerDict if not name.startswith(PRETENDERS)]
    loggers = [root, *map(logging.getLogger, names)]
    handlers = [each for each in root.handlers if isinstance(each.formatter, LineFormatter)]
    assert handlers, "the settings' own handler is in force"
    levels, streams = [each.level for each in loggers], [handler.setStream(log) for handler in handlers]
    for each in loggers:
        each.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        for each, level in zip(loggers, levels, strict=True):
            each.setLevel(level)
        for handler, stream in zip(handlers, streams, strict=True):
            handler.setStream(stream)


@pytest.fixture
def sinks(committed_world, aws_account, monkeypatch) -> Iterator[Sinks]:
    """The sinks, and every secret that AWS gives out from here on."""
    found = Sinks()
    make = Keys.create_access_key

    def remembering(self):
        result, made = make(self), self.user().access_keys[-1]
        user, secret = made.access_key_id, made.secret_access_key
        found.secrets[f"secret access key {len(found.secrets)}"] = [user, secret]
        for region in REGIONS:
            kind = f"password for {region} {len(found.secrets)}"
            found.secrets[kind] = [user, derive(secret, region)]
        return result

    monkeypatch.setattr(Keys, "create_access_key", remembering)
    let_sign_in = Passwords.create_login_profile

    def remembering_passwords(self):
        user, password = self.call.params["UserName"], self.call.params["Password"]
        found.secrets[f"console password {len(found.secrets)}"] = [user, password]
        return let_sign_in(self)

    monkeypatch.setattr(Passwords, "create_login_profile", remembering_passwords)
    cache.clear()
    # The real kind of queue, under a name that no other process reads or empties.
    monkeypatch.setattr(HUEY, "name", f"secrets{os.getpid()}")
    monkeypatch.setattr(HUEY, "storage", HUEY.create_storage())
    HUEY.storage.flush_all()

    def report(sender, request, **_) -> None:
        reporter = get_exception_reporter_class(request)(request, *sys.exc_info())
        found.reports += [reporter.get_traceback_text(), reporter.get_traceback_html()]

    got_request_exception.connect(report)
    connection.force_debug_cursor = True  # so that every statement is logged with its parameters
    with everything_logged(found.log):
        yield found
    connection.force_debug_cursor = False
    got_request_exception.disconnect(report)
    HUEY.storage.flush_all()
    HUEY.storage.close()


# The journeys --------------------------------------------------------------------------------------------------------


def read_everything(world, sinks: Sinks, visit: Visit) -> None:
    """What people read afterwards, as whoever may."""
    below = ("", "verification/", "look/")
    for name in ("member", "admin", "auditor", "outsider"):
        client = visit.client if name == "member" else sinks.browser(world.people[name])
        for where in (
            "/",
            "/credentials/",
            "/credentials.csv",
            "/history/",
            "/history.csv",
            "/history/?q=digest",
            FORM,
        ):
            client.get(where)
        for credential in (0, *Credential.objects.values_list("pk", flat=True)):
            client.get(f"/credentials/{credential}/")
        for each in below:
            client.get(visit.address + each)


def go_all_the_way(world, aws_account, sinks: Sinks) -> None:
    """Issue, look, take along, prove, send, fail to send, confirm."""
    member = sinks.browser(world.people["member"])
    visit = Visit.issued(world, member)
    visit.get()
    aws_account.faults.set("SmtpLogin", "error", code="InvalidClientTokenId", times=4)
    visit.post("verification/", headers={"HX-Request": "true"})
    aws_account.faults.clear()
    visit.look()
    shown = visit.passwords()
    assert shown
    assert {password for _, password in shown.items()} <= {each[1] for each in sinks.secrets.values()}
    visit.get("credential.env")
    SmtpLogin.objects.update(tried_at=None)
    visit.post("verification/", headers={"HX-Request": "true"})
    visit.post("test-message/", ADDRESS)
    aws_account.faults.set("SmtpSend", "error", code="MessageRejected", times=1)
    visit.post("test-message/", ADDRESS)
    aws_account.faults.set("SmtpLogin", "error", code="InvalidClientTokenId", times=2)
    visit.post("test-message/", ADDRESS)
    aws_account.faults.clear()
    remember_reprs(visit, sinks)
    read_everything(world, sinks, visit)
    assert visit.post("confirmation/").status_code == 303
    read_everything(world, sinks, visit)
    sweep_everything()


def go_the_way_of_a_key(world, aws_account, sinks: Sinks) -> None:
    """Issue an access key for the API, look, take along, prove, send, fail to send, confirm."""
    options = {"kind": "api", "actions": ["SendEmail"]}
    visit = Visit.issued(world, sinks.browser(world.people["member"]), application="key", **options)
    visit.get()
    for effect in ({"effect": "error", "code": "InvalidClientTokenId", "status": 403}, {"effect": "lose_reply"}):
        aws_account.faults.set("GetCallerIdentity", **effect)
        SmtpLogin.objects.update(tried_at=None)
        visit.post("verification/", headers={"HX-Request": "true"})
        aws_account.faults.clear()
    for client in ("env", "files", "configure", "boto3", "cli"):
        shown = text(visit.post("look/", {"client": client, "region": "us-east-1"}))
    secrets = [each[1] for each in sinks.secrets.values()]
    assert any(secret in shown for secret in map(html.escape, secrets))
    visit.get("credential.csv")
    visit.get("credential.env")
    SmtpLogin.objects.update(tried_at=None)
    visit.post("verification/")
    visit.post("test-message/", ADDRESS)
    for effect in ({"effect": "error", "code": "MessageRejected", "status": 400}, {"effect": "lose_reply"}):
        aws_account.faults.set("SendEmail", **effect)
        visit.post("test-message/", ADDRESS)
        aws_account.faults.clear()
    remember_reprs_of_a_key(visit, sinks)
    read_everything(world, sinks, visit)
    assert visit.post("confirmation/").status_code == 303
    read_everything(world, sinks, visit)
    sweep_everything()


def remember_reprs_of_a_key(visit: Visit, sinks: Sinks) -> None:
    request = RequestFactory().get("/")
    request.session = visit.client.session
    browser = Browser(visit.cookie.value, session_digest(request))
    by = visit.handover.person.as_actor(is_fresh=True)
    opened = handovers.look(visit.handover.pk, by=by, browser=browser, now=timezone.now())
    key = proofs.Key(opened.handover.access_key.key_id, opened.secrets[making.SECRET])
    attempts = [proofs.sign_in(key, "us-east-1"), proofs.send_test(key, proofs.Letter("us-east-1", ADDRESS["sender"]))]
    shown = api_slips.page_of(opened, region="", client="env")
    things = [opened, key, *attempts, shown["filled"], shown["slip"], *api_slips.client_settings(opened)]
    sinks.reprs += [form(thing) for thing in things for form in (repr, str)]


def remember_reprs(visit: Visit, sinks: Sinks) -> None:
    """How each thing on the way shows itself."""
    request = RequestFactory().get("/")
    request.session = visit.client.session
    browser = Browser(visit.cookie.value, session_digest(request))
    person = visit.handover.person
    opened = handovers.look(visit.handover.pk, by=person.as_actor(is_fresh=True), browser=browser, now=timezone.now())
    key = opened.handover.key
    made = slips(key, opened.secrets)
    login = smtp.SmtpLogin(key.key_id, opened.secrets["us-east-1"])
    secret = next(each[1] for each in sinks.secrets.values() if each[0] == key.key_id)
    attempt = smtp.sign_in(smtp.endpoints("us-east-1")[0], login)
    things = [opened, browser, made, login, attempt, NewKey(key.key_id, secret, timezone.now()), opened.handover, key]
    things += [recipe for slip in made for recipe in slip.recipes]
    sinks.reprs += [form(thing) for thing in things for form in (repr, str)]


LOGIN = {"kind": "console", "application": "anna-keller", "access": "read", "regions": None, "from_addresses": None}


def remember_what_the_frames_show(sinks: Sinks) -> None:
    """How each variable of ours shows itself in the frames that led here, as some error reports would send it."""
    frame = sys._getframe(1)
    while frame is not None:
        if frame.f_globals["__name__"].startswith("provisioning."):
            sinks.reprs += map(repr, frame.f_locals.values())
        frame = frame.f_back


def hand_a_console_login_over(world, aws_account, sinks: Sinks) -> None:
    """Issue, look, take along, suspend, resume, lose a reply, look again, take back."""
    world.newsletter.kinds, member = ["smtp", "console"], sinks.browser(world.people["member"])
    world.newsletter.save()
    aws_account.faults.set("CreateLoginProfile", "error", code="PasswordPolicyViolation", status=400, times=1)
    visit = Visit.issued(world, member, **LOGIN)
    aws_account.faults.clear()
    visit.look()
    assert visit.get("credential.csv").status_code == 200
    visit.get("credential.env")
    visit.post("verification/")
    read_everything(world, sinks, visit)
    here = f"/credentials/{visit.credential.pk}/"
    for effect in ("lose_reply", ""):
        member.post(f"{here}suspension/")
        review = text(member.post(f"{here}resumption/"))
        again = Visit(member, re.search(r'action="(/handovers/[^"]+)"', review)[1])
        if effect:
            aws_account.faults.set("DeleteUserPolicy", effect)
        again.post()
        aws_account.faults.clear()
        Claim.objects.open().update(lease_until=timezone.now())
        sweeps.run_now("recovery", aws())
    opened = handovers.look(
        again.handover.pk,
        by=world.people["member"].as_actor(is_fresh=True),
        browser=Browser(again.cookie.value, again.handover.session_digest),
        now=timezone.now(),
    )
    sinks.reprs += [repr(opened), str(opened), repr(Made(opened.secrets)), repr(again.handover)]
    read_everything(world, sinks, again)
    again.post("loss/")
    sweep_everything()


def test_a_console_password_rests_nowhere(committed_world, aws_account, sinks, monkeypatch):
    deliver = delivery.deliver

    def delivering(*given, **named):
        remember_what_the_frames_show(sinks)
        return deliver(*given, **named)

    monkeypatch.setattr(delivery, "deliver", delivering)
    hand_a_console_login_over(committed_world, aws_account, sinks)
    assert any("Amendment(" in shown for shown in sinks.reprs)
    assert len(sinks.secrets) >= 3
    assert sinks.found() == []


def sweep_everything() -> None:
    from provisioning.tasks import sweep_what_is_due

    sweep_what_is_due()
    for name in sweeps.SWEEPS:
        sweeps.run_now(name, aws())


def rotate_all_the_way(world, aws_account, sinks: Sinks) -> None:
    """A second key, with and without an answer, lost and stored; then the old one is retired and deleted."""
    member = sinks.browser(world.people["member"])
    first = Visit.issued(world, member)
    first.look()
    first.post("confirmation/")
    here = f"/credentials/{first.credential.pk}/"
    for effect in ("error", "lose_reply"):
        visit = Visit.rotating(member, first.credential)
        aws_account.faults.set("CreateAccessKey", effect, when="after", times=3)
        assert visit.post().status_code >= 500
        aws_account.faults.clear()
        member.get(visit.address)
        recover_all()
    for ends in ("loss/", "confirmation/"):
        visit = Visit.rotating(member, first.credential)
        assert visit.post().status_code == 303
        visit.look()
        assert visit.passwords()
        visit.post("verification/")
        remember_reprs(visit, sinks)
        assert visit.post(ends).status_code == 303
    for below in ("switch-over/", "retirement/", "reactivation/", "retirement/"):
        member.get(f"{here}{below}")
        assert member.post(f"{here}{below}", {"reason": "It is a test."}).status_code == 303
    member.get(f"{here}rotation/")
    assert member.post(f"{here}retirement/", {"now": "1"}).status_code == 303
    read_everything(world, sinks, visit)
    sweep_everything()


def go_through_bad_days(world, aws_account, sinks: Sinks) -> None:
    """AWS says no, says nothing, and says it after having done it; people are refused; time runs out."""
    member = sinks.browser(world.people["member"])
    for effect in ("error", "lose_reply"):
        for call in ("PutUserPolicy", "CreateAccessKey"):
            visit = Visit.reviewing(world, member, application=f"{call}-{effect}".replace("_", "-"))
            aws_account.faults.set(call, effect, when="after", times=3)
            response = visit.post()
            assert response.status_code >= 400
            aws_account.faults.clear()
            member.get(visit.address)
    sweep_everything()
    world.newsletter.live_limit = 99
    world.newsletter.save()
    visit = Visit.issued(world, member)
    key = visit.cookie.value
    for wrong in ("", "x", key[:-4], key.swapcase()):
        member.cookies["handover_key"] = wrong
        member.cookies["handover_key"]["path"] = visit.address
        assert visit.look().status_code == 403
        visit.get("credential.csv")
        visit.post("verification/")
        visit.post("test-message/", ADDRESS)
    member.cookies["handover_key"] = key
    for _ in range(6):
        visit.post("test-message/", {**ADDRESS, "sender": "other@example.com"})
    for name in ("auditor", "outsider", "guest", "admin"):
        other = sinks.browser(world.people[name])
        other.cookies["handover_key"] = key
        for below in ("look/", "verification/", "test-message/", "confirmation/", "loss/"):
            other.post(visit.address + below, ADDRESS)
    Handover.objects.update(made_at=timezone.now() - timedelta(minutes=20))
    visit.look()
    sweep_everything()
    read_everything(world, sinks, visit)
    member.post(FORM, typed(world, **TYPED))
    member.post("/accounts/logout/")


def break_down(world, sinks: Sinks, monkeypatch) -> None:
    """Something raises while the secret is in memory: on the page that shows it, in a file, in SMTP, while sealing."""

    def bug(*args, **named):
        held = [args, named]
        raise RuntimeError(f"a bug with {len(held)} things in hand")

    member = sinks.browser(world.people["member"])
    visit = Visit.issued(world, member)
    places = [
        ("provisioning.views.looks.render", visit.look),
        ("provisioning.views.slips.client_settings", visit.look),
        ("guidance.recipes.dotenv", lambda: visit.get("credential.env")),
        ("csv.writer", lambda: visit.get("credential.csv")),
        ("smtplib.SMTP.auth", lambda: visit.post("test-message/", ADDRESS)),
        ("provisioning.services.sealing.seal", lambda: Visit.reviewing(world, member).post()),
        ("provisioning.services.issuance._remember", lambda: Visit.reviewing(world, member).post()),
    ]
    for where, go in places:
        before = len(sinks.reports)
        with monkeypatch.context() as patched:
            patched.setattr(where, bug)
            response = go()
        assert response.status_code == 500, where
        assert len(sinks.reports) > before
        assert "a bug with 2 things in hand" in sinks.reports[-2]


def test_it_rests_nowhere_after_a_whole_journey(committed_world, aws_account, sinks):
    go_all_the_way(committed_world, aws_account, sinks)
    assert len(sinks.secrets) == 3
    assert sinks.found() == []


def test_it_rests_nowhere_after_rotations(committed_world, aws_account, sinks):
    rotate_all_the_way(committed_world, aws_account, sinks)
    assert len(sinks.secrets) >= 4 * 3


def test_that_of_an_access_key_rests_nowhere(committed_world, aws_account, sinks):
    go_the_way_of_a_key(committed_world, aws_account, sinks)
    assert len(sinks.secrets) == 3
    assert sinks.found() == []


def test_it_rests_nowhere_after_bad_days(committed_world, aws_account, sinks):
    go_through_bad_days(committed_world, aws_account, sinks)
    assert len(sinks.secrets) >= 9
    assert sinks.found() == []


@pytest.mark.parametrize("debug", [False, True])
def test_it_is_in_no_error_report(committed_world, sinks, monkeypatch, settings, debug):
    settings.DEBUG = debug
    break_down(committed_world, sinks, monkeypatch)
    assert len(sinks.reports) >= 14
    assert sinks.found() == []


# The search finds what is there --------------------------------------------------------------------------------------

USER, SECRET = "AKIAIOSFODNN7EXAMPLE", "BMPPgbAHoFVbze1Ud0oA5uNdXRwUXUZ+qOwphGJbl/cS"


def plant_in_the_log(sinks: Sinks, leak: str) -> None:
    logging.getLogger("provisioning.somewhere").debug("a leak", extra={"leak": leak})


def plant_in_a_message_of_the_log(sinks: Sinks, leak: str) -> None:
    logging.getLogger("huey").debug("a leak: %s", leak)


def breaks(leak: str) -> None:
    raise ValueError(leak)


def plant_in_a_traceback(sinks: Sinks, leak: str) -> None:
    try:
        breaks(leak)
    except ValueError:
        logging.getLogger("django.request").exception("it broke")


def plant_in_a_table(sinks: Sinks, leak: str) -> None:
    SmtpLogin.objects.update(reply=leak)


def plant_in_a_blob(sinks: Sinks, leak: str) -> None:
    Handover.objects.update(sealed=leak.encode())


def plant_in_the_history(sinks: Sinks, leak: str) -> None:
    from django.db import transaction

    from provisioning import audit
    from provisioning.domain.lifecycle import Outcome
    from provisioning.domain.roles import Act

    with transaction.atomic():
        subject = audit.Subject("x")
        audit.record(Act.USAGE_READ, Outcome.DONE, subject, by=system("x"), at=timezone.now(), detail={"leak": [leak]})


def plant_in_a_session(sinks: Sinks, leak: str) -> None:
    session = SessionStore()
    session["leak"] = {"deep": leak}
    session.save()


def plant_in_the_queue(sinks: Sinks, leak: str) -> None:
    HUEY.storage.enqueue(HUEY.serializer.serialize({"arguments": [leak]}))


def plant_in_a_result(sinks: Sinks, leak: str) -> None:
    HUEY.storage.put_data("leak", HUEY.serializer.serialize(leak), is_result=True)


def plant_in_mail(sinks: Sinks, leak: str) -> None:
    mail.send_mail("A word", f"Here: {leak}", "from@example.com", ["to@example.com"])


def plant_in_the_cache(sinks: Sinks, leak: str) -> None:
    cache.set("leak", {"value": leak})


def plant_in_a_page(sinks: Sinks, leak: str) -> None:
    plant_in_an_answer(sinks, HttpResponse(f"<p>{leak}</p>"))


def plant_in_a_header(sinks: Sinks, leak: str) -> None:
    plant_in_an_answer(sinks, HttpResponse(headers={"X-Leak": leak}))


def plant_in_a_cookie(sinks: Sinks, leak: str) -> None:
    response = HttpResponse()
    response.set_cookie("leak", leak)
    plant_in_an_answer(sinks, response)


def plant_in_a_message(sinks: Sinks, leak: str) -> None:
    from django.contrib.messages.storage.base import Message

    response = HttpResponse()
    storage = CookieStorage(RequestFactory().get("/"))
    response.set_cookie("messages", storage._encode([Message(20, leak)]))
    plant_in_an_answer(sinks, response)


def plant_in_an_address(sinks: Sinks, leak: str) -> None:
    Watched(sinks.pages).get("/guide/", QUERY_STRING=leak)


def plant_in_an_answer(sinks: Sinks, response: HttpResponse) -> None:
    client = Watched(sinks.pages)
    client.handler = lambda _environ: answered(response)
    client.get("/somewhere/")


def answered(response: HttpResponse) -> HttpResponse:
    response.wsgi_request = RequestFactory().get("/somewhere/")
    response.wsgi_request.resolver_match = None
    response.json = None
    response.resolver_match = None
    return response


def plant_in_a_repr(sinks: Sinks, leak: str) -> None:
    sinks.reprs.append(f"Opened(secrets={{'us-east-1': '{leak}'}})")


PLANTS: list[Callable[[Sinks, str], None]] = [
    each for name, each in sorted(globals().items()) if name.startswith("plant_in_") and name != "plant_in_an_answer"
]


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.__name__)
def test_a_leak_is_found_wherever_it_is_planted_and_however_it_is_dressed(committed_world, sinks, plant):
    Visit.issued(committed_world, sinks.browser(committed_world.people["member"]))
    sinks.secrets = {"leak": [USER, SECRET]}
    assert sinks.found() == []
    missed = []
    for dress, form in dresses(USER, SECRET).items():
        plant(sinks, form)
        if not [each for each in sinks.found() if each.endswith(f", {dress}")]:
            missed.append(dress)
    assert missed == []


@pytest.mark.parametrize("around", [b"", b"x", b"xy", b"\0AKIAIOSFODNN7EXAMPLE\0", b"user:"])
def test_base64_is_seen_through_wherever_the_secret_stands_in_it(around):
    covered = base64.b64encode(around + SECRET.encode() + around).decode()
    assert any(form in covered for name, form in dresses(USER, SECRET).items() if name.startswith("inside"))


def test_a_value_in_an_error_report_would_be_found(sinks, settings):
    """Django's own filter shows variables: what the house's filter is for."""
    settings.DEFAULT_EXCEPTION_REPORTER_FILTER = "django.views.debug.SafeExceptionReporterFilter"
    from django.views import debug

    debug.get_default_exception_reporter_filter.cache_clear()
    sinks.secrets = {"leak": [USER, SECRET]}
    request = RequestFactory().get("/")

    def handler(passwords) -> None:
        raise RuntimeError("a bug")

    try:
        handler({"us-east-1": SECRET})
    except RuntimeError:
        got_request_exception.send(sender=None, request=request)
    finally:
        debug.get_default_exception_reporter_filter.cache_clear()
    assert sinks.found()


def test_the_log_of_a_library_is_dropped_even_where_it_is_turned_up(sinks):
    for name in ("botocore.parsers", "botocore.endpoint", "urllib3.connectionpool", "boto3"):
        logging.getLogger(name).setLevel(logging.DEBUG)
        logging.getLogger(name).debug("Response body: %s", SECRET)
        logging.getLogger(name).warning("something worth knowing")
    assert SECRET not in sinks.log.getvalue()
    assert sinks.log.getvalue().count("something worth knowing") == 4


def test_a_line_of_the_log_keeps_its_request(sinks, committed_world):
    response = sinks.browser(committed_world.people["guest"]).get("/history/")
    lines = [json.loads(line) for line in sinks.log.getvalue().splitlines()]
    told = next(line for line in lines if line["logger"] == "django.request")
    assert told["request"] == response["X-Request-Id"]


def test_the_files_that_show_it_are_no_sink_but_hold_it(committed_world, sinks):
    visit = Visit.issued(committed_world, sinks.browser(committed_world.people["member"]))
    rows = list(csv.DictReader(io.StringIO(text(visit.get("credential.csv")))))
    assert {row["SMTP password"] for row in rows} <= {each[1] for each in sinks.secrets.values()}
    assert settings.DEFAULT_EXCEPTION_REPORTER_FILTER == "sescreds.reports.NoValues"
