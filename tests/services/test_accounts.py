"""AWS accounts beside the first: added, changed, retired; and what is refused, in words beside its field."""

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from provisioning.domain.refusals import Reason, Refusal
from provisioning.models import AuditEvent, AwsAccount
from provisioning.services import accounts, requesting, set_up
from tests.builders import description
from tests.services.acts import issue
from tests.services.elsewhere import BOUNDARY_THERE, added, ready, wanted

pytestmark = pytest.mark.django_db


def events(act):
    return list(AuditEvent.objects.filter(act=f"account:{act}").order_by("sequence"))


def detail(event):
    return json.loads(event.text)["detail"]


def change(world, account, by="admin", **changes):
    return accounts.change(account.pk, wanted(**changes), by=world.actor(by), now=timezone.now())


def retire(world, account, by="admin"):
    return accounts.retire(account.pk, by=world.actor(by), now=timezone.now())


def test_an_account_has_an_external_id_of_its_own_and_an_event(world, aws_account):
    before = len(aws_account.calls)
    account = added(world)
    assert (account.account_id, account.partition) == ("210987654321", "aws")
    assert len(account.external_id) == 48
    (event,) = events("add")
    assert (event.outcome, event.subject) == ("done", "AWS account Subsidiary, 210987654321")
    assert detail(event)["before"] is None
    assert detail(event)["after"]["external_id"] == account.external_id
    assert detail(event)["after"]["role_arn"] == account.role_arn
    assert aws_account.calls[before:] == [], "AWS is not asked"


def test_external_ids_are_never_the_same(world):
    first = added(world).external_id
    AwsAccount.objects.elsewhere().delete()
    assert added(world).external_id != first


