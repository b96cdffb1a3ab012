"""The decision of IAM: identity policies, explicit deny and the permissions boundary. Pure.

Service and resource control policies, session policies and resource policies are not part of this account.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from .policies import Policy, Statement

Context = Mapping[str, Sequence[str]]


class Decision(StrEnum):
    """The three answers, in the words of SimulatePrincipalPolicy."""

    ALLOWED = "allowed"
    IMPLICIT_DENY = "implicitDeny"
    EXPLICIT_DENY = "explicitDeny"


@dataclass(frozen=True)
class Request:
    """One action on one resource, with the condition keys that AWS would provide for it."""

    action: str
    resource: str
    context: Context = field(default_factory=dict)


@dataclass(frozen=True)
class Holder:
    """What decides for a principal: its identity policies (own, attached, of its groups) and its boundary."""

    policies: tuple[Policy, ...]
    boundary: Policy | None = None


@dataclass(frozen=True)
class Outcome:
    decision: Decision
    because: str  # the words AWS adds to its AccessDenied message; empty when allowed
    boundary_allows: bool | None = None

    @property
    def allowed(self) -> bool:
        return self.decision is Decision.ALLOWED


def decide(request: Request, holder: Holder) -> Outcome:
    """Explicit deny wins; otherwise identity policies and, where there is one, the boundary must both allow."""
    context = {key.lower(): values for key, values in request.context.items()}
    identity = _effects(request, context, holder.policies)
    limits = _effects(request, context, [holder.boundary]) if holder.boundary else None
    within = None if limits is None else limits == {True}
    if False in identity:
        return Outcome(Decision.EXPLICIT_DENY, "with an explicit deny in an identity-based policy", within)
    if limits is not None and False in limits:
        return Outcome(Decision.EXPLICIT_DENY, "with an explicit deny in a permissions boundary", within)
    if not identity:
        words = f"because no identity-based policy allows the {request.action} action"
        return Outcome(Decision.IMPLICIT_DENY, words, within)
    if within is False:
        words = f"because no permissions boundary allows the {request.action} action"
        return Outcome(Decision.IMPLICIT_DENY, words, within)
    return Outcome(Decision.ALLOWED, "", within)


def _effects(request: Request, context: Context, policies: Iterable[Policy]) -> set[bool]:
    """The effects (True: Allow) of all statements that apply to the request."""
    return {
        statement.allow
        for policy in policies
        for statement in policy.statements
        if statement.concerns(request.action, request.resource, context) and conditions_hold(statement, context)
    }


def conditions_hold(statement: Statement, context: Context) -> bool:
    """All conditions of a statement must hold; keys of `context` are lower-case."""
    return all(each.holds(context.get(each.key)) for each in statement.conditions)
