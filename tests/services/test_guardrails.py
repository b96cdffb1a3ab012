"""Guardrails: what a change would leave outside, who may save it over whom, and the second word for a wider one."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from provisioning import audit
from provisioning.domain.from_entries import FromEntry
from provisioning.domain.lifecycle import State
from provisioning.domain.refusals import Reason, Refusal
from provisioning.domain.widening import fingerprint
from provisioning.gateway.aws import aws
from provisioning.models import AuditEvent, Credential, GuardrailChange, Notice, Person, Standing, Team
from provisioning.services import dry_run, guardrails, issuance
from tests.builders import browser
from tests.services.acts import issue, readdress, transfer
from tests.services.test_teams import REPORTS, form
from tests.services.test_two_at_once import at_once
from tests.web.test_pages import many

pytestmark = pytest.mark.django_db
BOSS = FromEntry.parse("boss@elsewhere.example")


def now_of(world):
    return Team.objects.get(pk=world.newsletter.pk).guardrail


def change(world, by="admin", *, as_it_was=None, now=None, **limits):
    """Change Newsletter's guardrail from what it is now, or from what `as_it_was` says."""
    present = now_of(world)
    return guardrails.change(
        "newsletter",
        replace(present, **limits),
        as_it_was=as_it_was or fingerprint(present),
        by=world.actor(by),
        now=now or timezone.now(),
    )


def confirm(world, by="admin2", now=None, seen=None):
    seen = GuardrailChange.objects.values_list("pk", flat=True) if seen is None else seen
    return guardrails.confirm("newsletter", list(seen), by=world.actor(by), now=now or timezone.now())


def try_out(world, **limits):
    team = Team.objects.get(pk=world.newsletter.pk)
    after = replace(team.guardrail, **limits)
    return dry_run.try_out(team, after, by=world.actor("admin"), now=timezone.now())


def newest(act):
    return json.loads(AuditEvent.objects.filter(act=act).first().text)


# The dry run ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limits", "ways"),
    [
        ({"regions": ("eu-central-1",)}, ["in us-east-1"]),
        ({"from_entries": (FromEntry.parse("other@example.com"),)}, ["as digest@example.com"]),
        ({"longest_lifetime_days": 89}, ["for 90 days"]),
        ({"longest_lifetime_days": 90}, []),
        ({"live_limit": 0}, ["as number 1 of at most 0"]),
        ({"live_limit": 1}, []),
        ({"kinds": frozenset()}, ["as SMTP credential"]),
    ],
)
def test_what_would_be_outside_and_in_which_way(world, limits, ways):
    credential = world.issued()
    tried = try_out(world, **limits)
    assert [way for each in tried.credentials.first for way in each.ways] == ways
    assert [each.credential_id for each in tried.credentials.first] == [credential.pk] * bool(ways)
    assert tried.people == [("member@example.com", 1)] * bool(ways)


def test_no_end_is_outside_where_none_is_allowed(world):
    change(world, allows_no_expiry=True)
    world.issued(lifetime_days=None)
    assert [each.ways for each in try_out(world, allows_no_expiry=False).credentials.first] == [("without an end",)]


def test_the_newest_are_those_over_the_limit(world):
    names = [world.issued(application=f"app-{number}").application for number in range(3)]
    tried = try_out(world, live_limit=2)
    assert [(each.name, each.ways) for each in tried.credentials.first] == [(names[2], ("as number 3 of at most 2",))]


def test_what_has_ended_is_no_matter(world):
    world.issued()
    Credential.objects.update(state=State.REVOKED)
    assert try_out(world, regions=()).credentials.count == 0


def test_open_reviews_and_whose_they_are(world):
    world.reviewed()
    world.reviewed("admin", application="another")
    world.issued(application="issued")
    stale = world.reviewed(application="stale")
    stale.reviewed_at -= timedelta(hours=2)
    stale.save()
    tried = try_out(world, regions=("eu-central-1",))
    assert {(each.name, each.email) for each in tried.reviews.first} == {
        ("weekly-digest", "member@example.com"),
        ("another", "admin@example.com"),
    }
    assert dict(tried.people) == {"member@example.com": 2, "admin@example.com": 1}


def test_a_dry_run_changes_nothing(world):
    before, events = now_of(world), AuditEvent.objects.count()
    assert try_out(world, regions=()).changes
    assert (now_of(world), AuditEvent.objects.count()) == (before, events)


def test_many_rows_cost_no_more_queries_and_fifty_are_named(world):
    many(world, 5)

    def asked():
        with CaptureQueriesContext(connection) as queries:
            found = try_out(world, regions=())
        return len(queries), found.credentials

    few, _ = asked()
    Credential.objects.update(state=State.REVOKED)
    many(world, 1_000)
    lots, found = asked()
    assert lots == few
    assert (found.count, len(found.first), found.more) == (1_001, 50, 951)


# Saving --------------------------------------------------------------------------------------------------------------


