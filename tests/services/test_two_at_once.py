"""Two workers, two browsers, two clicks, two processes on the same act at once: one effect."""

import threading
from dataclasses import replace
from functools import partial
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from provisioning.domain.from_entries import FromEntry
from provisioning.domain.lifecycle import State
from provisioning.domain.refusals import Reason, Refusal
from provisioning.domain.widening import fingerprint
from provisioning.gateway.aws import aws
from provisioning.models import AuditEvent, Credential, GuardrailChange, Handover, Invitation, Standing, Stop, Team
from provisioning.services import (
    guardrails,
    handover,
    invitations,
    issuance,
    people,
    revocation,
    stops,
    suspension,
    sweeps,
)
from provisioning.services.claiming import Pressed
from provisioning.services.invitations import Wanted
from provisioning.services.stops import Scope
from tests.builders import Clock, browser
from tests.services.truth import Truth

ROUNDS = 8 if settings.ON_SQLITE else 50  # PostgreSQL is where rows are locked, and where races are won and lost
BILLING = (FromEntry.parse("x@billing.example.com"),)


def at_once(*acts):
    """Run `acts` from one moment on, each in a thread with a connection of its own; return what each raised."""
    gate, raised = threading.Barrier(len(acts)), [None] * len(acts)

    def run(index, act):
        gate.wait()
        try:
            act()
        except Exception as trouble:  # noqa: BLE001 - told to the test
            raised[index] = trouble
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


@pytest.fixture
def truth(committed_world, aws_account):
    Team.objects.update(live_limit=100)
    return Truth(aws_account)


