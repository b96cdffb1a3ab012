"""Console passwords: the account's policy is applied, and a forced reset is kept."""

import pytest

from .conftest import allow, code_of, policy


@pytest.fixture
def bare(root):
    root.create_user(UserName="x")
    return root


@pytest.mark.parametrize("password", ["Short-1", "onlylower", "lower-and-symbols", "x" * 129])
def test_a_weak_password(bare, password):
    made = {"UserName": "x", "Password": password}
    assert code_of(lambda: bare.create_login_profile(**made)) in ("PasswordPolicyViolation", "ValidationError")
    assert code_of(lambda: bare.get_login_profile(UserName="x")) == "NoSuchEntity"


def test_a_reset_that_is_required_is_kept(bare):
    bare.create_login_profile(UserName="x", Password="Good-enough-1", PasswordResetRequired=True)
    assert bare.get_login_profile(UserName="x")["LoginProfile"]["PasswordResetRequired"] is True
    again = {"UserName": "x", "Password": "Good-enough-2"}
    assert code_of(lambda: bare.create_login_profile(**again)) == "EntityAlreadyExists"
    bare.update_login_profile(UserName="x", PasswordResetRequired=False)
    assert bare.get_login_profile(UserName="x")["LoginProfile"]["PasswordResetRequired"] is False


def test_the_accounts_own_policy(bare):
    assert code_of(bare.get_account_password_policy) == "NoSuchEntity"
    bare.update_account_password_policy(MinimumPasswordLength=14, RequireSymbols=True)
    made = {"UserName": "x", "Password": "Good-enough-1"}
    assert code_of(lambda: bare.create_login_profile(**made)) == "PasswordPolicyViolation"
    bare.create_login_profile(UserName="x", Password="good-enough-for-this")


def test_a_user_changes_its_own_password(root, make_user, as_user):
    client = as_user("iam", make_user("x", policy(allow("iam:ChangePassword", "arn:aws:iam::123456789012:user/*"))))
    root.create_login_profile(UserName="x", Password="Good-enough-1", PasswordResetRequired=True)
    change = {"OldPassword": "Good-enough-1", "NewPassword": "weak"}
    assert code_of(lambda: client.change_password(**change)) == "PasswordPolicyViolation"
    client.change_password(OldPassword="Good-enough-1", NewPassword="Good-enough-2")
    assert root.get_login_profile(UserName="x")["LoginProfile"]["PasswordResetRequired"] is False
