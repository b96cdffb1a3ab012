"""Narrowing: what an approval may leave of a request reaches no further than what was asked for."""

import json
from dataclasses import replace
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guidance.catalogue import Kind
from provisioning.domain.api_policy import Way, api_policy
from provisioning.domain.from_entries import FromEntry
from provisioning.domain.guardrails import Wish, breaches
from provisioning.domain.narrowing import beyond, differences
from provisioning.domain.options import LABELS
from provisioning.forms.requests import FORMS
from provisioning.sandbox.policies import read_policy
from tests.domain.test_guardrails import DIGEST, ENTRIES, guardrails
from tests.domain.test_guardrails import wishes as plain_wishes

actions = st.lists(st.sampled_from(["SendEmail", "SendRawEmail", "SendTemplatedEmail"]), unique=True)
RANGES = ["203.0.113.0/24", "203.0.113.0/25", "203.0.113.128/25", "203.0.113.7/32", "198.51.100.0/24", "2001:db8::/32"]
ranges = st.lists(st.sampled_from(RANGES), unique=True)
sets = st.sampled_from(["", "marketing", "bulk"])
options = st.fixed_dictionaries(
    {},
    optional={
        "actions": actions,
        "access": st.sampled_from(["read", "full"]),
        "source_ips": ranges,
        "configuration_set": sets,
    },
)
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
        # Each of these may be spelled in two ways.
        assert {each.limit for each in differences(one, other)} <= {"From addresses", "Source addresses"}


@given(wishes, wishes, st.sampled_from(ENTRIES))
def test_whoever_is_sent_as_was_asked_for(asked, granted, sender):
    if not beyond(asked, granted) and any(entry.contains(sender) for entry in granted.from_entries):
        assert any(entry.contains(sender) for entry in asked.from_entries)


keys = st.builds(
    Wish,
    kind=st.just(Kind.API),
    regions=st.lists(st.sampled_from(["eu-central-1", "us-east-1"]), min_size=1, unique=True).map(tuple),
    from_entries=st.just((FromEntry.parse("*@example.com"),)),
    lifetime_days=st.just(90),
    options=st.fixed_dictionaries(
        {"actions": st.lists(st.sampled_from(list(map(str, Way))), min_size=1, unique=True)},
        optional={"source_ips": ranges, "configuration_set": sets},
    ),
)


@given(
    keys,
    keys,
    st.sampled_from(list(Way)),
    st.sampled_from(["eu-central-1", "us-east-1"]),
    st.sampled_from(RANGES),
    sets,
)
def test_what_the_policy_allows_was_allowed_by_that_of_what_was_asked_for(asked, granted, way, region, there, name):
    used = f"configuration-set/{name}" if name else "identity/example.com"
    call = (f"ses:{way}", f"arn:aws:ses:{region}:123456789012:{used}", str(ip_network(there).network_address))
    if not beyond(asked, granted) and allows(granted, *call):
        assert allows(asked, *call)


def allows(wish, action, resource, source):
    """Whether the policy of `wish` lets a call through that is within its time and its From addresses."""
    entries = [str(entry) for entry in wish.from_entries]
    place = {"partition": "aws", "account_id": "123456789012", "regions": wish.regions, "from_entries": entries}
    said = read_policy(json.dumps(api_policy(**place, expires_at=None, options=wish.options)))
    context = {"aws:sourceip": [source], "ses:fromaddress": ["news@example.com"]}
    return any(
        each.concerns(action, resource, context) and all(one.holds(context.get(one.key)) for one in each.conditions)
        for each in said.statements
    )


KEY = Wish(
    Kind.API,
    ("eu-central-1",),
    (FromEntry.parse("*@example.com"),),
    90,
    {"actions": ["SendEmail"], "source_ips": ["203.0.113.0/24"], "configuration_set": "marketing"},
)


def key(**options):
    """The key that was asked for, with other options; what is None is left out."""
    return replace(KEY, options={name: value for name, value in (KEY.options | options).items() if value is not None})


@pytest.mark.parametrize(
    ("asked", "granted"),
    [
        (key(), key(source_ips=["203.0.113.7/32"])),
        (key(source_ips=None), key()),
        (key(source_ips=["203.0.113.0/25", "203.0.113.128/25"]), key()),
        (key(configuration_set=None), key()),
    ],
)
def test_an_option_becomes_narrower_by_what_it_means(asked, granted):
    assert beyond(asked, granted) == ()


@pytest.mark.parametrize(
    ("granted", "field", "words"),
    [
        (key(source_ips=None), "source_ips", "From anywhere was not asked for: it was 203.0.113.0/24."),
        (key(source_ips=["203.0.113.7/32", "203.0.112.0/23"]), "source_ips", "203.0.112.0/23 was not asked for."),
        (key(source_ips=["2001:db8::/32"]), "source_ips", "2001:db8::/32 was not asked for."),
        (
            key(configuration_set=None),
            "configuration_set",
            "Any configuration set was not asked for: it was marketing.",
        ),
        (key(configuration_set="bulk"), "configuration_set", "bulk was not asked for: it was marketing."),
    ],
)
def test_an_option_that_reaches_further_is_told_as_it_was_typed(granted, field, words):
    (found,) = beyond(key(), granted)
    assert (found.field, found.text) == (field, words)


def test_the_names_of_options_are_those_of_the_forms():
    fields = {name: str(field.label) for form in FORMS.values() for name, field in form.base_fields.items()}
    assert {name: fields[name] for name in LABELS} == LABELS
    (found,) = differences(key(configuration_set=None), key())
    assert str(found) == "Configuration set: any before, marketing now"


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
        ({"options": {**ASKED.options, "anything": "new"}}, "anything", "new was not asked for."),
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
