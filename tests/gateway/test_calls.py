"""How often AWS is asked, what is known afterwards, and that nothing secret travels with a fault."""

import time
import traceback

import pytest

from provisioning.gateway.aws import BotoAws, calls
from provisioning.gateway.aws.sessions import CONNECT_SECONDS, READ_SECONDS, Clients
from provisioning.gateway.contract import Certainty, GatewayFault, NewKey, NewUser
from provisioning.models.claim import LEASE
from tests.gateway.conftest import SECRET, Answer

USER = NewUser(
    "ses-a-b-12345678", "/ses-dashboard/a/", "arn:aws:iam::123456789012:policy/b", {"managed-by": "sescreds"}
)
SENT_ONCE = {
    "CreateUser": lambda aws: aws.create_user(USER),
    "CreateAccessKey": lambda aws: aws.create_key(USER.name),
}
MAY_BE_REPEATED = {
    "PutUserPolicy": lambda aws: aws.put_policy(USER.name, "p", "{}"),
    "DeleteAccessKey": lambda aws: aws.delete_key(USER.name, "AKIAEXAMPLEEXAMPLE00"),
    "DeleteUserPolicy": lambda aws: aws.delete_policy(USER.name, "p"),
    "DeleteUser": lambda aws: aws.delete_user(USER.name),
    "GetUser": lambda aws: aws.user(USER.name),
    "ListAccessKeys": lambda aws: aws.holdings(USER.name),
    "GetCallerIdentity": lambda aws: aws.caller(),
}
ALL = SENT_ONCE | MAY_BE_REPEATED
SOME = ("CreateUser", "CreateAccessKey", "DeleteUser", "GetUser")
SERVER_ERROR, THROTTLED = Answer(500, "ServiceFailure"), Answer(400, "Throttling")


def fault_of(function, aws):
    with pytest.raises(GatewayFault) as caught:
        function(aws)
    return caught.value


@pytest.mark.parametrize("retries", ["", "5"])
@pytest.mark.parametrize("operation", SENT_ONCE)
def test_what_must_not_be_done_twice_is_sent_once(odd_server, odd, monkeypatch, operation, retries):
    if retries:  # what somebody set in the environment of the dashboard
        monkeypatch.setenv("AWS_MAX_ATTEMPTS", retries)
        monkeypatch.setenv("AWS_RETRY_MODE", "standard")
        odd = BotoAws(Clients())
    fault = fault_of(SENT_ONCE[operation], odd)
    assert odd_server.asked == [operation]
    assert (fault.certainty, fault.code, fault.aws_request_id) == (Certainty.UNKNOWN, "ServiceFailure", "req-1")


@pytest.mark.parametrize("operation", MAY_BE_REPEATED)
def test_what_may_be_repeated_is_tried_three_times(odd_server, odd, operation):
    fault = fault_of(MAY_BE_REPEATED[operation], odd)
    assert odd_server.asked == [operation] * 3
    assert not fault.is_certain


def test_after_a_question_without_an_answer_nothing_is_to_be_settled(odd_server, odd):
    odd_server.answers = [Answer(500, "Unheard")] * 6
    assert "Recovery" not in fault_of(MAY_BE_REPEATED["GetUser"], odd).words
    assert "Recovery" in fault_of(MAY_BE_REPEATED["DeleteUser"], odd).words


@pytest.mark.parametrize("operation", ALL)
def test_a_clear_no_is_not_asked_again(odd_server, odd, operation):
    odd_server.answers = [Answer(409, "ConcurrentModification")]
    fault = fault_of(ALL[operation], odd)
    assert odd_server.asked == [operation]
    assert (fault.is_certain, fault.code, fault.status) == (True, "ConcurrentModification", 502)


@pytest.mark.parametrize("operation", ALL)
def test_nobody_at_the_other_end_means_certainly_not_done(gateway_to, closed_port, operation):
    fault = fault_of(ALL[operation], gateway_to(f"http://127.0.0.1:{closed_port}"))
    assert (fault.is_certain, fault.aws_request_id, fault.status) == (True, "", 503)


@pytest.mark.parametrize("operation", SOME)
@pytest.mark.parametrize(
    ("silence", "patience"), [(Answer(hangs=True), 0.3), (Answer(closes=True), 5)], ids=["hangs", "closes"]
)
def test_no_answer_means_not_known(odd_server, odd, operation, silence):
    odd_server.answers = [silence]
    fault = fault_of(ALL[operation], odd)
    assert not fault.is_certain
    tries = 1 if operation in SENT_ONCE else 3
    assert odd_server.heard(tries) == [operation] * tries


@pytest.mark.parametrize(
    "answers",
    [
        [SERVER_ERROR, THROTTLED],
        [Answer(closes=True), Answer(403, "AccessDenied")],
        [Answer(closes=True, stops_listening=True)],
    ],
    ids=["then throttled", "then denied", "then nobody listens"],
)
def test_what_an_earlier_try_may_have_done_stays_unknown(odd_server, odd, answers):
    odd_server.answers = answers
    fault = fault_of(lambda aws: aws.delete_key(USER.name, "AKIAEXAMPLEEXAMPLE00"), odd)
    assert not fault.is_certain, f"{fault.code} of a later try says nothing about the first"


