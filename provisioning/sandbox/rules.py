"""What AWS refuses before it looks at anything: lengths, characters, enumerations, tags, sizes.

Lengths, patterns and enumerations are read from AWS's own service model, so that they are AWS's.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from .conditions import EvaluationError, UnknownWordError
from .errors import AwsError
from .policies import read_policy
from .wire import Call, Json, operation_model

Shape = Any  # of AWS's service model, as botocore reads it
USER_POLICY_SIZE, GROUP_POLICY_SIZE, MANAGED_POLICY_SIZE = 2048, 5120, 6144
TAGS_PER_USER = 50
ATTACHED_PER_USER = GROUPS_PER_USER = 10
# The one class of Unicode letters, spaces and digits in the model, said in Python's words.
_UNICODE_CLASS = r"\p{L}\p{Z}\p{N}"
_IN_PYTHON = "\\w \u00a0\u2000-\u200a\u3000"


@lru_cache(maxsize=256)
def _pattern(text: str) -> re.Pattern[str]:
    flags = 0 if _UNICODE_CLASS in text else re.ASCII
    return re.compile(text.replace(_UNICODE_CLASS, _IN_PYTHON), flags)


def demand_valid_input(call: Call) -> None:
    """Raise ValidationError for a parameter that the service model forbids."""
    shape = operation_model(call.service, call.operation).input_shape
    if shape is None:
        return
    found = list(_violations(shape, call.params, ""))
    if found:
        errors = "errors" if len(found) > 1 else "error"
        raise AwsError("ValidationError", f"{len(found)} validation {errors} detected: {'; '.join(found)}")


def _violations(shape: Shape, value: Json, where: str) -> Iterable[str]:
    if shape.type_name == "structure":
        yield from _structure(shape, value, where)
    elif shape.type_name == "list":
        yield from _size(shape, len(value), where, value)
        for index, each in enumerate(value, 1):
            yield from _violations(shape.member, each, f"{where}.{index}.member")
    elif shape.type_name == "string":
        yield from _text(shape, str(value), where)
    elif shape.type_name in ("integer", "long"):
        yield from _number(shape, value, where)


def _structure(shape: Shape, value: Json, where: str) -> Iterable[str]:
    for name in shape.required_members:
        if name not in value:
            at = _at(where, name)
            yield f"Value null at '{at}' failed to satisfy constraint: Member must not be null"
    for name, member in shape.members.items():
        if value.get(name) is not None:
            yield from _violations(member, value[name], _at(where, name))


def _at(where: str, name: str) -> str:
    member = name[0].lower() + name[1:]
    return f"{where}.{member}" if where else member


def _text(shape: Shape, value: str, where: str) -> Iterable[str]:
    yield from _size(shape, len(value), where, value)
    metadata = shape.metadata
    if (pattern := metadata.get("pattern")) and not _pattern(pattern).fullmatch(value):
        yield f"{_shown(value, where)}: Member must satisfy regular expression pattern: {pattern}"
    if (allowed := metadata.get("enum")) and value not in allowed:
        yield f"{_shown(value, where)}: Member must satisfy enum value set: [{', '.join(allowed)}]"


def _size(shape: Shape, size: int, where: str, value: Json) -> Iterable[str]:
    longest, shortest = shape.metadata.get("max"), shape.metadata.get("min")
    if longest is not None and size > longest:
        yield f"{_shown(value, where)}: Member must have length less than or equal to {longest}"
    if shortest is not None and size < shortest:
        yield f"{_shown(value, where)}: Member must have length greater than or equal to {shortest}"


def _number(shape: Shape, value: int, where: str) -> Iterable[str]:
    most, least = shape.metadata.get("max"), shape.metadata.get("min")
    if most is not None and value > most:
        yield f"{_shown(value, where)}: Member must have value less than or equal to {most}"
    if least is not None and value < least:
        yield f"{_shown(value, where)}: Member must have value greater than or equal to {least}"


def _shown(value: Json, where: str) -> str:
    # A password that is too long must not come back in the message, and a policy would fill it.
    shown = "***" if "assword" in where else str(value)[:200]
    return f"Value '{shown}' at '{where}' failed to satisfy constraint"


def demand_valid_tags(tags: list[dict[str, str]], present: Iterable[str] = ()) -> None:
    """Rules on tags that the model does not hold: reserved prefix, keys equal but for case, 50 a user."""
    keys = [tag["Key"].lower() for tag in tags]
    if len(set(keys)) < len(keys):
        message = "Duplicate tag keys found. Please note that Tag keys are case insensitive."
        raise AwsError("InvalidInput", message)
    if any(key.startswith("aws:") for key in keys):
        # AWS's code for a reserved key is not confirmed; InvalidInput is what its model offers for tags.
        raise AwsError("InvalidInput", "Tag keys that begin with aws: are reserved for system use.")
    if len({*keys, *(key.lower() for key in present)}) > TAGS_PER_USER:
        raise AwsError("LimitExceeded", f"The number of tags has reached the maximum limit: {TAGS_PER_USER}.")


def size_of(document: str) -> int:
    """Characters of a policy as IAM counts them: white space is free."""
    return sum(not sign.isspace() for sign in document)


def demand_room(documents: Iterable[str], limit: int, message: str) -> None:
    if sum(size_of(text) for text in documents) > limit:
        raise AwsError("LimitExceeded", message)


def demand_readable_policy(document: str) -> None:
    """Refuse a document with an operator AWS has not, and name what AWS has and the evaluator has not."""
    try:
        read_policy(document)
    except UnknownWordError as error:
        raise AwsError("MalformedPolicyDocument", f"Syntax errors in policy. ({error})") from error
    except EvaluationError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise AwsError("MalformedPolicyDocument", "Syntax errors in policy.") from error
