"""What the simulator is asked: all that the policy says, and what were too much; and when two policies are alike."""

import pytest

from provisioning.domain.arn import Kind, principal
from provisioning.domain.own_policy import boundary_policy, own_policy
from provisioning.domain.rights import alike, forbidden, needed

BOUNDARY = "arn:aws:iam::123456789012:policy/sescreds-boundary"
WHERE = {"account_id": "123456789012", "path": "/ses-dashboard/", "partition": "aws"}
CONSOLE_BOUNDARY = "arn:aws:iam::123456789012:policy/sescreds-console-boundary"
ROLE = "arn:aws:iam::123456789012:role/sescreds"
OWN = own_policy(boundary_arn=BOUNDARY, console_boundary_arn=CONSOLE_BOUNDARY, principal_arn=ROLE, **WHERE)


def test_every_action_on_every_resource_is_asked_once():
    asked = [(action, each.about, each.denied) for each in needed(OWN) for action in each.actions]
    said = [
        (action, resource, statement["Effect"] == "Deny")
        for statement in OWN["Statement"]
        for resource in ([statement["Resource"]] if isinstance(statement["Resource"], str) else statement["Resource"])
        for action in statement["Action"]
    ]
    assert asked == said


def test_the_simulator_is_given_names_not_patterns_and_the_boundary_where_it_counts():
    contexts = []
    for question in needed(OWN):
        assert question.resource == "*" or "*" not in question.resource
        if "iam:CreateUser" in question.actions:
            contexts.append(dict(question.context))
        else:
            assert not question.context
    assert contexts == [{"iam:PermissionsBoundary": boundary} for boundary in (BOUNDARY, CONSOLE_BOUNDARY)]


def test_what_is_forbidden_is_nothing_that_is_needed():
    allowed = {
        (action, question.resource, tuple(question.context.items()))
        for question in needed(OWN)
        if not question.denied
        for action in question.actions
    }
    unwanted = {
        (action, question.resource, tuple(question.context.items()))
        for question in forbidden(boundary_arn=BOUNDARY, **WHERE)
        for action in question.actions
    }
    assert not allowed & unwanted


def test_alike_is_what_says_the_same():
    one = boundary_policy(**WHERE)
    (statement,) = one["Statement"]
    other = {"Version": "2012-10-17", "Statement": {**statement, "Sid": "Another", "Resource": [statement["Resource"]]}}
    other["Statement"]["Action"] = list(reversed(statement["Action"]))
    assert alike(one, other)
    assert alike(OWN, {**OWN, "Statement": list(reversed(OWN["Statement"]))})


@pytest.mark.parametrize(
    "change",
    [
        {"Action": "*"},
        {"Resource": "*"},
        {"Effect": "Deny"},
        {"Condition": {"StringEquals": {"aws:RequestedRegion": "eu-central-1"}}},
        {"Action": "ses:SendRawEmail"},
    ],
)
def test_what_differs_in_anything_but_its_name_is_not_alike(change):
    one = boundary_policy(**WHERE)
    assert not alike(one, {**one, "Statement": [{**one["Statement"][0], **change}]})


def test_more_than_is_printed_is_not_alike():
    one = boundary_policy(**WHERE)
    assert not alike(
        one, {**one, "Statement": [*one["Statement"], {"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    )


@pytest.mark.parametrize(
    ("caller", "kind", "arn"),
    [
        ("arn:aws:iam::123456789012:root", Kind.ROOT, "arn:aws:iam::123456789012:root"),
        ("arn:aws:iam::123456789012:user/ops/sescreds", Kind.USER, "arn:aws:iam::123456789012:user/ops/sescreds"),
        ("arn:aws:sts::123456789012:assumed-role/web/i-1", Kind.ROLE, "arn:aws:iam::123456789012:role/web"),
        ("arn:aws-us-gov:sts::123456789012:assumed-role/web/x", Kind.ROLE, "arn:aws-us-gov:iam::123456789012:role/web"),
        ("arn:aws:sts::123456789012:federated-user/x", Kind.OTHER, "arn:aws:sts::123456789012:federated-user/x"),
        ("", Kind.OTHER, ""),
    ],
)
def test_who_signs_our_calls(caller, kind, arn):
    found = principal(caller)
    assert (found.kind, found.arn) == (kind, arn)
