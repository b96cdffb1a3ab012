"""Two people decide, use and take back the same request at once: one effect, and the other is told."""

import pytest
from django.utils import timezone

from provisioning.domain.lifecycle import Asking
from provisioning.domain.refusals import Reason
from provisioning.gateway.aws import aws
from provisioning.models import AuditEvent, Credential, CredentialRequest, Team
from provisioning.services import approval, approved, asking, issuance
from provisioning.services.revocation import revoke
from tests.builders import browser
from tests.services.test_asking import ask
from tests.services.test_two_at_once import at_once

ROUNDS = 4


@pytest.fixture
def world(committed_world):
    Team.objects.update(live_limit=100)
    return committed_world


def told(raised):
    """All but one were told that it is no longer open."""
    assert raised.count(None) == 1
    assert all(trouble is None or trouble.why is Reason.NOT_NOW for trouble in raised)


def events(*acts):
    return AuditEvent.objects.filter(act__in=acts, outcome="done").count()


def test_approving_and_declining_ends_in_one(world):
    one, two = world.actor("admin"), world.actor("admin2")
    for number in range(ROUNDS):
        pk, now = ask(world, application=f"number-{number}").pk, timezone.now()
        raised = at_once(
            lambda pk=pk, now=now: approval.approve(pk, None, "", by=one, now=now),
            lambda pk=pk, now=now: approval.decline(pk, "No.", by=two, now=now),
        )
        # Declining what was approved a moment before takes it back; approving what was declined is refused.
        assert raised in ([None, None], [None, raised[1]], [raised[0], None])
        assert CredentialRequest.objects.get(pk=pk).asking == Asking.DECLINED
    assert events("request:decline") == ROUNDS


def test_two_administrators_and_two_clicks_approve_once(world):
    one, two = world.actor("admin"), world.actor("admin2")
    for number in range(ROUNDS):
        pk, now = ask(world, application=f"number-{number}").pk, timezone.now()
        told(
            at_once(
                *(lambda by=by, pk=pk, now=now: approval.approve(pk, None, "", by=by, now=now) for by in (one, two))
            )
        )
        again = CredentialRequest.objects.get(pk=pk).decided_by.as_actor(is_fresh=True)
        click = [lambda pk=pk, by=again, now=now: approval.approve(pk, None, "", by=by, now=now)] * 2
        assert at_once(*click) == [None, None]
    assert events("request:approve") == ROUNDS


def test_withdrawn_or_approved_never_both_in_the_wrong_order(world):
    admin, member = world.actor("admin"), world.actor("member")
    for number in range(ROUNDS):
        pk, now = ask(world, application=f"number-{number}").pk, timezone.now()
        raised = at_once(
            lambda pk=pk, now=now: approval.approve(pk, None, "", by=admin, now=now),
            lambda pk=pk, now=now: asking.withdraw(pk, by=member, now=now),
        )
        assert raised[1] is None
        assert raised[0] is None or "is withdrawn" in str(raised[0])
        assert CredentialRequest.objects.get(pk=pk).asking == Asking.WITHDRAWN
    assert events("request:withdraw") == ROUNDS


def test_an_approval_that_is_taken_back_while_it_is_used(world):
    admin, member, used = world.actor("admin"), world.actor("member"), 0
    for number in range(ROUNDS):
        pk, now = ask(world, application=f"number-{number}").pk, timezone.now()
        approval.approve(pk, None, "", by=admin, now=now)
        approved.review(pk, by=member, now=now)
        told(
            at_once(
                lambda pk=pk: issuance.issue(pk, by=member, browser=browser(), gateway=aws()),
                lambda pk=pk, now=now: approval.decline(pk, "No.", by=admin, now=now),
            )
        )
        credential = Credential.objects.filter(request=pk).first()
        assert (credential is None) == (CredentialRequest.objects.get(pk=pk).asking == Asking.DECLINED)
        if credential:
            used += 1
            revoke(credential.pk, by=member, gateway=aws())
    assert events("credential:issue") == used


def test_the_last_of_a_day_asked_twice_at_once_is_one(world):
    for number in range(asking.MOST_ASKED - 1):
        asked = ask(world, application=f"number-{number}")
        asking.withdraw(asked.pk, by=world.actor("member"), now=timezone.now())
    raised = at_once(*(lambda name=name: ask(world, application=name) for name in ("one", "two")))
    assert raised.count(None) == 1
    assert [trouble.why for trouble in raised if trouble] == [Reason.TOO_MANY]
    assert CredentialRequest.objects.count() == asking.MOST_ASKED


def test_the_same_asked_twice_at_once_waits_once(world):
    for number in range(ROUNDS):
        click = [lambda number=number: ask(world, application=f"number-{number}")] * 2
        assert at_once(*click) == [None, None]
    assert CredentialRequest.objects.count() == events("request:ask") == ROUNDS
