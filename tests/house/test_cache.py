"""The cache keeps JSON: a row that somebody else wrote can be wrong, but it cannot run."""

import base64
import pickle

import pytest
from django.core.cache import cache, caches
from django.db import connection

pytestmark = pytest.mark.django_db
RAN = []


def go_off(word):
    RAN.append(word)


class Bomb:
    def __reduce__(self):
        return go_off, ("ran",)


def rewritten(value: bytes) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE cache SET value = %s", [base64.b64encode(value).decode()])


def test_it_keeps_what_the_sign_in_limits_keep():
    cache.set("times", [1700000000.25, 1700000001.5], 60)
    assert cache.get("times") == [1700000000.25, 1700000001.5]
    assert cache.add("lock", value=True, timeout=60)
    assert not cache.add("lock", value=True, timeout=60)
    cache.delete("lock")
    assert cache.get("lock") is None


def test_a_pickle_in_its_table_does_not_run():
    cache.set("times", [1.5], 60)
    rewritten(pickle.dumps(Bomb()))
    with pytest.raises(ValueError, match=r"codec|Expecting|decode"):
        cache.get("times")
    assert RAN == []


def test_it_would_have_run():
    pickle.loads(pickle.dumps(Bomb()))
    assert RAN.pop() == "ran"


def test_what_still_counts_stays_however_much_there_is(monkeypatch):
    monkeypatch.setattr(caches["default"], "_max_entries", 10)  # not the proxy: undone, it would have none
    cache.set("limit", [1.5], 60)
    for number in range(12):
        cache.set(f"over-{number}", [1.5], -1)
    for number in range(24):
        cache.set(f"reset-{number}", [1.5], 60)
    assert cache.get("limit") == [1.5]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM cache")
        assert cursor.fetchone()[0] == 25