def test_whoever_revokes_what_is_being_resumed_wins_or_is_told(committed_world, truth):
    member, admin = committed_world.actor("member"), committed_world.actor("admin")
    for _ in range(ROUNDS // 2):
        credential = committed_world.issued()
        suspension.suspend(credential.pk, by=member, gateway=aws())
        raised = at_once(
            lambda pk=credential.pk: suspension.resume(pk, by=member, gateway=aws()),
            lambda pk=credential.pk: revocation.revoke(pk, by=admin, gateway=aws()),
        )
        assert all(trouble is None or trouble.why is Reason.NOT_NOW for trouble in raised)
        assert raised.count(None) >= 1
        if raised[1]:
            revocation.revoke(credential.pk, by=admin, gateway=aws())
    assert truth.agrees()


@pytest.mark.parametrize("was", [State.LIVE, State.SUSPENDED])
def test_whoever_does_the_opposite_is_told_and_what_they_read_holds(committed_world, truth, was):
    """What the last act that was done has made of it, it is: in AWS as in the books."""
    member, admin = committed_world.actor("member"), committed_world.actor("admin")
    there, back = (suspension.suspend, suspension.resume)[:: 1 if was is State.LIVE else -1]
    to = State.SUSPENDED if was is State.LIVE else State.LIVE
    for _ in range(ROUNDS):
        pk, came = committed_world.issued().pk, {}
        if was is State.SUSPENDED:
            suspension.suspend(pk, by=member, gateway=aws())
        raised = at_once(
            lambda pk=pk, came=came: came.update(there=there(pk, by=member, gateway=aws())),
            lambda pk=pk, came=came: came.update(back=back(pk, by=admin, gateway=aws())),
        )
        assert all(trouble is None or trouble.why is Reason.NOT_NOW for trouble in raised)
        assert came["there"] is Pressed.DONE
        assert Credential.objects.get(pk=pk).state == (was if came.get("back") is Pressed.DONE else to)
    assert truth.agrees()


def test_what_one_stop_gives_back_no_other_stop_overlooks(committed_world, truth):
    world, by = committed_world, committed_world.actor("admin")
    for _ in range(ROUNDS // 2):
        pk, first, second = committed_world.issued().pk, uuid4(), uuid4()
        scope = Scope(team=world.newsletter)
        stops.begin(scope, "Misused.", stop_id=first, by=by, gateway=aws())
        raised = at_once(
            lambda first=first: stops.undo(first, by=by, gateway=aws()),
            lambda second=second, scope=scope: stops.begin(scope, "Again.", stop_id=second, by=by, gateway=aws()),
        )
        assert raised[0] is None
        assert raised[1] is None or raised[1].title == "There is nothing to stop"
        sweeps.run_now("stops", aws())
        assert Credential.objects.get(pk=pk).state == (State.LIVE if raised[1] else State.SUSPENDED)
        revocation.revoke(pk, by=by, gateway=aws())
        Stop.objects.update(undone_at=timezone.now())
    assert truth.agrees()


def test_the_last_free_place_goes_to_one(committed_world, truth):
    Team.objects.filter(pk=committed_world.newsletter.pk).update(live_limit=1)
    by = committed_world.actor("member")
    requests = [committed_world.reviewed(application=f"app-{number}") for number in range(2)]
    raised = at_once(
        *(lambda pk=request.pk: issuance.issue(pk, by=by, browser=browser(), gateway=aws()) for request in requests)
    )
    assert sorted(type(trouble).__name__ for trouble in raised) == ["NoneType", "Refusal"]
    assert len(truth.users()) == 1
    assert truth.agrees()


def test_two_looks_are_both_on_record(committed_world, truth):
    by, ours = committed_world.actor("member"), browser()
    pk = committed_world.issued(shown_in=ours).request_id
    for _ in range(ROUNDS):
        look = partial(handover.look, pk, by=by, browser=ours, now=timezone.now())
        assert at_once(look, look) == [None, None]
    assert Handover.objects.get().looks == 2 * ROUNDS
    assert AuditEvent.objects.filter(act="handover:look", outcome="done").count() == 2 * ROUNDS


def test_a_look_and_a_burn_end_burnt(committed_world, truth):
    by = committed_world.actor("member")
    for _ in range(ROUNDS // 2):
        ours = browser()
        credential = committed_world.issued(shown_in=ours)
        pk = credential.request_id
        handover.look(pk, by=by, browser=ours, now=timezone.now())
        raised = at_once(
            lambda pk=pk, ours=ours: handover.look(pk, by=by, browser=ours, now=timezone.now()),
            lambda pk=pk: handover.burn(pk, by=by, now=timezone.now()),
        )
        assert raised[1] is None
        assert raised[0] is None or isinstance(raised[0], Refusal)
        with pytest.raises(Refusal):
            handover.look(pk, by=by, browser=ours, now=timezone.now())


def test_two_workers_share_a_minute(committed_world, truth):
    clock = Clock(timezone.now().replace(minute=7))
    runs = []
    assert at_once(*[lambda: runs.extend(sweeps.run_due(aws(), clock))] * 2) == [None, None]
    assert sorted(run.sweep for run in runs) == ["expiry", "handovers", "notices", "recovery", "refusals", "stops"]


def test_who_holds_the_administrators_and_who_only_points_at_one_never_wait_for_each_other(committed_world):
    """An invitation, a change of standing, a widening and a review: each writes rows that point to administrators."""
    world, by, rounds = committed_world, committed_world.actor("admin"), 20
    guest, now = world.people["guest"].pk, timezone.now()
    for turn in range(rounds):
        before = Team.objects.get(pk=world.newsletter.pk).guardrail
        wider = replace(before, live_limit=before.live_limit + 1)
        wanted = Wanted(f"new{turn}@example.com", Standing.NONE, (), f"form {turn}")
        standing = Standing.NONE if turn % 2 else Standing.ADMINISTRATOR
        raised = at_once(
            lambda wanted=wanted: invitations.invite(wanted, by=by, now=now),
            lambda standing=standing: people.change_standing(guest, standing, by=by, now=now),
            lambda a=wider, b=before: guardrails.change("newsletter", a, as_it_was=fingerprint(b), by=by, now=now),
            lambda: world.reviewed("admin", team=world.billing, from_entries=BILLING),
        )
        assert raised == [None] * 4
    assert Invitation.objects.count() == GuardrailChange.objects.count() == rounds
