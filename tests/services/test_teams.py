"""Teams: formed once under a name, told to all who oversee, renamed without touching what IAM holds."""

import json
from dataclasses import replace

import pytest
from django.utils import timezone

from guidance.catalogue import Kind
from provisioning.domain.from_entries import FromEntry
from provisioning.domain.guardrails import Guardrail
from provisioning.domain.refusals import Reason, Refusal
from provisioning.models import AuditEvent, GuardrailChange, Notice, Team
from provisioning.services import teams
from tests.services.test_two_at_once import at_once

pytestmark = pytest.mark.django_db
REPORTS = Guardrail(
    team="Reports",
    kinds=frozenset({Kind.SMTP}),
    regions=("eu-central-1",),
    from_entries=(FromEntry.parse("reports@example.com"),),
    live_limit=2,
    longest_lifetime_days=30,
)


def form(world, guardrail=REPORTS, slug="reports", by="admin"):
    return teams.form(slug, guardrail, by=world.actor(by), now=timezone.now())


def newest(act):
    return json.loads(AuditEvent.objects.filter(act=act).first().text)


def test_a_team_is_formed_with_its_limits_and_on_record(world):
    team = Team.objects.get(pk=form(world).pk)
    assert (team.name, team.slug, team.guardrail) == ("Reports", "reports", REPORTS)
    event = newest("team:form")
    assert (event["outcome"], event["team"]["id"], event["detail"]["before"]) == ("done", team.pk, None)
    assert event["detail"]["after"] == {"name": "Reports", **REPORTS.limits}


def test_its_first_limits_are_a_widening_from_nothing(world):
    team = form(world)
    change = GuardrailChange.objects.get(team=team)
    assert (change.is_widening, change.before["regions"], change.after["regions"]) == (True, [], ["eu-central-1"])
    told = set(Notice.objects.filter(about="team:form").values_list("recipient__email", flat=True))
    assert told == {"admin@example.com", "admin2@example.com", "auditor@example.com"}


@pytest.mark.parametrize(
    ("name", "slug", "fields"),
    [
        ("Newsletter", "other", ["name"]),
        ("NEWSLETTER", "other", ["name"]),
        ("Other", "newsletter", ["slug"]),
        ("Newsletter", "newsletter", ["name", "slug"]),
        ("Other", "new", ["slug"]),
        ("Other", "../x", ["slug"]),
        ("Other", "a" * 21, ["slug"]),
    ],
)
def test_a_name_that_is_taken_or_that_iam_would_not_take(world, name, slug, fields):
    with pytest.raises(Refusal) as caught:
        form(world, replace(REPORTS, team=name), slug)
    assert [breach.field for breach in caught.value.breaches] == fields
    assert Team.objects.count() == 2
    assert not Notice.objects.exists()
    assert newest("team:form")["outcome"] == "refused"


@pytest.mark.parametrize("name", ["member", "auditor", "guest"])
def test_only_administrators_form_and_rename(world, name):
    by = world.actor(name)
    with pytest.raises(Refusal) as formed:
        teams.form("reports", REPORTS, by=by, now=timezone.now())
    with pytest.raises(Refusal) as renamed:
        teams.rename("newsletter", "Mine", by=by, now=timezone.now())
    assert {formed.value.why, renamed.value.why} == {Reason.NOT_PERMITTED}


def test_a_new_name_changes_nothing_that_iam_holds(world):
    held = world.issued()
    teams.rename("newsletter", "Weekly letter", by=world.actor("admin"), now=timezone.now())
    team = Team.objects.get(slug="newsletter")
    assert team.name == "Weekly letter"
    assert newest("team:rename")["detail"] == {"before": {"name": "Newsletter"}, "after": {"name": "Weekly letter"}}
    another = world.issued(application="another")
    assert another.path == held.path


def test_the_same_name_again_is_no_change(world):
    teams.rename("newsletter", "Newsletter", by=world.actor("admin"), now=timezone.now())
    assert not AuditEvent.objects.filter(act="team:rename").exists()


def test_letters_may_change_their_size(world):
    teams.rename("newsletter", "NewsLetter", by=world.actor("admin"), now=timezone.now())
    assert Team.objects.get(slug="newsletter").name == "NewsLetter"


def test_a_name_of_another_team_and_a_team_that_is_not_there(world):
    with pytest.raises(Refusal) as taken:
        teams.rename("newsletter", "billing", by=world.actor("admin"), now=timezone.now())
    assert "called billing already" in taken.value.reason
    with pytest.raises(Refusal) as nobodys:
        teams.rename("nobodys", "Somebody's", by=world.actor("admin"), now=timezone.now())
    assert nobodys.value.why is Reason.NOT_THERE


@pytest.mark.django_db(transaction=True)
def test_two_form_the_same_team_at_once(committed_world):
    world = committed_world
    raised = at_once(lambda: form(world), lambda: form(world, by="admin2"))
    assert sorted(type(each).__name__ for each in raised) == ["NoneType", "Refusal"]
    assert Team.objects.filter(slug="reports").count() == GuardrailChange.objects.count() == 1
