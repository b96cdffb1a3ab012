"""Policy documents as read by the evaluator."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from .conditions import Condition, EvaluationError, UnknownWordError, condition
from .patterns import matches_action, matches_resource

Json = Any  # a part of a document as JSON gives it
Context = Mapping[str, Sequence[str]]
_USER_NAME = "${aws:username}"  # the one policy variable that the product writes
_ELEMENTS = {"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition", "Principal"}


@dataclass(frozen=True)
class Statement:
    allow: bool
    actions: tuple[str, ...]
    not_actions: tuple[str, ...]
    resources: tuple[str, ...]
    not_resources: tuple[str, ...]
    conditions: tuple[Condition, ...]
    principals: tuple[str, ...]  # trust policies only

    def concerns(self, action: str, resource: str, context: Context) -> bool:
        """Whether the statement speaks about this action on this resource; keys of `context` are lower-case."""
        if self.actions:
            if not any(matches_action(pattern, action) for pattern in self.actions):
                return False
        elif any(matches_action(pattern, action) for pattern in self.not_actions):
            return False
        if self.resources:
            return any(matches_resource(_filled(pattern, context), resource) for pattern in self.resources)
        return not any(matches_resource(pattern, resource) for pattern in self.not_resources)


@dataclass(frozen=True)
class Policy:
    statements: tuple[Statement, ...]

    def condition_keys(self) -> set[str]:
        return {each.key for statement in self.statements for each in statement.conditions}


@lru_cache(maxsize=2048)
def read_policy(document: str) -> Policy:
    """Read a document that IAM has accepted; raises EvaluationError for what the evaluator does not know."""
    statements = _listed(json.loads(document).get("Statement", []))
    return Policy(tuple(_statement(each) for each in statements))


def _statement(raw: dict[str, Any]) -> Statement:
    if unknown := set(raw) - _ELEMENTS:
        raise UnknownWordError(f"policy element {min(unknown)} is not known")
    return Statement(
        allow=raw["Effect"] == "Allow",
        actions=_texts(raw.get("Action", ())),
        not_actions=_texts(raw.get("NotAction", ())),
        resources=_texts(raw.get("Resource", ()), but=_USER_NAME),
        not_resources=_texts(raw.get("NotResource", ())),
        conditions=tuple(_conditions(raw.get("Condition", {}))),
        principals=_principals(raw.get("Principal", ())),
    )


def _conditions(raw: dict[str, dict[str, Any]]) -> Iterable[Condition]:
    for operator, keys in raw.items():
        for key, values in keys.items():
            yield condition(operator, key, _listed(values))


def _principals(raw: Json) -> tuple[str, ...]:
    if isinstance(raw, dict):
        return tuple(text for value in raw.values() for text in _texts(value))
    return _texts(raw)


def _filled(pattern: str, context: Context) -> str:
    """The pattern with the caller's name in it; without a name the variable stays, and so matches nothing."""
    (name, *_) = context.get("aws:username") or (_USER_NAME,)
    return pattern.replace(_USER_NAME, name)


def _texts(raw: Json, but: str = "") -> tuple[str, ...]:
    texts = tuple(str(value) for value in _listed(raw))
    for text in texts:
        if "${" in (text.replace(but, "") if but else text):
            raise EvaluationError(f"policy variables are not implemented: {text}")
    return texts


def _listed(raw: Json) -> list[Json]:
    return list(raw) if isinstance(raw, list | tuple) else [raw]
