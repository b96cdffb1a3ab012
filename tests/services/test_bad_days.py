"""What AWS may answer, or not, at each call of each act: all ends undone or done, and the books agree with AWS."""

import json
from contextlib import contextmanager
from functools import cache

import botocore.session
import pytest
from botocore.client import BaseClient
from botocore.exceptions import EndpointConnectionError, NoCredentialsError, ParamValidationError
from django.db import transaction

from provisioning.domain.lifecycle import STAYING, State
from provisioning.domain.roles import Act
from provisioning.gateway.contract import (
    ACCESS_DENIED,
    DELETE_CONFLICT,
    ENTITY_ALREADY_EXISTS,
    LIMIT_EXCEEDED,
    NO_SUCH_ENTITY,
    PASSWORD_POLICY_VIOLATION,
    GatewayFault,
)
from provisioning.models import AuditEvent, Claim, Stopped
from provisioning.services.recovery import AMENDMENTS
from tests.services.acts import revoke
from tests.services.bad_days import ASKED_FIRST, TRIALS, among, credential
from tests.services.truth import after_the_lease, recover_all
from tests.web.visits import text

pytestmark = pytest.mark.django_db
WITH_USER = [trial for trial in TRIALS if not trial.makes_user]
ANYWHERE = ("AccessDenied", "Throttling", "ServiceFailure", "ValidationError", "OptInRequired")
ANYWHERE += ("InvalidClientTokenId", "SignatureDoesNotMatch", "ExpiredToken")
TOLD_APART = {ACCESS_DENIED, DELETE_CONFLICT, ENTITY_ALREADY_EXISTS, LIMIT_EXCEEDED, NO_SUCH_ENTITY}
TOLD_APART |= {PASSWORD_POLICY_VIOLATION, "Throttling", "ServiceFailure"}
# What boto3 raises by itself: nothing has left the machine.
UNSENT = (
    NoCredentialsError(),
    EndpointConnectionError(endpoint_url="https://iam.amazonaws.com/"),
    ParamValidationError(report="Unknown parameter"),
)
AWS = botocore.session.get_session()
WAITS_AT_MOST = 15  # seconds


@cache
def codes(operation):
    """Every error that AWS's own model has for the call, and those that any call can meet."""
    models = (AWS.get_service_model(name) for name in ("iam", "sts", "sesv2"))
    model = next(each for each in models if operation in each.operation_names)
    return dict.fromkeys((*(each.error_code for each in model.operation_model(operation).error_shapes), *ANYWHERE))


@pytest.fixture
def on_another(request):
    """Whether all of this was tried on another database already: then what acts do not tell apart can be left out."""
    return request.config.getoption("--another-database")


def pressed(trial, about):
    """Begin the act; return the fault that whoever waits is told of."""
    try:
        trial.begin(about)
    except GatewayFault as fault:
        return fault
    return None


def in_history(code):
    """AWS's request ids that the history keeps with this code."""
    details = [json.loads(event.text)["detail"] for event in AuditEvent.objects.all()]
    return {detail["aws_request"] for detail in details if detail.get("code") == code}


@pytest.fixture
def day(world, aws_account, hurry, subtests, record_property):
    """One bad day of many in the same world, reported and counted by itself: all is as it was after it."""

    @contextmanager
    def one(kind, *words):
        with subtests.test(" ".join(words)):
            try:
                with transaction.atomic():
                    yield
                    transaction.set_rollback(True)
            finally:
                aws_account.reset()
                hurry.waited = 0.0
            record_property("bad day", kind)

    return one


def ends_well(trial, about, truth):
    """Let recovery come by, then press again: all is done, or undone where that is how it ends."""
    if Claim.objects.open().exists():
        recover_all(after_the_lease(ahead=trial.ahead))
    if credential(about).state == State.REVOKING:  # something blocked it: by now it has been taken out of the way
        revoke(credential(about))
        assert credential(about).state == State.REVOKED
        return truth.agrees()
    assert truth.agrees()
    if not trial.makes_user and not trial.is_done(about):
        trial.begin(about)
        assert trial.is_done(about)
    assert trial.is_done(about) or trial.has_recovered(about)
    return truth.agrees()


# The registry says what is so -----------------------------------------------------------------------------------------


@among(TRIALS)
def test_the_registry_has_each_call_of_the_act(world, truth, aws_account, trial):
    about, before = trial.before(world), len(aws_account.calls)
    trial.begin(about)
    assert aws_account.calls[before:] == trial.answers
    assert trial.is_done(about)
    assert truth.agrees()


def test_every_act_that_recovery_knows_is_in_the_registry():
    assert {trial.act for trial in TRIALS} >= {*AMENDMENTS, Act.CREDENTIAL_ISSUE, Act.CREDENTIAL_REVOKE}


# AWS has a bad day ----------------------------------------------------------------------------------------------------


@among(TRIALS)
def test_an_error_is_told_and_leaves_nothing_behind(world, truth, aws_account, day, hurry, on_another, trial):
    for call, code in [(each, code) for each in trial.each_call for code in codes(each)]:
        if on_another and code not in TOLD_APART:
            continue
        gone = code == NO_SUCH_ENTITY and call.startswith("Delete")
        if gone and trial.ahead:  # AWS says so of what is not new only where it is so
            continue
        with day("error codes", call, code):
            about = trial.before(world)
            aws_account.faults.set(call, "error", code=code, times=2 if gone else None)
            fault = pressed(trial, about)
            aws_account.faults.clear()
            if call in trial.asks:
                is_told_of_a_question(trial, fault, code)
            elif not trial.is_done(about):
                is_told(trial, fault, call, code)
            assert hurry.waited < 40
            assert ends_well(trial, about, truth)


