"""Console logins: issued, suspended, resumed, revoked, against the sandbox."""

import json
from datetime import timedelta
from uuid import uuid4

import boto3
import pytest
from django.utils import timezone

from guidance.catalogue import Kind
from provisioning.domain.lifecycle import Outcome, Seal, State
from provisioning.domain.naming import SUSPENDED_POLICY_NAME
from provisioning.domain.refusals import Reason, Refusal
from provisioning.domain.roles import system
from provisioning.gateway.aws import aws
from provisioning.models import AuditEvent, AwsAccount, Claim, Credential, Handover, Membership, Notice, Stopped
from provisioning.services import (
    by_hand,
    console_resumption,
    handover,
    posture,
    renewals,
    requesting,
    stops,
    suspension,
    verification,
)
from provisioning.services.console_logins import PASSWORD
from tests.builders import CONSOLE, Clock, browser, description
from tests.rights import hold, without
from tests.services.acts import (
    as_approved,
    expire,
    extend,
    faulted,
    in_a_minute,
    issue,
    readdress,
    resume_console,
    revoke,
    suspend,
)
from tests.services.test_guardrails import change
from tests.services.test_second_word import refused
from tests.services.truth import Truth, recover_all

pytestmark = pytest.mark.django_db
PAST_THE_HANDOVER = 17


@pytest.fixture
def truth(world, aws_account):
    return Truth(aws_account)


@pytest.fixture
def reviewed(world):
    world.newsletter.kinds = [Kind.CONSOLE]
    world.newsletter.save()
    return world.reviewed(**CONSOLE)


def password_of(world, request_id, shown_in, name="member"):
    opened = handover.look(request_id, by=world.actor(name), browser=shown_in, now=timezone.now(), how="test")
    return opened.secrets[PASSWORD]


class Owner:
    """Whose login it is: what their session may do, with a key that root has made for them."""

    def __init__(self, truth, credential):
        key = truth.root.create_access_key(UserName=credential.user_name)["AccessKey"]
        self.arguments = {
            "region_name": "eu-central-1",
            "endpoint_url": truth.sandbox.aws_url,
            "aws_access_key_id": key["AccessKeyId"],
            "aws_secret_access_key": key["SecretAccessKey"],
        }
        self.name = credential.user_name
        self.iam, self.ses = boto3.client("iam", **self.arguments), boto3.client("sesv2", **self.arguments)
        self._leave = lambda: truth.root.delete_access_key(UserName=self.name, AccessKeyId=key["AccessKeyId"])

    def is_denied(self, call, **arguments):
        try:
            call(**arguments)
        except (self.iam.exceptions.ClientError, self.ses.exceptions.ClientError) as error:
            return error.response["Error"]["Code"] in {"AccessDenied", "AccessDeniedException"}
        return False

    def leave(self):
        self._leave()


def calls_since(sandbox, before):
    return [name for name, status in sandbox.calls[before:] if status == 200]


def test_three_calls_make_one_and_its_password_is_handed_over(world, truth, aws_account, reviewed):
    ours, before = browser(), len(aws_account.calls)
    credential = issue(reviewed, shown_in=ours)
    assert calls_since(aws_account, before) == ["CreateUser", "PutUserPolicy", "CreateLoginProfile"]
    assert credential.state == State.LIVE
    assert credential.policy_name == "sescreds-console"
    assert Handover.objects.get().key is None
    assert len(password_of(world, reviewed.pk, ours)) >= 20
    user = truth.root.get_user(UserName=credential.user_name)["User"]
    assert user["PermissionsBoundary"]["PermissionsBoundaryArn"].endswith("policy/sescreds-console-boundary")
    assert truth.agrees()


