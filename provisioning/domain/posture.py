"""What a look at the set-up found, as plain data that can be kept, and what of it needs somebody, in sentences."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypedDict

# What is asked of AWS, as pages name it.
WHO, KEY_AGE, RIGHTS = "Who the dashboard is", "The age of its key", "Its rights"
ACCOUNT, BOUNDARY, CONSOLE_BOUNDARY = (
    "The account's quota and root user",
    "The boundary",
    "The boundary of console logins",
)
_DENIED = frozenset({"AccessDenied", "AccessDeniedException"})
KEY_AGE_LIMIT = 90  # days: past it a key should have been replaced
_QUOTA_NEAR = 0.9
_NAMED = 5  # so many are named in a sentence


class Right(TypedDict):
    """One action that we lack, or should not have; `denied`: what we lack is its express denial."""

    action: str
    about: str
    denied: bool


class Unasked(TypedDict):
    """A question that AWS did not answer, and how it failed."""

    what: str
    code: str
    words: str
    aws_request_id: str


class Uncovered(TypedDict):
    """A From entry of so many live credentials that no verified identity of the region covers."""

    entry: str
    region: str
    credentials: int


class Findings(TypedDict):
    """What is known of the set-up; None where it was never answered, or where the question has no sense.

    What a look could not ask, `unasked` names: the rest of that is what an earlier look found.
    """

    kind: str | None
    keys: int | None  # active keys of our own user
    key_days: int | None  # age of the oldest of them
    boundary: str | None  # a value of Boundary
    console_boundary: str | None
    missing: list[Right] | None
    excess: list[Right] | None
    users: int | None
    users_quota: int | None
    root_has_mfa: bool | None
    root_has_keys: bool | None
    uncovered: list[Uncovered]  # the first of them
    uncovered_count: int
    unasked: list[Unasked]


AS_PRINTED, DIFFERENT, GONE = "as printed", "different", "gone"
NOTHING_FOUND = Findings(
    kind=None,
    keys=None,
    key_days=None,
    boundary=None,
    console_boundary=None,
    missing=None,
    excess=None,
    users=None,
    users_quota=None,
    root_has_mfa=None,
    root_has_keys=None,
    uncovered=[],
    uncovered_count=0,
    unasked=[],
)


@dataclass(frozen=True)
class Problem:
    """One thing to mend: its tone (bad, or warn for advice), and what to do."""

    tone: str
    title: str
    text: str


def problems_of(findings: Findings, trouble: str) -> list[Problem]:
    """Return what needs somebody, worst first; `trouble` is why nothing is issued, or ""."""
    first = [Problem("bad", "Nothing is issued", trouble)] if trouble else []
    found = [
        *_unanswered(findings),
        *_rights(findings),
        *_boundary(findings),
        *_sending(findings),
        *_account(findings),
        *_key(findings),
    ]
    return first + sorted(found, key=lambda problem: ("bad", "warn").index(problem.tone))


def _unanswered(findings: Findings) -> Iterator[Problem]:
    """Give what AWS did not say at the last look. Its simulator is a convenience: without it, acts tell what lacks."""
    unasked = {each["what"]: each for each in findings["unasked"]}
    if who := unasked.pop(WHO, None):
        text = f"{who['words']} What stands below is what AWS said before."
        yield Problem("bad", "The dashboard does not get through to AWS", text)
        return
    denied = [what for what, each in unasked.items() if each["code"] in _DENIED and what != RIGHTS]
    silent = [what for what, each in unasked.items() if each["code"] not in _DENIED]
    if denied:
        title = f"The dashboard may not ask AWS: {_named(denied)}"
        yield Problem("bad", title, "It lacks rights that its policy names. Give it the policy as it is printed.")
    if silent:
        title = f"AWS did not answer: {_named(silent)}"
        yield Problem("warn", title, "What stands below of it is what AWS said before. It is asked again by itself.")


def _rights(findings: Findings) -> Iterator[Problem]:
    missing, excess = findings["missing"] or [], findings["excess"] or []
    allowed = [right["action"] for right in missing if not right["denied"]]
    denied = [right["action"] for right in missing if right["denied"]]
    if allowed:
        title = f"The dashboard may not do {_named(allowed)}"
        yield Problem("bad", title, "It needs this for its work. Give it the policy that this page prints.")
    if excess:
        title = f"The dashboard may do too much: {_named([right['action'] for right in excess])}"
        yield Problem(
            "bad", title, "Whoever holds its key could reach beyond its users. Take away what is not printed."
        )
    if denied:
        title = f"{_named(denied)} {'is' if len(set(denied)) == 1 else 'are'} not expressly denied"
        yield Problem("warn", title, "A policy that is added later could allow it. The printed policy denies it.")


def _boundary(findings: Findings) -> Iterator[Problem]:
    if findings["boundary"] == DIFFERENT:
        text = "It may let the users that are made here do more than send, or less. Compare it with the printed one."
        yield Problem("bad", "The boundary does not say what this page prints", text)
    if findings["console_boundary"] == DIFFERENT:
        text = "It may let console logins do more than SES, or less. Compare it with the printed one."
        yield Problem("bad", "The boundary of console logins does not say what this page prints", text)
    if findings["console_boundary"] == GONE:
        text = "AWS has no policy of that name, so none can be issued. Make it as this page prints it."
        yield Problem("bad", "The boundary of console logins is not there", text)


def _sending(findings: Findings) -> Iterator[Problem]:
    if not findings["uncovered"]:
        return
    named = [f"{each['entry']} in {each['region']}" for each in findings["uncovered"]]
    title = f"No verified identity covers {_named(named, findings['uncovered_count'])}"
    yield Problem(
        "bad", title, "Live credentials send as it, and SES refuses that mail. Verify the domain in SES again."
    )


def _account(findings: Findings) -> Iterator[Problem]:
    users, quota = findings["users"], findings["users_quota"]
    if users is not None and quota and users >= quota * _QUOTA_NEAR:
        text = f"{users:,} of {quota:,} are used. Past the last one nothing can be issued; AWS raises it on request."
        yield Problem("warn", "The account's quota of IAM users is nearly used up", text)
    if findings["root_has_keys"]:
        yield Problem("warn", "The account's root user has access keys", "No policy limits them. Delete them.")
    if findings["root_has_mfa"] is False:
        yield Problem("warn", "The account's root user has no MFA", "A password alone opens the account. Turn MFA on.")


def _key(findings: Findings) -> Iterator[Problem]:
    days = findings["key_days"]
    if days is not None and days > KEY_AGE_LIMIT:
        text = "Replace it, or let the dashboard run as a role: then there is no key that could grow old."
        yield Problem("warn", f"The dashboard's own access key is {days} days old", text)


def _named(names: list[str], count: int = 0) -> str:
    """Return the first names, and how many there are beside them."""
    once = list(dict.fromkeys(names))
    more = max(count, len(once)) - _NAMED
    if more > 0:
        return f"{', '.join(once[:_NAMED])} and {more} more"
    return " and ".join(filter(None, (", ".join(once[:-1]), once[-1])))
