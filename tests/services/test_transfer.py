"""Transferring a credential to another team: its limits, its tag, both histories, an open hand-over."""

import pytest
from django.utils import timezone

from provisioning.domain.lifecycle import Outcome, Seal, State
from provisioning.domain.refusals import Reason, Refusal
from provisioning.gateway.aws import aws
from provisioning.models import AuditEvent, Credential, Handover
from provisioning.services import handover
from provisioning.services import transfer as transferring
from tests.builders import browser, open_team
from tests.services.acts import expire, in_a_minute, revoke, transfer
from tests.services.truth import Truth

pytestmark = pytest.mark.django_db


@pytest.fixture
def truth(world, aws_account):
    return Truth(aws_account)


def looked_at(world):
    ours = browser()
    credential = world.issued(shown_in=ours)
    handover.look(credential.request_id, by=world.actor("member"), browser=ours, now=timezone.now())
    return credential


def test_it_goes_over_with_its_tag_and_is_told_at_both_teams(world, truth, aws_account):
    credential, team = looked_at(world), open_team()
    before = len(aws_account.calls)
    transfer(credential, team)
    assert [name for name, _ in aws_account.calls[before:]] == ["GetUser", "TagUser"]
    moved = Credential.objects.get()
    assert (moved.team, moved.path) == (team, credential.path)
    done = AuditEvent.objects.filter(act="credential:transfer", outcome="done")
    assert sorted(done.values_list("team_id", flat=True)) == sorted([world.newsletter.pk, team.pk])
    assert bytes(Handover.objects.get().sealed) == b""
    assert Handover.objects.get().state == Seal.BURNT
    assert not Credential.objects.visible_to(world.actor("member")).exists()
    assert truth.agrees()


def test_what_nobody_has_looked_at_is_revoked_after_a_transfer_as_after_any_end(world, truth):
    credential = world.issued()
    transfer(credential, open_team())
    assert Handover.objects.get().state == Seal.EXPIRING
    expire(in_a_minute())
    assert Credential.objects.get().state == State.UNCLAIMED
    assert truth.agrees()


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({"kinds": []}, "may not issue this kind"),
        ({"regions": ["eu-central-1"]}, "us-east-1 is outside the regions"),
        ({"from_entries": ["*@billing.example.com"]}, "digest@example.com is outside"),
        ({"live_limit": 0}, "holds 0 of 0 live credentials"),
        ({"longest_lifetime_days": 30}, "90 days is longer"),
    ],
)
def test_the_other_team_has_to_admit_it(world, aws_account, limits, words):
    credential, team = world.issued(), open_team()
    for name, value in limits.items():
        setattr(team, name, value)
    team.save()
    before = len(aws_account.calls)
    with pytest.raises(Refusal) as reviewing:
        transferring.review(credential.pk, team.pk, by=world.actor("admin"), now=timezone.now())
    with pytest.raises(Refusal) as acting:
        transfer(credential, team)
    for caught in (reviewing, acting):
        assert caught.value.why is Reason.OUTSIDE_GUARDRAIL
        assert words in caught.value.reason
    assert len(aws_account.calls) == before


def test_an_old_review_changes_nothing_and_twice_is_once(world, truth):
    credential, team, by = looked_at(world), open_team(), world.actor("admin")
    for _ in range(2):
        transferring.transfer(credential.pk, team.pk, from_team_id=world.newsletter.pk, by=by, gateway=aws())
    assert AuditEvent.objects.filter(act="credential:transfer", outcome="begun").count() == 2  # one at each team
    with pytest.raises(Refusal) as caught:
        transferring.transfer(
            credential.pk, world.newsletter.pk, from_team_id=world.newsletter.pk + 999, by=by, gateway=aws()
        )
    assert caught.value.title == "It has changed since you reviewed it"
    assert truth.agrees()


def test_what_has_ended_stays_where_it_was(world):
    credential = world.issued()
    revoke(credential)
    with pytest.raises(Refusal) as caught:
        transfer(credential, open_team())
    assert caught.value.title == "weekly-digest is revoked"


@pytest.mark.parametrize("name", ["member", "outsider", "auditor"])
def test_administrators_alone_may(world, name):
    credential = world.issued()
    with pytest.raises(Refusal) as caught:
        transfer(credential, open_team(), by=world.actor(name))
    assert caught.value.why is Reason.NOT_PERMITTED
    assert AuditEvent.objects.first().outcome == Outcome.REFUSED


def test_a_sign_in_that_is_not_fresh_is_asked_for_again(world):
    credential = world.issued()
    with pytest.raises(Refusal) as caught:
        transfer(credential, open_team(), by=world.people["admin"].as_actor())
    assert caught.value.why is Reason.NOT_FRESH


def test_its_handover_goes_by_the_team_it_is_in_now(world):
    """Also where a secret was still sealed, whatever became of the transfer's own ending of it."""
    ours = browser()
    credential = world.issued(shown_in=ours)
    Credential.objects.filter(pk=credential.pk).update(team=open_team())
    by, pk, now = world.actor("member"), credential.request_id, timezone.now()
    for act in (
        lambda: handover.look(pk, by=by, browser=ours, now=now),
        lambda: handover.burn(pk, by=by, now=now),
        lambda: handover.lose(pk, by=by, gateway=aws()),
    ):
        with pytest.raises(Refusal) as caught:
            act()
        assert caught.value.why is Reason.NOT_THERE
    handover.end_for_person(by.person_id, by=by, now=now, team_id=world.newsletter.pk)
    assert Handover.objects.get().state == Seal.OPEN
    handover.end_for_person(by.person_id, by=by, now=now, team_id=open_team().pk)
    assert Handover.objects.get().state == Seal.EXPIRING
