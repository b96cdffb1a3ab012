"""Sessions in other accounts: begun once, begun anew in time, and for whom; what AWS says no to, in words."""

import threading
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from provisioning import request_id
from provisioning.gateway.aws import BotoAws
from provisioning.gateway.aws.roles import RENEWED_BEFORE, SESSION, sayable
from provisioning.gateway.aws.sessions import Clients
from provisioning.gateway.contract import ACCESS_DENIED, GatewayFault, Role
from provisioning.sandbox.account import DASHBOARD_ARN, SECOND_EXTERNAL_ID, SECOND_ROLE, SECOND_ROLE_ARN
from tests.builders import Clock
from tests.gateway.conftest import Answer
from tests.services.elsewhere import trust

ROLE = Role(SECOND_ROLE_ARN, SECOND_EXTERNAL_ID)
ADA, BOB = replace(ROLE, person="ada@example.com"), replace(ROLE, person="bob@example.com")
ENTER = {"Effect": "Allow", "Principal": {"AWS": DASHBOARD_ARN}, "Action": "sts:AssumeRole"}


@pytest.fixture
def clock():
    return Clock(datetime.now(UTC))


@pytest.fixture
def home(aws_account, clock):
    aws_account.world.calls.clear()
    return BotoAws(Clients(), clock)


@pytest.fixture
def begun(aws_account):
    """How often a session was asked for, by the status of the answer."""
    return lambda: Counter(status for operation, status in aws_account.calls if operation == "AssumeRole")


def test_a_session_is_that_of_the_role_and_is_named_by_the_request(home):
    name = request_id.begin()
    caller = home.into(ROLE).caller()
    assert caller.account_id == "210987654321"
    assert caller.arn == f"arn:aws:sts::210987654321:assumed-role/{SECOND_ROLE}/{name}"
    assert home.caller().account_id == "123456789012"


def test_from_another_account_the_way_leads_home_first(home):
    there = home.into(ROLE)
    assert (there.role, home.role, there.into(None)) == (ROLE, None, home)
    assert there.into(ADA).caller().account_id == "210987654321"
    assert there.key_in_use().startswith("ASIA")
    assert home.key_in_use().startswith("AKIA")


def test_a_session_serves_until_it_ends_soon(home, clock, begun):
    for _ in range(3):
        home.into(ROLE).caller()
    assert begun() == {200: 1}
    clock.now += SESSION - RENEWED_BEFORE - timedelta(seconds=5)
    home.into(ROLE)
    assert begun() == {200: 1}
    clock.now += timedelta(seconds=10)
    home.into(ROLE)
    assert begun() == {200: 2}


def test_each_person_has_a_session_of_their_own(home, begun, aws_account):
    for role in (ADA, BOB, ADA, ROLE, BOB):
        home.into(role)
    assert begun() == {200: 3}
    sessions = aws_account.world.within("210987654321").sts.assumed_roles
    assert [each.source_identity for each in sessions] == ["ada@example.com", "bob@example.com", ""]


def test_another_external_id_is_never_served_from_what_is_kept(home, begun):
    home.into(ROLE)
    with pytest.raises(GatewayFault) as caught:
        home.into(replace(ROLE, external_id="another"))
    assert caught.value.code == ACCESS_DENIED
    assert begun() == {200: 1, 403: 1}


def test_anew_asks_aws_though_a_session_is_kept(home, begun):
    home.into(ROLE)
    home.into(ROLE, anew=True)
    assert begun() == {200: 2}


def test_where_the_trust_does_not_let_us_name_the_person_we_go_without_and_remember_it(home, begun, aws_account):
    trust(aws_account, {"Version": "2012-10-17", "Statement": [ENTER]})
    assert home.into(ADA).caller().account_id == "210987654321"
    assert begun() == {403: 1, 200: 1}
    for role in (ADA, BOB, ROLE):
        home.into(role)
    assert begun()[403] == 1
    home.into(ROLE, anew=True)  # a check: the trust may be another by now
    home.into(ADA)
    assert begun()[403] == 2


def test_many_threads_begin_one_session(home, begun, aws_account):
    aws_account.faults.set("AssumeRole", "delay", seconds=0.2)
    threads = [threading.Thread(target=home.into, args=(ADA,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert begun() == {200: 1}


def test_who_is_let_in_is_asked_each_time(home, begun):
    assert home.is_let_in(ROLE)
    assert not home.is_let_in(replace(ROLE, external_id=""))
    assert not home.into(ROLE).is_let_in(replace(ROLE, external_id="another"))
    assert begun() == {200: 2, 403: 2}


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("AccessDenied", "does not let the dashboard into the account"),
        ("RegionDisabledException", "switched off in the region"),
        ("ExpiredTokenException", "own session in AWS has ended"),
        ("MalformedPolicyDocument", "does not accept the policy"),
    ],
)
def test_a_refusal_is_a_fault_in_words(odd, odd_server, code, words):
    odd_server.begin(Answer(403, code))
    with pytest.raises(GatewayFault, match=f"AssumeRole: {code}") as caught:
        odd.into(ROLE)
    assert words in caught.value.words
    assert (caught.value.is_certain, caught.value.aws_request_id) == (True, "req-1")


def test_no_answer_is_a_fault_too_and_nothing_was_done(odd, odd_server):
    odd_server.begin(Answer(closes=True))
    with pytest.raises(GatewayFault) as caught:
        odd.into(ROLE)
    assert caught.value.is_certain
    assert "did not answer when the dashboard asked to be let into" in caught.value.words
    assert caught.value.aws_request_id == ""


@pytest.mark.parametrize(
    ("text", "name"),
    [("ada+x@example.com", "ada+x@example.com"), ("Zoë Ö", "Zo---"), ("a", ""), ("", ""), ("x" * 70, "x" * 64)],
)
def test_names_are_such_as_sts_takes(text, name):
    assert sayable(text) == name


def test_no_secret_of_a_session_shows_itself(home):
    there = home.into(ADA)
    shown = f"{there!r} {there._clients!r} {home._sessions!r} {home._sessions._kept!r}"
    keys = there._clients._keys
    assert keys["aws_secret_access_key"] not in shown
    assert keys["aws_session_token"] not in shown