def test_a_change_is_saved_and_on_record_with_before_and_after(world):
    before = now_of(world)
    change(world, regions=("us-east-1",))
    assert now_of(world).regions == ("us-east-1",)
    detail = newest("guardrail:change")["detail"]
    assert (detail["before"], detail["after"]["regions"]) == (before.limits, ["us-east-1"])
    assert detail["widening"] is False
    assert detail["changed"] == ["Regions: eu-central-1, us-east-1 before, us-east-1 now"]
    assert not Notice.objects.exists()


def test_what_is_outside_stays_as_it_is(world):
    credential = world.issued()
    change(world, regions=(), from_entries=(), live_limit=0)
    again = Credential.objects.get(pk=credential.pk)
    assert (again.state, again.regions) == (State.LIVE, ["eu-central-1", "us-east-1"])


def test_under_an_empty_guardrail_nothing_is_issued(world):
    request = world.reviewed()
    change(world, regions=())
    assert now_of(world).lets_nothing_through
    with pytest.raises(Refusal) as caught:
        issue(request)
    assert "outside the regions of Newsletter: none" in caught.value.reason


def test_what_somebody_else_changed_meanwhile_is_not_written_over(world):
    shown = fingerprint(now_of(world))
    change(world, "admin2", live_limit=4)
    with pytest.raises(Refusal) as caught:
        change(world, as_it_was=shown, live_limit=3)
    assert (caught.value.why, caught.value.title) == (Reason.NOT_NOW, "The guardrail has changed meanwhile")
    assert now_of(world).live_limit == 4
    assert newest("guardrail:change")["outcome"] == "refused"


def test_pressed_twice_is_saved_once(world):
    shown = fingerprint(now_of(world))
    change(world, as_it_was=shown, live_limit=9)
    change(world, as_it_was=shown, live_limit=9)
    assert GuardrailChange.objects.count() == 1
    assert AuditEvent.objects.filter(act="guardrail:change").count() == 1


@pytest.mark.parametrize("name", ["member", "auditor", "guest"])
def test_only_administrators_change_and_agree(world, name):
    for act in (lambda: change(world, name, live_limit=9), lambda: confirm(world, name)):
        with pytest.raises(Refusal) as caught:
            act()
        assert caught.value.why is Reason.NOT_PERMITTED


@pytest.mark.django_db(transaction=True)
def test_of_two_who_save_at_once_one_is_told(committed_world):
    world = committed_world
    shown = fingerprint(now_of(world))
    raised = at_once(
        lambda: change(world, as_it_was=shown, live_limit=7),
        lambda: change(world, "admin2", as_it_was=shown, longest_lifetime_days=10),
    )
    assert sorted(type(each).__name__ for each in raised) == ["NoneType", "Refusal"]
    after = now_of(world)
    assert (after.live_limit, after.longest_lifetime_days) in {(7, 180), (5, 10)}
    assert GuardrailChange.objects.count() == 1


# The second word -----------------------------------------------------------------------------------------------------


def widened(world, by="admin", now=None):
    return change(world, by, now=now, from_entries=(*now_of(world).from_entries, BOSS))


def test_a_widening_is_told_to_all_who_oversee(world):
    widened(world)
    told = Notice.objects.filter(about="guardrail:change")
    assert set(told.values_list("recipient__email", flat=True)) == {
        "admin@example.com", "admin2@example.com", "auditor@example.com",
    }  # fmt: skip
    assert told[0].subject == "Newsletter may issue more"
    assert "admin@example.com has widened" in told[0].text
    assert "- From entries: *@example.com before, *@example.com, boss@elsewhere.example now (wider)" in told[0].text
    assert told[0].text.endswith(f"\n{settings.BASE_URL}/teams/newsletter/")


def test_nobody_is_told_of_a_widening_that_was_not_saved(world, monkeypatch):
    monkeypatch.setattr(audit, "_append", lambda *_, **__: (_ for _ in ()).throw(audit.DatabaseError("full")))
    with pytest.raises(Refusal) as caught:
        widened(world)
    assert caught.value.why is Reason.HISTORY_UNWRITABLE
    assert not Notice.objects.exists()
    assert BOSS not in now_of(world).from_entries


def test_who_widened_cannot_describe_there(world):
    widened(world)
    with pytest.raises(Refusal) as caught:
        world.reviewed("admin")
    assert [breach.field for breach in caught.value.breaches] == ["team"]
    assert "only if another administrator agrees, on the page of the team: admin2@example.com." in (
        caught.value.breaches[0].text
    )
    assert world.reviewed("member")
    assert world.reviewed("admin2")


def test_nor_issue_what_was_described_before(world):
    request = world.reviewed("admin")
    change(world, live_limit=6)
    with pytest.raises(Refusal) as caught:
        issue(request)
    assert (caught.value.why, caught.value.status) == (Reason.NOT_NOW, 409)
    assert not Credential.objects.exists()
    assert newest("credential:issue")["outcome"] == "refused"
    confirm(world)
    assert issue(request).state == State.LIVE


