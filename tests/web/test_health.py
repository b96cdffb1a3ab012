"""Whether the process lives, whether it may be sent requests, and what it writes down of each."""

import json
import logging
import os
import subprocess
import sys

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.test import Client
from django.utils.module_loading import import_string

from sescreds import web_server
from sescreds.logs import LineFormatter, NoPaths, configuration, route_of
from sescreds.run_environment import ROOT
from tests.desk.suite import environment_for_tests
from tests.ports import free_ports
from tests.web.visits import LOGIN, Visit, heading, sign_in, signed_in, text

pytestmark = pytest.mark.django_db


def test_ready_once_the_database_is_there_migrated_and_has_its_tables(db):
    response = Client().get("/readyz")
    assert (response.status_code, response.json()) == (200, {"ready": True, "reason": ""})


def test_not_ready_without_a_database(monkeypatch):
    def silent(*_):
        raise OperationalError("could not connect to server: password authentication failed")

    monkeypatch.setattr("sescreds.readiness.MigrationExecutor", silent)
    response = Client().get("/readyz")
    assert (response.status_code, response.json()["reason"]) == (503, "The database does not answer.")
    assert "password" not in response.content.decode()


def test_not_ready_while_a_migration_waits(db):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'sessions'")
    response = Client().get("/readyz")
    assert (response.status_code, response.json()["reason"]) == (503, "Migrations wait. Run manage.py prepare.")


def test_not_ready_without_the_cache(db):
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE cache")
    response = Client().get("/readyz")
    assert response.status_code == 503
    assert "The cache has no table" in response.json()["reason"]
    call_command("createcachetable", verbosity=0)
    assert Client().get("/readyz").status_code == 200


def test_ready_and_alive_whatever_aws_says(world, aws_account):
    aws_account.faults.set("GetCallerIdentity", "error", code="ServiceFailure", status=500, times=20)
    assert Client().get("/readyz").status_code == 200
    assert Client().get("/healthz").status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_a_check_inside_the_network_is_not_led_to_https(settings, path):
    settings.SECURE_SSL_REDIRECT = True
    assert Client().get(path).status_code == 200


# While the database is silent, whoever asks --------------------------------------------------------------------------


@pytest.fixture(params=["member", ""], ids=["signed in", "stranger"])
def cut_off(request, world):
    """A browser that asks while every query fails, also the one for who is signed in."""
    client = signed_in(world, request.param) if request.param else Client()
    client.raise_request_exception = False  # the test client raises what a server answers for

    def silent(*_):
        raise OperationalError("could not connect to server: password authentication failed")

    with connection.execute_wrapper(silent):
        yield client


@pytest.mark.parametrize("cut_off", ["member"], indirect=True)
def test_a_silent_database_is_said_wherever_it_is_asked(world, cut_off):
    for path in ("/", "/credentials/", "/account/"):
        response = cut_off.get(path)
        assert response.status_code == 503, path
        assert heading(response) == "The database does not answer"
        assert response["X-Request-Id"] in text(response)
        assert "password" not in text(response)
    answer = cut_off.get("/credentials/", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["error"]) == (503, "The database does not answer.")


def test_without_a_database_the_guide_is_there_as_for_strangers(world, cut_off):
    for path in ("/guide/", "/guide/wizard/", "/guide/regions/"):
        response = cut_off.get(path)
        assert response.status_code == 200, path
        assert "Sign in" in text(response)


def test_without_a_database_the_process_lives_and_is_not_ready(world, cut_off):
    assert (cut_off.get("/healthz").status_code, cut_off.get("/healthz").json()) == (200, {"ok": True})
    response = cut_off.get("/readyz")
    assert (response.status_code, response.json()["reason"]) == (503, "The database does not answer.")


def test_whoever_was_cut_off_is_still_signed_in_afterwards(world):
    client = signed_in(world, "member")

    def silent(*_):
        raise OperationalError("gone")

    with connection.execute_wrapper(silent):
        client.get("/guide/")
    assert client.get("/account/").status_code == 200


def test_what_broke_is_said_with_the_request_that_the_log_has(world, monkeypatch):
    client = signed_in(world, "member")
    client.raise_request_exception = False
    monkeypatch.setattr("provisioning.views.credentials.leaf", lambda *_: 1 / 0)
    response = client.get("/credentials/")
    assert (response.status_code, heading(response)) == (500, "Something broke here, not with you")
    assert response["X-Request-Id"] in text(response)