def test_its_owner_changes_the_password_and_reads_ses_alone(world, truth):
    ours = browser()
    credential = world.console_login(shown_in=ours)
    owner = Owner(truth, credential)
    password = password_of(world, credential.request_id, ours)
    owner.iam.change_password(OldPassword=password, NewPassword="Of-my-own-choice-1")
    profile = truth.root.get_login_profile(UserName=credential.user_name)["LoginProfile"]
    assert profile["PasswordResetRequired"] is False
    owner.iam.list_virtual_mfa_devices()
    owner.ses.list_email_identities()
    assert owner.is_denied(owner.ses.delete_email_identity, EmailIdentity="example.com")
    assert owner.is_denied(owner.iam.list_users)
    assert owner.is_denied(owner.iam.create_access_key, UserName=credential.user_name)


def test_full_rights_run_ses_and_nothing_else(world, truth):
    world.newsletter.console_access = "full"
    owner = Owner(truth, world.console_login(options={"access": "full"}))
    owner.ses.create_email_identity(EmailIdentity="new.example.com")
    assert owner.is_denied(owner.iam.list_users)
    assert owner.is_denied(owner.iam.put_user_policy, UserName=owner.name, PolicyName="p", PolicyDocument="{}")


def test_what_it_may_ends_by_itself(world, truth, aws_account):
    owner = Owner(truth, world.console_login(lifetime_days=1))
    owner.ses.list_email_identities()
    aws_account.clock_offset = timedelta(days=2).total_seconds()
    assert owner.is_denied(owner.ses.list_email_identities)
    aws_account.clock_offset = 0


def with_own_device(owner):
    made = owner.iam.create_virtual_mfa_device(VirtualMFADeviceName=owner.name)["VirtualMFADevice"]
    owner.iam.enable_mfa_device(
        UserName=owner.name,
        SerialNumber=made["SerialNumber"],
        AuthenticationCode1="123456",
        AuthenticationCode2="654321",
    )
    return made["SerialNumber"]


def test_its_owner_has_an_mfa_device_of_that_name_alone_and_revoking_deletes_it(world, truth):
    credential = world.console_login()
    owner = Owner(truth, credential)
    assert owner.is_denied(owner.iam.create_virtual_mfa_device, VirtualMFADeviceName="somebody-else")
    serial = with_own_device(owner)
    assert [each["SerialNumber"] for each in owner.iam.list_mfa_devices()["MFADevices"]] == [serial]
    owner.leave()
    revoke(credential)
    assert truth.root.list_virtual_mfa_devices()["VirtualMFADevices"] == []
    assert truth.agrees()


def test_a_password_policy_that_has_changed_since_is_read_anew_once(world, truth, aws_account, reviewed):
    truth.root.update_account_password_policy(MinimumPasswordLength=64, RequireSymbols=True)
    ours, before = browser(), len(aws_account.calls)
    credential = issue(reviewed, shown_in=ours)
    assert [name for name, _ in aws_account.calls[before:]][2:] == [
        "CreateLoginProfile",
        "GetAccountPasswordPolicy",
        "CreateLoginProfile",
    ]
    assert len(password_of(world, credential.request_id, ours)) == 64
    assert AwsAccount.objects.get().password_policy["MinimumPasswordLength"] == 64
    assert truth.agrees()


def test_a_policy_that_takes_no_password_undoes_the_issue(world, truth, aws_account, reviewed):
    aws_account.faults.set("CreateLoginProfile", "error", code="PasswordPolicyViolation", status=400, times=20)
    with faulted() as caught:
        issue(reviewed)
    assert caught.value.created_note == "Everything that had been made was undone."
    assert Credential.objects.get().state == State.FAILED
    assert truth.agrees()


def test_the_account_sweep_keeps_the_password_policy_and_the_alias(world, truth):
    truth.root.create_account_alias(AccountAlias="example-mail")
    truth.root.update_account_password_policy(MinimumPasswordLength=14)
    posture.look(aws(), by=system("test"), now=timezone.now())
    account = AwsAccount.objects.get()
    assert (account.alias, account.password_policy["MinimumPasswordLength"]) == ("example-mail", 14)
    truth.root.delete_account_password_policy()
    posture.look(aws(), by=system("test"), now=timezone.now())
    account.refresh_from_db()
    assert account.password_policy is None


