"""A made-up second administrator: their word, and their hand, count for nothing before a day is over."""

from datetime import timedelta

import pytest
from django.utils import timezone

from provisioning.domain.refusals import Reason, Refusal
from provisioning.domain.roles import system
from provisioning.models import GuardrailChange, Invitation, Membership, Notice, Person, Standing
from provisioning.services import guardrails, people
from tests.services.test_guardrails import change
from tests.services.test_invitations import invited, join

pytestmark = pytest.mark.django_db


def confirm(person, now=None):
    seen = list(GuardrailChange.objects.values_list("pk", flat=True))
    by = Person.objects.get(pk=person.pk).as_actor(is_fresh=True)
    return guardrails.confirm("newsletter", seen, by=by, now=now or timezone.now())


def refused(act, *words):
    with pytest.raises(Refusal) as caught:
        act()
    said = f"{caught.value} {' '.join(breach.text for breach in caught.value.breaches)}"
    assert all(word in said for word in words), said
    return caught.value


def test_who_joined_as_administrator_today_does_not_agree(world):
    change(world, live_limit=500)
    person = join(invited(world, f"new@{'long.' * 45}example.com", standing=Standing.ADMINISTRATOR))
    refusal = refused(lambda: confirm(person), "too new", "Until then admin2@example.com can.")
    assert refusal.why is Reason.NOT_PERMITTED
    refused(lambda: world.reviewed("admin"), "on the page of the team: admin2@example.com.")
    assert confirm(world.people["admin2"])


def test_nor_who_was_promoted_or_let_in_again_today(world):
    change(world, live_limit=500)
    admin, (member, admin2) = world.actor("admin"), (world.people[name] for name in ("member", "admin2"))
    people.change_standing(member.pk, Standing.ADMINISTRATOR, by=admin, now=timezone.now())
    people.deactivate(admin2.pk, by=admin, now=timezone.now())
    people.reactivate(admin2.pk, by=admin, now=timezone.now())
    for person in (member, admin2):
        refused(lambda person=person: confirm(person), "too new", "Until then nobody else can.")
    assert GuardrailChange.objects.get().confirmed_at is None


def test_after_a_day_they_do(world):
    now = timezone.now()
    person = join(invited(world, standing=Standing.ADMINISTRATOR))
    change(world, live_limit=500, now=now + timedelta(hours=12))
    refused(lambda: confirm(person, now + timedelta(hours=23)), "too new")
    assert confirm(person, now + timedelta(hours=25))


def test_who_comes_from_the_command_line_agrees_at_once(world):
    change(world, live_limit=500)
    made = invited(world, standing=Standing.ADMINISTRATOR)
    Invitation.objects.update(invited_by=None)
    assert confirm(join(made))
    change(world, live_limit=501)
    member = world.people["member"]
    people.change_standing(member.pk, Standing.ADMINISTRATOR, by=system("create_administrator"), now=timezone.now())
    assert confirm(member)


def test_an_administrator_whom_the_author_invited_does_not_issue_for_them(world):
    change(world, live_limit=500)
    world.people["new"] = join(invited(world, standing=Standing.ADMINISTRATOR, teams=[world.newsletter]))
    refused(lambda: world.reviewed("new"), "admin@example.com widened the guardrail", "invited you here")
    assert confirm(world.people["admin2"])
    assert world.reviewed("new")


def test_a_member_whom_the_author_invited_issues(world):
    change(world, live_limit=500)
    world.people["new"] = join(invited(world, teams=[world.newsletter]))
    assert world.reviewed("new")


def test_nor_the_author_for_whom_they_invited(world):
    world.people["new"] = join(invited(world, standing=Standing.ADMINISTRATOR))
    change(world, "new", live_limit=500)
    refused(lambda: world.reviewed("admin"), "new@example.com, whom you invited here, widened")
    assert world.reviewed("member")


def test_whom_they_invited_long_before_does(world):
    long_ago, administrator = timezone.now() - timedelta(days=3), Standing.ADMINISTRATOR
    world.people["new"] = join(invited(world, standing=administrator, now=long_ago), now=long_ago)
    change(world, live_limit=500)
    assert world.reviewed("new")


def test_all_who_oversee_are_told_of_a_new_overseer_and_by_whom(world):
    everybody = {"admin@example.com", "admin2@example.com", "auditor@example.com"}
    join(invited(world, "nobody@example.com"))
    assert not Notice.objects.exists()
    for standing in (Standing.ADMINISTRATOR, Standing.AUDITOR):
        Notice.objects.all().delete()
        person = join(invited(world, f"new-{standing}@example.com", standing))
        assert {each.recipient.email for each in Notice.objects.all()} >= everybody - {person.email}
        assert f"joined as {standing}, invited by admin@example.com" in Notice.objects.first().text
    Notice.objects.all().delete()
    Membership.objects.filter(person=world.people["member"]).delete()
    by, now = world.actor("admin2"), timezone.now()
    people.change_standing(world.people["member"].pk, Standing.ADMINISTRATOR, by=by, now=now)
    told = Notice.objects.filter(about="person:change")
    assert {each.recipient.email for each in told} >= everybody
    assert "admin2@example.com has made member@example.com an administrator." in told.first().text
