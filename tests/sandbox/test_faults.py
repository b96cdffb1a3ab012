"""Bad days on demand, over the control addresses and from Python."""

import json
import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from provisioning.sandbox.server import Sandbox

from .conftest import code_of


@pytest.fixture
def ask(sandbox):
    """An HTTP request to a control address; the status and the document that came back."""

    def asked(method, path, body=None, **headers):
        data = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else None
        url = f"{sandbox.aws_url}/sandbox/{path}"
        request = urllib.request.Request(url, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=5) as reply:
                return reply.status, json.load(reply)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    return asked


def names(root):
    return {user["UserName"] for user in root.list_users()["Users"]}


def test_health(ask):
    assert ask("GET", "healthz") == (200, {"status": "ok"})


def test_every_second_call_throttled(ask, root):
    ask("POST", "faults", {"operation": "ListUsers", "effect": "throttle", "every": 2})
    root.list_users()
    with pytest.raises(ClientError, match="Rate exceeded") as caught:
        root.list_users()
    assert caught.value.response["Error"]["Code"] == "Throttling"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    root.list_users()
    assert code_of(root.list_users) == "Throttling"


def test_ses_throttles_in_its_own_words(sandbox, client_of):
    sandbox.faults.set("GetAccount", "throttle")
    client = client_of("sesv2", sandbox.root_keys)
    assert code_of(client.get_account) == "TooManyRequestsException"


def test_an_error_before_the_act_leaves_nothing_and_one_after_leaves_it(sandbox, root):
    sandbox.faults.set("CreateUser", "error", times=1)
    assert code_of(lambda: root.create_user(UserName="before")) == "ServiceFailure"
    assert "before" not in names(root)
    sandbox.faults.set("CreateUser", "error", when="after", code="InternalFailure", status=503, times=1)
    with pytest.raises(ClientError) as caught:
        root.create_user(UserName="after")
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503
    assert "after" in names(root)


def test_skip_every_and_times(sandbox, root):
    sandbox.faults.set("ListUsers", "error", skip=1, every=2, times=2)

    def outcome():
        try:
            root.list_users()
        except ClientError:
            return "x"
        return "."

    assert "".join(outcome() for _ in range(8)) == "..x.x..."


def test_a_lost_reply_comes_after_the_act(sandbox, root):
    sandbox.faults.set("CreateUser", "lose_reply", times=1)
    with pytest.raises(ConnectionClosedError):
        root.create_user(UserName="x")
    assert "x" in names(root)
    assert ("CreateUser", 0) in sandbox.calls
    sandbox.faults.set("CreateUser", "lose_reply", when="before", times=1)
    with pytest.raises(ConnectionClosedError):
        root.create_user(UserName="y")
    assert "y" not in names(root)


def test_a_delay(sandbox, root):
    sandbox.faults.set("ListUsers", "delay", seconds=0.2)
    start = time.monotonic()
    root.list_users()
    assert time.monotonic() - start >= 0.2


@pytest.mark.parametrize(("when", "there"), [("before", False), ("after", True)])
def test_a_held_call_waits_for_its_release(sandbox, ask, root, when, there):
    sandbox.faults.set("CreateUser", "hold", when=when, times=1)
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(root.create_user, UserName="x")
        assert sandbox.faults.wait_until_held(5, "CreateUser")
        held = ask("GET", "faults")[1]["held"]
        assert [(each["operation"], each["when"]) for each in held] == [("CreateUser", when)]
        assert ("x" in names(root)) is there
        assert not call.done()
        assert ask("POST", "release") == (200, {"released": 1})
        assert call.result(5)["User"]["UserName"] == "x"
    assert ask("GET", "faults")[1]["held"] == []


@pytest.mark.parametrize(("when", "there"), [("before", False), ("after", True)])
def test_a_held_call_ends_when_its_client_goes_away(sandbox, root, client_of, when, there):
    sandbox.faults.set("CreateUser", "hold", when=when, times=1)
    impatient = client_of("iam", sandbox.root_keys, "eu-west-1")
    impatient.meta.config.read_timeout = 0.3
    impatient._endpoint.http_session._timeout = 0.3
    impatient._endpoint.http_session._manager.connection_pool_kw["timeout"] = 0.3
    with pytest.raises(ReadTimeoutError):
        impatient.create_user(UserName="x")
    deadline = time.monotonic() + 5
    while sandbox.faults.held() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert sandbox.faults.held() == []
    assert ("x" in names(root)) is there


def test_a_held_call_does_not_keep_others_waiting(sandbox, root):
    sandbox.faults.set("CreateUser", "hold", times=1)
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(root.create_user, UserName="x")
        assert sandbox.faults.wait_until_held(5)
        root.list_users()
        sandbox.faults.clear()
        call.result(5)


def test_clearing_forgets_faults_and_releases(sandbox, ask, root):
    sandbox.faults.set("CreateUser", "hold")
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(root.create_user, UserName="x")
        assert sandbox.faults.wait_until_held(5)
        status, shown = ask("DELETE", "faults")
        assert (status, shown["faults"]) == (200, [])
        call.result(5)
    root.create_user(UserName="y")


def test_a_reset_ends_a_hold_and_brings_a_fresh_account(sandbox, ask, root):
    sandbox.faults.set("CreateUser", "hold", when="after", times=1)
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(root.create_user, UserName="x")
        assert sandbox.faults.wait_until_held(5)
        assert ask("POST", "reset")[0] == 200
        with pytest.raises(ConnectionClosedError):
            call.result(5)
    assert "x" not in names(root)
    assert "website" in names(root)


