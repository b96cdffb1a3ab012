"""What a look found, in sentences: worst first, each once, and silent about what is unknown."""

import pytest

from provisioning.domain.posture import NOTHING_FOUND, problems_of


def right(action, *, denied=False):
    return {"action": action, "about": "arn", "denied": denied}


def titles(trouble="", **found):
    return [problem.title for problem in problems_of(NOTHING_FOUND | found, trouble)]


def test_nothing_known_is_no_problem():
    assert titles() == []


@pytest.mark.parametrize(
    ("found", "title"),
    [
        ({"missing": [right("iam:TagUser")]}, "The dashboard may not do iam:TagUser"),
        ({"missing": [right("a:B"), right("a:C"), right("a:B")]}, "The dashboard may not do a:B and a:C"),
        (
            {"missing": [right(f"a:{n}") for n in range(8)]},
            "The dashboard may not do a:0, a:1, a:2, a:3, a:4 and 3 more",
        ),
        ({"missing": [right("a:B", denied=True)]}, "a:B is not expressly denied"),
        ({"missing": [right("a:B", denied=True), right("a:C", denied=True)]}, "a:B and a:C are not expressly denied"),
        ({"excess": [right("iam:CreateRole")]}, "The dashboard may do too much: iam:CreateRole"),
        ({"boundary": "different"}, "The boundary does not say what this page prints"),
        ({"root_has_keys": True}, "The account's root user has access keys"),
        ({"root_has_mfa": False}, "The account's root user has no MFA"),
        ({"users": 90, "users_quota": 100}, "The account's quota of IAM users is nearly used up"),
        ({"key_days": 91}, "The dashboard's own access key is 91 days old"),
    ],
)
def test_each_finding_has_its_sentence(found, title):
    assert titles(**found) == [title]


@pytest.mark.parametrize(
    "found",
    [
        {"missing": [], "excess": [], "boundary": "as printed"},
        {"boundary": "gone"},  # the check itself says so
        {"root_has_keys": False, "root_has_mfa": True},
        {"users": 89, "users_quota": 100},
        {"users": 89, "users_quota": None},
        {"key_days": 90},
    ],
)
def test_what_is_well_is_not_mentioned(found):
    assert titles(**found) == []


def test_the_entries_beyond_the_first_are_counted():
    uncovered = [{"entry": f"{n}@example.com", "region": "eu-central-1", "credentials": 1} for n in range(10)]
    (title,) = titles(uncovered=uncovered, uncovered_count=40)
    assert title.endswith("4@example.com in eu-central-1 and 35 more")


def test_the_worst_comes_first():
    problems = problems_of(NOTHING_FOUND | {"root_has_mfa": False, "excess": [right("a:B")], "key_days": 200}, "No.")
    assert [problem.tone for problem in problems] == ["bad", "bad", "warn", "warn"]
    assert (problems[0].title, problems[0].text) == ("Nothing is issued", "No.")