def test_a_lost_reply_is_undone_by_recovery(world, truth, aws_account, reviewed):
    aws_account.faults.set("CreateLoginProfile", "lose_reply", times=1)
    with faulted():
        issue(reviewed)
    aws_account.faults.clear()
    recover_all()
    assert Credential.objects.get().state == State.FAILED
    assert truth.agrees()


def test_without_a_boundary_of_their_own_none_can_be_described(world, settings):
    settings.AWS_CONSOLE_BOUNDARY_ARN = ""
    world.newsletter.kinds = [Kind.CONSOLE]
    world.newsletter.save()
    with pytest.raises(Refusal) as caught:
        world.reviewed(**CONSOLE)
    assert "names no boundary for console logins" in caught.value.reason


def test_full_rights_are_outside_where_a_team_may_read_only(world):
    world.newsletter.kinds = [Kind.CONSOLE]
    world.newsletter.save()
    described = description(world.newsletter, **CONSOLE | {"options": {"access": "full"}})
    with pytest.raises(Refusal) as caught:
        requesting.prepare(described, by=world.actor("member"), now=timezone.now())
    assert [breach.field for breach in caught.value.breaches] == ["access"]


def test_a_suspended_login_is_denied_everything_before_its_password_goes(world, truth, aws_account):
    credential = world.console_login()
    owner, before = Owner(truth, credential), len(aws_account.calls)
    owner.ses.list_email_identities()
    suspend(credential)
    assert calls_since(aws_account, before)[-2:] == ["PutUserPolicy", "DeleteLoginProfile"]
    assert owner.is_denied(owner.ses.list_email_identities)
    owner.leave()
    assert Credential.objects.get().state == State.SUSPENDED
    assert Handover.objects.get().state == Seal.BURNT, "its password is gone, so there is nothing to hand over"
    assert truth.agrees()


def test_resuming_it_is_a_hand_over_of_a_new_password(world, truth, aws_account):
    first, second = browser(), browser()
    credential = world.console_login(shown_in=first)
    old = password_of(world, credential.request_id, first)
    suspend(credential)
    before = len(aws_account.calls)
    review = resume_console(credential, shown_in=second)
    assert calls_since(aws_account, before)[-2:] == ["CreateLoginProfile", "DeleteUserPolicy"]
    assert password_of(world, review.pk, second) != old
    credential.refresh_from_db()
    assert credential.state == State.LIVE
    outcomes = AuditEvent.objects.filter(act="credential:resume").order_by("sequence")
    assert [each.outcome for each in outcomes] == [Outcome.BEGUN, Outcome.DONE]
    assert truth.agrees()


def test_a_password_that_somebody_made_in_aws_meanwhile_does_not_keep_it_suspended(world, truth):
    credential, ours = world.console_login(), browser()
    suspend(credential)
    truth.root.create_login_profile(
        UserName=credential.user_name, Password="Made-by-hand-1", PasswordResetRequired=True
    )
    review = resume_console(credential, shown_in=ours)
    assert password_of(world, review.pk, ours) != "Made-by-hand-1"
    assert truth.agrees()


def test_a_second_password_is_told_apart_from_a_second_user(world, aws_account):
    credential = world.console_login()
    with faulted() as caught:
        aws().create_login(credential.user_name, "Made-by-hand-1")
    assert caught.value.words == "The IAM user has a console password already."


def test_pressing_twice_resumes_once(world, truth, aws_account):
    credential, ours = world.console_login(), browser()
    suspend(credential)
    review = resume_console(credential, shown_in=ours)
    before = len(aws_account.calls)
    console_resumption.resume(review.pk, by=world.actor("member"), browser=ours, gateway=aws())
    assert calls_since(aws_account, before) == []
    assert truth.agrees()


