"""The opposite of an act that has not ended: refused, whatever the books say, for AWS may have it otherwise already."""

import pytest
from django.utils import timezone

from provisioning.domain.from_entries import FromEntry
from provisioning.domain.refusals import Reason, Refusal
from provisioning.gateway.aws import aws
from provisioning.gateway.smtp import Answer
from provisioning.models import Claim, Credential
from provisioning.services import extension, readdressing, retirement, suspension
from provisioning.services import transfer as transferring
from provisioning.services.claiming import Pressed
from tests.builders import browser, open_team
from tests.services import acts
from tests.services.bad_days.keys import retired, switched
from tests.services.test_suspension import passwords, signs_in
from tests.services.truth import recover_all
from tests.web.visits import heading, signed_in, text

pytestmark = pytest.mark.django_db
DIGEST = (FromEntry.parse("digest@example.com"),)


def by(world):
    return world.actor("admin")


def issued(world):
    open_team()
    return world.issued()


def suspended(world):
    one = issued(world)
    acts.suspend(one)
    return one


def locked_out(world):
    one = world.console_login()
    acts.suspend(one)
    return one


def of(before):
    return lambda world: Credential.objects.get(request=before(world))


def first_key(one):
    return one.keys.earliest("made_at").key_id


def back_to_the_digest(world, one):
    readdressing.readdress(one.pk, DIGEST, reviewed=one.policy_hash, by=by(world), gateway=aws())


def back_to_newsletter(world, one):
    transferring.transfer(one.pk, world.newsletter.pk, from_team_id=one.team_id, by=by(world), gateway=aws())


def as_long_as_before(world, one):
    extension.extend(one.pk, one.expires_at, reviewed=one.policy_hash, by=by(world), gateway=aws())


def suspend(world, one):
    suspension.suspend(one.pk, by=by(world), gateway=aws())


def resume(world, one):
    suspension.resume(one.pk, by=by(world), gateway=aws())


def retire(world, one):
    retirement.retire(one.pk, first_key(one), by=by(world), gateway=aws())


def reactivate(world, one):
    retirement.reactivate(one.pk, first_key(one), by=by(world), gateway=aws())


def delete(world, one):
    retirement.delete_now(one.pk, first_key(one), by=by(world), gateway=aws())


def switch(world, one):
    retirement.switch_over(one.pk, "forgotten.example.com", by=by(world), now=timezone.now())


# How it is before, the act that gets no answer, its call, and what is asked for while it is open.
CASES = {
    "suspend what is being resumed": (suspended, acts.resume, "UpdateAccessKey", suspend),
    "resume what is being suspended": (issued, acts.suspend, "UpdateAccessKey", resume),
    "suspend a login that is being resumed": (locked_out, acts.resume_console, "CreateLoginProfile", suspend),
    "retire what is being reactivated": (of(retired), acts.reactivate, "UpdateAccessKey", retire),
    "delete what is being reactivated": (of(retired), acts.reactivate, "UpdateAccessKey", delete),
    "reactivate what is being retired": (of(switched), acts.retire, "UpdateAccessKey", reactivate),
    "switch to what is being reactivated": (of(retired), acts.reactivate, "UpdateAccessKey", switch),
    "readdress back": (
        issued,
        lambda one, **named: acts.readdress(one, "news@example.com", **named),
        "PutUserPolicy",
        back_to_the_digest,
    ),
    "transfer back": (
        issued,
        lambda one, **named: acts.transfer(one, open_team(), **named),
        "TagUser",
        back_to_newsletter,
    ),
    "extend to the end that it had": (
        issued,
        lambda one, **named: acts.extend(one, 120, **named),
        "PutUserPolicy",
        as_long_as_before,
    ),
}
each_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES)


class Meanwhile:
    """The real gateway; at its first call of `operation` something else happens, in another browser."""

    def __init__(self, method, happens):
        self._method, self._happens = method, happens

    def __getattr__(self, name):
        if name == self._method and self._happens:
            happens, self._happens = self._happens, None
            happens()
        return getattr(aws(), name)