def test_an_external_id_can_be_typed_on_a_command_line(world, monkeypatch):
    monkeypatch.setattr("secrets.token_bytes", lambda count: b"\xfb\xef" * (count // 2))  # all hyphens in base64
    assert added(world).external_id.isalnum()


def test_the_command_that_prints_our_policy_names_the_roles_of_the_books(world):
    account = added(world)
    out = StringIO()
    call_command("own_policy", "--only", "own", "--role-arn", "arn:aws:iam::333333333333:role/next", stdout=out)
    roles = ["arn:aws:iam::210987654321:role/sescreds", "arn:aws:iam::333333333333:role/next"]
    assert account.role_arn == roles[0]
    assert [each for each in json.loads(out.getvalue())["Statement"] if each["Resource"] == roles]
    there = StringIO()
    named = ["--account", account.account_id, "--boundary-arn", account.boundary_arn, "--console-boundary-arn"]
    call_command("own_policy", *named, account.boundary_arn, "--only", "own", stdout=there)
    assert "EnterOtherAccounts" not in there.getvalue(), "from there one goes nowhere"


OTHER = "arn:aws:iam::{}:role/sescreds"
WRONG = [
    ("role_arn", "sescreds", "Not the ARN of a role"),
    ("role_arn", OTHER.format("210987654321") + "\n", "Not the ARN of a role"),
    ("role_arn", OTHER.format("210987654321") + "?x=http://example.net/", "Not the ARN of a role"),
    ("role_arn", "arn:aws:iam::210987654321:user/sescreds", "Not the ARN of a role"),
    ("role_arn", OTHER.format("123456789012"), "signs in to 123456789012 already"),
    ("role_arn", OTHER.format("210987654321").replace(":aws:", ":aws-us-gov:"), "AWS keeps them apart"),
    ("regions", ("eu-central-1", "us-gov-west-1"), "partition aws, and us-gov-west-1 is not"),
    ("regions", ("eusc-de-east-1",), "partition aws, and eusc-de-east-1 is not"),
    ("path", "/", "A path of its own"),
    ("path", "ses-dashboard", "A path of its own"),
    ("boundary_arn", "arn:aws:iam::aws:policy/AdministratorAccess", "Not the ARN of a managed policy"),
    ("boundary_arn", "arn:aws:iam::123456789012:policy/b", "must be a policy of account 210987654321"),
    ("console_boundary_arn", "arn:aws:iam::123456789012:policy/b", "must be a policy of account 210987654321"),
]


@pytest.mark.parametrize(("field", "value", "words"), WRONG)
def test_what_is_wrong_is_said_beside_its_field(world, field, value, words):
    with pytest.raises(Refusal, match=words) as caught:
        added(world, **{field: value})
    assert [each.field for each in caught.value.breaches if words in each.text] == [field]
    assert not AwsAccount.objects.elsewhere().exists()
    assert [event.outcome for event in events("add")] == ["refused"]


def test_neither_account_nor_name_twice(world):
    added(world)
    with pytest.raises(Refusal, match="210987654321 is here already"):
        added(world, name="Another")
    with pytest.raises(Refusal, match="called subsidiary already"):
        added(world, name="subsidiary", role_arn=OTHER.format("111122223333"), boundary_arn=BOUNDARY_THERE)


def test_a_change_is_written_down_with_what_was_and_is_checked_anew(world, aws_account):
    account = ready(world, aws_account)
    AwsAccount.objects.filter(pk=account.pk).update(checked_at=timezone.now(), principal_arn="x", trouble="y")
    changed = change(world, account, role_arn="arn:aws:iam::210987654321:role/mail/sescreds", name="Daughter")
    assert (changed.checked_at, changed.principal_arn, changed.trouble) == (None, "", "")
    (event,) = events("change")
    assert detail(event)["before"] == {"name": "Subsidiary", "role_arn": account.role_arn}
    assert detail(event)["after"] == {"name": "Daughter", "role_arn": changed.role_arn}
    assert changed.external_id == account.external_id


def test_a_new_name_needs_no_new_check_and_the_same_again_is_nothing(world, aws_account):
    account = ready(world, aws_account)
    AwsAccount.objects.filter(pk=account.pk).update(checked_at=timezone.now())
    assert change(world, account, name="Daughter").checked_at is not None
    change(world, account, name="Daughter")
    assert len(events("change")) == 1


def test_a_change_leads_into_no_other_account(world):
    with pytest.raises(Refusal, match="Add that as an account of its own"):
        change(
            world,
            added(world),
            role_arn=OTHER.format("111122223333"),
            boundary_arn="arn:aws:iam::111122223333:policy/b",
        )


def test_what_credentials_were_made_under_stays_while_they_are_there(world, aws_account):
    account = ready(world, aws_account)
    change(world, account, path="/mail/")  # nothing is there yet
    change(world, account)
    issue(world.reviewed(account_id=account.pk))
    with pytest.raises(Refusal, match="now 1") as caught:
        change(world, account, path="/mail/", boundary_arn=BOUNDARY_THERE + "-2")
    assert [each.field for each in caught.value.breaches] == ["path", "boundary_arn"]
    change(world, account, console_boundary_arn=BOUNDARY_THERE + "-console")


def test_in_a_retired_account_nothing_new_is_made(world, aws_account):
    account = ready(world, aws_account)
    request = world.reviewed(account_id=account.pk)
    retire(world, account)
    retire(world, account)
    (event,) = events("retire")
    assert detail(event) == {"before": {"in use": True}, "after": {"in use": False, "held": 0}}
    with pytest.raises(Refusal, match="was retired") as caught:
        issue(request)
    assert caught.value.why is Reason.UNSAFE_SET_UP
    with pytest.raises(Refusal, match="no such AWS account"):
        world.reviewed(account_id=account.pk)
    assert [each.account_id for each in set_up.in_use()] == ["123456789012"]
    assert len(set_up.everywhere()) == 2


@pytest.mark.parametrize("name", ["member", "auditor", "guest"])
def test_only_administrators(world, name):
    account, by, now = added(world), world.actor(name), timezone.now()
    for act in (
        lambda: accounts.add(wanted(), by=by, now=now),
        lambda: change(world, account, by=name),
        lambda: retire(world, account, by=name),
    ):
        with pytest.raises(Refusal) as caught:
            act()
        assert caught.value.why is Reason.NOT_PERMITTED


def test_each_wants_a_sign_in_of_late(world):
    account, by, now = added(world), world.people["admin"].as_actor(is_fresh=False), timezone.now()
    for act in (
        lambda: accounts.add(wanted(), by=by, now=now),
        lambda: accounts.change(account.pk, wanted(name="x"), by=by, now=now),
        lambda: accounts.retire(account.pk, by=by, now=now),
    ):
        with pytest.raises(Refusal) as caught:
            act()
        assert caught.value.why is Reason.NOT_FRESH


def test_the_first_account_is_none_of_these(world):
    home = set_up.account()
    for act in (lambda: change(world, home), lambda: retire(world, home)):
        with pytest.raises(Refusal, match="no such AWS account"):
            act()


def test_an_account_that_the_environment_comes_to_name_is_entered_by_no_role(world, settings):
    account = added(world)
    settings.AWS_BOUNDARY_ARN = BOUNDARY_THERE
    home = set_up.account()
    assert (home.pk, home.role_arn, home.retired_at) == (account.pk, "", None)


def test_a_region_in_which_the_account_is_not_used(world, aws_account):
    account = ready(world, aws_account, regions=["us-east-1"])
    described = description(world.newsletter, account_id=account.pk)
    with pytest.raises(Refusal, match="Subsidiary, 210987654321 is not used in eu-central-1"):
        requesting.prepare(described, by=world.actor("member"), now=timezone.now())
    assert world.reviewed(account_id=account.pk, regions=("us-east-1",)).account == account
