"""The doors themselves: signatures, roles, the shape of every answer, speed of a warm client."""

import json
import socket
import time
import urllib.error
import urllib.request
import xml.etree.ElementTree as ET

import boto3
import pytest
from botocore.config import Config

from provisioning.sandbox.world import KeyPair

from .conftest import allow, code_of, policy


def test_an_unknown_key(client_of):
    nobody = KeyPair("AKIAAAAAAAAAAAAAAAAA", "x" * 40)
    assert code_of(client_of("sts", nobody).get_caller_identity) == "InvalidClientTokenId"
    assert code_of(client_of("sesv2", nobody).get_account) == "UnrecognizedClientException"


def test_a_wrong_secret(sandbox, client_of):
    wrong = KeyPair(sandbox.root_keys.access_key_id, "x" * 40)
    assert code_of(client_of("iam", wrong).list_users) == "SignatureDoesNotMatch"
    assert code_of(client_of("sesv2", wrong).get_account) == "InvalidSignatureException"


def test_what_was_signed_is_what_counts(sandbox, client_of):
    """A body changed on the way is refused."""
    client = client_of("iam", sandbox.root_keys, "ap-south-1")

    def change(request, **_):
        request.body = request.body.replace("UserName=one", "UserName=two")

    client.meta.events.register("before-send.iam.CreateUser", change)
    assert code_of(lambda: client.create_user(UserName="one")) == "SignatureDoesNotMatch"


def test_signatures_cover_paths_and_queries(sandbox, client_of):
    client = client_of("sesv2", sandbox.root_keys)
    for name in ("a+b@exam ple.com", "ü@example.com", "x/y@example.com", "a%2Fb@example.com"):
        assert code_of(lambda name=name: client.get_email_identity(EmailIdentity=name)) == "NotFoundException"


def test_root_is_root(sandbox, client_of):
    identity = client_of("sts", sandbox.root_keys).get_caller_identity()
    assert identity["Arn"] == "arn:aws:iam::123456789012:root"
    assert (identity["UserId"], identity["Account"]) == ("123456789012", "123456789012")


def trust(principal="arn:aws:iam::123456789012:root", **condition):
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": principal}}
    return policy({**statement, **({"Condition": condition} if condition else {})})


@pytest.fixture
def worker(make_user, as_user):
    """STS as a user that may assume every role."""
    return as_user("sts", make_user("worker", policy(allow("sts:AssumeRole"))))


def assume(sts, name="r", **more):
    return sts.assume_role(RoleArn=f"arn:aws:iam::123456789012:role/{name}", RoleSessionName="session", **more)


def test_a_role_that_does_not_exist(worker):
    assert code_of(lambda: assume(worker, "gone")) == "AccessDenied"


def test_a_missing_or_wrong_external_id(root, worker):
    document = trust(StringEquals={"sts:ExternalId": "secret-handshake"})
    root.create_role(RoleName="r", AssumeRolePolicyDocument=document)
    assert code_of(lambda: assume(worker)) == "AccessDenied"
    assert code_of(lambda: assume(worker, ExternalId="wrong")) == "AccessDenied"
    assert assume(worker, ExternalId="secret-handshake")["Credentials"]["AccessKeyId"].startswith("ASIA")


def test_a_role_that_trusts_somebody_else(root, worker):
    root.create_role(RoleName="r", AssumeRolePolicyDocument=trust("arn:aws:iam::123456789012:user/other"))
    assert code_of(lambda: assume(worker)) == "AccessDenied"


def test_a_session_has_the_roles_rights_and_ends(sandbox, root, worker, client_of, post):
    root.create_role(RoleName="r", AssumeRolePolicyDocument=trust())
    root.put_role_policy(RoleName="r", PolicyName="p", PolicyDocument=policy(allow("iam:ListUsers")))
    given = assume(worker)["Credentials"]
    keys = KeyPair(given["AccessKeyId"], given["SecretAccessKey"])
    session = client_of("iam", keys, aws_session_token=given["SessionToken"])
    assert session.list_users()["Users"]
    assert code_of(session.list_groups) == "AccessDenied"
    sts = client_of("sts", keys, aws_session_token=given["SessionToken"])
    assert sts.get_caller_identity()["Arn"] == "arn:aws:sts::123456789012:assumed-role/r/session"
    # Temporary keys are of no use for SMTP.
    assert post.login_code({"AccessKeyId": keys.access_key_id, "SecretAccessKey": keys.secret_access_key})[0] == 535
    sandbox.clock_offset = 3700
    assert code_of(session.list_users) == "ExpiredToken"


def test_a_session_needs_its_token(root, worker, client_of):
    root.create_role(RoleName="r", AssumeRolePolicyDocument=trust())
    given = assume(worker)["Credentials"]
    bare = client_of("iam", KeyPair(given["AccessKeyId"], given["SecretAccessKey"]))
    assert code_of(bare.list_users) == "InvalidClientTokenId"


def test_assume_role_is_a_permission(root, make_user, as_user):
    root.create_role(RoleName="r", AssumeRolePolicyDocument=trust())
    assert code_of(lambda: assume(as_user("sts", make_user("x")))) == "AccessDenied"


