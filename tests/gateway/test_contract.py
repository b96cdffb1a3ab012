"""The gateway over the sandbox, with exactly the rights of the printed policy."""

import time

import pytest

from provisioning.gateway.contract import DELETE_CONFLICT, ENTITY_ALREADY_EXISTS, GatewayFault, NewUser
from tests.gateway.conftest import BOUNDARY, PATH

POLICY = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ses:SendRawEmail", "Resource": "*"}]}'


def user(name="ses-newsletter-new-12345678"):
    return NewUser(name, PATH, BOUNDARY, {"managed-by": "sescreds", "sescreds-act": "1"})


def asked(sandbox):
    return [operation for operation, _ in sandbox.calls]


def code_of(function, *arguments):
    with pytest.raises(GatewayFault) as caught:
        function(*arguments)
    assert caught.value.aws_request_id
    return caught.value.code


def test_a_user_is_made_whole_in_one_call(gateway, aws_account):
    aws_account.world.calls.clear()
    assert gateway.create_user(user())
    assert asked(aws_account) == ["CreateUser"]
    found = gateway.user(user().name)
    assert (found.path, dict(found.tags)) == (PATH, user().tags)


def test_a_name_in_another_case_is_taken(gateway, made_user):
    assert code_of(gateway.create_user, user(made_user.upper())) == ENTITY_ALREADY_EXISTS


def test_what_is_deleted_twice_was_there_once(gateway, made_user):
    gateway.put_policy(made_user, "p", POLICY)
    key = gateway.create_key(made_user)
    deletions = [
        (gateway.delete_key, made_user, key.access_key_id),
        (gateway.delete_policy, made_user, "p"),
        (gateway.delete_user, made_user),
    ]
    assert [delete(*about) for delete, *about in deletions] == [True, True, True]
    assert [delete(*about) for delete, *about in deletions] == [False, False, False]
    assert gateway.user(made_user) is None


def test_a_key_is_stopped_and_let_work_again_as_often_as_asked(gateway, made_user, root):
    key = gateway.create_key(made_user).access_key_id

    def status():
        return root.list_access_keys(UserName=made_user)["AccessKeyMetadata"][0]["Status"]

    for active, wanted in ((False, "Inactive"), (False, "Inactive"), (True, "Active"), (True, "Active")):
        gateway.set_key_status(made_user, key, active=active)
        assert status() == wanted
    assert code_of(lambda: gateway.set_key_status(made_user, "AKIA" + "0" * 16, active=True)) == "NoSuchEntity"
    assert code_of(lambda: gateway.set_key_status("ses-nobody", key, active=True)) == "NoSuchEntity"


def test_a_tag_is_set_and_the_others_stay(gateway, made_user):
    before = dict(gateway.user(made_user).tags)
    gateway.tag_user(made_user, {"sescreds-team": "7"})
    assert dict(gateway.user(made_user).tags) == before | {"sescreds-team": "7"}


def test_everything_that_hangs_on_a_user_is_named_and_can_be_taken_off(gateway, made_user, root):
    policy = root.create_policy(PolicyName="extra", PolicyDocument=POLICY)["Policy"]["Arn"]
    root.attach_user_policy(UserName=made_user, PolicyArn=policy)
    root.put_user_policy(UserName=made_user, PolicyName="inline", PolicyDocument=POLICY)
    root.create_login_profile(UserName=made_user, Password="Long-enough-1")
    root.create_group(GroupName="crowd")
    root.add_user_to_group(GroupName="crowd", UserName=made_user)
    key = gateway.create_key(made_user)
    held = gateway.holdings(made_user)
    assert list(held.access_keys) == [key.access_key_id]
    assert (list(held.inline_policies), list(held.attached_policies)) == (["inline"], [policy])
    assert list(held.groups) == ["crowd"]
    assert code_of(gateway.delete_user, made_user) == DELETE_CONFLICT
    assert gateway.delete_login(made_user)
    assert gateway.delete_key(made_user, key.access_key_id)
    assert gateway.delete_policy(made_user, "inline")
    assert gateway.detach_policy(made_user, policy)
    root.remove_user_from_group(GroupName="crowd", UserName=made_user)
    assert gateway.delete_user(made_user)


@pytest.mark.parametrize("make", ["put_policy", "create_key"])
def test_a_user_who_is_not_seen_yet_is_waited_for(gateway, aws_account, make):
    aws_account.settings.user_delay = 1.2
    gateway.create_user(user())
    arguments = {"put_policy": (user().name, "p", POLICY), "create_key": (user().name,)}[make]
    assert getattr(gateway, make)(*arguments)


def test_a_deletion_waits_for_a_user_who_is_new_only_when_told_so(gateway, aws_account):
    gateway.create_user(user())
    aws_account.settings.user_delay = 1.5
    assert gateway.delete_user(user().name) is False
    assert gateway.delete_user(user().name, unseen_for=5) is True


def test_the_wait_for_a_user_who_is_not_there_ends(gateway):
    began = time.monotonic()
    assert gateway.delete_user(user().name, unseen_for=1.5) is False
    assert time.monotonic() - began < 3


def test_a_user_outside_our_path_is_out_of_reach(gateway, root):
    root.create_user(UserName="ses-elsewhere", Path="/")
    assert gateway.user("ses-elsewhere").path == "/"
    assert code_of(gateway.delete_user, "ses-elsewhere") == "AccessDenied"
    assert code_of(gateway.create_key, "ses-elsewhere") == "AccessDenied"


def test_the_reads_are_allowed_by_the_printed_policy(gateway):
    assert gateway.caller().account_id == "123456789012"
    assert not gateway.caller().is_root
    assert gateway.policy_exists(BOUNDARY)
    assert {identity.name for identity in gateway.identities("eu-central-1")} >= {"example.com"}
    assert gateway.sending_account("eu-central-1").sending_enabled in {True, False}
    assert gateway.key_uses() is not None
    assert gateway.key_in_use()
    assert not gateway.is_real


def test_every_second_call_throttled_only_takes_longer(gateway, aws_account):
    aws_account.faults.set("*", "throttle", every=2)
    aws_account.world.calls.clear()
    gateway.create_user(user())
    gateway.put_policy(user().name, "p", POLICY)
    gateway.create_key(user().name)
    done = [operation for operation, status in aws_account.calls if status == 200]
    assert done == ["CreateUser", "PutUserPolicy", "CreateAccessKey"]
    assert len(aws_account.calls) == 5