def test_a_new_password_that_nobody_looked_at_is_taken_back_and_it_can_be_resumed_again(world, truth):
    credential = world.console_login()
    suspend(credential)
    review = resume_console(credential)
    expire(in_a_minute(PAST_THE_HANDOVER))
    credential.refresh_from_db()
    assert credential.state == State.SUSPENDED
    assert Handover.objects.get(pk=review.pk).state == Seal.BURNT
    assert truth.agrees()
    resume_console(credential)
    expire(in_a_minute(2))
    credential.refresh_from_db()
    assert credential.state == State.LIVE
    assert truth.agrees()


def test_a_first_password_that_nobody_looked_at_has_its_login_revoked(world, truth):
    world.console_login()
    expire(in_a_minute(PAST_THE_HANDOVER))
    assert Credential.objects.get().state == State.UNCLAIMED
    assert truth.agrees()


def test_a_new_password_that_was_lost_suspends_it_again(world, truth):
    credential, ours = world.console_login(), browser()
    suspend(credential)
    review = resume_console(credential, shown_in=ours)
    password_of(world, review.pk, ours)
    handover.lose(review.pk, by=world.actor("member"), gateway=aws())
    credential.refresh_from_db()
    assert credential.state == State.SUSPENDED
    assert truth.agrees()


@pytest.fixture
def resumed(world):
    """A login with a new password that is handed over: it, and the review of that."""
    credential = world.console_login()
    suspend(credential)
    return credential, resume_console(credential)


def states_of(credential, review):
    return Credential.objects.get(pk=credential.pk).state, Handover.objects.get(pk=review.pk).state


def test_a_loss_that_aws_refuses_is_made_good_by_the_sweep(world, truth, aws_account, resumed):
    credential, review = resumed
    aws_account.faults.set("PutUserPolicy", "error", code="AccessDenied", status=403, times=20)
    with faulted() as caught:
        handover.lose(review.pk, by=world.actor("member"), gateway=aws())
    assert caught.value.created_note.startswith("The secret is gone for good. It may still work")
    assert states_of(credential, review) == (State.LIVE, Seal.EXPIRING)
    aws_account.faults.clear()
    expire(in_a_minute())
    assert states_of(credential, review) == (State.SUSPENDED, Seal.BURNT)
    assert truth.agrees()


def test_what_is_lost_while_something_else_is_under_way_is_taken_back_after_it(world, truth, aws_account, resumed):
    credential, review = resumed
    aws_account.faults.set("PutUserPolicy", "lose_reply")
    with faulted():
        extend(credential, 120)
    aws_account.faults.clear()
    with pytest.raises(Refusal, match="Something else is under way") as caught:
        handover.lose(review.pk, by=world.actor("member"), gateway=aws())
    assert caught.value.created_note.startswith("The secret is gone for good. It may still work")
    before = AuditEvent.objects.count()
    expire(in_a_minute())
    assert states_of(credential, review) == (State.LIVE, Seal.EXPIRING)
    assert AuditEvent.objects.count() == before, "what is busy is left for the next minute without a word"
    recover_all()
    expire(in_a_minute(2))
    assert states_of(credential, review) == (State.SUSPENDED, Seal.BURNT)
    assert truth.agrees()


def suspensions_begun():
    return AuditEvent.objects.filter(act="credential:suspend", outcome=Outcome.BEGUN, actor_name="handovers").count()


def test_what_aws_refuses_for_good_is_asked_for_ever_more_seldom(truth, aws_account, resumed):
    credential, review = resumed
    aws_account.faults.set("PutUserPolicy", "error", code="AccessDenied", status=403)
    clock = in_a_minute(PAST_THE_HANDOVER)
    for _ in range(6 * 60):
        expire(clock)
        clock.now += timedelta(minutes=1)
    assert suspensions_begun() <= 12
    aws_account.faults.clear()
    clock.now += timedelta(hours=1)
    expire(clock)
    assert states_of(credential, review) == (State.SUSPENDED, Seal.BURNT)
    assert truth.agrees()