@pytest.mark.parametrize(
    ("service", "call"),
    [
        ("iam", lambda c: c.create_saml_provider(Name="x", SAMLMetadataDocument="x" * 1000)),
        ("iam", lambda c: c.update_user(UserName="website", NewUserName="y")),
        ("sts", lambda c: c.get_session_token()),
        ("ses", lambda c: c.list_templates()),
        ("sesv2", lambda c: c.list_contact_lists()),
        ("s3", lambda c: c.list_buckets()),
        ("sqs", lambda c: c.list_queues()),
    ],
)
def test_what_it_cannot_answer_is_named(sandbox, client_of, service, call):
    assert code_of(lambda: call(client_of(service, sandbox.root_keys))) == "SandboxCannotAnswer"


def ask(sandbox, body=b"", path="/", **headers):
    request = urllib.request.Request(f"{sandbox.aws_url}{path}", body or None, headers)
    try:
        with urllib.request.urlopen(request, timeout=5) as reply:
            return reply.status, reply.headers, reply.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


@pytest.mark.parametrize("path", ["/", "/v2/email/account", "/favicon.ico", "/moto-api/reset", "/latest/meta-data/"])
@pytest.mark.parametrize("authorization", ["", "Basic eDp5", "AWS4-HMAC-SHA256 Credential=x"])
def test_no_answer_is_a_page(sandbox, path, authorization):
    headers = {"Authorization": authorization} if authorization else {}
    status, replied, body = ask(sandbox, path=path, **headers)
    assert status in (400, 403)
    assert "html" not in replied["content-type"]
    root = ET.fromstring(body)
    assert root.tag.endswith("ErrorResponse")
    assert root[1].text == replied["x-amzn-requestid"]


@pytest.mark.parametrize(
    "line", [b"COFFEE / HTTP/1.1\r\n", b"nonsense\r\n", b"POST / HTTP/1.1\r\nContent-Length: x\r\n"]
)
def test_no_answer_to_broken_http_is_a_page(sandbox, line):
    port = int(sandbox.aws_url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(line + b"Host: localhost\r\nConnection: close\r\n\r\n")
        reply = b""
        while part := connection.recv(65536):
            reply += part
    assert b"SandboxCannotAnswer" in reply
    assert b"<html" not in reply.lower()


def signed(service):
    scope = f"Credential=AKIAAAAAAAAAAAAAAAAA/20260101/us-east-1/{service}/aws4_request"
    return {"Authorization": f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature={'0' * 64}"}


def test_an_operation_that_aws_does_not_have(sandbox):
    status, _, body = ask(sandbox, b"Action=MakeCoffee", **signed("iam"))
    assert (status, b"<Code>InvalidAction</Code>" in body) == (400, True)
    status, headers, body = ask(sandbox, path="/v2/coffee", **signed("ses"))
    assert (status, headers["x-amzn-errortype"]) == (404, "UnknownOperationException")
    assert json.loads(body)["message"]


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"Action=", b"Action=CreateUser&Tags.member.1=x&Tags=", b"=&&="])
def test_odd_bodies(sandbox, body):
    status, headers, _ = ask(sandbox, body, **signed("iam"))
    assert status in (400, 403)
    assert headers["content-type"] == "text/xml"


def test_parameters_that_a_client_would_have_demanded(sandbox):
    """botocore checks required parameters itself; other clients do not."""
    keys = sandbox.root_keys
    careless = boto3.client(
        "iam",
        endpoint_url=sandbox.aws_url,
        region_name="us-east-1",
        aws_access_key_id=keys.access_key_id,
        aws_secret_access_key=keys.secret_access_key,
        config=Config(parameter_validation=False, retries={"total_max_attempts": 1}),
    )
    assert code_of(careless.put_user_policy) == "ValidationError"
    assert code_of(lambda: careless.create_user(UserName="")) == "ValidationError"


def test_a_gap_inside_is_an_error_of_the_sandbox(sandbox, root, monkeypatch):
    monkeypatch.setattr("provisioning.sandbox.iam_users.demand_valid_tags", lambda *_: 1 / 0)
    assert code_of(lambda: root.create_user(UserName="x")) == "SandboxCannotAnswer"


def test_a_warm_client_keeps_its_connection(sandbox, root):
    root.list_users()
    before = set(sandbox._http.connections)
    for _ in range(5):
        root.list_users()
    assert set(sandbox._http.connections) == before


def test_a_reset_takes_less_than_50_milliseconds(sandbox, root):
    ports = (sandbox.aws_url, sandbox.smtp_endpoints, sandbox.root_keys, sandbox.dashboard_keys)
    took = []
    for _ in range(3):
        for number in range(20):
            root.create_user(UserName=f"u{number}")
        start = time.perf_counter()
        sandbox.reset()
        took.append(time.perf_counter() - start)
    assert min(took) < 0.05
    assert ports == (sandbox.aws_url, sandbox.smtp_endpoints, sandbox.root_keys, sandbox.dashboard_keys)
    assert sandbox.calls == []


def test_a_thousand_users_cost_no_more_per_call(sandbox, root):
    for number in range(5000):
        sandbox.world.iam.create_user("us-east-1", f"many-{number}")
    sandbox.settings.quota_users = 6000
    took = []
    for number in range(20):
        start = time.perf_counter()
        root.create_user(UserName=f"x{number}")
        took.append(time.perf_counter() - start)
    assert sorted(took)[10] < 0.02
