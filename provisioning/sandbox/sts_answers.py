"""STS: who am I, and roles that must exist, trust the caller and get their external id, in this account or another."""

import re
from datetime import timedelta
from typing import Any

from moto.iam.models import Role

from .authorization import conditions_hold
from .errors import AwsError
from .policies import Statement, read_policy
from .principals import SOURCE_IDENTITY, Caller
from .wire import Call, Json
from .world import ACCOUNTS, PARTITION, World

_HOUR = 3600


def answer(world: World, call: Call, caller: Caller, context: dict[str, tuple[str, ...]]) -> Json:
    if call.operation == "GetCallerIdentity":
        return {"UserId": caller.unique_id, "Account": caller.account, "Arn": caller.arn}
    return _assume_role(world, call, caller, context)


def _assume_role(world: World, call: Call, caller: Caller, context: dict[str, tuple[str, ...]]) -> Json:
    params = call.params
    role = _role(world, params["RoleArn"])
    given = {key.lower(): values for key, values in context.items()}
    if "ExternalId" in params:
        given["sts:externalid"] = (params["ExternalId"],)
    # A session hands its source identity on; it can be neither changed nor dropped.
    identity = params.get("SourceIdentity", caller.source_identity)
    _demand_trust(role, "sts:AssumeRole", caller, given, params)
    if identity:
        given["sts:sourceidentity"] = (identity,)
        _demand_trust(role, "sts:SetSourceIdentity", caller, given, params)
    seconds = params.get("DurationSeconds", _HOUR)
    if caller.kind == "AssumedRole" and (seconds > _HOUR or caller.source_identity not in ("", identity)):
        words = "a session of a role begins sessions of at most one hour, and keeps its source identity"
        raise AwsError("ValidationError", f"1 validation error detected: {words}")
    if params.get("Policy") or params.get("PolicyArns"):
        raise AwsError("SandboxCannotAnswer", "The sandbox does not evaluate session policies.")
    session = world.sts.assume_role(
        region_name=call.region,
        role_session_name=params["RoleSessionName"],
        role_arn=params["RoleArn"],
        policy="",
        duration=seconds,
        external_id=params.get("ExternalId", ""),
    )
    setattr(session, SOURCE_IDENTITY, identity)
    # moto counts from real time.
    session.expiration = world.clock.naive() + timedelta(seconds=seconds)
    return {
        "Credentials": session,
        "AssumedRoleUser": {"AssumedRoleId": session.user_id, "Arn": session.arn},
        **({"SourceIdentity": identity} if identity else {}),
    }


def _role(world: World, arn: str) -> Role | None:
    roles = (role for account in ACCOUNTS for role in world.within(account).iam.roles.values())
    return next((role for role in roles if role.arn == arn), None)


def _demand_trust(
    role: Role | None, action: str, caller: Caller, context: dict[str, tuple[str, ...]], params: dict[str, Any]
) -> None:
    # AWS does not tell a role that is not there from one that does not trust the caller. Root may not assume roles.
    if (
        role is None
        or caller.kind == "Account"
        or not _trusts(role.assume_role_policy_document, action, caller, context)
    ):
        words = f"User: {caller.arn} is not authorized to perform: {action} on resource: {params['RoleArn']}"
        raise AwsError("AccessDenied", words)


def _trusts(document: str, action: str, caller: Caller, context: dict[str, tuple[str, ...]]) -> bool:
    effects = {
        statement.allow
        for statement in read_policy(document).statements
        if _names(statement, caller) and conditions_hold(statement, context) and action in statement.actions
    }
    return effects == {True}


def _names(statement: Statement, caller: Caller) -> bool:
    accepted = {"*", f"arn:{PARTITION}:iam::{caller.account}:root", caller.account, caller.arn}
    role = re.sub(r"^arn:aws:sts::(\d+):assumed-role/([^/]+)/.*", r"arn:aws:iam::\1:role/\2", caller.arn)
    return any(each in accepted | {role} for each in statement.principals)