@among(TRIALS)
def test_a_call_that_never_left_the_machine_leaves_nothing_behind(
    world, truth, aws_account, day, on_another, monkeypatch, trial
):
    send, errors = BaseClient._make_api_call, UNSENT[:1] if on_another else UNSENT
    for call, error in [(each, error) for each in trial.each_call for error in errors]:
        code = type(error).__name__
        with day("never sent", call, code), monkeypatch.context() as patch:
            about = trial.before(world)

            def stopped(client, operation, arguments, call=call, error=error):
                if operation == call:
                    raise error
                return send(client, operation, arguments)

            patch.setattr(BaseClient, "_make_api_call", stopped)
            fault = pressed(trial, about)
            patch.undo()
            if trial.is_answered and not trial.is_done(about):
                assert (fault.code, fault.is_certain, fault.aws_request_id) == (code, True, "")
            assert ends_well(trial, about, truth)


def is_told_of_a_question(trial, fault, code):
    """Nothing was begun, so the history has nothing of it; whoever waits is told all the same."""
    assert not in_history(code)
    assert not Claim.objects.open().exists()
    if trial.is_answered:
        assert fault.code == code
        assert fault.aws_request_id
        assert fault.created_note


def is_told(trial, fault, call, code):
    """Whoever waits, and the history, have AWS's code and request id; the row of a stop has them if it is certain."""
    if fault is not None and fault.code == DELETE_CONFLICT:  # whatever AWS said first: that is what is in the way
        code = DELETE_CONFLICT
    requests = in_history(code)
    assert requests
    assert all(requests) or (call, code) == ("GetUser", NO_SUCH_ENTITY)  # which is an answer, not an error
    if trial.is_answered:
        assert (fault.code, {fault.aws_request_id}) == (code, requests)
        assert fault.created_note
        assert Claim.objects.open().exists() != (fault.is_certain and trial.closes_at(call))
    for row in Stopped.objects.exclude(trouble=""):
        assert row.trouble.endswith(tuple(f"({code}, request {each})" if each else f"({code})" for each in requests))


@among([trial for trial in TRIALS if trial.button])
def test_the_page_says_the_code_and_the_request_of_aws(world, aws_account, trial):
    client, address, typed = trial.button(world, trial.before(world))
    aws_account.faults.set(trial.calls[-1], "error", code="AccessDenied")
    response = client.post(address, typed)
    page = text(client.get(response["Location"]) if response.status_code == 303 else response)
    assert "AccessDenied" in page
    assert any(request in page for request in in_history("AccessDenied"))


@among(TRIALS)
def test_a_reply_is_lost_after_the_act(world, truth, aws_account, day, trial):
    for call, times in [(each, times) for each in trial.each_call for times in (1, None)]:
        with day("lost replies", call, "once" if times else "each time"):
            about = trial.before(world)
            aws_account.faults.set(call, "lose_reply", times=times)
            pressed(trial, about)
            aws_account.faults.clear()
            assert ends_well(trial, about, truth)


@among(TRIALS)
def test_every_second_call_is_throttled(world, truth, aws_account, day, hurry, trial):
    for first, skip in {"the first too": -1, "not the first": 0}.items():
        with day("throttled", first):
            about, before = trial.before(world), len(aws_account.calls)
            aws_account.faults.set("*", "throttle", every=2, skip=skip)
            trial.begin(about)
            aws_account.faults.clear()
            asked = aws_account.calls[before:]
            assert [each for each in asked if each in trial.answers] == trial.answers
            assert len(asked) <= 2 * len(trial.calls)
            assert hurry.waited < WAITS_AT_MOST
            assert trial.is_done(about)
            assert truth.agrees()


@among([trial for trial in TRIALS if not trial.ahead])
def test_what_is_new_is_seen_late(world, truth, aws_account, day, trial):
    with day("seen late"):
        about = trial.before(world)
        aws_account.settings.user_delay = aws_account.settings.key_delay = 2.5
        fault = pressed(trial, about)
        aws_account.settings.user_delay = aws_account.settings.key_delay = 0.0
        if not {ASKED_FIRST, "UpdateAccessKey"} & {*trial.calls}:  # others wait for it
            assert trial.is_done(about)
        elif not trial.is_done(about):  # then it is told that there is no such user
            assert fault.code == NO_SUCH_ENTITY if trial.is_answered else in_history(NO_SUCH_ENTITY)
        assert fault is None or fault.code == NO_SUCH_ENTITY
        assert ends_well(trial, about, truth)


# Somebody else in AWS -------------------------------------------------------------------------------------------------


@among(WITH_USER)
def test_the_user_was_deleted_behind_our_back(world, truth, aws_account, day, trial):
    with day("deleted behind our back"):
        about = trial.before(world)
        name = credential(about).user_name
        truth.delete(name)
        fault = pressed(trial, about)
        if trial.is_answered and not trial.is_done(about):
            assert fault.code == NO_SUCH_ENTITY
            assert name in fault.words
        assert ends_without_its_user(trial, about, truth)


@among(WITH_USER)
def test_the_user_is_deleted_while_nobody_knows_how_the_call_ended(world, truth, aws_account, day, trial):
    for call in trial.each_call:
        with day("deleted behind our back", call):
            about = trial.before(world)
            aws_account.faults.set(call, "lose_reply")
            pressed(trial, about)
            aws_account.faults.clear()
            truth.delete(credential(about).user_name)
            assert ends_without_its_user(trial, about, truth)


def ends_without_its_user(trial, about, truth):
    if Claim.objects.open().exists():
        recover_all(after_the_lease(ahead=trial.ahead))
    if credential(about).state in {*STAYING, State.REVOKING}:
        revoke(credential(about))
    assert credential(about).state in {State.REVOKED, State.UNCLAIMED, State.EXPIRED}
    return truth.agrees()
