"""Wildcards of IAM: in actions, in resource ARNs and in condition values."""

import re
from functools import lru_cache


@lru_cache(maxsize=8192)
def _glob(pattern: str, flags: int) -> re.Pattern[str]:
    parts = {"*": ".*", "?": "."}
    return re.compile("".join(parts.get(sign) or re.escape(sign) for sign in pattern), flags | re.DOTALL)


@lru_cache(maxsize=8192)
def _arn_glob(pattern: str) -> re.Pattern[str]:
    # A star stays inside its colon-separated segment, except at the end of a segment, where it may run on
    # (IAM user guide, "Using wildcards in resource ARNs").
    text = ""
    for index, sign in enumerate(pattern):
        if sign == "*":
            at_end = index + 1 == len(pattern) or pattern[index + 1] == ":"
            text += ".*" if at_end else "[^:]*"
        else:
            text += "[^:]" if sign == "?" else re.escape(sign)
    return re.compile(text, re.DOTALL)


def matches(pattern: str, value: str) -> bool:
    """Whether `value` matches, with ``*`` and ``?`` as wildcards and case counting."""
    return _glob(pattern, 0).fullmatch(value) is not None


def matches_action(pattern: str, action: str) -> bool:
    """Actions are compared without regard to case."""
    return _glob(pattern, re.IGNORECASE).fullmatch(action) is not None


def matches_resource(pattern: str, resource: str) -> bool:
    """Whether a Resource element covers an ARN (or the ``*`` of actions that know no resource)."""
    return pattern == "*" or _arn_glob(pattern).fullmatch(resource) is not None


def matches_arn(pattern: str, arn: str) -> bool:
    """ArnEquals and ArnLike: each of the six components is compared by itself."""
    expected, actual = pattern.split(":", 5), arn.split(":", 5)
    if len(expected) != 6 or len(actual) != 6:
        return False
    return all(matches(one, other) for one, other in zip(expected, actual, strict=True))
