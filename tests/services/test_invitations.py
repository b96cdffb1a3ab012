"""Invitations: one link, one person, once; and what each dead link says."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from provisioning import audit
from provisioning.domain.refusals import Refusal
from provisioning.domain.roles import Role
from provisioning.models import AuditEvent, Invitation, Person, Standing
from provisioning.models.invitation import HOLDS
from provisioning.services import invitations, joining
from provisioning.services.invitations import Wanted, digest
from tests.services.test_two_at_once import at_once

pytestmark = pytest.mark.django_db
PASSWORD = "a sentence of my own"


def invited(world, email="new@example.com", standing=Standing.NONE, teams=(), by="admin", once="form", now=None):
    wanted = Wanted(email, standing, tuple(teams), once)
    return invitations.invite(wanted, by=world.actor(by), now=now or timezone.now())


def join(made, now=None):
    return joining.join(digest(made.token), PASSWORD, now=now or timezone.now())


def test_who_is_invited_joins_as_what_was_said(world):
    made = invited(world, teams=[world.newsletter, world.billing])
    person = join(made)
    assert person.as_actor().team_ids == {world.newsletter.pk, world.billing.pk}
    assert person.check_password(PASSWORD)
    event = AuditEvent.objects.first()
    detail = json.loads(event.text)["detail"]
    assert (event.act, event.actor_name, event.person_id) == ("person:join", "new@example.com", person.pk)
    assert detail == {"standing": "none", "teams": ["Billing", "Newsletter"], "invited_by": "admin@example.com"}


@pytest.mark.parametrize(
    ("standing", "role"), [(Standing.ADMINISTRATOR, Role.ADMINISTRATOR), (Standing.AUDITOR, Role.AUDITOR)]
)
def test_a_standing_comes_with_the_link(world, standing, role):
    assert join(invited(world, standing=standing)).as_actor().role is role


def test_the_token_is_in_the_link_alone(world):
    made = invited(world)
    join(made)
    assert made.token not in repr(made)
    assert not any(made.token in event.text for event in AuditEvent.objects.all())
    assert made.token not in str(list(Invitation.objects.values()))


@pytest.mark.parametrize("name", ["member", "auditor", "guest"])
def test_only_administrators_invite(world, name):
    with pytest.raises(Refusal):
        invited(world, by=name)
    assert AuditEvent.objects.first().outcome == "refused"
    assert not Invitation.objects.exists()


def test_a_form_sent_twice_invites_once(world):
    first, second = invited(world), invited(world)
    assert (first.token, first.is_new, second.token, second.is_new) == (first.token, True, first.token, False)
    assert AuditEvent.objects.filter(act="person:invite").count() == 1
    join(first)
    with pytest.raises(Refusal, match="invitation is over"):
        invited(world)


def test_inviting_again_withdraws_the_earlier_link(world):
    first, second = invited(world, once="one"), invited(world, once="two")
    with pytest.raises(Refusal, match="was withdrawn"):
        join(first)
    assert join(second).email == "new@example.com"


@pytest.mark.parametrize(("active", "words"), [(True, "is here already"), (False, "was deactivated")])
def test_who_is_here_is_not_invited(world, active, words):
    Person.objects.filter(email="guest@example.com").update(is_active=active)
    with pytest.raises(Refusal) as refused:
        invited(world, "guest@example.com")
    assert words in refused.value.breaches[0].text


def test_an_auditor_is_invited_into_no_team(world):
    with pytest.raises(Refusal) as refused:
        invited(world, standing=Standing.AUDITOR, teams=[world.newsletter])
    assert [breach.field for breach in refused.value.breaches] == ["teams"]


def test_a_link_works_once(world):
    made = invited(world)
    join(made)
    with pytest.raises(Refusal, match="has been used"):
        join(made)
    assert Person.objects.filter(email="new@example.com").count() == 1
    assert AuditEvent.objects.first().outcome == "refused"


@pytest.mark.django_db(transaction=True)
def test_two_uses_at_one_moment_make_one_person(committed_world):
    for number in range(4):
        made = invited(committed_world, f"new{number}@example.com")
        raised = at_once(lambda made=made: join(made), lambda made=made: join(made))
        assert sorted(type(each).__name__ for each in raised) == ["NoneType", "Refusal"]
    assert Person.objects.filter(email__startswith="new").count() == 4
    assert AuditEvent.objects.filter(act="person:join", outcome="done").count() == 4
    assert audit.verify()[1] is None


def test_a_link_holds_for_seven_days(world):
    made, now = invited(world), timezone.now()
    with pytest.raises(Refusal, match="is over"):
        join(made, now=now + HOLDS + timedelta(seconds=1))
    assert join(made, now=now + HOLDS - timedelta(minutes=1))


def test_a_link_made_by_a_clock_that_was_ahead_holds_no_longer(world):
    made = invited(world, now=timezone.now() + timedelta(days=3650))
    with pytest.raises(Refusal, match="is over"):
        join(made)


def test_an_unknown_link_opens_nothing(world):
    with pytest.raises(Refusal, match="opens nothing"):
        joining.opened(digest("made up"), now=timezone.now())
    event = AuditEvent.objects.first()
    assert (event.outcome, event.actor_name) == ("refused", "somebody with a link")


def test_a_withdrawn_link_opens_nothing(world):
    made = invited(world)
    for _ in range(2):
        invitations.withdraw(made.invitation.pk, by=world.actor("admin"), now=timezone.now())
    assert AuditEvent.objects.filter(act="invitation:withdraw").count() == 1
    with pytest.raises(Refusal, match="was withdrawn"):
        join(made)


def test_a_used_invitation_is_not_withdrawn(world):
    made = invited(world)
    join(made)
    with pytest.raises(Refusal, match="used already"):
        invitations.withdraw(made.invitation.pk, by=world.actor("admin"), now=timezone.now())


def create_administrator(*words):
    out = StringIO()
    call_command("create_administrator", *words, stdout=out)
    return out.getvalue()


def test_the_command_makes_the_first_administrator(db):
    said = create_administrator("Boss@Example.com")
    token = said.strip().rpartition("/people/join/")[2].rstrip("/")
    person = joining.join(digest(token), PASSWORD, now=timezone.now())
    assert (person.email, person.standing) == ("boss@example.com", Standing.ADMINISTRATOR)
    event = AuditEvent.objects.get(act="person:invite")
    assert (event.actor_name, event.actor_role) == ("create_administrator", Role.SYSTEM)
    assert token not in event.text


def test_the_command_refuses_while_there_is_one(world):
    with pytest.raises(CommandError, match="There is an active administrator"):
        create_administrator("boss@example.com")
    assert not Invitation.objects.exists()
    assert "/people/join/" in create_administrator("boss@example.com", "--another")


def test_the_command_takes_who_is_here_already(world):
    Person.objects.filter(standing=Standing.ADMINISTRATOR).update(is_active=False)
    assert "is an administrator now" in create_administrator("guest@example.com")
    assert Person.objects.administrators().get().email == "guest@example.com"
    with pytest.raises(CommandError, match="was deactivated"):
        create_administrator("admin@example.com", "--another")
    with pytest.raises(CommandError, match="not an e-mail address"):
        create_administrator("nobody", "--another")
