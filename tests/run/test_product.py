"""`make run`: one command starts everything, and everything ends with it."""

import contextlib
import os
import re
import signal
import smtplib
import socket
import ssl
import stat
import subprocess
import sys
import urllib.request
from pathlib import Path
from urllib.parse import urlencode

import boto3
import pytest

from provisioning.services import demo
from sescreds import web_server
from sescreds.run_environment import ROOT
from tests.run.product import MAKE, PERSONS_OWN, SUPERVISOR, Product, database, fetch, key_pair, until

pytestmark = pytest.mark.kill
ON_SQLITE = not os.environ.get("DATABASE_URL")


@pytest.fixture(scope="module")
def state(tmp_path_factory):
    """A VAR_DIR and a database that the starts of this file share, one after the other."""
    with database() as setting:
        product = Product(tmp_path_factory.mktemp("product") / "var")
        product.settings |= setting
        yield product
        product.end()


@pytest.fixture(scope="module")
def running(state):
    """The product after its first start."""
    state.start_and_wait(MAKE)
    return state


@pytest.fixture
def restarted(state, running):
    """The same once more: stopped by the test itself."""
    yield state
    state.end()


class TestWhileItRuns:
    def test_it_says_who_can_sign_in_only_once_it_is_ready(self, running):
        before, _, after = running.said().partition("Ready: ")
        assert "@example.com" not in before
        for person in demo.PEOPLE:
            assert f"{person.email:<22} {person.role}" in after
        assert demo.PASSWORD in after

    def test_every_part_answers(self, running):
        assert fetch(f"{running.address}/healthz")[0] == 200
        assert fetch(f"http://127.0.0.1:{running.settings['SANDBOX_AWS_PORT']}/sandbox/healthz")[0] == 200
        trusted = ssl.create_default_context(cafile=running.var / "sandbox-ca.pem")
        for further in (0, 10):
            with smtplib.SMTP("localhost", int(running.settings["SANDBOX_SMTP_PORT"]) + further) as smtp:
                smtp.starttls(context=trusted)
                assert smtp.noop()[0] == 250
            port = int(running.settings["SANDBOX_SMTPS_PORT"]) + further
            with smtplib.SMTP_SSL("localhost", port, context=trusted) as smtp:
                assert smtp.noop()[0] == 250

    def test_the_guide_is_served_with_its_style(self, running):
        status, page = fetch(f"{running.address}/guide/")
        style = page.partition('rel="stylesheet" href="')[2].partition('"')[0]
        assert (status, fetch(running.address + style)[0]) == (200, 200)

    def test_what_it_keeps_is_nobody_elses_to_read(self, running):
        kept = [path for path in running.var.rglob("*") if "static" not in path.parts]  # that is served to everybody
        assert [path for path in kept if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)] == []

    def test_no_log_has_a_secret(self, running):
        logs = "".join(path.read_text() for path in (running.var / "log").iterdir())
        assert "Huey consumer started" in logs
        secrets = [key_pair(running.var, name)["secret_access_key"] for name in ("dashboard", "root")]
        for secret in (*secrets, (running.var / "secret-key").read_text(), "secret-of-the-person"):
            assert secret not in logs
            assert secret not in running.said()

    def test_nothing_of_the_persons_aws_reaches_a_part(self, running):
        for words in ("provisioning.sandbox", "gunicorn", "run_huey"):
            raw = Path(f"/proc/{running.one(words)}/environ").read_text().split("\0")
            seen = dict(line.partition("=")[::2] for line in raw)
            assert not {name for name in PERSONS_OWN if seen.get(name) == PERSONS_OWN[name]}
            assert seen["AWS_CONFIG_FILE"] == seen["AWS_SHARED_CREDENTIALS_FILE"] == os.devnull
            assert seen["AWS_EC2_METADATA_DISABLED"] == "true"

    def test_manage_py_works_beside_it(self, running):
        """It takes the environment that `make run` left, and nothing of the person's AWS."""
        surroundings = {"PATH": os.environ["PATH"], "VAR_DIR": str(running.var), **PERSONS_OWN}
        command = [sys.executable, "manage.py", "sweep", "account"]
        done = subprocess.run(command, cwd=ROOT, env=surroundings, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (0, "account: handled 1\n"), done.stderr

    def test_mail_is_a_file_where_it_says(self, running):
        assert f"each is a file in {running.var}/mail." in running.said()
        form = f"{running.address}/accounts/password/reset/"
        visitor = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor())
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', visitor.open(form).read().decode())[1]
        asked = urlencode({"csrfmiddlewaretoken": token, "email": "member@example.com"}).encode()
        visitor.open(urllib.request.Request(form, asked, {"Referer": form}))
        assert until(lambda: any((running.var / "mail").iterdir()), 20)
        mail = next((running.var / "mail").iterdir())
        assert until(lambda: f"{running.address}/accounts/password/reset/key/" in mail.read_text(), 5)
        assert stat.S_IMODE(mail.parent.stat().st_mode) == 0o700

    @pytest.mark.parametrize("silent", ["in its head", "in its body"])
    def test_clients_that_fall_silent_keep_nobody_out_for_long(self, running, silent):
        head = "POST /accounts/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 999\r\n"
        said = head if silent == "in its head" else f"{head}\r\nlogin=a"
        port = int(running.settings["PORT"])
        with contextlib.ExitStack() as held:
            for _ in range(web_server.threads):
                held.enter_context(socket.create_connection(("127.0.0.1", port))).sendall(said.encode())
            assert fetch(f"{running.address}/healthz", 2 * web_server.PATIENCE)[0] == 200

    def test_a_second_one_on_the_same_ports_is_told_which_and_by_what_they_are_set(self, running, tmp_path):
        second = Product(tmp_path / "var")
        second.start(SUPERVISOR, PORT=running.settings["PORT"])
        assert second.ended() == 1
        port = running.settings["PORT"]
        assert second.said() == f"Port {port} is in use by another program. Free it, or set PORT to another port.\n"

    def test_a_second_one_in_the_same_folder_is_told_so(self, running, tmp_path):
        second = Product(tmp_path / "var")
        second.start(SUPERVISOR, VAR_DIR=str(running.var))
        assert second.ended() == 1
        assert second.said() == f"Another `make run` uses {running.var}. Stop it first, or set VAR_DIR.\n"