AWAY = """
import json, sescreds.wsgi
from django.test import Client
client = Client(raise_request_exception=False)
client.cookies["sessionid"] = "of-somebody"
asked = ("/guide/", "/healthz", "/readyz", "/", "/credentials/", "/accounts/login/")
print(json.dumps([client.get(path, headers={"Host": "localhost"}).status_code for path in asked]))
"""


def test_a_web_server_starts_while_postgresql_is_away(settings, tmp_path):
    away = f"postgres://sescreds:none@127.0.0.1:{free_ports(1)[0]}/sescreds"
    surroundings = environment_for_tests(tmp_path) | {"DATABASE_URL": away, "STATIC_ROOT": str(settings.STATIC_ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", AWAY], cwd=ROOT, env=surroundings, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [200, 200, 503, 503, 503, 503]


# What is written of a request ----------------------------------------------------------------------------------------


@pytest.fixture
def lines():
    """What the product's own handler would write, line by line."""
    written, formatter, filters = [], LineFormatter(), [NoPaths()]

    class Keep(logging.Handler):
        def emit(self, record):
            if all(each.filter(record) for each in filters):
                written.append(json.loads(formatter.format(record)))

    root, keep = logging.getLogger(), Keep()
    root.addHandler(keep)
    level, root.level = root.level, logging.INFO
    yield written
    root.removeHandler(keep)
    root.setLevel(level)


def answered(lines):
    return [line for line in lines if line["event"] == "answered"]


def test_each_request_is_one_line_with_its_id_and_no_query(world, lines):
    member = signed_in(world, "member")
    response = member.get("/credentials/?q=the-words-of-somebody")
    (line,) = answered(lines)
    assert (line["method"], line["path"], line["status"]) == ("GET", "/credentials/", 200)
    assert line["request"] == response["X-Request-Id"]
    assert line["ms"] > 0
    assert "the-words-of-somebody" not in json.dumps(lines)


def test_what_stands_in_an_address_is_left_out_of_every_line(world, lines):
    visit = Visit.reviewing(world, signed_in(world, "member"))
    lines.clear()
    visit.get()
    signed_in(world, "outsider").get(visit.address)
    Client().get(f"/people/join/{visit.id}")
    assert len(answered(lines)) == 3
    assert any(line["event"].startswith("Not Found") for line in lines), "Django itself writes of what is refused"
    assert visit.id not in json.dumps(lines)
    assert answered(lines)[0]["path"] == "/handovers/<uuid:handover_id>/"
    assert answered(lines)[-1]["path"] == "(no such address)"


def test_a_password_that_was_typed_is_in_no_line(world, lines):
    Client().post(LOGIN, {"login": "member@example.com", "password": "typed-by-mistake"})
    sign_in(Client(), world.people["member"])
    assert answered(lines)
    assert "typed-by-mistake" not in json.dumps(lines)


def test_an_address_that_was_not_found_has_no_route(rf):
    assert route_of(rf.get("/people/join/token/")) == "(no such address)"


def test_gunicorn_writes_no_lines_of_its_own_about_requests():
    assert web_server.accesslog is None
    assert web_server.logconfig_dict == configuration(os.environ.get("LOG_LEVEL", "INFO"))


@pytest.mark.parametrize("name", ["gunicorn.error", "huey", "django.request", "anything"])
def test_every_process_writes_json(name):
    """In a process of its own, with the set-up that gunicorn and the worker get."""
    say = (
        "import logging, logging.config, sescreds.logs as logs\n"
        "logging.config.dictConfig(logs.configuration('INFO'))\n"
        f"logging.getLogger({name!r}).warning('said %s', 'once')\n"
    )
    done = subprocess.run([sys.executable, "-c", say], cwd=ROOT, capture_output=True, text=True, check=True)
    (line,) = done.stderr.splitlines()
    assert json.loads(line)["event"] == "said once"
    assert json.loads(line)["logger"] == name


def test_every_class_that_the_configuration_names_is_there():
    named = configuration("INFO")
    for part in (*named["formatters"].values(), *named["filters"].values()):
        assert import_string(part["()"])
