"""Where a caller's policies meet a call: allowed, or AWS's AccessDenied."""

from .actions import Demand
from .authorization import Outcome, Request, decide
from .conditions import EvaluationError
from .errors import AwsError, cannot_answer
from .principals import Caller
from .world import World


def principal_context(
    world: World, caller: Caller, peer: str, region: str, user_agent: str
) -> dict[str, tuple[str, ...]]:
    """The global condition keys of a request."""
    now = world.clock.now()
    context: dict[str, tuple[str, ...]] = {
        "aws:CurrentTime": (now.strftime("%Y-%m-%dT%H:%M:%SZ"),),
        "aws:EpochTime": (str(int(now.timestamp())),),
        "aws:SourceIp": (peer,),
        # The loopback connection stands for the TLS connection that AWS insists on.
        "aws:SecureTransport": ("true",),
        "aws:RequestedRegion": (region,),
        "aws:UserAgent": (user_agent,),
        "aws:PrincipalArn": (caller.arn,),
        "aws:PrincipalAccount": (caller.account,),
        "aws:PrincipalType": (caller.kind,),
        "aws:userid": (caller.unique_id,),
        "aws:ViaAWSService": ("false",),
    }
    if caller.source_identity:
        context["aws:SourceIdentity"] = (caller.source_identity,)
    if caller.kind == "User":
        context["aws:username"] = (caller.name,)
    return context | {f"aws:PrincipalTag/{key}": (value,) for key, value in caller.tags}


def outcome_of(caller: Caller, demand: Demand, context: dict[str, tuple[str, ...]]) -> Outcome | None:
    """The decision for one demand; None for root, whom no policy limits."""
    if caller.holder is None:
        return None
    try:
        return decide(Request(demand.action, demand.resource, {**context, **demand.context}), caller.holder)
    except EvaluationError as gap:
        raise cannot_answer(str(gap)) from gap


def demand_permission(caller: Caller, demand: Demand, context: dict[str, tuple[str, ...]]) -> None:
    """Raise AccessDenied in AWS's words unless the caller may do this."""
    outcome = outcome_of(caller, demand, context)
    if outcome is not None and not outcome.allowed:
        where = "" if demand.resource == "*" else f" on resource: {demand.resource}"
        words = f"User: {caller.arn} is not authorized to perform: {demand.action}{where} {outcome.because}"
        raise AwsError("AccessDenied", words)
