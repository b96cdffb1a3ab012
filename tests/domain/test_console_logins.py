"""Console logins: passwords for any policy, what they may do, where they sign in, and what a team allows."""

import random
import string
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guidance.catalogue import Kind
from provisioning.domain.console_address import sign_in_address
from provisioning.domain.console_password import CLASSES, LENGTH, LETTERS, LONGEST, SYMBOLS, generate
from provisioning.domain.console_policy import console_policy
from provisioning.domain.guardrails import ConsoleAccess, Guardrail, Wish, breaches, outside
from provisioning.domain.naming import policy_name
from provisioning.domain.own_policy import console_boundary_policy, own_policy
from provisioning.domain.widening import differences, is_widening

END = datetime(2027, 5, 22, 14, 2, tzinfo=UTC)
WHERE = {"partition": "aws", "account_id": "123456789012"}
# What AWS lets an account ask of passwords.
POLICIES = st.none() | st.fixed_dictionaries(
    {
        "MinimumPasswordLength": st.integers(6, 128),
        "RequireSymbols": st.booleans(),
        "RequireNumbers": st.booleans(),
        "RequireUppercaseCharacters": st.booleans(),
        "RequireLowercaseCharacters": st.booleans(),
    },
    optional={"MaxPasswordAge": st.integers(1, 1095), "PasswordReusePrevention": st.integers(1, 24)},
)
AWS_SYMBOLS = "!@#$%^&*()_+-=[]{}|'"
REQUIRED = {
    "RequireSymbols": AWS_SYMBOLS,
    "RequireNumbers": string.digits,
    "RequireUppercaseCharacters": string.ascii_uppercase,
    "RequireLowercaseCharacters": string.ascii_lowercase,
}


def chance(seed):
    return random.Random(seed)


@given(POLICIES, st.integers())
def test_a_password_is_to_any_policy_that_an_account_can_have(policy, seed):
    password = generate(policy, chance(seed))
    asked = policy or {"MinimumPasswordLength": 8}
    assert max(LENGTH, asked["MinimumPasswordLength"]) <= len(password) <= LONGEST
    for name, signs in REQUIRED.items():
        if asked.get(name):
            assert set(password) & set(signs), name
    assert sum(bool(set(password) & set(signs)) for signs in CLASSES) >= 3


@given(POLICIES, st.integers())
def test_nothing_in_it_needs_quoting_or_is_read_for_something_else(policy, seed):
    password = generate(policy, chance(seed))
    assert password[0] in LETTERS
    assert set(password) <= set(string.ascii_letters + string.digits + SYMBOLS)
    assert not set(password) & set("Il1O0o")


@given(st.integers())
def test_all_of_it_comes_from_the_chance_that_is_given(seed):
    assert generate(None, chance(seed)) == generate(None, chance(seed))
    assert generate(None, chance(seed)) != generate(None, chance(seed + 1))


def test_every_symbol_of_ours_is_one_of_awss():
    assert set(SYMBOLS) <= set(AWS_SYMBOLS)


def actions_of(policy):
    return {action for statement in policy["Statement"] for action in statement["Action"]}


@pytest.mark.parametrize("access", list(ConsoleAccess))
def test_every_right_ends_with_the_login(access):
    policy = console_policy(**WHERE, access=access, expires_at=END)
    for statement in policy["Statement"]:
        assert statement["Condition"] == {"DateLessThan": {"aws:CurrentTime": "2027-05-22T14:02:00Z"}}
    without = console_policy(**WHERE, access=access, expires_at=None)
    assert not any("Condition" in statement for statement in without["Statement"])


def test_reading_is_what_changes_nothing_and_the_forced_reset_is_always_there():
    read = actions_of(console_policy(**WHERE, access=ConsoleAccess.READ, expires_at=END))
    full = actions_of(console_policy(**WHERE, access=ConsoleAccess.FULL, expires_at=END))
    assert {action for action in read if action.startswith("ses:")} == {"ses:Describe*", "ses:Get*", "ses:List*"}
    assert {action for action in full if action.startswith("ses:")} == {"ses:*"}
    assert {"iam:ChangePassword", "iam:GetAccountPasswordPolicy"} <= read & full


def test_the_boundary_has_all_that_a_login_may_and_nothing_else():
    boundary = actions_of(console_boundary_policy(**WHERE, path="/ses-dashboard/"))
    assert boundary == actions_of(console_policy(**WHERE, access=ConsoleAccess.FULL, expires_at=None))


def test_the_dashboard_needs_no_more_where_there_are_no_console_logins():
    named = {**WHERE, "path": "/ses-dashboard/", "boundary_arn": "arn:aws:iam::123456789012:policy/sescreds-boundary"}
    without = actions_of(own_policy(**named))
    assert "iam:CreateLoginProfile" not in without
    more = actions_of(own_policy(**named, console_boundary_arn="arn:aws:iam::123456789012:policy/another")) - without
    assert more == {
        "iam:CreateLoginProfile",
        "iam:DeleteVirtualMFADevice",
        "iam:GetAccountPasswordPolicy",
        "iam:ListAccountAliases",
    }


@pytest.mark.parametrize(
    ("partition", "alias", "address"),
    [
        ("aws", "", "https://123456789012.signin.aws.amazon.com/console"),
        ("aws", "example-mail", "https://example-mail.signin.aws.amazon.com/console"),
        ("aws-us-gov", "", "https://123456789012.signin.amazonaws-us-gov.com/console"),
        ("aws-eusc", "", "https://123456789012.signin.amazonaws-eusc.eu/console"),
    ],
)
def test_where_it_signs_in(partition, alias, address):
    assert sign_in_address(partition=partition, account_id="123456789012", alias=alias) == address


def test_its_policy_has_a_name_that_says_what_it_is():
    assert policy_name(Kind.CONSOLE) == "sescreds-console"
    assert policy_name(Kind.SMTP) == policy_name(Kind.API) == "sescreds-send"


def guardrail(access, *kinds):
    return Guardrail("Newsletter", frozenset(kinds or [Kind.CONSOLE]), (), (), 5, 90, console_access=access)


def wish(access):
    return Wish(Kind.CONSOLE, (), (), 30, {"access": access.value})


@pytest.mark.parametrize("allowed", list(ConsoleAccess))
@pytest.mark.parametrize("wanted", list(ConsoleAccess))
def test_full_rights_are_outside_where_reading_is_the_most(allowed, wanted):
    found = breaches(guardrail(allowed), wish(wanted), live=0)
    is_outside = (allowed, wanted) == (ConsoleAccess.READ, ConsoleAccess.FULL)
    assert [breach.field for breach in found] == (["access"] if is_outside else [])
    assert outside(guardrail(allowed), wish(wanted), 1) == (("with full rights",) if is_outside else ())


def test_more_rights_are_a_widening_and_fewer_are_none():
    read, full = guardrail(ConsoleAccess.READ), guardrail(ConsoleAccess.FULL)
    (difference,) = differences(read, full)
    assert str(difference) == "Console logins: read only before, full rights now"
    assert is_widening(read, full)
    assert not is_widening(full, read)
    assert [each.limit for each in differences(full, read)] == ["Console logins"]


def test_console_logins_need_neither_regions_nor_addresses():
    assert not guardrail(ConsoleAccess.READ).lets_nothing_through
    assert guardrail(ConsoleAccess.READ, Kind.SMTP).lets_nothing_through
