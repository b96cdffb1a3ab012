"""Memberships: who may be in a team; who leaves loses what they had not stored, and the team keeps the rest."""

import json

import pytest
from django.utils import timezone

from provisioning.domain.lifecycle import Seal, State
from provisioning.domain.refusals import Reason, Refusal
from provisioning.domain.roles import Role
from provisioning.gateway.aws import aws
from provisioning.models import AuditEvent, Credential, Handover, Membership, Notice, Person
from provisioning.services import handover, memberships
from tests.builders import browser
from tests.services.acts import expire, in_a_minute
from tests.services.test_two_at_once import at_once

pytestmark = pytest.mark.django_db


def add(world, email, slug="newsletter", by="admin"):
    return memberships.add(slug, email, by=world.actor(by), now=timezone.now())


def remove(world, name="member", slug="newsletter", by="admin"):
    return memberships.remove(slug, world.people[name].pk, by=world.actor(by), now=timezone.now())


def newest(act):
    return json.loads(AuditEvent.objects.filter(act=act).first().text)


def test_a_guest_who_is_added_becomes_a_member(world):
    assert world.actor("guest").role is Role.GUEST
    add(world, "Guest@Example.com")
    assert world.actor("guest").role is Role.MEMBER
    event = newest("membership:add")
    assert (event["subject"], event["team"]["name"]) == ("guest@example.com", "Newsletter")
    assert event["detail"]["before"] == {"teams": []}
    assert event["detail"]["after"] == {"teams": ["newsletter"]}


def test_twice_is_once(world):
    add(world, "guest@example.com")
    add(world, "guest@example.com")
    assert AuditEvent.objects.filter(act="membership:add").count() == 1
    remove(world, "guest")
    remove(world, "guest")
    assert AuditEvent.objects.filter(act="membership:remove").count() == 1


@pytest.mark.parametrize(
    ("email", "words"),
    [
        ("nobody@example.com", "Nobody here has the address nobody@example.com"),
        ("auditor@example.com", "an auditor is in no team"),
        ("outsider@example.com", "has been deactivated"),
    ],
)
def test_who_cannot_be_added_is_said_in_words(world, email, words):
    Person.objects.filter(email="outsider@example.com").update(is_active=False)
    before = Membership.objects.count()
    with pytest.raises(Refusal) as caught:
        add(world, email)
    assert words in caught.value.reason
    assert [breach.field for breach in caught.value.breaches] == ["email"]
    assert Membership.objects.count() == before
    assert newest("membership:add")["outcome"] == "refused"


@pytest.mark.parametrize("name", ["member", "auditor", "guest"])
def test_only_administrators_add_and_remove(world, name):
    for act in (lambda: add(world, "guest@example.com", by=name), lambda: remove(world, by=name)):
        with pytest.raises(Refusal) as caught:
            act()
        assert caught.value.why is Reason.NOT_PERMITTED


def test_nobody_and_nowhere_are_not_there(world):
    for slug, person in (("nobodys", world.people["member"].pk), ("newsletter", 4_000_000)):
        with pytest.raises(Refusal) as caught:
            memberships.remove(slug, person, by=world.actor("admin"), now=timezone.now())
        assert caught.value.why is Reason.NOT_THERE


def test_who_leaves_loses_open_hand_overs_and_the_team_keeps_its_credentials(world):
    ours = browser()
    unseen, seen = world.issued(application="unseen"), world.issued(application="seen", shown_in=ours)
    handover.look(seen.request_id, by=world.actor("member"), browser=ours, now=timezone.now())
    remove(world)
    states = dict(Handover.objects.values_list("credential__application", "state"))
    assert states == {"unseen": Seal.EXPIRING, "seen": Seal.BURNT}
    assert not Handover.objects.exclude(sealed=b"").exists()
    expire(in_a_minute())
    assert Credential.objects.get(pk=unseen.pk).state == State.UNCLAIMED
    kept = Credential.objects.get(pk=seen.pk)
    assert (kept.state, kept.team, kept.owner.email) == (State.LIVE, world.newsletter, "member@example.com")
    assert aws().user(kept.user_name)
    assert newest("membership:remove")["detail"]["after"] == {"teams": []}


def test_hand_overs_in_another_team_stay(world):
    add(world, "member@example.com", "billing")
    world.issued()
    remove(world, slug="billing")
    assert Handover.objects.get().state == Seal.OPEN


def test_administrators_are_told_what_stays(world):
    credential = world.stored()
    world.issued(application="unseen")
    lost = world.stored(application="lost")
    Handover.objects.filter(credential=lost).lose(timezone.now())
    remove(world)
    notices = Notice.objects.filter(about="membership:remove")
    assert set(notices.values_list("recipient__email", flat=True)) == {"admin@example.com", "admin2@example.com"}
    assert f"- weekly-digest ({credential.user_name})" in notices[0].text
    assert notices[0].text.count("- ") == 1, "what ends with the hand-over is not kept"
    assert notices[0].subject == "member@example.com has left Newsletter"


def test_that_nothing_stays_is_told_too(world):
    remove(world)
    assert (
        "They hold nothing there, except what nobody has looked at yet"
        in Notice.objects.filter(about="membership:remove")[0].text
    )


@pytest.mark.django_db(transaction=True)
def test_two_remove_at_once_and_one_does(committed_world):
    world = committed_world
    world.issued()
    assert at_once(lambda: remove(world), lambda: remove(world, by="admin2")) == [None, None]
    assert AuditEvent.objects.filter(act="membership:remove", outcome="done").count() == 1
    assert Notice.objects.filter(about="membership:remove").count() == 2
    assert Handover.objects.get().state == Seal.EXPIRING
