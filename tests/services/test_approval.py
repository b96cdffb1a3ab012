"""Deciding requests: never one's own, as asked for or narrower, once; and using what was approved, once."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from provisioning.domain.from_entries import FromEntry
from provisioning.domain.lifecycle import Asking, State
from provisioning.domain.refusals import Reason, Refusal
from provisioning.domain.roles import system
from provisioning.gateway.aws import aws
from provisioning.models import (
    AuditEvent,
    Credential,
    CredentialRequest,
    Membership,
    Notice,
    Person,
    RegionReading,
    Standing,
)
from provisioning.services import approval, approved, asking, issuance, people, requesting
from provisioning.services.clock import MOMENT
from tests.builders import browser, description
from tests.services import acts
from tests.services.test_asking import ask, detail
from tests.services.test_guardrails import change
from tests.services.test_invitations import invited, join
from tests.services.test_second_word import refused
from tests.services.truth import recover_all

pytestmark = pytest.mark.django_db


def approve(world, asked, name="admin", *, now=None, words="", **less):
    """Approve as it is, or what `less` leaves of it."""
    narrower = description(world.newsletter, **({"lifetime_days": 400} | less)) if less else None
    by = Person.objects.get(email=f"{name}@example.com").as_actor(is_fresh=True)
    return approval.approve(asked.pk, narrower, words, by=by, now=now or timezone.now())


def decline(world, asked, name="admin", words="Use a shorter one.", now=None):
    return approval.decline(asked.pk, words, by=world.actor(name), now=now or timezone.now())


def issue(world, asked, name="member"):
    """Review anew, then issue."""
    approved.review(asked.pk, by=world.actor(name), now=timezone.now())
    issuance.issue(asked.pk, by=world.actor(name), browser=browser(), gateway=aws())
    return Credential.objects.get(request=asked)


# Who may -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "why"), [("member", "not permitted"), ("auditor", "not permitted")])
def test_only_administrators_decide(world, name, why):
    asked = ask(world)
    for act in (approve, decline):
        with pytest.raises(Refusal) as caught:
            act(world, asked, name)
        assert caught.value.why == why


def test_nobody_approves_their_own_whatever_their_role(world):
    asked = ask(world, "admin")
    refused(lambda: approve(world, asked, "admin"), "Nobody approves their own")
    asked.refresh_from_db()
    assert asked.asking == Asking.ASKED
    assert AuditEvent.objects.first().outcome == "refused"
    assert approve(world, asked, "admin2").asking == Asking.APPROVED


def test_nor_does_the_database_keep_such_an_approval(world):
    asked = ask(world, "admin")
    with pytest.raises(IntegrityError), transaction.atomic():
        CredentialRequest.objects.filter(pk=asked.pk).update(asking=Asking.APPROVED, decided_by=asked.person_id)


def test_approving_needs_a_fresh_sign_in(world):
    asked, by = ask(world), world.people["admin"].as_actor()
    with pytest.raises(Refusal) as caught:
        approval.approve(asked.pk, None, "", by=by, now=timezone.now())
    assert caught.value.why is Reason.NOT_FRESH


def test_an_administrator_whom_the_requester_made_up_today_does_not_approve(world):
    asked = ask(world, "admin")
    join(invited(world, standing=Standing.ADMINISTRATOR))
    refused(lambda: approve(world, asked, "new"), "within the last 24 hours", "Until then admin2@example.com can.")
    member = world.people["member"]
    people.change_standing(member.pk, Standing.ADMINISTRATOR, by=world.actor("admin"), now=timezone.now())
    refused(lambda: approve(world, asked, "member"), "within the last 24 hours")
    assert approval.deciders(asked.person_id, timezone.now()) == ["admin2@example.com"]


def test_nor_does_an_administrator_approve_for_one_whom_they_made_up_today(world):
    world.people["new"] = join(invited(world, standing=Standing.ADMINISTRATOR))
    asked = ask(world, "new")
    refused(lambda: approve(world, asked, "admin"), "new@example.com, whom you invited here", "admin2@example.com can.")
    assert approval.deciders(asked.person_id, timezone.now()) == ["admin2@example.com"]
    assert approve(world, asked, "admin", now=timezone.now() + timedelta(hours=25)).asking == Asking.APPROVED


def test_nor_for_a_member_whom_they_invited_today_which_may_be_an_alias_of_theirs(world):
    joined = timezone.now()
    world.people["new"] = join(invited(world, teams=[world.newsletter]), now=joined)
    asked = ask(world, "new")
    from_then_on = joined + timedelta(hours=24)
    refusal = refused(
        lambda: approve(world, asked),
        "new@example.com, whom you invited here, joined within the last 24 hours",
        f"You can from {from_then_on:{MOMENT}} on. Until then admin2@example.com can.",
    )
    assert refusal.why is Reason.NOT_PERMITTED
    refused(lambda: approve(world, asked, now=from_then_on - timedelta(minutes=1)), "whom you invited here")
    asked.refresh_from_db()
    assert asked.asking == Asking.ASKED
    assert approval.deciders(asked.person_id, timezone.now()) == ["admin2@example.com"]
    assert approval.deciders(asked.person_id, from_then_on) == ["admin2@example.com", "admin@example.com"]
    assert approve(world, asked, now=from_then_on).asking == Asking.APPROVED


def test_of_two_reasons_to_wait_the_longer_counts(world):
    now = timezone.now()
    world.people["boss"] = join(invited(world, "boss@example.com", Standing.ADMINISTRATOR, now=now), now=now)
    later = now + timedelta(hours=20)
    alias = join(invited(world, "alias@example.com", teams=[world.newsletter], by="boss", now=later), now=later)
    world.people["alias"] = alias
    asked = ask(world, "alias", now=later)
    still = f"You can from {later + timedelta(hours=24):{MOMENT}} on."
    for moment in (later, now + timedelta(hours=30)):
        refused(lambda moment=moment: approve(world, asked, "boss", now=moment), "alias@example.com", still)


def test_another_administrator_serves_them_and_all_who_oversee_are_told(world):
    world.people["new"] = join(invited(world, teams=[world.newsletter]))
    asked = ask(world, "new")
    Notice.objects.all().delete()
    approve(world, asked, "admin2")
    told = {each.recipient.email: each.text for each in Notice.objects.all()}
    assert set(told) == {"new@example.com", "admin@example.com", "auditor@example.com"}
    assert "admin2@example.com has approved what new@example.com asked for" in told["auditor@example.com"]


def test_who_is_no_longer_an_administrator_does_not_decide(world):
    asked, stale = ask(world), world.actor("admin")
    Person.objects.filter(email="admin@example.com").update(standing=Standing.NONE)
    for act in (
        lambda: approval.approve(asked.pk, None, "", by=stale, now=timezone.now()),
        lambda: approval.decline(asked.pk, "No.", by=stale, now=timezone.now()),
    ):
        refused(act, "You are no longer an administrator")


def test_with_one_administrator_nobody_can_approve_theirs(world):
    asked = ask(world, "admin")
    Person.objects.filter(email="admin2@example.com").update(is_active=False)
    assert approval.deciders(asked.person_id, timezone.now()) == []
    assert approval.deciders(world.people["member"].pk, timezone.now()) == ["admin@example.com"]


# What is approved ----------------------------------------------------------------------------------------------------


def test_as_it_was_asked_for(world):
    asked, now = ask(world), timezone.now()
    Notice.objects.all().delete()
    done = approve(world, asked, words="Fine.", now=now)
    assert (done.asking, done.decided_by, done.decision) == (Asking.APPROVED, world.people["admin"], "Fine.")
    assert done.lapses_at == now + timedelta(days=14)
    told = Notice.objects.get(recipient=asked.person).text
    assert "As asked for. admin@example.com says: Fine." in told
    assert detail("request:approve")["changed"] == []


def test_narrower_with_before_and_after_in_the_history(world):
    asked = ask(world, from_entries=(FromEntry.parse("*@example.com"),))
    approve(world, asked, lifetime_days=200, regions=("us-east-1",))
    asked.refresh_from_db()
    assert (asked.lifetime_days, asked.regions, asked.from_entries) == (200, ["us-east-1"], ["digest@example.com"])
    assert "eu-central-1" not in asked.policy
    assert asked.expires_at.strftime("%Y-%m-%dT%H:%M:%SZ") in asked.policy
    told = detail("request:approve")
    assert (told["before"]["lifetime_days"], told["after"]["lifetime_days"]) == (400, 200)
    assert told["before"]["policy"] != told["after"]["policy"] == requesting.policy_hash(asked.policy)
    assert "Lifetime: 400 days before, 200 days now" in told["changed"]
    assert (
        "Regions: eu-central-1, us-east-1 before, us-east-1 now"
        in Notice.objects.filter(recipient=asked.person)[0].text
    )


@pytest.mark.parametrize(
    "more",
    [
        {"lifetime_days": 401},
        {"lifetime_days": None},
        {"regions": ("eu-central-1", "us-east-1", "eu-west-1")},
        {"from_entries": (FromEntry.parse("other@example.com"),)},
        {"options": {"anything": "new"}},
    ],
)
def test_never_more_than_was_asked_for(world, more):
    asked = ask(world)
    refusal = refused(lambda: approve(world, asked, **more), "not asked for")
    assert refusal.breaches
    asked.refresh_from_db()
    assert (asked.asking, asked.lifetime_days) == (Asking.ASKED, 400)


def test_declining_needs_a_reason_which_whoever_asked_is_told(world):
    asked = ask(world)
    refused(lambda: decline(world, asked, words=" "), "Say why")
    Notice.objects.all().delete()
    assert decline(world, asked).asking == Asking.DECLINED
    assert "Why: Use a shorter one." in Notice.objects.get(recipient=asked.person).text
    refused(lambda: approve(world, asked, "admin2"), "is declined", "It was decided at", "by admin@example.com.")


def test_what_was_withdrawn_or_has_lapsed_is_not_approved(world):
    asked = ask(world)
    asking.withdraw(asked.pk, by=world.actor("member"), now=timezone.now())
    refused(lambda: approve(world, asked), "is withdrawn", "member@example.com has taken it back")
    late = ask(world, application="late")
    refused(lambda: approve(world, late, now=late.lapses_at + timedelta(minutes=1)), "is lapsed")


def test_another_tab_that_leaves_otherwise_is_told_what_was_decided(world):
    asked = ask(world)
    approve(world, asked, lifetime_days=300)
    refused(
        lambda: approve(world, asked, lifetime_days=200), "is approved", "It was decided at", "by admin@example.com."
    )
    asked.refresh_from_db()
    assert asked.lifetime_days == 300


def test_pressing_twice_decides_once(world):
    asked, other = ask(world), ask(world, application="other")
    for _ in range(2):
        approve(world, asked)
        decline(world, other)
    assert AuditEvent.objects.filter(act="request:approve", outcome="done").count() == 1
    assert AuditEvent.objects.filter(act="request:decline", outcome="done").count() == 1


def test_nobody_approves_what_nobody_could_use(world):
    asked = ask(world)
    Membership.objects.filter(person=asked.person).delete()
    refused(lambda: approve(world, asked), "member@example.com is no longer active in Newsletter")


# Using it ------------------------------------------------------------------------------------------------------------


def test_who_asked_issues_it_beyond_the_guardrail_and_the_history_says_by_whose_word(world):
    asked = ask(world)
    approve(world, asked)
    credential = issue(world, asked)
    assert (credential.state, credential.owner) == ("live", world.people["member"])
    assert (credential.expires_at - timezone.now()).days >= 399
    for outcome in ("begun", "done"):
        told = detail("credential:issue", outcome)
        assert (told["approved_by"], told["request"]) == ("admin@example.com", str(asked.pk))


def test_the_end_counts_from_the_issue_not_from_the_asking(world):
    asked = ask(world)
    approve(world, asked)
    CredentialRequest.objects.update(expires_at=None, policy="{}", reviewed_at=timezone.now() - timedelta(days=3))
    with pytest.raises(Refusal, match="out of date"):
        acts.issue(asked)
    now = timezone.now()
    reviewed = approved.review(asked.pk, by=world.actor("member"), now=now)
    assert reviewed.expires_at == now.replace(microsecond=0) + timedelta(days=400)
    assert reviewed.expires_at.strftime("%Y-%m-%dT%H:%M:%SZ") in reviewed.policy


def test_the_approver_neither_reviews_nor_issues_it(world):
    asked = ask(world)
    approve(world, asked)
    refused(lambda: approved.review(asked.pk, by=world.actor("admin"), now=timezone.now()), "not yours to issue")
    with pytest.raises(Refusal) as caught:
        issuance.issue(asked.pk, by=world.actor("admin"), browser=browser(), gateway=aws())
    assert caught.value.why is Reason.NOT_THERE


@pytest.mark.parametrize("state", [each for each in Asking if each not in {Asking.APPROVED, Asking.NOT_ASKED}])
def test_nothing_but_an_approval_lets_it_through_not_even_a_wider_guardrail(world, aws_account, state):
    asked = ask(world)
    CredentialRequest.objects.update(asking=state)
    change(world, longest_lifetime_days=500)
    refused(lambda: acts.issue(asked), f"is {state.label.lower()}")
    refused(lambda: approved.review(asked.pk, by=world.actor("member"), now=timezone.now()), "The request for")
    assert not Credential.objects.exists()


def test_an_approval_is_used_once_and_can_then_neither_lapse_nor_be_taken_back(world):
    asked = ask(world)
    approve(world, asked)
    issue(world, asked)
    for act in (
        lambda: approved.review(asked.pk, by=world.actor("member"), now=timezone.now()),
        lambda: asking.withdraw(asked.pk, by=world.actor("member"), now=timezone.now()),
        lambda: decline(world, asked, "admin2"),
    ):
        refused(act, "an approval is used once")
    assert asking.lapse_due(by=system("requests"), now=timezone.now() + timedelta(days=30)) == 0
    asked.refresh_from_db()
    assert asked.asking == Asking.APPROVED


def carried_on(asked):
    return CredentialRequest.objects.get(carries_on=asked)


def test_what_aws_refused_is_approved_still_under_another_name(world, truth, aws_account):
    asked = ask(world)
    approve(world, asked)
    aws_account.faults.set("CreateAccessKey", "error", code="LimitExceeded", status=409, times=9)
    with acts.faulted():
        issue(world, asked)
    aws_account.faults.clear()
    again = carried_on(asked)
    assert again.user_name != asked.user_name
    assert (again.asking, again.decided_by) == (Asking.APPROVED, world.people["admin"])
    assert again.lapses_at == CredentialRequest.objects.get(pk=asked.pk).decided_at + asking.LAPSES_AFTER
    refused(lambda: issue(world, asked), "goes on in another request")
    issue(world, again)
    assert Credential.objects.filter(state=State.LIVE).count() == 1
    refused(lambda: issue(world, again), "an approval is used once")
    assert truth.agrees()


def test_and_what_was_cut_once_recovery_has_undone_it(world, truth, aws_account):
    asked = ask(world)
    approve(world, asked)
    aws_account.faults.set("CreateAccessKey", "lose_reply")
    with acts.faulted():
        issue(world, asked)
    aws_account.faults.clear()
    assert not CredentialRequest.objects.filter(carries_on=asked).exists()
    recover_all()
    again = carried_on(asked)
    decline(world, again, "admin2", words="Not any more.")
    refused(lambda: issue(world, again), "is declined")
    assert truth.agrees()


def test_what_nobody_had_to_approve_is_not_carried_on(world, aws_account):
    aws_account.faults.set("CreateUser", "error", code="LimitExceeded", status=409, times=9)
    with acts.faulted():
        world.issued()
    assert CredentialRequest.objects.count() == 1


def test_it_lapses_two_weeks_after_it_was_approved(world):
    asked = ask(world)
    approve(world, asked, now=timezone.now() + timedelta(days=10))
    assert asking.lapse_due(by=system("requests"), now=timezone.now() + timedelta(days=15)) == 0
    CredentialRequest.objects.update(lapses_at=timezone.now())
    refused(lambda: issue(world, asked), "is lapsed")
    refused(lambda: acts.issue(asked), "is lapsed")
    assert asking.lapse_due(by=system("requests"), now=timezone.now()) == 1


@pytest.mark.parametrize(
    "leave",
    [
        lambda member: Membership.objects.filter(person=member).delete(),
        lambda member: Person.objects.filter(pk=member.pk).update(is_active=False),
    ],
)
def test_who_has_left_or_was_deactivated_uses_it_no_more(world, leave):
    asked, stale = ask(world), world.actor("member")
    approve(world, asked)
    leave(world.people["member"])
    for act in (
        lambda: approved.review(asked.pk, by=stale, now=timezone.now()),
        lambda: issuance.issue(asked.pk, by=stale, browser=browser(), gateway=aws()),
    ):
        refused(act, "may no longer issue in Newsletter")
    assert not Credential.objects.exists()


def test_an_approval_can_be_taken_back_before_it_is_used(world):
    asked = ask(world)
    approve(world, asked)
    assert decline(world, asked, "admin2", words="Too long after all.").asking == Asking.DECLINED
    assert "has taken back the approval" in Notice.objects.filter(recipient=asked.person)[0].text
    refused(lambda: acts.issue(asked), "is declined")


def test_what_nobody_can_approve_is_judged_again_when_it_is_issued(world):
    asked = ask(world)
    approve(world, asked)
    RegionReading.objects.update(identities=[])
    refused(lambda: issue(world, asked), "no verified identity")
    refused(lambda: acts.issue(asked), "no verified identity")
    asked.refresh_from_db()
    assert asked.lapses_at  # it is not used up by that


def test_the_second_word_holds_also_for_what_is_approved(world):
    asked = ask(world, "admin")
    approve(world, asked, "admin2")
    change(world, live_limit=500)
    refused(lambda: acts.issue(asked), "You widened the guardrail")


def test_more_live_credentials_than_the_limit_are_part_of_what_was_approved(world):
    world.newsletter.live_limit = 1
    world.newsletter.save()
    world.issued()
    asked = ask(world, application="second", lifetime_days=90)
    approve(world, asked)
    assert issue(world, asked).state == "live"
