"""The keys of a user as AWS lists them, and when each was last used."""

from datetime import UTC, datetime, timedelta

import pytest

from provisioning.gateway.contract import ACCESS_DENIED, LIMIT_EXCEEDED, NO_SUCH_ENTITY, GatewayFault


def code_of(function, *arguments, **named):
    with pytest.raises(GatewayFault) as caught:
        function(*arguments, **named)
    return caught.value.code


def test_the_keys_of_a_user_come_oldest_first_with_their_state(gateway, made_user, aws_account, root):
    first = gateway.create_key(made_user).access_key_id
    aws_account.clock_offset = 5
    second = gateway.create_key(made_user, is_new=False).access_key_id
    aws_account.clock_offset = 0
    gateway.set_key_status(made_user, first, active=False)
    found = gateway.keys(made_user)
    assert [(key.key_id, key.is_active) for key in found] == [(first, False), (second, True)]
    assert abs(found[0].made_at - datetime.now(UTC)) < timedelta(minutes=1)
    assert code_of(gateway.create_key, made_user, is_new=False) == LIMIT_EXCEEDED


def test_the_keys_of_a_user_who_is_gone_are_not_there(gateway, made_user):
    gateway.delete_user(made_user)
    assert code_of(gateway.keys, made_user) == NO_SUCH_ENTITY
    assert code_of(gateway.create_key, made_user, is_new=False) == NO_SUCH_ENTITY  # at once


def test_a_key_is_never_used_until_it_is(gateway, made_user, aws_account):
    key = gateway.create_key(made_user)
    assert gateway.key_last_used(key.access_key_id) is None
    from provisioning.sandbox.principals import record_use

    record_use(aws_account.world, key.access_key_id, "ses", "us-east-1")
    last = gateway.key_last_used(key.access_key_id)
    assert (last.service, last.region) == ("ses", "us-east-1")
    assert abs(last.used_at - datetime.now(UTC)) < timedelta(minutes=1)


def test_a_key_of_nobody_and_one_outside_our_path_are_denied_alike(gateway, root):
    root.create_user(UserName="website-2")
    theirs = root.create_access_key(UserName="website-2")["AccessKey"]["AccessKeyId"]
    assert code_of(gateway.key_last_used, theirs) == ACCESS_DENIED
    assert code_of(gateway.key_last_used, "AKIA" + "A" * 16) == ACCESS_DENIED
