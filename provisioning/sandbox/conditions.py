"""The condition operators of IAM policies: each compares one policy value with one value of the request."""

import ipaddress
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import eq, ge, gt, le, lt

from .patterns import matches, matches_arn

Test = Callable[[str, str], bool]  # (value in the policy, value in the request)


class EvaluationError(Exception):
    """The policy uses something that this evaluator does not know; it never guesses."""


class UnknownWordError(EvaluationError):
    """AWS has no such operator either and calls the document malformed."""


def _numbers(compare: Callable[[float, float], bool]) -> Test:
    def test(policy: str, request: str) -> bool:
        try:
            return compare(float(request), float(policy))
        except ValueError:
            return False

    return test


def moment(text: str) -> datetime | None:
    """An ISO 8601 date or seconds since 1970, as IAM takes them; None for anything else."""
    try:
        if text.replace(".", "", 1).isdigit() and len(text) > 4:
            return datetime.fromtimestamp(float(text), UTC)
        parsed = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def _dates(compare: Callable[[datetime, datetime], bool]) -> Test:
    def test(policy: str, request: str) -> bool:
        expected, actual = moment(policy), moment(request)
        return expected is not None and actual is not None and compare(actual, expected)

    return test


def _in_network(policy: str, request: str) -> bool:
    try:
        return ipaddress.ip_address(request) in ipaddress.ip_network(policy, strict=False)
    except ValueError:
        return False


def _same_word(policy: str, request: str) -> bool:
    return policy.casefold() == request.casefold()


_TESTS: dict[str, Test] = {
    "StringEquals": eq,
    "StringEqualsIgnoreCase": _same_word,
    "StringLike": matches,
    "NumericEquals": _numbers(eq),
    "NumericLessThan": _numbers(lt),
    "NumericLessThanEquals": _numbers(le),
    "NumericGreaterThan": _numbers(gt),
    "NumericGreaterThanEquals": _numbers(ge),
    "DateEquals": _dates(eq),
    "DateLessThan": _dates(lt),
    "DateLessThanEquals": _dates(le),
    "DateGreaterThan": _dates(gt),
    "DateGreaterThanEquals": _dates(ge),
    "Bool": _same_word,
    "IpAddress": _in_network,
    # AWS documents that these two behave alike.
    "ArnEquals": matches_arn,
    "ArnLike": matches_arn,
}
_OPPOSITES = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
    "NotIpAddress": "IpAddress",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
}
_KNOWN_TO_AWS_ONLY = {"BinaryEquals"}
_QUALIFIERS = ("ForAllValues", "ForAnyValue")


@dataclass(frozen=True)
class Condition:
    """One key of one operator block, for example ``ForAllValues:StringLike ses:Recipients [...]``."""

    qualifier: str
    operator: str
    if_exists: bool
    key: str
    values: tuple[str, ...]

    def holds(self, actual: Sequence[str] | None) -> bool:
        """Whether it holds for the values that the request gives for the key (None: the key is absent)."""
        if self.operator == "Null":
            return any((value.casefold() == "true") == (actual is None) for value in self.values)
        opposite = _OPPOSITES.get(self.operator)
        test = _TESTS[opposite or self.operator]

        def one(value: str) -> bool:
            return any(test(expected, value) for expected in self.values) is (opposite is None)

        if self.qualifier == "ForAllValues":
            return all(one(value) for value in actual or ())  # an empty set satisfies it, as in AWS
        if self.qualifier == "ForAnyValue":
            return any(one(value) for value in actual or ()) or (actual is None and self.if_exists)
        if actual is None:
            return self.if_exists or opposite is not None
        if len(actual) != 1:
            raise EvaluationError(f"{self.key} has several values here and needs ForAllValues or ForAnyValue")
        return one(actual[0])


def condition(operator_block: str, key: str, values: Sequence[object]) -> Condition:
    """Read one key of a Condition element; raises UnknownWordError or EvaluationError, never lets one pass."""
    qualifier, colon, operator = operator_block.rpartition(":")
    if colon and qualifier not in _QUALIFIERS:
        raise UnknownWordError(f"condition qualifier {qualifier} is not known")
    if_exists = operator.endswith("IfExists")
    operator = operator.removesuffix("IfExists")
    if operator in _KNOWN_TO_AWS_ONLY:
        raise EvaluationError(f"condition operator {operator} is not implemented")
    if operator not in {*_TESTS, *_OPPOSITES, "Null"}:
        raise UnknownWordError(f"condition operator {operator_block} is not known")
    return Condition(qualifier, operator, if_exists, key.lower(), tuple(_text(value) for value in values))


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    text = str(value)
    if "${" in text:
        raise EvaluationError(f"policy variables are not implemented: {text}")
    return text
