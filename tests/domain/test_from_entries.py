"""From entries: what is accepted never means more than it says, in our comparison and in a policy of AWS."""

import re
import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from provisioning.domain.from_entries import FromEntry

ALLOWED = set(string.ascii_lowercase + string.digits + "._+-@*")

labels = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,5}[a-z0-9])?", fullmatch=True)
tops = st.sampled_from(["com", "de", "example", "co-op", "xn--p1ai"])
domains = st.builds(lambda parts, top: ".".join([*parts, top]), st.lists(labels, min_size=1, max_size=3), tops)
locals_ = st.from_regex(r"[a-z0-9_+][a-z0-9_+-]{0,6}(\.[a-z0-9_+-]{1,6}){0,2}", fullmatch=True)
exact = st.builds(FromEntry, locals_, domains)
entries = st.one_of(exact, st.builds(FromEntry, st.just("*"), domains))
# Text made of what could trick a comparison, and of anything at all.
tricky = st.text(alphabet="ab*?$[]{}!@.+-_ \t\n\0AB%\\/ſİ", max_size=24)
anything = st.one_of(tricky, st.text(max_size=40), entries.map(str))
# Few addresses, so that two of them are often related.
near = st.builds(FromEntry, st.sampled_from(["*", "a", "b", "a.b"]), st.sampled_from(["x.de", "y.x.de", "ax.de"]))


def like(pattern: str, text: str) -> bool:
    """IAM's StringLike: * for any number of characters, ? for one, all else as it stands, case counts."""
    rule = "".join({"*": ".*", "?": "."}.get(character, re.escape(character)) for character in pattern)
    return re.fullmatch(rule, text, re.DOTALL) is not None


def parsed(text: str) -> FromEntry | None:
    try:
        return FromEntry.parse(text)
    except ValueError:
        return None


@given(anything)
def test_what_is_accepted_reads_back_as_it_was_typed(text):
    entry = parsed(text)
    assume(entry is not None)
    assert str(entry) == text
    assert FromEntry.parse(str(entry)) == entry


@given(anything)
def test_what_is_accepted_has_no_character_that_a_policy_reads_otherwise(text):
    entry = parsed(text)
    assume(entry is not None)
    assert set(text) <= ALLOWED
    assert text.count("@") == 1
    assert text.count("*") <= 1
    assert "*" not in text or text.startswith("*@")


@given(entries)
def test_every_entry_of_the_right_form_is_accepted(entry):
    assert parsed(str(entry)) == entry


@given(entries, exact)
def test_as_a_pattern_of_iam_it_matches_exactly_what_it_contains(entry, address):
    assert like(str(entry), str(address)) is entry.contains(address)


@given(entries, tricky, st.sampled_from(["", "@", ".", "@a.", "x"]))
def test_as_a_pattern_of_iam_it_never_reaches_another_domain(entry, before, between):
    text = f"{before}{between}{entry.domain}"
    assert not like(str(entry), text) or text.endswith(f"@{entry.domain}")
    assert not like(str(entry), f"{text}.org")


@given(near, near)
def test_containment_is_what_trying_every_address_says(limit, wish):
    """Brute force: an entry contains another if every address of the other is one of its own."""
    tried = [FromEntry(local, domain) for local in ("a", "b", "a.b", "zz") for domain in ("x.de", "y.x.de", "ax.de")]

    def addresses(entry):
        return {address for address in tried if like(str(entry), str(address))}

    assert limit.contains(wish) is (addresses(wish) <= addresses(limit))


@given(entries, entries, entries)
def test_containment_is_an_order(one, two, three):
    assert one.contains(one)
    assert not (one.contains(two) and two.contains(three)) or one.contains(three)
    assert not (one.contains(two) and two.contains(one)) or one == two


@pytest.mark.parametrize(
    "text",
    [
        "", "@", "*", "*@", "@example.com", "news", "news@", "news@example", "news@@example.com", "a@b@example.com",
        "*@*", "*@*.com", "*@*.example.com", "n*@example.com", "*s@example.com", "**@example.com", "?@example.com",
        "new?@example.com", "news@ex?mple.com", "${aws:username}@example.com", "news@${aws:username}",
        "$@example.com", "news@example.com.", "news@.example.com", "news@example..com", ".news@example.com",
        "news.@example.com", "ne..ws@example.com", "news @example.com", " news@example.com", "news@example.com ",
        "news@example.com\n", "news@exam\nple.com", "news\0@example.com", "News@example.com", "news@Example.com",
        "NEWS@EXAMPLE.COM", "<news@example.com>", "News <news@example.com>", '"news"@example.com',
        "news@[127.0.0.1]", "news@127.0.0.1", "news@-example.com", "news@example-.com", "news@example.c",
        "müller@example.com", "news@müller.de", "news@ex\u0430mple.com", "news@example.com,other@example.com",
        "news%40x@example.com", "news/x@example.com", "-news@example.com",
        "news\\x@example.com", "new[s]@example.com", "!news@example.com",
        f"{'a' * 65}@example.com", f"news@{'a' * 64}.com", f"news@{'.'.join(['abcdefgh'] * 30)}.com",
    ],
)  # fmt: skip
def test_what_is_not_one_address_or_one_domain_is_refused_with_a_sentence(text):
    with pytest.raises(ValueError, match=r".+") as caught:
        FromEntry.parse(text)
    assert str(caught.value).rstrip().endswith((".", f"{text.lower()}."))


def test_capital_letters_are_refused_with_the_spelling_to_write():
    with pytest.raises(ValueError, match=r"write news@example\.com\."):
        FromEntry.parse("News@Example.com")


@pytest.mark.parametrize(
    ("limit", "wish", "inside"),
    [
        ("*@example.com", "news@example.com", True),
        ("*@example.com", "*@example.com", True),
        ("*@example.com", "news@sub.example.com", False),
        ("*@example.com", "news@notexample.com", False),
        ("*@example.com", "news@example.com.evil.org", False),
        ("*@example.com", "*@sub.example.com", False),
        ("news@example.com", "*@example.com", False),
        ("news@example.com", "news@example.com", True),
        ("news@example.com", "news+a@example.com", False),
        ("a.b@example.com", "aXb@example.com".lower(), False),
        ("*@a-b.com", "x@aab.com", False),
    ],
)
def test_a_limit_contains_its_own_domain_only(limit, wish, inside):
    assert FromEntry.parse(limit).contains(FromEntry.parse(wish)) is inside


@pytest.mark.parametrize(
    ("entry", "identity", "covers"),
    [
        ("news@example.com", "example.com", True),
        ("*@example.com", "example.com", True),
        ("news@sub.example.com", "example.com", True),
        ("news@example.com", "Example.COM", True),
        ("news@example.com", "news@example.com", True),
        ("news@example.com", "other@example.com", False),
        ("*@example.com", "news@example.com", False),
        ("news@notexample.com", "example.com", False),
        ("news@example.com", "sub.example.com", False),
        ("news@example.com.evil.org", "example.com", False),
    ],
)
def test_an_identity_covers_its_domain_and_what_lies_below(entry, identity, covers):
    assert FromEntry.parse(entry).verified_by(identity) is covers