def test_nor_get_there_by_other_addresses_or_by_a_transfer(world):
    credential, billed = world.issued("admin"), world.issued("admin2")
    billed.team = world.billing
    billed.save(update_fields=["team"])
    widened(world)
    admin = world.people["admin"].as_actor(is_fresh=True)
    for get_there in (
        lambda: readdress(credential, "news@example.com", by=admin),
        lambda: transfer(billed, world.newsletter, by=admin),
    ):
        with pytest.raises(Refusal) as caught:
            get_there()
        assert caught.value.title == "A second administrator has to agree first"
    confirm(world)
    readdress(credential, "news@example.com", by=admin)
    transfer(billed, world.newsletter, by=admin)
    assert Credential.objects.filter(team=world.newsletter).count() == 2


def test_after_a_day_nobody_is_asked(world):
    widened(world, now=timezone.now() - timedelta(hours=24, seconds=1))
    assert world.issued("admin").state == State.LIVE


def test_a_day_is_not_over_before_it_is(world):
    widened(world, now=timezone.now() - timedelta(hours=23, minutes=59))
    with pytest.raises(Refusal):
        world.reviewed("admin")


def test_to_take_it_back_does_not_end_the_wait(world):
    widened(world)
    change(world, "admin2", from_entries=(FromEntry.parse("*@example.com"),))
    with pytest.raises(Refusal):
        world.reviewed("admin")
    assert world.reviewed("admin2")


def test_who_forms_a_team_waits_there_too(world):
    team = form(world, replace(REPORTS, from_entries=(FromEntry.parse("digest@example.com"),)))
    wish = {"regions": ("eu-central-1",), "lifetime_days": 30}
    with pytest.raises(Refusal):
        world.reviewed("admin", team, **wish)
    assert world.reviewed("admin2", team, **wish)
    assert world.reviewed("admin")


def test_nobody_agrees_to_their_own(world):
    widened(world)
    with pytest.raises(Refusal) as caught:
        confirm(world, "admin")
    assert caught.value.title == "It takes somebody else"
    assert GuardrailChange.objects.get().confirmed_at is None
    assert newest("guardrail:confirm")["outcome"] == "refused"


def test_agreed_once_and_twice(world):
    widened(world)
    assert len(confirm(world)) == 1
    assert len(confirm(world)) == 0
    kept = GuardrailChange.objects.get()
    assert kept.confirmed_by.email == "admin2@example.com"
    event = newest("guardrail:confirm")
    assert event["detail"]["before"] == kept.before
    assert event["detail"]["after"] == kept.after
    assert AuditEvent.objects.filter(act="guardrail:confirm").count() == 1
    told = Notice.objects.get(about="guardrail:confirm")
    assert (told.recipient.email, told.subject) == ("admin@example.com", "You can issue in Newsletter")
    assert world.issued("admin").state == State.LIVE


def test_only_what_was_seen_is_agreed_to(world):
    widened(world)
    seen = list(GuardrailChange.objects.values_list("pk", flat=True))
    change(world, live_limit=50)
    confirm(world, seen=seen)
    told = Notice.objects.get(about="guardrail:confirm")
    assert told.subject == "Agreed to, but another waits in Newsletter"
    assert "You can issue there again" not in told.text
    with pytest.raises(Refusal):
        world.reviewed("admin")


def test_two_who_widened_agree_to_each_other(world):
    widened(world)
    change(world, "admin2", live_limit=50)
    assert [each.by.email for each in confirm(world, "admin")] == ["admin2@example.com"]
    assert [each.by.email for each in confirm(world, "admin2")] == ["admin@example.com"]


def test_where_there_is_no_second_administrator_it_says_so(world):
    Person.objects.filter(email="admin2@example.com").update(standing=Standing.NONE)
    widened(world)
    with pytest.raises(Refusal) as caught:
        world.reviewed("admin")
    assert "there is no other: invite one, or wait" in caught.value.breaches[0].text


@pytest.mark.django_db(transaction=True)
def test_a_widening_and_an_issue_at_once_never_pass_each_other_by(committed_world):
    world = committed_world
    for number in range(4):
        request = world.reviewed("admin", application=f"app-{number}")
        raised = at_once(
            lambda number=number: change(world, live_limit=20 + number),
            lambda pk=request.pk: issuance.issue(pk, by=world.actor("admin"), browser=browser(), gateway=aws()),
        )
        assert raised[0] is None
        issued = AuditEvent.objects.filter(act="credential:issue", outcome="begun", subject=request.application).first()
        changed = AuditEvent.objects.filter(act="guardrail:change", outcome="done").first()
        if raised[1] is None:
            assert issued.sequence < changed.sequence
        else:
            assert isinstance(raised[1], Refusal)
            assert issued is None
        confirm(world)
