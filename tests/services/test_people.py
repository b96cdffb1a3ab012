"""What people are: changed with before and after, never the last administrator, and what ends when somebody leaves."""

import json

import pytest
from django.utils import timezone

from provisioning import audit
from provisioning.domain.from_entries import FromEntry
from provisioning.domain.lifecycle import Seal, State
from provisioning.domain.refusals import Refusal
from provisioning.domain.roles import Role, system
from provisioning.gateway.aws import aws
from provisioning.models import AuditEvent, Credential, Handover, Invitation, Membership, Notice, Person, Standing
from provisioning.services import handover, people
from tests.builders import browser
from tests.services.test_invitations import invited
from tests.services.test_two_at_once import at_once

pytestmark = pytest.mark.django_db


def change(world, name, standing, by="admin"):
    return people.change_standing(world.people[name].pk, standing, by=world.actor(by), now=timezone.now())


def deactivate(world, name, by="admin"):
    return people.deactivate(world.people[name].pk, by=world.actor(by), now=timezone.now())


def last_event():
    event = AuditEvent.objects.first()
    return event, json.loads(event.text)["detail"]


def test_a_change_is_recorded_with_before_and_after(world):
    change(world, "member", Standing.ADMINISTRATOR)
    event, detail = last_event()
    assert (event.act, event.outcome, event.subject) == ("person:change", "done", "member@example.com")
    assert detail["before"] == {"standing": "none", "is_active": True, "teams": ["Newsletter"]}
    assert detail["after"] == {"standing": "administrator", "is_active": True, "teams": ["Newsletter"]}
    assert audit.verify()[1] is None


def test_twice_is_once(world):
    before = AuditEvent.objects.count()
    for _ in range(2):
        change(world, "member", Standing.ADMINISTRATOR)
        deactivate(world, "guest")
    people.reactivate(world.people["guest"].pk, by=world.actor("admin"), now=timezone.now())
    people.reactivate(world.people["guest"].pk, by=world.actor("admin"), now=timezone.now())
    assert AuditEvent.objects.count() - before == 3


@pytest.mark.parametrize("name", ["member", "auditor", "guest"])
def test_only_administrators_change_people(world, name):
    for act in (
        lambda: change(world, "guest", Standing.ADMINISTRATOR, by=name),
        lambda: deactivate(world, "admin", by=name),
        lambda: people.reactivate(world.people["guest"].pk, by=world.actor(name), now=timezone.now()),
    ):
        with pytest.raises(Refusal):
            act()
        assert AuditEvent.objects.first().outcome == "refused"
    assert Person.objects.administrators().count() == 2


def test_without_a_fresh_sign_in_nothing_is_changed(world):
    stale = world.people["admin"].as_actor()
    with pytest.raises(Refusal, match="Confirm that it is you"):
        people.deactivate(world.people["guest"].pk, by=stale, now=timezone.now())
    assert Person.objects.get(email="guest@example.com").is_active


@pytest.mark.parametrize("standing", [Standing.NONE, Standing.AUDITOR])
def test_the_last_administrator_stays(world, standing):
    deactivate(world, "admin2")
    for act in (lambda: change(world, "admin", standing), lambda: deactivate(world, "admin")):
        with pytest.raises(Refusal, match="last administrator"):
            act()
    assert list(Person.objects.administrators()) == [world.people["admin"]]
    assert AuditEvent.objects.first().outcome == "refused"


def test_an_administrator_may_step_down_while_there_is_another(world):
    assert change(world, "admin", Standing.NONE).as_actor().role is Role.GUEST


def test_somebody_who_was_demoted_a_moment_ago_demotes_nobody(world):
    Person.objects.filter(email="guest@example.com").update(standing=Standing.ADMINISTRATOR)
    late = world.actor("admin2")
    change(world, "admin2", Standing.NONE)
    with pytest.raises(Refusal, match="no longer an administrator"):
        people.change_standing(world.people["admin"].pk, Standing.NONE, by=late, now=timezone.now())


@pytest.mark.django_db(transaction=True)
def test_two_administrators_who_demote_each_other_leave_one(committed_world):
    world = committed_world
    for act in (change, deactivate):
        ours, theirs = world.actor("admin"), world.actor("admin2")
        pairs = [(ours, world.people["admin2"].pk), (theirs, world.people["admin"].pk)]
        if act is change:
            acts = [
                lambda by=by, pk=pk: people.change_standing(pk, Standing.NONE, by=by, now=timezone.now())
                for by, pk in pairs
            ]
        else:
            acts = [lambda by=by, pk=pk: people.deactivate(pk, by=by, now=timezone.now()) for by, pk in pairs]
        raised = at_once(*acts)
        assert sorted(type(each).__name__ for each in raised) == ["NoneType", "Refusal"]
        assert Person.objects.administrators().count() == 1
        Person.objects.filter(email__startswith="admin").update(standing=Standing.ADMINISTRATOR, is_active=True)
    assert audit.verify()[1] is None


