"""While the history cannot be written: every act is refused, nothing is changed in AWS, and the page says how."""

import re
import shlex
from contextlib import suppress
from html import unescape

import pytest
from django.utils import timezone

from provisioning.domain.lifecycle import Seal, State
from provisioning.domain.refusals import Reason, Refusal
from provisioning.domain.roles import Act
from provisioning.gateway.aws import aws
from provisioning.models import Claim, Handover, Stop
from provisioning.services import handover
from tests.builders import browser
from tests.services.acts import expire, in_a_minute, issue
from tests.services.bad_days import NAMED, TRIALS, among, credential
from tests.services.truth import after_the_lease, recover, recover_all
from tests.web.visits import heading, text

pytestmark = [pytest.mark.django_db, pytest.mark.bad_day("with the history unwritable")]
PRESSED_ON_A_PAGE = [trial for trial in TRIALS if trial.button]


def printed(page):
    """The commands that a page prints, as words."""
    return [shlex.split(command) for command in re.findall(r"aws iam [^\n<]+", unescape(page))]


def run(root, command):
    """Do what the AWS CLI does with a command."""
    _, _, operation, *options = command
    named = {
        "".join(map(str.title, name[2:].split("-"))): value
        for name, value in zip(options[::2], options[1::2], strict=True)
    }
    with suppress(root.exceptions.NoSuchEntityException):  # it is gone already
        getattr(root, operation.replace("-", "_"))(**named)


@among(PRESSED_ON_A_PAGE)
def test_the_page_refuses_and_its_commands_stop_the_credential(world, truth, aws_account, unwritable, trial):
    shut, _ = unwritable
    about = trial.before(world)
    client, address, typed = trial.button(world, about)
    before = len(aws_account.calls)
    shut()
    response = client.post(address, typed)
    assert (response.status_code, heading(response)) == (503, "Nothing can be done while history cannot be written")
    assert {call for call, _ in aws_account.calls[before:]} <= {*trial.asks}
    assert not Claim.objects.open().exists()
    commands = printed(text(response))
    stops = not trial.makes_user and trial.act is not Act.STOP_UNDO  # of which all is stopped already
    assert bool(commands) == stops
    for command in commands:
        run(truth.root, command)
    assert not any(user.active or user.can_sign_in for user in truth.users().values())


@among([NAMED["revoke"]])
def test_the_commands_of_a_revocation_delete_all_of_it(world, truth, unwritable, trial):
    shut, _ = unwritable
    about = trial.before(world)
    client, address, typed = trial.button(world, about)
    shut()
    commands = printed(text(client.post(address, typed)))
    assert client.post(address, typed, headers={"Accept": "application/json"}).json()["commands"] == [
        shlex.join(command) for command in commands
    ]
    for command in commands:
        run(truth.root, command)
    assert not truth.users()


@among([trial for trial in TRIALS if not trial.button])
def test_a_worker_does_nothing_either(world, truth, aws_account, unwritable, trial):
    shut, take_again = unwritable
    about = trial.before(world)
    was, before = credential(about).state, len(aws_account.calls)
    shut()
    with pytest.raises(Refusal) as caught:
        trial.begin(about)
    assert caught.value.why is Reason.HISTORY_UNWRITABLE
    assert {call for call, _ in aws_account.calls[before:]} <= {*trial.asks}
    assert credential(about).state == was
    take_again()
    trial.begin(about)
    assert trial.is_done(about)
    assert truth.agrees()


def test_the_sweep_that_takes_back_what_is_marked_says_so(world, truth, unwritable):
    shut, take_again = unwritable
    one = issue(world.reviewed())
    Handover.objects.update(state=Seal.EXPIRING, sealed=b"", ended_at=timezone.now())
    shut()
    with pytest.raises(Refusal) as caught:
        expire(in_a_minute())
    assert caught.value.why is Reason.HISTORY_UNWRITABLE
    take_again()
    expire(in_a_minute())
    assert credential(one.request_id).state == State.UNCLAIMED
    assert truth.agrees()


def test_no_secret_is_shown_and_no_stop_begun(world, truth, unwritable):
    shut, _ = unwritable
    ours = browser()
    one = issue(world.reviewed(), shown_in=ours)
    shut()
    with pytest.raises(Refusal) as looking:
        handover.look(one.request_id, by=one.owner.as_actor(is_fresh=True), browser=ours, now=timezone.now())
    with pytest.raises(Refusal) as stopping:
        NAMED["stop"].begin(one.request_id)
    assert looking.value.why is stopping.value.why is Reason.HISTORY_UNWRITABLE
    assert not Stop.objects.exists()


class ThenShut:
    """The real gateway; once AWS has done so many calls, the history takes nothing more."""

    def __init__(self, sandbox, calls, shut):
        self._sandbox, self._until, self._shut = sandbox, len(sandbox.calls) + calls, shut

    def __getattr__(self, name):
        real = getattr(aws(), name)
        if not callable(real):
            return real

        def call(*arguments, **named):
            reply = real(*arguments, **named)
            if self._shut and len(self._sandbox.calls) >= self._until:
                self._shut, shut = None, self._shut
                shut()
            return reply

        return call


@among(TRIALS)
def test_what_cannot_record_its_end_is_settled_once_it_can(world, truth, aws_account, unwritable, trial):
    shut, take_again = unwritable
    about = trial.before(world)
    gateway = ThenShut(aws_account, len(trial.calls), shut)
    if trial.button:
        with pytest.raises(Refusal) as caught:
            trial.begin(about, gateway=gateway)
        assert caught.value.why is Reason.HISTORY_UNWRITABLE
        assert caught.value.created_note
    else:
        with suppress(Refusal):  # a sweep may say so, or go on with what else is due
            trial.begin(about, gateway=gateway)
    later, before = after_the_lease(ahead=trial.ahead), len(aws_account.calls)
    with pytest.raises(Refusal):
        recover(later)
    assert aws_account.calls[before:] == [], "recovery touches nothing of which nothing could be told"
    take_again()
    assert Claim.objects.open().count() == 1
    recover_all(later)
    assert trial.has_recovered(about)
    assert truth.agrees()