@pytest.mark.parametrize("effect", ["hold", "delay"])
def test_a_call_that_waits_during_a_reset_never_acts(sandbox, root, effect):
    sandbox.faults.set("CreateUser", effect, times=1, seconds=5)
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(root.create_user, UserName="x")
        time.sleep(0.2)
        sandbox.reset()
        with pytest.raises(ConnectionClosedError):
            call.result(2)
    assert "x" not in names(root)


def test_settings_are_set_and_shown(sandbox, ask):
    wanted = {"clock_offset": 3600, "key_delay": 2.5, "user_delay": 1, "quota_users": 7}
    status, shown = ask("POST", "faults", wanted)
    assert (status, shown["settings"]) == (200, wanted)
    assert sandbox.clock_offset == 3600
    sandbox.reset()
    assert ask("GET", "faults")[1]["settings"] == {
        "clock_offset": 0.0,
        "key_delay": 0.0,
        "user_delay": 0.0,
        "quota_users": 5000,
    }


@pytest.mark.parametrize(
    "document",
    [
        b"no json",
        [],
        {},
        5,
        [{}],
        {"operation": "CreateUser"},
        {"effect": "hold"},
        {"operation": "CreateUser", "effect": "explode"},
        {"operation": "", "effect": "hold"},
        {"operation": "CreateUser", "effect": "hold", "when": "later"},
        {"operation": "CreateUser", "effect": "hold", "every": 0},
        {"operation": "CreateUser", "effect": "hold", "every": True},
        {"operation": "CreateUser", "effect": "hold", "every": "2"},
        {"operation": "CreateUser", "effect": "error", "status": 200},
        {"operation": "CreateUser", "effect": "delay", "seconds": -1},
        {"operation": "CreateUser", "effect": "hold", "seen": 3},
        {"operation": "CreateUser", "effect": "hold", "whn": "after"},
        {"key_dealy": 1},
        {"key_delay": "3"},
        {"key_delay": -1},
        {"clock_offset": True},
        {"identity": "example.org"},
        {"identity": "example.org", "region": "mars-1"},
        [{"key_delay": 9}, {"nonsense": 1}],
    ],
)
def test_a_wrong_document_is_refused_in_words_and_changes_nothing(sandbox, ask, document):
    before = ask("GET", "faults")
    status, reply = ask("POST", "faults", document)
    assert status == 400 or document == []
    if document != []:
        assert reply["error"]
        assert "fault" in reply["format"]
    assert ask("GET", "faults") == before


def test_an_unknown_address_lists_the_known_ones(ask):
    status, reply = ask("GET", "nothing")
    assert status == 404
    assert "POST /sandbox/faults" in reply["addresses"]


def test_web_pages_and_other_hosts_are_kept_out(ask):
    assert ask("POST", "reset", Origin="http://evil.example")[0] == 403
    assert ask("GET", "faults", Host="evil.example:5055")[0] == 403


def test_calls_are_logged_without_secrets(sandbox, ask, root, make_user):
    ask("DELETE", "calls")
    key = make_user("x")
    assert code_of(lambda: root.get_user(UserName="gone")) == "NoSuchEntity"
    calls = ask("GET", "calls")[1]["calls"]
    assert [(each["operation"], each["status"], each["code"]) for each in calls] == [
        ("CreateUser", 200, ""),
        ("CreateAccessKey", 200, ""),
        ("GetUser", 404, "NoSuchEntity"),
    ]
    assert {each["caller"] for each in calls} == {"arn:aws:iam::123456789012:root"}
    assert sandbox.calls == [("CreateUser", 200), ("CreateAccessKey", 200), ("GetUser", 404)]
    assert key["SecretAccessKey"] not in json.dumps(calls)


def test_a_new_user_is_not_seen_for_its_delay(sandbox, root):
    sandbox.settings.user_delay = 3600
    root.create_user(UserName="x")
    put = {"UserName": "x", "PolicyName": "p", "PolicyDocument": '{"Version":"2012-10-17","Statement":[]}'}
    for call in (
        lambda: root.put_user_policy(**put),
        lambda: root.create_access_key(UserName="x"),
        lambda: root.get_user(UserName="x"),
        lambda: root.tag_user(UserName="x", Tags=[]),
    ):
        assert code_of(call) == "NoSuchEntity"
    assert "x" not in names(root)
    # The name is taken nevertheless.
    assert code_of(lambda: root.create_user(UserName="x")) == "EntityAlreadyExists"
    sandbox.settings.user_delay = 0
    root.create_access_key(UserName="x")
    assert "x" in names(root)


def test_stopping_does_not_wait_for_a_held_call(tmp_path, running, client_of):
    """A second sandbox shares moto's state, so it only holds a call and stops."""
    other = Sandbox(tmp_path)
    other._fresh = lambda: None
    other.start()
    other.faults.set("*", "hold")
    url = f"{other.aws_url}/"
    headers = {
        "Authorization": "AWS4-HMAC-SHA256 Credential=A/20260101/us-east-1/iam/aws4_request, "
        "SignedHeaders=host, Signature=" + "0" * 64
    }
    request = urllib.request.Request(url, b"Action=ListUsers", headers)
    failed = []

    def call():
        try:
            urllib.request.urlopen(request, timeout=10).read()
        except OSError as error:
            failed.append(error)

    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    assert other.faults.wait_until_held(5)
    start = time.monotonic()
    other.stop()
    assert time.monotonic() - start < 2
    thread.join(5)
    assert failed