def test_an_auditor_is_nothing_else(world):
    ours = browser()
    credential = world.issued(shown_in=ours)
    handover.look(credential.request_id, by=world.actor("member"), browser=ours, now=timezone.now())
    change(world, "member", Standing.AUDITOR)
    assert not Membership.objects.filter(person=world.people["member"]).exists()
    assert Handover.objects.get().state == Seal.BURNT
    told = Notice.objects.filter(about="person:change")
    assert {notice.recipient.email for notice in told} == {"admin@example.com", "admin2@example.com"}
    assert f"{credential.application} (Newsletter)" in told[0].text
    assert Credential.objects.get().state == State.LIVE


def test_who_is_no_longer_an_administrator_keeps_what_is_open_in_their_teams_alone(world):
    Membership.objects.create(person=world.people["admin2"], team=world.newsletter)
    world.issued("admin2", application="reached")
    entries = (FromEntry.parse("bill@billing.example.com"),)
    world.issued("admin2", team=world.billing, application="out-of-reach", from_entries=entries)
    invited(world, "friend@example.com", by="admin2")
    change(world, "admin2", Standing.NONE)
    assert dict(Handover.objects.values_list("request__application", "state")) == {
        "reached": Seal.OPEN,
        "out-of-reach": Seal.EXPIRING,
    }
    detail = json.loads(AuditEvent.objects.filter(act="person:change").first().text)["detail"]
    assert detail["invitations_withdrawn"] == 1


def test_the_notice_names_what_is_live_and_says_what_becomes_of_it(world, monkeypatch):
    monkeypatch.setattr(people, "NAMED", 2)
    for name in ("a", "b", "c", "d", "unseen"):
        world.issued(application=name)
    Handover.objects.exclude(request__application="unseen").burn(timezone.now())
    Credential.objects.filter(application="a").update(state=State.SUSPENDED)
    deactivate(world, "member")
    text = Notice.objects.filter(about="person:deactivate")[0].text
    assert text.startswith("member@example.com was deactivated. What nobody has looked at yet is revoked. The rest ")
    assert text.endswith("- b (Newsletter)\n- c (Newsletter)\n- and more\n\nRevoke what must not be used any more.")


def test_leaving_ends_what_is_open_and_the_team_keeps_its_credentials(world):
    ours = browser()
    seen = world.issued(application="seen", shown_in=ours)
    handover.look(seen.request_id, by=world.actor("member"), browser=ours, now=timezone.now())
    unseen = world.issued(application="unseen")
    token = invited(world, "friend@example.com", by="admin").invitation
    Invitation.objects.filter(pk=token.pk).update(invited_by=world.people["member"])
    deactivate(world, "member")
    assert dict(Handover.objects.values_list("request__application", "state")) == {
        "seen": Seal.BURNT,
        "unseen": Seal.EXPIRING,
    }
    assert not Handover.objects.exclude(sealed=b"").exists()
    assert Credential.objects.get(pk=seen.pk).state == State.LIVE
    notice = Notice.objects.get(recipient=world.people["admin2"], about="person:deactivate")
    assert "seen (Newsletter)" in notice.text
    assert notice.subject == "member@example.com was deactivated"
    assert Invitation.objects.get().withdrawn_at is not None
    event = AuditEvent.objects.get(act="person:deactivate")
    detail = json.loads(event.text)["detail"]
    assert (detail["before"]["is_active"], detail["after"]["is_active"]) == (True, False)
    assert detail["credentials"] == ["seen (Newsletter)"]
    handover.end_overdue(by=system("handovers"), gateway=aws(), clock=timezone.now)
    assert Credential.objects.get(pk=unseen.pk).state == State.UNCLAIMED


def test_somebody_deactivated_has_no_role_to_change(world):
    deactivate(world, "guest")
    with pytest.raises(Refusal, match="is deactivated"):
        change(world, "guest", Standing.ADMINISTRATOR)


def test_reactivated_they_are_what_they_were(world):
    deactivate(world, "member")
    person = people.reactivate(world.people["member"].pk, by=world.actor("admin"), now=timezone.now())
    assert person.as_actor().role is Role.MEMBER
    _, detail = last_event()
    assert (detail["before"]["is_active"], detail["after"]["is_active"]) == (False, True)


def test_a_person_who_does_not_exist_is_not_there(world):
    with pytest.raises(Refusal, match="no such person"):
        people.deactivate(4_000_000, by=world.actor("admin"), now=timezone.now())