def test_of_a_login_whose_user_is_gone_from_aws_nothing_is_taken_back(truth, resumed):
    credential, review = resumed
    truth.delete(credential.user_name)
    clock = in_a_minute(PAST_THE_HANDOVER)
    for _ in range(5):
        expire(clock)
        clock.now += timedelta(minutes=5)
    assert suspensions_begun() == 1
    assert Handover.objects.get(pk=review.pk).state == Seal.BURNT
    revoke(credential)
    assert truth.agrees()


@pytest.mark.parametrize("effect", ["lose_reply", "error"])
@pytest.mark.parametrize("call", ["CreateLoginProfile", "DeleteUserPolicy"])
def test_a_resumption_without_an_answer_is_suspended_again_by_recovery(world, truth, aws_account, call, effect):
    credential = world.console_login()
    suspend(credential)
    more = {"code": "ServiceFailure", "status": 500} if effect == "error" else {}
    aws_account.faults.set(call, effect, **more)
    with faulted():
        resume_console(credential)
    aws_account.faults.clear()
    recover_all()
    credential.refresh_from_db()
    assert credential.state == State.SUSPENDED
    assert Claim.objects.filter(act="credential:resume").get().outcome == Outcome.FAILED
    assert Handover.objects.filter(state=Seal.OPEN).count() == 0
    assert truth.agrees()


def test_what_aws_refuses_at_once_leaves_it_suspended(world, truth, aws_account):
    credential = world.console_login()
    suspend(credential)
    aws_account.faults.set("CreateLoginProfile", "error", code="ConcurrentModification", status=409, times=20)
    with faulted() as caught:
        resume_console(credential)
    assert caught.value.created_note == "Nothing was changed."
    aws_account.faults.clear()
    assert truth.agrees()
    resume_console(credential)
    assert truth.agrees()


def test_a_resumption_that_comes_back_late_is_taken_back(world, truth):
    credential = world.console_login()
    suspend(credential)
    clock, late = Clock(), aws()

    class Late:
        """A gateway whose call takes so long that recovery has taken the act over, and settled it."""

        def __getattr__(self, name):
            return getattr(late, name)

        def delete_policy(self, user_name, policy_name, **named):
            recover_all()
            made = late.delete_policy(user_name, policy_name, **named)
            late.create_login(user_name, "Long-enough-1")
            return made

    with pytest.raises(Refusal, match="too long"):
        resume_console(credential, gateway=Late(), clock=clock)
    recover_all()
    credential.refresh_from_db()
    assert credential.state == State.SUSPENDED
    assert truth.agrees()


class RecoveredFirst:
    """A gateway whose calls wait, from the first of a resumption that gives: recovery has settled it before."""

    def __init__(self, then=lambda: None):
        self._then = then

    def __getattr__(self, name):
        return getattr(aws(), name)

    def create_login(self, user_name, password):
        recover_all()
        self._then()
        aws().create_login(user_name, password)


def test_what_a_late_resumption_made_is_taken_back_after_what_is_under_way_by_then(world, truth, aws_account):
    credential = world.console_login()
    suspend(credential)

    def something_else():
        aws_account.faults.set("PutUserPolicy", "lose_reply")
        with faulted():
            extend(credential, 120)
        aws_account.faults.clear()

    with pytest.raises(Refusal, match="too long"):
        resume_console(credential, gateway=RecoveredFirst(something_else), clock=Clock())
    assert truth.users()[credential.user_name].can_sign_in
    recover_all()
    assert Credential.objects.get().state == State.SUSPENDED
    recover_all()
    assert truth.agrees()


def test_a_late_resumption_leaves_alone_what_was_resumed_after_it(world, truth):
    credential, ours = world.console_login(), browser()
    suspend(credential)
    reviews = []

    def resumed_again():
        reviews.append(resume_console(credential, shown_in=ours))

    with pytest.raises(Refusal, match="too long"):
        resume_console(credential, gateway=RecoveredFirst(resumed_again), clock=Clock())
    recover_all()
    assert Credential.objects.get().state == State.LIVE
    assert password_of(world, reviews[0].pk, ours)
    assert truth.agrees()


