"""Widenings: what is not called one lets nothing through that was not let through before."""

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guidance.catalogue import Kind
from provisioning.domain.from_entries import FromEntry
from provisioning.domain.guardrails import Guardrail, breaches, outside
from provisioning.domain.widening import differences, fingerprint, is_widening
from tests.domain.test_guardrails import DIGEST, NEWSLETTER, guardrails, wishes


@given(guardrails, guardrails, wishes, st.integers(0, 8))
def test_what_is_no_widening_lets_nothing_new_through(before, after, wish, live):
    if not is_widening(before, after) and not breaches(after, wish, live):
        assert breaches(before, wish, live) == ()


def wide_enough(guardrail, wish, live):
    """The guardrail with just so much added that the wish gets through."""
    return Guardrail(
        team=guardrail.team,
        kinds=guardrail.kinds | {wish.kind},
        regions=tuple({*guardrail.regions, *wish.regions}),
        from_entries=tuple({*guardrail.from_entries, *wish.from_entries}),
        live_limit=max(guardrail.live_limit, live + 1),
        longest_lifetime_days=max(guardrail.longest_lifetime_days, wish.lifetime_days or 0),
        allows_no_expiry=guardrail.allows_no_expiry or wish.lifetime_days is None,
    )


@given(guardrails, guardrails, wishes, st.integers(0, 8), st.sampled_from([each.name for each in fields(Guardrail)]))
def test_whatever_gets_through_anew_came_by_a_widening(guardrail, other, wish, live, limit):
    after = wide_enough(guardrail, wish, live)
    assert breaches(after, wish, live) == ()
    before = replace(after, **{limit: getattr(other, limit)})
    if breaches(before, wish, live):
        assert is_widening(before, after)


@given(guardrails)
def test_to_stay_the_same_is_no_change_and_no_widening(guardrail):
    shuffled = replace(
        guardrail, regions=guardrail.regions[::-1], from_entries=guardrail.from_entries[::-1], team="Renamed"
    )
    assert differences(guardrail, shuffled) == ()
    assert not is_widening(guardrail, shuffled)
    assert fingerprint(guardrail) == fingerprint(shuffled)


@given(guardrails, guardrails)
def test_a_fingerprint_tells_limits_apart(one, other):
    assert (fingerprint(one) == fingerprint(other)) == (differences(one, other) == ())


@given(guardrails)
def test_limits_survive_the_way_through_the_database(guardrail):
    assert fingerprint(Guardrail.of(guardrail.team, guardrail.limits)) == fingerprint(guardrail)


@given(guardrails, wishes, st.integers(0, 8))
def test_what_lets_nothing_through_lets_no_wish_through(guardrail, wish, live):
    if guardrail.lets_nothing_through:
        assert breaches(guardrail, wish, live)


@given(guardrails)
def test_from_nothing_everything_is_a_widening(guardrail):
    nothing = Guardrail.nothing(guardrail.team)
    assert nothing.lets_nothing_through
    assert is_widening(nothing, guardrail)  # the longest lifetime is a day at least
    assert not is_widening(guardrail, nothing)


@given(guardrails, wishes, st.integers(0, 8))
def test_what_is_held_is_outside_as_the_same_wish_would_be(guardrail, wish, older):
    assert bool(outside(guardrail, wish, older + 1)) == bool(breaches(guardrail, wish, older))


@pytest.mark.parametrize(
    ("changes", "limit", "widens"),
    [
        ({"kinds": frozenset({Kind.SMTP, Kind.API})}, "Kinds", True),
        ({"kinds": frozenset()}, "Kinds", False),
        ({"regions": ("eu-central-1", "us-east-1", "eu-west-1")}, "Regions", True),
        ({"regions": ("eu-west-1",)}, "Regions", True),
        ({"regions": ("us-east-1",)}, "Regions", False),
        ({"from_entries": (FromEntry.parse("*@example.com"), FromEntry.parse("a@x.org"))}, "From entries", True),
        ({"from_entries": (FromEntry.parse("news@example.com"),)}, "From entries", False),
        ({"from_entries": ()}, "From entries", False),
        ({"live_limit": 6}, "Live credentials", True),
        ({"live_limit": 0}, "Live credentials", False),
        ({"longest_lifetime_days": 181}, "Longest lifetime", True),
        ({"longest_lifetime_days": 1}, "Longest lifetime", False),
        ({"allows_no_expiry": True}, "Life without an end", True),
    ],
)
def test_each_limit_is_named_and_known_to_widen_or_not(changes, limit, widens):
    after = replace(NEWSLETTER, **changes)
    assert [(each.limit, each.widens) for each in differences(NEWSLETTER, after)] == [(limit, widens)]
    assert is_widening(NEWSLETTER, after) is widens


def test_every_address_of_a_domain_is_more_than_some_of_them():
    some = replace(NEWSLETTER, from_entries=(FromEntry.parse("news@example.com"), FromEntry.parse("a@example.com")))
    assert is_widening(some, NEWSLETTER)
    assert not is_widening(NEWSLETTER, some)


def test_what_is_held_says_in_which_ways_it_is_outside():
    assert outside(NEWSLETTER, DIGEST, 5) == ()
    assert outside(NEWSLETTER, DIGEST, 6) == ("as number 6 of at most 5",)
    nothing = Guardrail.nothing("Newsletter")
    assert outside(nothing, DIGEST, 1) == (
        "as SMTP credential", "in eu-central-1", "as digest@example.com", "for 90 days", "as number 1 of at most 0",
    )  # fmt: skip
    assert outside(NEWSLETTER, replace(DIGEST, lifetime_days=None), 1) == ("without an end",)


def test_an_empty_limit_is_said_in_words():
    empty = replace(NEWSLETTER, regions=(), from_entries=())
    assert [breach.text for breach in breaches(empty, DIGEST, 1)] == [
        "eu-central-1 is outside the regions of Newsletter: none.",
        "digest@example.com is outside what Newsletter may send as: nothing.",
    ]
