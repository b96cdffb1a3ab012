"""Retiring: refused while something uses the old key, watched, reactivated, deleted; never by the calendar alone."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from provisioning.domain.lifecycle import Outcome, State
from provisioning.domain.refusals import Reason, Refusal
from provisioning.domain.roles import system
from provisioning.gateway.aws import aws
from provisioning.gateway.contract import KeyLastUse
from provisioning.models import AuditEvent, Claim
from provisioning.sandbox.principals import record_use
from provisioning.services import handover, retirement
from provisioning.views.credentials import oldest_key_days
from tests.builders import Clock, browser
from tests.services.acts import (
    expire,
    faulted,
    in_a_minute,
    reactivate,
    resume,
    retire,
    revoke,
    rotate,
    stored,
    suspend,
    switched,
)
from tests.services.test_rotation import asked, keys  # noqa: F401 - a fixture
from tests.services.test_suspension import events, passwords, signs_in, truth  # noqa: F401 - a fixture
from tests.services.truth import recover_all

pytestmark = pytest.mark.django_db
AFTER_THE_WATCH = timedelta(days=14, minutes=1)


@pytest.fixture
def credential(world):
    """One with two keys, the new one stored, everything switched to it."""
    made = world.stored(regions=("eu-central-1",))
    switched(made)
    return made


def old_and_new(credential):
    return list(credential.keys.order_by("made_at"))


def sweep(clock):
    return retirement.delete_due(by=system("keys"), gateway=aws(), clock=clock)


def later(sandbox, **ahead):
    """The same time for AWS and for us, some while from now."""
    sandbox.clock_offset = timedelta(**ahead).total_seconds()
    return Clock(timezone.now() + timedelta(**ahead))


@pytest.fixture(autouse=True)
def _now_again(aws_account):
    yield
    aws_account.clock_offset = 0


def test_a_retirement_is_a_read_and_a_call(credential, truth, asked):  # noqa: F811
    retire(credential)
    assert asked() == ["GetAccessKeyLastUsed", "UpdateAccessKey"]
    old, new = old_and_new(credential)
    assert old.retired_at == old.stopped_at == old.delete_due_at - retirement.WATCHED_FOR
    assert new.is_in_use
    assert events("credential:retire") == [Outcome.BEGUN, Outcome.DONE]
    retire(credential, old)
    assert asked().count("UpdateAccessKey") == 1
    assert truth.agrees()


def test_the_retired_password_is_refused_and_works_again_once_reactivated(world, truth):  # noqa: F811
    first = browser()
    credential = world.issued(shown_in=first)
    login = passwords(world, credential, first)
    stored(credential.request_id, shown_in=first)
    switched(credential)
    assert signs_in(login).code == 235
    retire(credential, reason="That was a test.")
    assert signs_in(login).code == 535
    reactivate(credential)
    assert signs_in(login).code == 235
    assert all(key.is_in_use for key in old_and_new(credential))
    reactivate(credential)  # twice is once
    assert events("credential:reactivate") == [Outcome.BEGUN, Outcome.DONE]
    assert truth.agrees()


def test_what_was_used_since_the_switch_is_not_retired_without_a_reason(world, truth, aws_account):  # noqa: F811
    first = browser()
    credential = world.issued(regions=("eu-central-1",), shown_in=first)
    login = passwords(world, credential, first)
    stored(credential.request_id, shown_in=first)
    switched(credential)
    clock = later(aws_account, minutes=20)
    signs_in(login)
    with pytest.raises(Refusal) as caught:
        retire(credential, clock=clock)
    assert caught.value.title == f"{login[0]} is still in use"
    assert "over SMTP in eu-central-1" in caught.value.reason
    assert f"{clock.now:%H:%M} UTC" in caught.value.reason
    assert [breach.field for breach in caught.value.breaches] == ["reason"]
    assert AuditEvent.objects.first().outcome == Outcome.REFUSED
    assert truth.agrees()
    retire(credential, reason="The host is gone.", clock=clock)
    assert "The host is gone." in AuditEvent.objects.filter(act="credential:retire", outcome="done").get().text
    assert truth.agrees()


def test_the_switch_counts_from_the_storing_until_its_owner_says_more(world, aws_account):
    first = browser()
    credential = world.issued(shown_in=first)
    login = passwords(world, credential, first)
    stored(credential.request_id, shown_in=first)
    switched(credential)
    credential.keys.update(cut_over_at=None)
    clock = later(aws_account, minutes=20)
    signs_in(login)
    with pytest.raises(Refusal, match="still in use"):
        retire(credential, clock=clock)
    clock.now += timedelta(minutes=1)
    retirement.switch_over(credential.pk, by=world.actor("member"), now=clock())
    retire(credential, clock=clock)
    assert events("credential:switch") == [Outcome.DONE, Outcome.DONE]


def test_said_once_more_it_needs_what_had_been_forgotten(world, credential):
    by = world.actor("member")
    said = credential.keys.last().cut_over_at
    with pytest.raises(Refusal, match="switched already"):
        retirement.switch_over(credential.pk, " ", by=by, now=timezone.now())
    assert credential.keys.last().cut_over_at == said
    retirement.switch_over(credential.pk, "The old mail relay.", by=by, now=timezone.now())
    event = AuditEvent.objects.filter(act="credential:switch", outcome="done").first()
    told = json.loads(event.text)["detail"]
    assert (told["before"], told["late"]) == (said.isoformat(), "The old mail relay.")


def test_a_lost_new_key_does_not_let_the_old_one_be_retired(world, truth, aws_account):  # noqa: F811
    credential, ours = world.stored(), browser()
    second = rotate(credential, shown_in=ours)
    handover.look(second.pk, by=world.actor("member"), browser=ours, now=timezone.now())
    aws_account.faults.set("DeleteAccessKey", "error", code="ConcurrentModification", status=409, times=1)
    with faulted():
        handover.lose(second.pk, by=world.actor("member"), gateway=aws())
    with pytest.raises(Refusal):
        retire(credential)
    expire(in_a_minute())
    assert credential.keys.in_use().get().key_id == credential.keys.first().key_id
    assert truth.agrees()


def test_a_key_that_is_not_stored_yet_keeps_the_old_one_in_use(world, truth):  # noqa: F811
    credential = world.stored()
    rotate(credential)
    for act in (retire, lambda one: retirement.switch_over(one.pk, by=world.actor("member"), now=timezone.now())):
        with pytest.raises(Refusal, match="not stored yet"):
            act(credential)
    assert truth.agrees()


def test_the_only_key_is_not_retired(world, truth):  # noqa: F811
    credential = world.issued()
    with pytest.raises(Refusal, match="one key that works"):
        retire(credential, reason="I want to.")
    with pytest.raises(Refusal, match="no retired key"):
        reactivate(credential)
    assert truth.agrees()


def test_the_new_key_goes_only_with_a_reason_however_long_nothing_has_used_it(credential, truth):  # noqa: F811
    old, new = old_and_new(credential)
    for _ in range(2):
        with pytest.raises(Refusal) as caught:
            retire(credential, new)
        assert caught.value.title == f"{new.key_id} is the new key"
        assert "Everything was switched to it on" in caught.value.reason
        assert f"retire the old one, {old.key_id}" in caught.value.reason
        assert [breach.field for breach in caught.value.breaches] == ["reason"]
        record_use(truth.sandbox.world, new.key_id, "ses-smtp", "eu-central-1")  # used or not, the words are the same
    assert all(key.is_in_use for key in old_and_new(credential))
    assert truth.agrees()


def test_a_new_key_that_nobody_has_switched_to_yet_needs_a_reason_too(world, truth):  # noqa: F811
    credential = world.stored()
    switched(credential)
    credential.keys.update(cut_over_at=None)
    with pytest.raises(Refusal, match="It was stored on"):
        retire(credential, old_and_new(credential)[1])
    assert truth.agrees()


def test_a_new_key_that_is_gone_in_aws_needs_no_reason(credential, truth):  # noqa: F811
    _, new = old_and_new(credential)
    truth.root.delete_access_key(UserName=credential.user_name, AccessKeyId=new.key_id)
    retire(credential, new)
    assert len(keys(credential)) == 1
    assert truth.agrees()


def test_the_owner_chooses_which_goes(credential, truth):  # noqa: F811
    old, new = old_and_new(credential)
    retire(credential, new, "Its secret leaked.")
    assert [key.is_in_use for key in old_and_new(credential)] == [True, False]
    with pytest.raises(Refusal, match="one key that works"):
        retire(credential, old, "Both.")
    assert truth.agrees()


def test_what_aws_does_not_say_retires_nothing(credential, truth, aws_account):  # noqa: F811
    aws_account.faults.set("GetAccessKeyLastUsed", "error", code="ServiceFailure", status=500, times=20)
    with faulted() as caught:
        retire(credential)
    assert "not known whether something still uses" in caught.value.words
    assert not Claim.objects.filter(act="credential:retire").exists()
    assert truth.agrees()


def test_a_key_that_is_gone_in_aws_is_ended_here_too(credential, truth):  # noqa: F811
    old, _ = old_and_new(credential)
    truth.root.delete_access_key(UserName=credential.user_name, AccessKeyId=old.key_id)
    retire(credential)
    assert len(keys(credential)) == 1
    assert events("key:delete") == [Outcome.BEGUN, Outcome.DONE]
    assert truth.agrees()


@pytest.mark.parametrize("act", [retire, reactivate])
def test_no_answer_is_finished_by_recovery(credential, truth, aws_account, act):  # noqa: F811
    if act is reactivate:
        retire(credential)
    aws_account.faults.set("UpdateAccessKey", "lose_reply")
    with faulted():
        act(credential)
    aws_account.faults.clear()
    recover_all()
    assert old_and_new(credential)[0].is_in_use is (act is reactivate)
    assert truth.agrees()


@pytest.mark.parametrize(("name", "why"), [("outsider", Reason.NOT_THERE), ("auditor", Reason.NOT_PERMITTED)])
def test_only_its_team_and_administrators_may(world, credential, name, why):
    by, now = world.actor(name), timezone.now()
    for act in (
        lambda: retirement.retire(credential.pk, "", "x", by=by, gateway=aws()),
        lambda: retirement.reactivate(credential.pk, by=by, gateway=aws()),
        lambda: retirement.delete_now(credential.pk, by=by, gateway=aws()),
        lambda: retirement.switch_over(credential.pk, by=by, now=now),
    ):
        with pytest.raises(Refusal) as caught:
            act()
        assert caught.value.why is why
    with pytest.raises(Refusal):
        retirement.delete_due(by=by, gateway=aws(), clock=Clock())
    assert len(keys(credential)) == 2


# With the rest of its life -------------------------------------------------------------------------------------------


def test_resuming_leaves_a_retired_key_inactive(credential, truth, asked):  # noqa: F811
    retire(credential)
    suspend(credential)
    assert truth.agrees()
    resume(credential)
    assert [key.stopped_at is None for key in old_and_new(credential)] == [False, True]
    assert asked().count("UpdateAccessKey") == 3
    assert truth.agrees()


@pytest.mark.parametrize("act", [retire, reactivate])
def test_while_suspended_no_key_is_retired_or_reactivated(credential, truth, act):  # noqa: F811
    if act is reactivate:
        retire(credential)
    suspend(credential)
    with pytest.raises(Refusal, match="is suspended"):
        act(credential)
    assert truth.agrees()


def test_the_age_is_that_of_the_oldest_key_in_use(credential):
    now = timezone.now()
    credential.keys.filter(pk=old_and_new(credential)[0].pk).update(made_at=now - timedelta(days=100))
    assert oldest_key_days(credential, now) == 100
    retire(credential)
    assert oldest_key_days(credential, now) == 0


# The end of the watch ------------------------------------------------------------------------------------------------


def test_a_retired_key_is_deleted_after_its_watch_and_not_before(credential, truth, asked):  # noqa: F811
    assert sweep(Clock(timezone.now() + timedelta(days=4_000))) == 0, "never by the calendar alone"
    retire(credential)
    assert sweep(Clock(timezone.now() + timedelta(days=13))) == 0
    start = len(asked())
    assert sweep(Clock(timezone.now() + AFTER_THE_WATCH)) == 1
    assert asked()[start:][-2:] == ["GetAccessKeyLastUsed", "DeleteAccessKey"]  # before that, the check of the set-up
    assert [key.deleted_at is None for key in old_and_new(credential)] == [False, True]
    with pytest.raises(Refusal, match="cannot come back"):
        reactivate(credential)
    assert truth.agrees()
    rotate(credential)
    assert truth.agrees()


def test_a_reactivated_key_is_left(credential, truth):  # noqa: F811
    retire(credential)
    reactivate(credential)
    assert sweep(Clock(timezone.now() + AFTER_THE_WATCH)) == 0
    assert truth.agrees()


def test_a_key_made_active_by_hand_and_used_is_not_deleted(world, truth, aws_account):  # noqa: F811
    first = browser()
    credential = world.issued(shown_in=first)
    login = passwords(world, credential, first)
    stored(credential.request_id, shown_in=first)
    switched(credential)
    retire(credential)
    truth.root.update_access_key(UserName=credential.user_name, AccessKeyId=login[0], Status="Active")
    later(aws_account, minutes=20)
    assert signs_in(login).code == 235
    assert sweep(Clock(timezone.now() + AFTER_THE_WATCH)) == 0
    assert AuditEvent.objects.filter(act="key:delete").get().outcome == Outcome.REFUSED
    assert len(truth.users()[credential.user_name].keys) == 2
    assert credential.keys.first().used_since_at is not None


def used_by_hand(credential, truth):  # noqa: F811
    """Somebody makes the retired key active in AWS, and a host uses it."""
    old = credential.keys.exclude(retired_at=None).get()
    truth.root.update_access_key(UserName=credential.user_name, AccessKeyId=old.key_id, Status="Active")
    later(truth.sandbox, minutes=20)
    record_use(truth.sandbox.world, old.key_id, "ses-smtp", "eu-central-1")
    return old


def test_what_was_used_once_is_deleted_a_watch_after_it_was_made_inactive_again(credential, truth):  # noqa: F811
    retire(credential)
    old = used_by_hand(credential, truth)
    for watches in (1, 2):
        assert sweep(Clock(timezone.now() + watches * AFTER_THE_WATCH)) == 0, "it is active in AWS"
    truth.root.update_access_key(UserName=credential.user_name, AccessKeyId=old.key_id, Status="Inactive")
    later(truth.sandbox, minutes=40)
    record_use(truth.sandbox.world, old.key_id, "ses-smtp", "eu-central-1")
    assert sweep(Clock(timezone.now() + 3 * AFTER_THE_WATCH)) == 0, "it was used since that was noted"
    assert sweep(Clock(timezone.now() + 4 * AFTER_THE_WATCH)) == 1
    assert truth.agrees()


def test_what_was_used_since_is_deleted_at_once_only_with_a_reason(credential, truth):  # noqa: F811
    by = credential.owner.as_actor(is_fresh=True)
    retire(credential)
    old = used_by_hand(credential, truth)
    with pytest.raises(Refusal) as caught:
        retirement.delete_now(credential.pk, by=by, gateway=aws())
    assert caught.value.title == f"{old.key_id} was used since it was retired"
    assert [breach.field for breach in caught.value.breaches] == ["reason"]
    old.refresh_from_db()
    assert old.used_since_at is not None
    assert len(truth.users()[credential.user_name].keys) == 2
    retirement.delete_now(credential.pk, old.key_id, "Nobody knows who that was.", by=by, gateway=aws())
    assert len(keys(credential)) == 1
    assert "Nobody knows who that was." in AuditEvent.objects.filter(act="credential:retire").first().text
    assert truth.agrees()


def test_reactivated_here_it_counts_as_used_by_hand_no_more(credential, truth):  # noqa: F811
    retire(credential)
    used_by_hand(credential, truth)
    assert sweep(Clock(timezone.now() + AFTER_THE_WATCH)) == 0
    reactivate(credential)
    assert list(credential.keys.values_list("used_since_at", flat=True)) == [None, None]
    assert truth.agrees()


def test_while_aws_does_not_say_what_used_it_nothing_is_deleted_at_once(credential, truth):  # noqa: F811
    retire(credential)
    truth.sandbox.faults.set("GetAccessKeyLastUsed", "error", code="ServiceFailure", status=500, times=20)
    with faulted() as caught:
        retirement.delete_now(credential.pk, by=credential.owner.as_actor(is_fresh=True), gateway=aws())
    assert "not known whether something still uses" in caught.value.words
    truth.sandbox.faults.clear()
    assert len(keys(credential)) == 2
    assert truth.agrees()


class Meanwhile:
    """A gateway beside which something happens just before it says when a key was last used."""

    def __init__(self, gateway, happens):
        self._gateway, self._happens = gateway, happens

    def __getattr__(self, name):
        return getattr(self._gateway, name)

    def key_last_used(self, key_id):
        self._happens()
        return KeyLastUse(timezone.now() + AFTER_THE_WATCH, "ses-smtp", "eu-central-1")


def test_a_key_reactivated_while_the_sweep_looks_stays_for_good(credential, truth):  # noqa: F811
    retire(credential)
    clock = Clock(timezone.now() + AFTER_THE_WATCH)
    looks = Meanwhile(aws(), lambda: reactivate(credential))
    assert retirement.delete_due(by=system("keys"), gateway=looks, clock=clock) == 0
    assert list(credential.keys.values_list("delete_due_at", "retired_at")) == [(None, None)] * 2
    assert sweep(Clock(clock() + AFTER_THE_WATCH)) == 0
    assert truth.agrees()


def test_what_was_reactivated_meanwhile_is_not_deleted_by_an_old_page(credential, truth):  # noqa: F811
    by = credential.owner.as_actor(is_fresh=True)
    old, new = (key.key_id for key in old_and_new(credential))
    retire(credential)
    reactivate(credential)
    retire(credential, credential.keys.get(key_id=new), "Its secret leaked.")
    with pytest.raises(Refusal, match="not retired any more"):
        retirement.delete_now(credential.pk, old, by=by, gateway=aws())
    assert len(keys(credential)) == 2
    with pytest.raises(Refusal, match="no retired key"):
        retirement.reactivate(credential.pk, "AKIAGONE", by=by, gateway=aws())
    retirement.delete_now(credential.pk, new, by=by, gateway=aws())
    assert credential.keys.kept().get().key_id == old
    assert truth.agrees()


def test_it_is_deleted_at_once_where_its_owner_wants_the_room(credential, truth):  # noqa: F811
    retire(credential)
    for _ in range(2):
        retirement.delete_now(credential.pk, by=credential.owner.as_actor(is_fresh=True), gateway=aws())
    assert len(keys(credential)) == 1
    assert truth.agrees()


def test_what_aws_refuses_to_delete_stays_due(credential, truth, aws_account):  # noqa: F811
    retire(credential)
    clock = Clock(timezone.now() + AFTER_THE_WATCH)
    aws_account.faults.set("DeleteAccessKey", "error", code="ConcurrentModification", status=409, times=9)
    assert sweep(clock) == 0
    aws_account.faults.clear()
    assert sweep(clock) == 1
    assert truth.agrees()


def test_revoking_takes_the_retired_key_along(credential, truth):  # noqa: F811
    retire(credential)
    revoke(credential)
    assert keys(credential) == []
    assert sweep(in_a_minute(60 * 24 * 15)) == 0
    credential.refresh_from_db()
    assert credential.state == State.REVOKED
    assert truth.agrees()