def test_only_a_suspended_login_can_be_resumed_and_not_by_the_short_way(world):
    credential = world.console_login()
    with pytest.raises(Refusal) as caught:
        console_resumption.prepare(credential.pk, by=world.actor("member"), now=timezone.now())
    assert caught.value.why is Reason.NOT_NOW
    suspend(credential)
    with pytest.raises(Refusal, match="new password"):
        suspension.resume(credential.pk, by=world.actor("member"), gateway=aws())
    later = timezone.now() + timedelta(days=100)
    with pytest.raises(Refusal, match="expired"):
        console_resumption.prepare(credential.pk, by=world.actor("member"), now=later)


@pytest.mark.parametrize(("name", "why"), [("outsider", Reason.NOT_THERE), ("auditor", Reason.NOT_PERMITTED)])
def test_only_its_team_and_administrators_may_resume(world, name, why):
    credential = world.console_login()
    suspend(credential)
    with pytest.raises(Refusal) as caught:
        console_resumption.prepare(credential.pk, by=world.actor(name), now=timezone.now())
    assert caught.value.why is why
    review = console_resumption.prepare(credential.pk, by=world.actor("admin"), now=timezone.now())
    with pytest.raises(Refusal):
        console_resumption.resume(review.pk, by=world.actor(name), browser=browser(), gateway=aws())


def full_rights(world, **changes):
    """A console login with full rights, which nobody in Newsletter may issue alone."""
    return as_approved(world, **CONSOLE | {"options": {"access": "full"}} | changes)


def passed_back(world, credential, name):
    """What `name` is handed where a review of theirs was made before."""
    review = renewals.reviewed(credential, regions=(), by=world.actor(name), now=timezone.now())
    console_resumption.resume(review.pk, by=world.actor(name), browser=browser(), gateway=aws())


@pytest.mark.parametrize("act", [lambda world, *of: resume_console(of[0], by=world.actor(of[1])), passed_back])
@pytest.mark.parametrize(
    ("name", "title", "words"),
    [
        ("admin", "A second administrator has to agree first", "You widened the guardrail of Newsletter."),
        ("admin2", "Who approves does not see the secret", "member@example.com, whose it is, or another administrator"),
        ("colleague", "Its new password is for its owner", "member@example.com, whose it is, or an administrator can"),
    ],
)
def test_its_new_password_is_not_for(world, truth, name, title, words, act):
    world.people["colleague"] = world.people["outsider"]
    Membership.objects.create(team=world.newsletter, person=world.people["outsider"])
    credential = full_rights(world, by="admin2")
    suspend(credential)
    change(world, "admin", live_limit=9)
    refused(lambda: act(world, credential, name), title, words)
    assert not truth.users()[credential.user_name].can_sign_in
    assert AuditEvent.objects.first().outcome == Outcome.REFUSED
    resume_console(credential)
    assert truth.agrees()


def test_an_administrator_who_did_not_approve_it_resumes_it_and_all_are_told(world, truth):
    credential = full_rights(world, by="admin2")
    suspend(credential)
    resume_console(credential, by=world.actor("admin"))
    told = Notice.objects.filter(about="credential:resume", credential=credential)
    assert {each.recipient.email for each in told} == {"member@example.com", "admin@example.com", "admin2@example.com"}
    assert told[0].subject == "anna-keller was resumed with a new password"
    assert "admin@example.com has resumed anna-keller, and was handed its new password." in told[0].text
    assert truth.agrees()


def test_nobody_is_told_of_a_resumption_that_recovery_took_back(world, truth, aws_account):
    credential = world.console_login()
    suspend(credential)
    aws_account.faults.set("CreateLoginProfile", "lose_reply")
    with faulted():
        resume_console(credential)
    aws_account.faults.clear()
    recover_all()
    assert not Notice.objects.filter(about="credential:resume").exists()
    assert truth.agrees()


