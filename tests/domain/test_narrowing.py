"""Narrowing: what an approval may leave of a request reaches no further than what was asked for."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guidance.catalogue import Kind
from provisioning.domain.from_entries import FromEntry
from provisioning.domain.guardrails import breaches
from provisioning.domain.narrowing import beyond, differences
from tests.domain.test_guardrails import DIGEST, ENTRIES, guardrails
from tests.domain.test_guardrails import wishes as plain_wishes

actions = st.lists(st.sampled_from(["SendEmail", "SendRawEmail", "SendTemplatedEmail"]), unique=True)
options = st.fixed_dictionaries({}, optional={"actions": actions, "access": st.sampled_from(["read", "full"])})
wishes = st.builds(lambda wish, chosen: replace(wish, options=chosen), plain_wishes, options)


@given(wishes)
def test_as_asked_for_is_never_beyond(wish):
    assert differences(wish, wish) == beyond(wish, wish) == ()
    assert beyond(wish, replace(wish, regions=wish.regions[::-1], from_entries=wish.from_entries[::-1])) == ()


@given(wishes, wishes, guardrails, st.integers(0, 8))
def test_no_guardrail_that_lets_the_request_through_stops_what_is_left_of_it(asked, granted, guardrail, live):
    if not beyond(asked, granted) and not breaches(guardrail, asked, live):
        assert breaches(guardrail, granted, live) == ()


@given(wishes, wishes, wishes)
def test_less_of_less_is_less(asked, granted, again):
    if not beyond(asked, granted) and not beyond(granted, again):
        assert beyond(asked, again) == ()


@given(wishes, wishes)
def test_less_both_ways_is_the_same(one, other):
    if not beyond(one, other) and not beyond(other, one):
        assert differences(one, other) == () or {each.limit for each in differences(one, other)} == {"From addresses"}


@given(wishes, wishes, st.sampled_from(ENTRIES))
def test_whoever_is_sent_as_was_asked_for(asked, granted, sender):
    if not beyond(asked, granted) and any(entry.contains(sender) for entry in granted.from_entries):
        assert any(entry.contains(sender) for entry in asked.from_entries)


ASKED = replace(DIGEST, regions=("eu-central-1", "us-east-1"), options={"actions": ["SendEmail", "SendRawEmail"]})


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"kind": Kind.API}, "team", "API access key was not asked for: it was SMTP credential."),
        ({"regions": ("eu-west-1",)}, "regions", "eu-west-1 was not asked for."),
        (
            {"regions": ("eu-central-1", "eu-west-1", "us-west-1")},
            "regions",
            "eu-west-1 and us-west-1 were not asked for.",
        ),
        ({"regions": ()}, "regions", "Leave at least one of what was asked for: eu-central-1, us-east-1."),
        ({"from_entries": (FromEntry.parse("*@example.com"),)}, "from_addresses", "*@example.com was not asked for."),
        ({"from_entries": ()}, "from_addresses", "Leave at least one"),
        ({"lifetime_days": 91}, "lifetime_days", "91 days was not asked for: it was 90 days."),
        ({"lifetime_days": None}, "lifetime_days", "Without an end was not asked for: it was 90 days."),
        ({"options": {"actions": ["SendBulkEmail"]}}, "actions", "SendBulkEmail was not asked for."),
        ({"options": {"actions": []}}, "actions", "Leave at least one"),
        ({"options": {}}, "actions", "Leave at least one"),
        (
            {"options": {**ASKED.options, "source_ips": ["192.0.2.0/24"]}},
            "source_ips",
            "192.0.2.0/24 was not asked for.",
        ),
    ],
)
def test_what_was_not_asked_for_is_told_beside_its_field(changes, field, words):
    (found,) = beyond(ASKED, replace(ASKED, **changes))
    assert found.field == field
    assert words in found.text


def test_a_part_of_a_domain_that_was_asked_for_is_not_named_with_what_was_not():
    asked = replace(DIGEST, from_entries=(FromEntry.parse("*@example.com"),))
    left = tuple(map(FromEntry.parse, ("news@example.com", "*@other.org")))
    (found,) = beyond(asked, replace(asked, from_entries=left))
    assert found.text == "*@other.org was not asked for."


def test_rights_in_the_console_become_fewer_never_more():
    reading, changing = (replace(DIGEST, options={"access": access}) for access in ("read", "full"))
    assert beyond(changing, reading) == ()
    assert beyond(reading, changing) != ()


def test_an_end_may_be_given_to_what_was_asked_for_without_one():
    (found,) = differences(replace(DIGEST, lifetime_days=None), DIGEST)
    assert str(found) == "Lifetime: without an end before, 90 days now"
    assert not found.widens
