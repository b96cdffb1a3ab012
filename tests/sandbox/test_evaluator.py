"""The decision of IAM as a pure function: tables of cases, and properties that must hold for all."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.sandbox.authorization import Decision, Holder, Request, decide
from provisioning.sandbox.conditions import EvaluationError, UnknownWordError, condition
from provisioning.sandbox.patterns import matches, matches_arn, matches_resource
from provisioning.sandbox.policies import read_policy

from .conftest import allow, deny, policy

USER = "arn:aws:iam::123456789012:user/ses-dashboard/newsletter/x"


def decision(statements, action="iam:GetUser", resource=USER, boundary=None, **context):
    holder = Holder((read_policy(policy(*statements)),), read_policy(policy(*boundary)) if boundary else None)
    keys = {name.replace("__", ":"): value for name, value in context.items()}
    return decide(Request(action, resource, keys), holder).decision


@pytest.mark.parametrize(
    ("statements", "boundary", "expected"),
    [
        ([], None, "implicitDeny"),
        ([allow("iam:GetUser")], None, "allowed"),
        ([allow("IAM:getuser")], None, "allowed"),
        ([allow("iam:*")], None, "allowed"),
        ([allow("iam:Get*", USER)], None, "allowed"),
        ([allow("iam:Get*", "arn:aws:iam::123456789012:user/ses-dashboard/*")], None, "allowed"),
        ([allow("iam:Get*", "arn:aws:iam::123456789012:user/ses-dashboard")], None, "implicitDeny"),
        ([allow("iam:Get*", "arn:aws:iam::123456789012:user/other/*")], None, "implicitDeny"),
        ([allow("iam:Get*", "arn:aws:iam::123456789012:user/SES-dashboard/*")], None, "implicitDeny"),
        ([allow("iam:PutUserPolicy")], None, "implicitDeny"),
        ([allow("iam:*"), deny("iam:GetUser")], None, "explicitDeny"),
        ([allow("iam:*"), deny("iam:GetUser", "arn:aws:iam::123456789012:user/other/*")], None, "allowed"),
        ([{"Effect": "Allow", "NotAction": "iam:Delete*", "Resource": "*"}], None, "allowed"),
        ([{"Effect": "Allow", "NotAction": "iam:Get*", "Resource": "*"}], None, "implicitDeny"),
        ([{"Effect": "Allow", "Action": "*", "NotResource": USER}], None, "implicitDeny"),
        ([allow("iam:*")], [allow("ses:*")], "implicitDeny"),
        ([allow("iam:*")], [allow("iam:GetUser")], "allowed"),
        ([], [allow("iam:GetUser")], "implicitDeny"),
        ([allow("iam:*")], [allow("iam:*"), deny("iam:GetUser")], "explicitDeny"),
        ([deny("iam:GetUser")], [allow("iam:*")], "explicitDeny"),
    ],
)
def test_statements_deny_and_boundary(statements, boundary, expected):
    assert decision(statements, boundary=boundary) == expected


@pytest.mark.parametrize(
    ("operator", "values", "actual", "expected"),
    [
        ("StringEquals", ["a", "b"], ["b"], True),
        ("StringEquals", ["a"], ["A"], False),
        ("StringEquals", ["a"], None, False),
        ("StringEqualsIfExists", ["a"], None, True),
        ("StringEqualsIgnoreCase", ["a"], ["A"], True),
        ("StringNotEquals", ["a", "b"], ["b"], False),
        ("StringNotEquals", ["a", "b"], ["c"], True),
        ("StringNotEquals", ["a"], None, True),
        ("StringLike", ["*@example.com"], ["news@example.com"], True),
        ("StringLike", ["*@example.com"], ["news@Example.com"], False),
        ("StringLike", ["*@example.com"], ["news@example.com.evil"], False),
        ("StringLike", ["n?ws@*"], ["news@example.com"], True),
        ("StringNotLike", ["*@example.com"], ["a@b.c"], True),
        ("ForAllValues:StringLike", ["*@example.com"], ["a@example.com", "b@example.com"], True),
        ("ForAllValues:StringLike", ["*@example.com"], ["a@example.com", "b@other.com"], False),
        ("ForAllValues:StringLike", ["*@example.com"], [], True),
        ("ForAllValues:StringLike", ["*@example.com"], None, True),
        ("ForAnyValue:StringLike", ["*@example.com"], ["b@other.com", "a@example.com"], True),
        ("ForAnyValue:StringLike", ["*@example.com"], ["b@other.com"], False),
        ("ForAnyValue:StringLike", ["*@example.com"], None, False),
        ("ForAnyValue:StringNotEquals", ["a"], ["a", "b"], True),
        ("ForAllValues:StringNotEquals", ["a"], ["a", "b"], False),
        ("DateLessThan", ["2026-05-01T00:00:00Z"], ["2026-04-30T23:59:59Z"], True),
        ("DateLessThan", ["2026-05-01T00:00:00Z"], ["2026-05-01T00:00:00Z"], False),
        ("DateLessThan", ["2026-05-01"], ["2026-04-30T00:00:00Z"], True),
        ("DateLessThan", ["1777593600"], ["2026-04-30T23:59:59Z"], True),
        ("DateLessThan", ["soon"], ["2026-04-30T23:59:59Z"], False),
        ("DateLessThanEquals", ["2026-05-01T00:00:00Z"], ["2026-05-01T00:00:00Z"], True),
        ("DateGreaterThan", ["2026-05-01T00:00:00Z"], ["2026-05-01T00:00:01Z"], True),
        ("IpAddress", ["203.0.113.0/24"], ["203.0.113.7"], True),
        ("IpAddress", ["203.0.113.7"], ["203.0.113.8"], False),
        ("IpAddress", ["not an address"], ["203.0.113.8"], False),
        ("NotIpAddress", ["203.0.113.0/24"], ["198.51.100.1"], True),
        ("ArnEquals", ["arn:aws:iam::*:user/x/*"], ["arn:aws:iam::123456789012:user/x/y"], True),
        ("ArnLike", ["arn:aws:iam::*:user/x/*"], ["arn:aws:iam::123456789012:role/x/y"], False),
        ("ArnNotEquals", ["arn:aws:iam::1:user/x"], ["arn:aws:iam::2:user/x"], True),
        ("Null", ["true"], None, True),
        ("Null", ["true"], ["x"], False),
        ("Null", ["false"], ["x"], True),
        ("Null", ["false"], None, False),
        ("Bool", [True], ["true"], True),
        ("Bool", ["false"], ["true"], False),
        ("NumericEquals", [2], ["2"], True),
        ("NumericEquals", ["2"], ["2.0"], True),
        ("NumericEquals", ["two"], ["2"], False),
        ("NumericNotEquals", ["2"], ["3"], True),
        ("NumericLessThan", ["10"], ["9"], True),
    ],
)
def test_condition_operators(operator, values, actual, expected):
    assert condition(operator, "some:Key", values).holds(actual) is expected


@pytest.mark.parametrize("operator", ["StringEqual", "stringequals", "ForSomeValues:StringEquals", "", "Nulls"])
def test_an_operator_that_aws_does_not_know_is_named(operator):
    with pytest.raises(UnknownWordError):
        condition(operator, "some:Key", ["x"])


@pytest.mark.parametrize(
    "statement",
    [
        allow("iam:GetUser", "arn:aws:iam::123456789012:user/${aws:userid}"),
        allow("iam:GetUser", StringEquals={"aws:username": "${aws:PrincipalTag/name}"}),
        allow("iam:GetUser", BinaryEquals={"key": "QmluYXJ5"}),
        {**allow("iam:GetUser"), "NotPrincipal": "*"},
    ],
)
def test_what_is_not_implemented_is_an_error_and_never_true(statement):
    with pytest.raises(EvaluationError):
        decision([statement])


def test_several_values_need_a_set_operator():
    with pytest.raises(EvaluationError):
        condition("StringEquals", "ses:Recipients", ["a"]).holds(["a", "b"])


def test_keys_of_the_request_count_without_case():
    statement = allow("iam:GetUser", StringEquals={"AWS:RequestTag/Team": "a"})
    assert decision([statement], **{"aws__requesttag/team": ["a"]}) == Decision.ALLOWED


def test_all_keys_of_all_operators_must_hold():
    both = allow("iam:GetUser", StringEquals={"a:One": "1", "a:Two": "2"}, Null={"a:Three": "true"})
    assert decision([both], a__One=["1"], a__Two=["2"]) == Decision.ALLOWED
    assert decision([both], a__One=["1"], a__Two=["3"]) == Decision.IMPLICIT_DENY
    assert decision([both], a__One=["1"], a__Two=["2"], a__Three=["x"]) == Decision.IMPLICIT_DENY


def test_a_deny_whose_condition_does_not_hold_denies_nothing():
    statements = [allow("iam:*"), deny("iam:*", StringEquals={"a:One": "1"})]
    assert decision(statements, a__One=["2"]) == Decision.ALLOWED
    assert decision(statements, a__One=["1"]) == Decision.EXPLICIT_DENY


@pytest.mark.parametrize(
    ("pattern", "arn", "expected"),
    [
        ("arn:aws:ses:eu-central-1:1:identity/*", "arn:aws:ses:eu-central-1:1:identity/example.com", True),
        ("arn:aws:ses:*:1:identity/*", "arn:aws:ses:us-east-1:1:identity/a@b.c", True),
        ("arn:aws:ses:eu-*-1:1:identity/*", "arn:aws:ses:eu-central-1:1:identity/a", True),
        ("arn:aws:ses:e*:x", "arn:aws:ses:eu-central-1:1:x", True),
        ("arn:aws:s*s:eu:x", "arn:aws:s:q:s:eu:x", False),
        ("arn:aws:iam::1:user/a?c", "arn:aws:iam::1:user/abc", True),
        ("*", "*", True),
        ("arn:aws:iam::1:user/*", "*", False),
    ],
)
def test_resources(pattern, arn, expected):
    assert matches_resource(pattern, arn) is expected


WORDS = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="*?$"), max_size=20)


@given(WORDS)
def test_a_word_matches_itself_and_every_star(word):
    assert matches(word, word)
    assert matches("*", word)
    assert matches(f"{word}*", word)
    assert not matches(word, word + "x")


@given(WORDS, WORDS)
def test_a_pattern_without_wildcards_matches_only_itself(one, other):
    assert matches(one, other) is (one == other)


@given(st.lists(WORDS, min_size=6, max_size=6))
def test_an_arn_matches_itself(parts):
    arn = ":".join(part.replace(":", "") for part in parts)
    assert matches_arn(arn, arn)


STATEMENTS = st.lists(
    st.builds(
        lambda effect, action, resource: {"Effect": effect, "Action": action, "Resource": resource},
        st.sampled_from(["Allow", "Deny"]),
        st.sampled_from(["iam:GetUser", "iam:*", "ses:*", "*"]),
        st.sampled_from([USER, "*", "arn:aws:iam::123456789012:user/other/*"]),
    ),
    max_size=5,
)


@given(STATEMENTS, STATEMENTS)
def test_a_boundary_never_gives_more_and_a_deny_always_wins(statements, boundary):
    without = decision(statements)
    within = decision(statements, boundary=boundary or None)
    if within == Decision.ALLOWED:
        assert without == Decision.ALLOWED
    assert decision([*statements, deny("iam:GetUser")]) == Decision.EXPLICIT_DENY


@given(STATEMENTS)
def test_order_does_not_matter(statements):
    assert decision(statements) == decision(statements[::-1])


@given(st.dictionaries(st.text(max_size=10), st.text(max_size=10), max_size=3))
def test_a_statement_with_unknown_elements_is_never_allowed(more):
    known = {"Effect", "Action", "Resource", "Condition", "Sid", "NotAction", "NotResource", "Principal"}
    if set(more) <= known:
        return
    with pytest.raises(EvaluationError):
        read_policy(json.dumps({"Statement": {**allow("iam:GetUser"), **more}}))