def test_undoing_a_stop_says_that_a_login_is_resumed_by_itself(world, truth):
    world.console_login()
    stop_id, by = uuid4(), world.actor("member")
    stops.begin(stops.Scope(world.newsletter), "A test.", stop_id=stop_id, by=by, gateway=aws())
    stops.undo(stop_id, by=by, gateway=aws())
    credential = Credential.objects.get()
    assert credential.state == State.SUSPENDED
    assert "by itself, on its own page" in Stopped.objects.get().trouble
    resume_console(credential)
    assert Stopped.objects.get().resumed_at is not None
    assert truth.agrees()


@pytest.mark.parametrize("is_suspended", [False, True])
def test_three_calls_revoke_it_whatever_its_state(world, truth, aws_account, is_suspended):
    credential = world.console_login()
    if is_suspended:
        suspend(credential)
    before = len(aws_account.calls)
    revoke(credential)
    password = [] if is_suspended else ["DeleteLoginProfile"]
    policies = ["DeleteUserPolicy"] * (2 if is_suspended else 1)
    assert calls_since(aws_account, before) == [*password, *policies, "DeleteUser"]
    assert truth.agrees()


@pytest.mark.parametrize("is_suspended", [False, True])
def test_a_revocation_that_did_nothing_gives_back_the_state_it_found(world, truth, aws_account, is_suspended):
    credential = world.console_login()
    if is_suspended:
        suspend(credential)
    first = "DeleteUserPolicy" if is_suspended else "DeleteLoginProfile"
    aws_account.faults.set(first, "error", code="ConcurrentModification", status=409, times=20)
    with faulted() as caught:
        revoke(credential)
    assert caught.value.created_note == "Nothing was changed: its password is what it was."
    aws_account.faults.clear()
    credential.refresh_from_db()
    assert credential.state == (State.SUSPENDED if is_suspended else State.LIVE)
    assert truth.agrees()


def test_a_login_whose_password_somebody_deleted_by_hand_is_revoked_all_the_same(world, truth):
    credential = world.console_login()
    truth.root.delete_login_profile(UserName=credential.user_name)
    revoke(credential)
    assert truth.agrees()


def test_without_the_right_to_delete_devices_its_own_stays_and_the_rest_goes(world, truth):
    credential = world.console_login()
    owner = Owner(truth, credential)
    serial = with_own_device(owner)
    owner.leave()
    hold(truth.root, without("DeleteTheirMfaDevices", "iam:DeleteVirtualMFADevice"))
    revoke(credential)
    assert [each["SerialNumber"] for each in truth.root.list_virtual_mfa_devices()["VirtualMFADevices"]] == [serial]
    assert truth.agrees()


def test_it_has_no_from_addresses_to_change(world):
    credential = world.console_login()
    with pytest.raises(Refusal, match="sends as nobody"):
        readdress(credential, "news@example.com")
    credential.refresh_from_db()
    assert credential.from_entries == []


def test_nothing_can_be_proved_of_it(world):
    ours = browser()
    credential = world.console_login(shown_in=ours)
    with pytest.raises(Refusal, match="cannot be proved"):
        verification.verify(credential.request_id, by=world.actor("member"), browser=ours)


def test_the_denial_is_what_the_page_of_bad_days_prints(world, truth):
    credential = world.console_login()
    first, second = by_hand.stopping(credential)
    document = first.partition("--policy-document '")[2].removesuffix("'")
    truth.root.put_user_policy(
        UserName=credential.user_name, PolicyName=SUSPENDED_POLICY_NAME, PolicyDocument=json.dumps(json.loads(document))
    )
    assert second == f"aws iam delete-login-profile --user-name {credential.user_name}"
    assert any(SUSPENDED_POLICY_NAME in command for command in by_hand.ending(credential))