METHODS = {
    "UpdateAccessKey": "set_key_status",
    "CreateLoginProfile": "create_login",
    "PutUserPolicy": "put_policy",
    "TagUser": "tag_user",
}


def refused(asked):
    with pytest.raises(Refusal) as caught:
        asked()
    assert caught.value.why is Reason.NOT_NOW
    assert caught.value.title.startswith("Something else is under way with")


@each_case
def test_while_it_has_no_answer(world, truth, aws_account, case):
    before, act, operation, opposite = case
    one = before(world)
    aws_account.faults.set(operation, "lose_reply")
    with acts.faulted():
        act(one)
    aws_account.faults.clear()
    calls = len(aws_account.calls)
    refused(lambda: opposite(world, one))
    assert not [name for name, _ in aws_account.calls[calls:] if not name.startswith("Get")]
    assert Claim.objects.open().count() == 1
    recover_all()
    assert truth.agrees()


@each_case
def test_while_another_browser_waits_for_it(world, truth, case):
    before, act, operation, opposite = case
    one = before(world)
    act(one, gateway=Meanwhile(METHODS[operation], lambda: refused(lambda: opposite(world, one))))
    assert truth.agrees()


@pytest.mark.parametrize(
    ("before", "act", "again"),
    [(issued, acts.suspend, suspension.suspend), (suspended, acts.resume, suspension.resume)],
)
def test_the_same_act_meanwhile_is_done_once_and_knows_that_it_has_not_ended(world, truth, before, act, again):
    one, came = before(world), []

    def press():
        came.append(again(one.pk, by=by(world), gateway=aws()))

    act(one, gateway=Meanwhile("set_key_status", press))
    press()
    assert came == [Pressed.UNDER_WAY, Pressed.ALREADY]
    assert truth.agrees()


def test_nobody_reads_that_it_is_suspended_while_it_sends(world, truth, aws_account):
    ours = browser()
    one = world.issued(shown_in=ours)
    login = passwords(world, one, ours)
    acts.suspend(one)
    aws_account.faults.set("UpdateAccessKey", "lose_reply")
    member, admin = signed_in(world, "member"), signed_in(world, "admin")
    assert member.post(f"/credentials/{one.pk}/resumption/").status_code in {502, 503}
    aws_account.faults.clear()
    assert signs_in(login).answer is Answer.ACCEPTED
    for answer in (admin.post(f"/credentials/{one.pk}/suspension/"), admin.get(f"/credentials/{one.pk}/suspension/")):
        assert answer.status_code == 409
        assert heading(answer) == "Something else is under way with weekly-digest"
        assert "member@example.com began to resume it" in text(answer)
    recover_all()
    assert admin.post(f"/credentials/{one.pk}/suspension/").status_code == 303
    assert signs_in(login).answer is not Answer.ACCEPTED
    assert truth.agrees()


@pytest.mark.parametrize(
    "below",
    [
        "suspension", "resumption", "revocation", "from-addresses", "extension", "transfer", "rotation", "switch-over",
        "retirement", "reactivation",
    ],
)  # fmt: skip
def test_no_page_asks_while_something_is_under_way(world, aws_account, below):
    one = Credential.objects.get(request=switched(world))
    aws_account.faults.set("UpdateAccessKey", "lose_reply")
    with acts.faulted():
        acts.suspend(one)
    aws_account.faults.clear()
    answer = signed_in(world, "admin").get(f"/credentials/{one.pk}/{below}/")
    assert (answer.status_code, heading(answer)) == (409, "Something else is under way with weekly-digest")


def test_a_note_can_be_written_all_the_same(world, aws_account):
    one = issued(world)
    aws_account.faults.set("UpdateAccessKey", "lose_reply")
    with acts.faulted():
        acts.suspend(one)
    assert signed_in(world, "member").get(f"/credentials/{one.pk}/note/").status_code == 200
