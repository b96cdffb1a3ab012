"""Rotating: a second key beside the first, what AWS may answer, what becomes of a key that nobody took."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from provisioning.domain.lifecycle import Outcome, Seal, State
from provisioning.domain.refusals import Reason, Refusal
from provisioning.gateway.aws import aws
from provisioning.gateway.contract import GatewayFault
from provisioning.models import (
    AuditEvent,
    Claim,
    Credential,
    CredentialRequest,
    Handover,
    Membership,
    Notice,
    Person,
    SmtpLogin,
    Team,
)
from provisioning.sandbox.principals import record_use
from provisioning.services import approved, handover, renewals, retirement, rotation, second_keys
from tests.builders import browser
from tests.services.acts import (
    as_approved,
    expire,
    faulted,
    in_a_minute,
    issue,
    readdress,
    retire,
    revoke,
    rotate,
    stored,
    suspend,
    switched,
)
from tests.services.test_guardrails import change
from tests.services.test_second_word import confirm, refused
from tests.services.test_suspension import events, passwords, signs_in, truth  # noqa: F401 - a fixture
from tests.services.truth import recover_all

pytestmark = pytest.mark.django_db
WRITES = ("PutUserPolicy", "CreateAccessKey", "DeleteAccessKey", "UpdateAccessKey")


@pytest.fixture
def credential(world):
    """One in one region, whose first key is stored."""
    return world.stored(regions=("eu-central-1",))


@pytest.fixture
def asked(aws_account):
    """What AWS was asked from here on."""
    start = len(aws_account.calls)
    return lambda: [operation for operation, _ in aws_account.calls[start:]]


@pytest.fixture(autouse=True)
def _now_again(aws_account):
    yield
    aws_account.clock_offset = 0


def keys(credential):
    return list(credential.keys.kept().values_list("key_id", flat=True))


def test_a_rotation_is_one_call(credential, truth, asked):  # noqa: F811
    request = rotate(credential)
    assert asked() == ["CreateAccessKey"]
    old, new = credential.keys.all()
    assert Handover.objects.get(pk=request.pk).key == new
    assert list(new.logins.values_list("region", flat=True)) == ["eu-central-1"]
    assert events("credential:rotate") == [Outcome.BEGUN, Outcome.DONE]
    assert Credential.objects.get().state == State.LIVE
    assert old.stopped_at is None
    assert truth.agrees()


def test_both_passwords_work_while_it_lasts(world, truth):  # noqa: F811
    first, second = browser(), browser()
    credential = world.issued(shown_in=first)
    old = passwords(world, credential, first)
    stored(credential.request_id, shown_in=first)
    request = rotate(credential, shown_in=second)
    opened = handover.look(request.pk, by=world.actor("member"), browser=second, now=timezone.now())
    new = opened.handover.access_key.key_id, opened.secrets["eu-central-1"]
    assert old[0] != new[0]
    assert [signs_in(login).code for login in (old, new)] == [235, 235]


def test_regions_are_added_with_one_call_more(credential, truth, asked):  # noqa: F811
    request = rotate(credential, "us-east-1")
    assert asked() == ["PutUserPolicy", "CreateAccessKey"]
    credential.refresh_from_db()
    assert credential.regions == ["eu-central-1", "us-east-1"]
    new = Handover.objects.get(pk=request.pk).access_key
    assert set(new.logins.values_list("region", flat=True)) == {"eu-central-1", "us-east-1"}
    assert truth.agrees()


def test_a_region_outside_the_guardrail_is_refused_beside_its_field(world, credential):
    Team.objects.filter(pk=world.newsletter.pk).update(regions=["us-east-1"])
    second_keys.review(credential.pk, (), by=world.actor("member"), now=timezone.now())  # what it has stays
    with pytest.raises(Refusal) as caught:
        second_keys.review(credential.pk, ("ap-south-1",), by=world.actor("member"), now=timezone.now())
    assert {breach.field for breach in caught.value.breaches} == {"regions"}
    assert "ap-south-1 is outside the regions of Newsletter" in caught.value.reason


def test_more_regions_have_the_whole_of_it_judged_and_without_any_nothing_is(world, credential, truth):  # noqa: F811
    Team.objects.filter(pk=world.newsletter.pk).update(longest_lifetime_days=30)
    with pytest.raises(Refusal) as caught:
        rotate(credential, "us-east-1")
    assert {breach.field for breach in caught.value.breaches} == {"regions"}
    assert "90 days is longer than Newsletter may: 30." in caught.value.reason
    assert "For more than that, ask an administrator for a new credential." in caught.value.reason
    rotate(credential)
    assert truth.agrees()


def test_a_region_that_an_approval_took_away_does_not_come_back(world, truth, asked):  # noqa: F811
    credential = as_approved(world, less={"regions": ("eu-central-1",)})
    before = len(asked())
    with pytest.raises(Refusal) as caught:
        rotate(credential, "us-east-1")
    assert "admin2@example.com approved it for digest@example.com in eu-central-1, until" in caught.value.reason
    assert len(asked()) == before
    rotate(credential)
    assert Credential.objects.get().regions == ["eu-central-1"]
    assert truth.agrees()


def test_what_was_reviewed_is_judged_again_when_the_button_is_pressed(world, credential, asked):
    request = second_keys.review(credential.pk, ("us-east-1",), by=world.actor("member"), now=timezone.now())
    Team.objects.filter(pk=world.newsletter.pk).update(regions=["eu-central-1"])
    with pytest.raises(Refusal) as caught:
        rotation.rotate(request.pk, by=world.actor("member"), browser=browser(), gateway=aws())
    assert caught.value.why is Reason.OUTSIDE_GUARDRAIL
    assert asked() == []


@pytest.mark.parametrize("changed", ["an hour has passed", "its addresses", "its regions"])
def test_a_review_of_what_has_changed_is_not_carried_out(world, credential, truth, changed):  # noqa: F811
    request = second_keys.review(credential.pk, (), by=world.actor("member"), now=timezone.now())
    if changed == "its addresses":
        readdress(credential, "news@example.com")
    elif changed == "its regions":
        switched(credential, "us-east-1")
        retire(credential)
        retirement.delete_now(credential.pk, by=world.actor("member"), gateway=aws())
    else:
        CredentialRequest.objects.filter(pk=request.pk).update(reviewed_at=timezone.now() - timedelta(minutes=61))
    with pytest.raises(Refusal, match="out of date"):
        rotation.rotate(request.pk, by=world.actor("member"), browser=browser(), gateway=aws())
    assert len(keys(credential)) == 1
    assert truth.agrees()


def test_pressing_twice_rotates_once(credential, truth, asked):  # noqa: F811
    request = rotate(credential)
    by = request.person.as_actor(is_fresh=True)
    rotation.rotate(request.pk, by=by, browser=browser(), gateway=aws())
    assert asked().count("CreateAccessKey") == 1
    assert truth.agrees()


def test_a_third_key_is_refused_before_aws_is_asked(credential, asked):
    rotate(credential)
    before = asked()
    with pytest.raises(Refusal, match="two keys already"):
        rotate(credential)
    assert asked() == before


@pytest.fixture
def teammate(world):
    made = Person.objects.create_person("teammate@example.com", "not-used-here")
    Membership.objects.create(person=made, team=world.newsletter)
    return made.as_actor(is_fresh=True)


def test_nobody_rotates_while_a_secret_is_still_to_be_stored(world, teammate, truth, asked):  # noqa: F811
    ours = browser()
    credential = world.issued(regions=("eu-central-1",), shown_in=ours)
    waiting, before = Handover.objects.get(), asked()
    for unstored in (Seal.OPEN, Seal.SEEN):
        assert Handover.objects.get().state == unstored
        with pytest.raises(Refusal, match=f"member@example.com has until {waiting.open_until:%H:%M} UTC") as caught:
            rotate(credential, by=teammate)
        assert (caught.value.why, caught.value.created_note) == (Reason.NOT_NOW, second_keys.NOTHING)
        passwords(world, credential, ours)
    assert asked() == before
    handover.burn(credential.request_id, by=world.actor("member"), now=timezone.now())
    rotate(credential, by=teammate)
    assert expire(in_a_minute(17)) == 1
    assert Credential.objects.get().state == State.LIVE
    assert truth.agrees()


def test_what_nobody_took_in_time_is_not_rotated_before_it_is_deleted(world, teammate, truth):  # noqa: F811
    ours = browser()
    credential = world.issued(shown_in=ours)
    handover.end_for_session(ours.session_digest, by=world.actor("member"), now=timezone.now())
    assert Handover.objects.get().state == Seal.EXPIRING
    with pytest.raises(Refusal, match="did not confirm in time"):
        rotate(credential, by=teammate)
    expire(timezone.now)
    assert Credential.objects.get().state == State.UNCLAIMED
    assert truth.agrees()


def test_a_key_made_by_hand_is_named_and_nothing_is_changed(credential, truth, asked):  # noqa: F811
    by_hand = truth.root.create_access_key(UserName=credential.user_name)["AccessKey"]["AccessKeyId"]
    start = len(asked())
    with faulted() as caught:
        rotate(credential)
    assert asked()[start:] == ["CreateAccessKey", "ListAccessKeys"]
    assert by_hand in caught.value.words
    assert keys(credential)[0] not in caught.value.words
    assert caught.value.created_note == second_keys.NOTHING
    assert Claim.objects.get(act="credential:rotate").outcome == Outcome.FAILED
    truth.root.delete_access_key(UserName=credential.user_name, AccessKeyId=by_hand)
    rotate(credential)
    assert truth.agrees()


def test_where_aws_counts_a_key_that_is_gone_no_other_key_is_blamed(credential, truth, aws_account):  # noqa: F811
    aws_account.faults.set("CreateAccessKey", "error", code="LimitExceeded", status=409)
    with faulted() as caught:
        rotate(credential)
    aws_account.faults.clear()
    assert "do not have" not in caught.value.words
    assert "deleted moments ago: try again in a minute" in caught.value.words
    assert caught.value.created_note == second_keys.NOTHING
    rotate(credential)
    assert truth.agrees()


def test_where_aws_says_no_after_the_policy_the_old_one_is_put_back(credential, truth, aws_account):  # noqa: F811
    aws_account.faults.set("CreateAccessKey", "error", code="AccessDenied", status=403, times=9)
    with faulted() as caught:
        rotate(credential, "us-east-1")
    aws_account.faults.clear()
    assert caught.value.created_note == second_keys.NOTHING
    assert Credential.objects.get().regions == ["eu-central-1"]
    assert events("credential:rotate") == [Outcome.BEGUN, Outcome.FAILED]
    assert truth.agrees()


class Meanwhile:
    """The real gateway; just before its call something else happens, as if the act had stood still for long."""

    def __init__(self, call, happens):
        self._call, self._happens = call, happens

    def __getattr__(self, name):
        if name == self._call:
            self._call = ""
            self._happens()
        return getattr(aws(), name)


def allowed(credential, truth):  # noqa: F811
    """The policy of its user, as AWS has it."""
    held = truth.root.get_user_policy(UserName=credential.user_name, PolicyName=credential.policy_name)
    return json.dumps(held["PolicyDocument"])


@pytest.mark.parametrize("call", ["put_policy", "create_key"])
def test_an_act_that_recovery_gave_up_puts_no_old_policy_over_a_newer_one(credential, truth, call):  # noqa: F811
    def given_up_and_readdressed():
        recover_all()
        readdress(credential, "news@example.com")

    late = Meanwhile(call, given_up_and_readdressed)
    with pytest.raises(Refusal, match="too long") as caught:
        rotate(credential, "us-east-1", gateway=late)
    assert "Recovery looks at AWS" in caught.value.created_note
    if call == "create_key":  # the policy was put before
        assert "digest@example.com" not in allowed(credential, truth)
    recover_all()
    assert truth.agrees()
    assert (len(keys(credential)), Credential.objects.get().from_entries) == (1, ["news@example.com"])


def test_an_act_that_recovery_gave_up_asks_aws_for_no_key(credential, truth, asked):  # noqa: F811
    with pytest.raises(Refusal, match="too long"):
        rotate(credential, "us-east-1", gateway=Meanwhile("put_policy", recover_all))
    assert "CreateAccessKey" not in asked()
    recover_all()
    assert truth.agrees()


@pytest.mark.parametrize(
    ("call", "effect"), [("DeleteAccessKey", "error"), ("CreateAccessKey", "lose_reply"), ("none", "error")]
)
def test_what_is_left_of_a_late_act_is_undone_once_no_other_act_is_open(
    credential,
    truth,  # noqa: F811
    aws_account,
    call,
    effect,
):
    def given_up_and_suspended():
        recover_all()
        aws_account.faults.set("UpdateAccessKey", "lose_reply")
        with faulted():
            suspend(credential)
        aws_account.faults.clear()
        aws_account.faults.set(call, effect, code="ServiceFailure", status=500)

    late = Meanwhile("create_key", given_up_and_suspended)
    with pytest.raises((Refusal, GatewayFault)):
        rotate(credential, "us-east-1", gateway=late)
    aws_account.faults.clear()
    recover_all()
    assert truth.agrees()
    credential.refresh_from_db()
    assert (credential.state, len(keys(credential))) == (State.SUSPENDED, 1)


@pytest.mark.parametrize("seconds", [-600, -6, 0, 6, 600], ids="AWS's clock {:+} s".format)
def test_the_key_of_a_lost_reply_is_found_whichever_clock_is_ahead(credential, truth, aws_account, seconds):  # noqa: F811
    aws_account.clock_offset = seconds
    aws_account.faults.set("CreateAccessKey", "lose_reply")
    with faulted():
        rotate(credential)
    aws_account.faults.clear()
    assert len(truth.users()[credential.user_name].keys) == 2
    recover_all()
    assert events("credential:rotate")[-1] == Outcome.FAILED
    assert truth.agrees()


@pytest.mark.parametrize("why", ["older", "used", "nothing was asked for"])
def test_a_key_that_was_there_before_is_not_taken_for_that_of_a_lost_reply(
    credential,
    truth,  # noqa: F811
    aws_account,
    why,
):
    aws_account.clock_offset = -16 * 60 if why == "older" else -60
    by_hand = truth.root.create_access_key(UserName=credential.user_name)["AccessKey"]["AccessKeyId"]
    aws_account.clock_offset = 0
    if why == "used":
        record_use(aws_account.world, by_hand, "ses", "eu-central-1")
    call = "PutUserPolicy" if why == "nothing was asked for" else "CreateAccessKey"
    aws_account.faults.set(call, "error", code="ServiceFailure", status=500)
    with faulted():
        rotate(credential, "us-east-1")
    aws_account.faults.clear()
    recover_all()
    assert by_hand in truth.users()[credential.user_name].keys


@pytest.mark.parametrize("makes_one", [True, False])
def test_a_claim_of_the_previous_release_is_undone(credential, truth, aws_account, makes_one):  # noqa: F811
    aws_account.faults.set("CreateAccessKey", "lose_reply" if makes_one else "error", code="ServiceFailure", status=500)
    with faulted():
        rotate(credential)
    aws_account.faults.clear()
    claim = Claim.objects.get(act="credential:rotate")
    Claim.objects.filter(pk=claim.pk).update(change={each: claim.change[each] for each in ("before", "after", "stop")})
    recover_all()
    assert truth.agrees()


def test_a_user_deleted_behind_our_back_is_said_at_once(credential, truth):  # noqa: F811
    name = credential.user_name
    truth.root.delete_access_key(UserName=name, AccessKeyId=keys(credential)[0])
    truth.root.delete_user_policy(UserName=name, PolicyName=credential.policy_name)
    truth.root.delete_user(UserName=name)
    with faulted() as caught:
        rotate(credential)
    assert caught.value.code == "NoSuchEntity"
    revoke(credential)
    assert truth.agrees()


def test_only_what_is_live_gets_a_second_key(credential, truth):  # noqa: F811
    suspend(credential)
    with pytest.raises(Refusal, match="Resume it first"):
        rotate(credential)
    assert truth.agrees()


@pytest.mark.parametrize(("name", "why"), [("outsider", Reason.NOT_THERE), ("auditor", Reason.NOT_PERMITTED)])
def test_only_its_team_and_administrators_may(world, credential, name, why):
    with pytest.raises(Refusal) as caught:
        second_keys.review(credential.pk, (), by=world.actor(name), now=timezone.now())
    assert caught.value.why is why
    request = second_keys.review(credential.pk, (), by=world.actor("member"), now=timezone.now())
    with pytest.raises(Refusal):
        rotation.rotate(request.pk, by=world.actor(name), browser=browser(), gateway=aws())
    assert AuditEvent.objects.first().outcome == Outcome.REFUSED
    assert len(keys(credential)) == 1


# Whose hand -----------------------------------------------------------------------------------------------------------


def pressed(world, request, name):
    rotation.rotate(request.pk, by=world.actor(name), browser=browser(), gateway=aws())


def test_whoever_widened_the_limits_gets_no_second_secret_alone(world, credential, truth):  # noqa: F811
    early = second_keys.review(credential.pk, (), by=world.actor("admin"), now=timezone.now())
    change(world, "admin", live_limit=9)
    for act in (lambda: rotate(credential, by=world.actor("admin")), lambda: pressed(world, early, "admin")):
        refused(act, "A second administrator has to agree first", "You widened the guardrail of Newsletter.")
    assert len(keys(credential)) == 1
    rotate(credential)
    assert truth.agrees()


def test_once_another_administrator_agreed_they_rotate(world, credential, truth):  # noqa: F811
    change(world, "admin", live_limit=9)
    confirm(world.people["admin2"])
    rotate(credential, by=world.actor("admin"))
    assert truth.agrees()


def test_whoever_approved_it_gets_no_second_secret(world, truth, asked):  # noqa: F811
    credential = as_approved(world, by="admin")
    early = renewals.reviewed(credential, regions=credential.regions, by=world.actor("admin"), now=timezone.now())
    before = len(asked())
    for act in (lambda: rotate(credential, by=world.actor("admin")), lambda: pressed(world, early, "admin")):
        words = "You approved the request for weekly-digest. member@example.com, whose it is, or another administrator"
        refusal = refused(act, "Who approves does not see the secret", f"{words} can rotate it.")
        assert refusal.why is Reason.NOT_PERMITTED
        assert refusal.next_steps[0].url == f"/credentials/{credential.pk}/"
        assert AuditEvent.objects.first().outcome == Outcome.REFUSED
    assert len(asked()) == before
    rotate(credential, by=world.actor("admin2"))
    assert truth.agrees()


def test_nor_where_their_approval_went_on_after_aws_had_refused_it(world, aws_account):
    aws_account.faults.set("CreateUser", "error", code="LimitExceeded", status=409, times=9)
    with faulted():
        as_approved(world, by="admin")
    aws_account.faults.clear()
    again, ours = CredentialRequest.objects.exclude(carries_on=None).get(), browser()
    approved.review(again.pk, by=world.actor("member"), now=timezone.now())
    credential = issue(again, shown_in=ours)
    stored(again.pk, shown_in=ours)
    refused(lambda: rotate(credential, by=world.actor("admin")), "You approved the request for weekly-digest.")


def test_its_owner_and_the_administrators_are_told_of_every_second_secret(world, credential):
    rotate(credential, "us-east-1", by=world.actor("admin"))
    told = Notice.objects.filter(about="credential:rotate", credential=credential)
    everybody = {"member@example.com", "admin@example.com", "admin2@example.com"}
    assert {each.recipient.email for each in told} == everybody, "who did it, too, in case it was not they"
    notice = told[0]
    assert notice.subject == "weekly-digest was rotated"
    for words in (
        "admin@example.com has rotated weekly-digest",
        "New regions: us-east-1",
        f"/credentials/{credential.pk}/",
    ):
        assert words in notice.text
    assert keys(credential)[1] not in notice.text


@pytest.mark.parametrize("effect", ["error", "lose_reply"])
def test_nobody_is_told_of_a_rotation_that_came_to_nothing(credential, truth, aws_account, effect):  # noqa: F811
    more = {"code": "ServiceFailure", "status": 500} if effect == "error" else {}
    aws_account.faults.set("CreateAccessKey", effect, **more)
    with faulted():
        rotate(credential)
    aws_account.faults.clear()
    recover_all()
    assert not Notice.objects.filter(about="credential:rotate").exists()
    assert truth.agrees()


def test_a_review_of_a_rotation_issues_nothing(world, credential):
    from provisioning.services import issuance

    request = second_keys.review(credential.pk, (), by=world.actor("member"), now=timezone.now())
    with pytest.raises(Refusal) as caught:
        issuance.issue(request.pk, by=world.actor("member"), browser=browser(), gateway=aws())
    assert caught.value.why is Reason.NOT_THERE


# The hand-over of the new key ----------------------------------------------------------------------------------------


def test_nobody_looked_so_the_new_key_alone_is_deleted(credential, truth):  # noqa: F811
    request = rotate(credential, "us-east-1")
    expire(in_a_minute(17))
    credential.refresh_from_db()
    old, new = credential.keys.all()
    assert (credential.state, old.deleted_at, new.deleted_at is None) == (State.LIVE, None, False)
    assert Handover.objects.get(pk=request.pk).sealed == b""
    assert events("key:delete") == [Outcome.BEGUN, Outcome.DONE]
    assert credential.regions == ["eu-central-1", "us-east-1"]  # for the next one
    assert truth.agrees()
    rotate(credential)
    assert truth.agrees()


def test_a_lost_secret_deletes_the_new_key_alone_and_twice_is_once(credential, truth):  # noqa: F811
    request = rotate(credential)
    by = request.person.as_actor(is_fresh=True)
    for _ in range(2):
        handover.lose(request.pk, by=by, gateway=aws())
    assert len(keys(credential)) == 1
    assert Credential.objects.get().state == State.LIVE
    assert truth.agrees()


def test_what_is_stored_is_not_lost_any_more(credential, truth):  # noqa: F811
    ours = browser()
    request = rotate(credential, shown_in=ours)
    stored(request.pk, shown_in=ours)
    with pytest.raises(Refusal, match="hand-over is over"):
        handover.lose(request.pk, by=request.person.as_actor(is_fresh=True), gateway=aws())
    assert len(keys(credential)) == 2
    assert truth.agrees()


def test_a_lost_key_that_aws_does_not_delete_is_deleted_by_the_sweep(credential, truth, aws_account):  # noqa: F811
    request = rotate(credential)
    aws_account.faults.set("DeleteAccessKey", "error", code="ConcurrentModification", status=409, times=20)
    with faulted():
        handover.lose(request.pk, by=request.person.as_actor(is_fresh=True), gateway=aws())
    aws_account.faults.clear()
    assert Handover.objects.get(pk=request.pk).state == Seal.EXPIRING
    expire(in_a_minute())
    assert Handover.objects.get(pk=request.pk).state == Seal.BURNT
    assert Credential.objects.get().state == State.LIVE
    assert len(keys(credential)) == 1
    assert truth.agrees()


def test_a_first_secret_that_nobody_looked_at_takes_no_key_with_it_that_was_stored_since(credential, truth):  # noqa: F811
    ours = browser()
    stored(rotate(credential, shown_in=ours).pk, shown_in=ours)
    first = Handover.objects.filter(pk=credential.request_id)
    first.update(state=Seal.EXPIRING, looks=0, lost_at=None, ended_at=timezone.now())
    expire(in_a_minute())
    old, new = credential.keys.all()
    assert (old.deleted_at is None, new.deleted_at) == (False, None)
    assert first.get().state == Seal.BURNT
    assert truth.agrees()


def test_revoking_between_two_keys_deletes_both(credential, truth, asked):  # noqa: F811
    request = rotate(credential)
    start = len(asked())
    revoke(credential)
    assert asked()[start:] == ["DeleteAccessKey", "DeleteAccessKey", "DeleteUserPolicy", "DeleteUser"]
    assert Handover.objects.get(pk=request.pk).state == Seal.BURNT
    assert not SmtpLogin.objects.filter(key__deleted_at=None).exists()
    assert truth.agrees()