@pytest.mark.parametrize("operation", ALL)
def test_a_throttled_call_is_tried_again_and_ends(odd_server, odd, operation):
    odd_server.answers = [THROTTLED]
    fault = fault_of(ALL[operation], odd)
    assert odd_server.asked == [operation] * 5
    assert (fault.is_certain, fault.code) == (True, "Throttling")


def test_throttling_on_end_is_over_in_the_time_that_a_call_may_take(odd_server, odd, monkeypatch):
    odd_server.answers = [THROTTLED]
    monkeypatch.setattr(calls, "_THROTTLE_WAITS", (0.2,) * 100)
    monkeypatch.setattr(calls, "PATIENCE_SECONDS", 0.5)
    began = time.monotonic()
    assert fault_of(SENT_ONCE["CreateUser"], odd).code == "Throttling"
    assert time.monotonic() - began < 1.5


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, body="<html><body>Sign in to the guest network</body></html>"),
        Answer(200, body="Sign in to the guest network & more"),
        Answer(403, body="<html><body>Blocked by the proxy</body></html>"),
        Answer(403, body="Blocked & more"),
        Answer(502, body="<html><body>Bad gateway</body></html>"),
        Answer(503, body=""),
    ],
    ids=lambda answer: f"{answer.status} {answer.body[:6]}",
)
@pytest.mark.parametrize("operation", SOME)
def test_the_page_of_a_proxy_is_no_word_of_aws(odd_server, odd, operation, answer):
    odd_server.answers = [answer]
    fault = fault_of(ALL[operation], odd)
    assert not fault.is_certain
    assert fault.aws_request_id == ""


def test_no_secret_travels_with_a_fault(odd_server, odd, caplog):
    odd_server.answers = [
        Answer(200, body=f"<CreateAccessKeyResponse><SecretAccessKey>{SECRET}</SecretAccessKey><AccessKey"),
    ]
    caplog.set_level("DEBUG", logger="provisioning")
    fault = fault_of(SENT_ONCE["CreateAccessKey"], odd)
    seen = [repr(fault), str(fault), "".join(traceback.format_exception(fault)), caplog.text]
    seen += [str(vars(record)) for record in caplog.records]
    error = fault
    while error := error.__context__ or error.__cause__:
        seen.append(repr(error))
    assert not any(SECRET in each for each in seen)
    assert [record.getMessage() for record in caplog.records] == ["aws_fault"]


def test_a_new_key_does_not_show_its_secret(gateway, made_user):
    key = gateway.create_key(made_user)
    assert isinstance(key, NewKey)
    assert len(key.secret_access_key) == 40
    assert key.secret_access_key not in repr(key)
    assert key.secret_access_key not in f"{key} {vars(type(key))}"


@pytest.mark.parametrize(
    ("url", "is_real"),
    [
        ("", True),
        ("https://iam.us-gov.amazonaws.com", True),
        ("http://127.0.0.1:5055", False),
        ("https://iam.amazonaws.com.example.net", False),
        ("https://notamazonaws.com", False),
    ],
)
def test_what_is_real_is_judged_by_where_the_client_goes(monkeypatch, url, is_real):
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    if url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_IAM", url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLEEXAMPLE00")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    assert BotoAws(Clients()).is_real is is_real


def test_the_partition_of_the_boundary_decides_where_iam_is(monkeypatch, settings):
    from provisioning.gateway.aws import aws

    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    settings.AWS_BOUNDARY_ARN = "arn:aws-us-gov:iam::123456789012:policy/sescreds-boundary"
    aws.cache_clear()
    assert aws()._clients.iam.meta.endpoint_url == "https://iam.us-gov.amazonaws.com"
    aws.cache_clear()


def test_without_credentials_nothing_is_asked(odd_server, odd, monkeypatch):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    alone = BotoAws(Clients())
    assert alone.key_in_use() == ""
    assert fault_of(SENT_ONCE["CreateUser"], alone).is_certain
    assert odd_server.asked == []


def test_a_lease_is_longer_than_all_calls_of_an_act_together():
    request = CONNECT_SECONDS + READ_SECONDS
    plain = calls.PATIENCE_SECONDS + request
    after_a_denial = plain  # GetUser, where a denial may only mean "not there"
    just_made = calls.PROPAGATION_SECONDS + request + after_a_denial
    deletion = plain + after_a_denial
    young_deletion = 10 + request + after_a_denial
    issuing = plain + 2 * just_made + 3 * deletion
    revoking = 2 * young_deletion + deletion + plain + young_deletion
    assert issuing < LEASE.total_seconds()
    assert revoking < LEASE.total_seconds()
    assert max(deletion, 5 * plain + deletion) < LEASE.total_seconds(), "what recovery does between two renewals"