def _iam(product):
    root = key_pair(product.var, "root")
    return boto3.client(
        "iam",
        region_name="us-east-1",
        endpoint_url=f"http://127.0.0.1:{product.settings['SANDBOX_AWS_PORT']}",
        aws_access_key_id=root["access_key_id"],
        aws_secret_access_key=root["secret_access_key"],
    )


@pytest.mark.alone
def test_a_second_start_is_quick_and_finds_everything_as_it_was(state, running, capsys):
    _iam(running).create_user(UserName="left-behind")
    key = (state.var / "secret-key").read_text()
    os.killpg(state.process.pid, signal.SIGINT)  # Ctrl-C in a terminal reaches make and the supervisor
    state.ended()
    assert state.leaves_nothing_behind()
    seconds = state.start_and_wait()
    with capsys.disabled():
        print(f"\nsecond start: ready after {seconds:.1f} s")
    assert seconds < 10
    assert "left-behind" in [user["UserName"] for user in _iam(state).list_users()["Users"]]
    assert (state.var / "secret-key").read_text() == key


ENDINGS = {
    "the supervisor gets SIGTERM": (SUPERVISOR, "supervisor", signal.SIGTERM),
    "the supervisor gets SIGINT": (SUPERVISOR, "supervisor", signal.SIGINT),
    "the supervisor is killed": (SUPERVISOR, "supervisor", signal.SIGKILL),
    "make gets SIGTERM": (MAKE, "make", signal.SIGTERM),
    "make alone gets SIGINT": (MAKE, "make", signal.SIGINT),
    "make is killed": (MAKE, "make", signal.SIGKILL),
    "the terminal sends SIGINT to all": (MAKE, "all", signal.SIGINT),
}


@pytest.mark.parametrize("ending", ENDINGS if ON_SQLITE else ["make gets SIGTERM"])
def test_it_leaves_no_process_behind_when(ending, restarted):
    restarted.end()
    command, whom, number = ENDINGS[ending]
    restarted.start_and_wait(command)
    assert len(restarted.processes()) >= 5  # the supervisor, the sandbox, two of gunicorn, the worker
    if whom == "all":
        os.killpg(restarted.process.pid, number)
    else:
        os.kill(restarted.process.pid, number)
    assert restarted.leaves_nothing_behind(), restarted.processes()


@pytest.mark.parametrize("part", {"sandbox": "provisioning.sandbox", "web": "gunicorn", "worker": "run_huey"}.items())
def test_a_part_that_dies_ends_the_rest_and_is_named(part, restarted):
    restarted.end()
    name, words = part
    restarted.start_and_wait()
    os.kill(restarted.one(words), signal.SIGKILL)
    assert restarted.ended() == 1
    log = restarted.var / "log" / f"{name}.log"
    said = f"The {name} was ended by SIGKILL, so everything ends. Its log {log} ends with:"
    assert said in restarted.said()
    assert restarted.leaves_nothing_behind()


def test_stopping_while_it_starts_leaves_nothing_behind(restarted):
    restarted.end()
    restarted.start(SUPERVISOR)
    assert until(lambda: "Preparing" in restarted.said(), 30)
    os.kill(restarted.process.pid, signal.SIGTERM)
    assert restarted.ended() == 0
    assert restarted.said().endswith("Stopped.\n")
    assert restarted.leaves_nothing_behind()


def test_a_database_that_does_not_answer_is_said(restarted):
    restarted.end()
    restarted.start(SUPERVISOR, DATABASE_URL="postgres://nobody@127.0.0.1:9/nothing")
    assert restarted.ended() == 1
    assert "The preparation ended with code 1" in restarted.said()
    assert "The database does not answer" in restarted.said()
    assert restarted.leaves_nothing_behind()
