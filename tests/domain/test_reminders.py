"""Thresholds of reminders: the nearest alone, each due day at exactly one, and in words."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.domain.reminders import THRESHOLDS, About, when, windows

days = st.dates(date(2020, 1, 1), date(2040, 1, 1))
TODAY = date(2026, 3, 1)


def reached(today, due_on, about):
    return [window.days for window in windows(today, about) if window.first <= due_on <= window.last]


@pytest.mark.parametrize("about", About)
@given(today=days, left=st.integers(0, 30))
def test_what_is_due_within_the_first_threshold_is_told_at_the_nearest_alone(today, left, about):
    assert reached(today, today + timedelta(days=left), about) == [min(n for n in THRESHOLDS if n >= left)]


@pytest.mark.parametrize("about", About)
@given(today=days, left=st.integers(31, 400))
def test_what_is_further_off_is_not_told(today, left, about):
    assert reached(today, today + timedelta(days=left), about) == []


@given(days, st.integers(1, 4_000))
def test_what_is_past_is_told_of_keys_and_not_of_ends(today, ago):
    due_on = today - timedelta(days=ago)
    assert reached(today, due_on, About.ROTATION) == [1]
    assert reached(today, due_on, About.EXPIRY) == []


@pytest.mark.parametrize("about", About)
@given(begun=days, ahead=st.integers(0, 60), runs=st.lists(st.integers(0, 90), max_size=40))
def test_whatever_days_the_worker_was_away_no_threshold_is_told_twice_and_none_further_than_the_last(
    begun, ahead, runs, about
):
    due_on, told = begun + timedelta(days=ahead), []
    for day in sorted(runs):
        told += [each for each in reached(begun + timedelta(days=day), due_on, about) if each not in told]
    assert told == sorted(told, reverse=True)
    assert len(told) <= len(THRESHOLDS)


@pytest.mark.parametrize(
    ("ahead", "words"),
    [(30, "in 30 days"), (2, "in 2 days"), (1, "tomorrow"), (0, "today"), (-1, "yesterday"), (-2, "2 days ago")],
)
def test_how_far_off_in_words(ahead, words):
    assert when(TODAY + timedelta(days=ahead), TODAY) == words
