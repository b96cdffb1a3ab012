"""Guardrails: whatever passes lies within every limit, and each limit says what to change."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guidance.catalogue import Kind
from provisioning.domain.from_entries import FromEntry
from provisioning.domain.guardrails import Guardrail, Wish, breaches

ENTRIES = [FromEntry.parse(text) for text in ("*@example.com", "news@example.com", "a@x.org", "*@x.org", "*@y.org")]
REGIONS = ["eu-central-1", "us-east-1", "eu-west-1"]

guardrails = st.builds(
    Guardrail,
    team=st.just("Newsletter"),
    kinds=st.frozensets(st.sampled_from(list(Kind))),
    regions=st.lists(st.sampled_from(REGIONS), unique=True).map(tuple),
    from_entries=st.lists(st.sampled_from(ENTRIES), unique=True).map(tuple),
    live_limit=st.integers(0, 6),
    longest_lifetime_days=st.integers(1, 400),
    allows_no_expiry=st.booleans(),
)
wishes = st.builds(
    Wish,
    kind=st.sampled_from(list(Kind)),
    regions=st.lists(st.sampled_from(REGIONS), min_size=1).map(tuple),
    from_entries=st.lists(st.sampled_from(ENTRIES), min_size=1).map(tuple),
    lifetime_days=st.one_of(st.none(), st.integers(1, 500)),
)
NEWSLETTER = Guardrail(
    team="Newsletter",
    kinds=frozenset({Kind.SMTP}),
    regions=("eu-central-1", "us-east-1"),
    from_entries=(FromEntry.parse("*@example.com"),),
    live_limit=5,
    longest_lifetime_days=180,
)
DIGEST = Wish(Kind.SMTP, ("eu-central-1",), (FromEntry.parse("digest@example.com"),), 90)


@given(guardrails, wishes, st.integers(0, 8))
def test_what_passes_lies_within_every_limit(guardrail, wish, live):
    if breaches(guardrail, wish, live):
        return
    assert wish.kind in guardrail.kinds
    assert set(wish.regions) <= set(guardrail.regions)
    assert all(any(limit.contains(entry) for limit in guardrail.from_entries) for entry in wish.from_entries)
    assert live < guardrail.live_limit
    if wish.lifetime_days is None:
        assert guardrail.allows_no_expiry
    else:
        assert wish.lifetime_days <= guardrail.longest_lifetime_days


@given(guardrails, wishes, st.integers(0, 8))
def test_a_tighter_guardrail_never_lets_more_through(guardrail, wish, live):
    tighter = [
        replace(guardrail, regions=guardrail.regions[1:]),
        replace(guardrail, from_entries=guardrail.from_entries[1:]),
        replace(guardrail, kinds=frozenset()),
        replace(guardrail, live_limit=0),
        replace(guardrail, longest_lifetime_days=1),
        replace(guardrail, allows_no_expiry=False),
    ]
    if breaches(guardrail, wish, live):
        assert all(breaches(each, wish, live) for each in tighter)


@pytest.mark.parametrize(
    ("changes", "live", "field", "words"),
    [
        ({"kind": Kind.CONSOLE, "options": {"access": "full"}}, 0, "team", "Newsletter may not issue this kind"),
        ({"kind": Kind.CONSOLE}, 0, "team", "Newsletter may not issue this kind of credential: Console login."),
        ({"regions": ("us-west-2",)}, 0, "regions", "eu-central-1, us-east-1"),
        ({"from_entries": (FromEntry.parse("x@other.org"),)}, 0, "from_addresses", "x@other.org is outside"),
        ({"from_entries": (FromEntry.parse("x@sub.example.com"),)}, 0, "from_addresses", "*@example.com"),
        ({"lifetime_days": 181}, 0, "lifetime_days", "180"),
        ({"lifetime_days": None}, 0, "lifetime_days", "at most 180 days"),
        ({}, 5, "team", "5 of 5"),
    ],
)
def test_each_limit_names_itself_beside_its_field(changes, live, field, words):
    found = breaches(NEWSLETTER, replace(DIGEST, **changes), live)
    assert [breach.field for breach in found] == [field]
    assert words in found[0].text


def test_within_the_limits_nothing_is_said():
    assert breaches(NEWSLETTER, DIGEST, 4) == ()


def test_a_life_without_an_end_needs_a_team_that_allows_it():
    assert breaches(replace(NEWSLETTER, allows_no_expiry=True), replace(DIGEST, lifetime_days=None), 0) == ()


def test_all_troubles_are_told_at_once():
    wish = Wish(Kind.API, ("us-west-2",), (FromEntry.parse("x@other.org"),), 999)
    assert {breach.field for breach in breaches(NEWSLETTER, wish, 5)} == {
        "team", "regions", "from_addresses", "lifetime_days",
    }  # fmt: skip
