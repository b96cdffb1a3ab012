"""STS: who am I, and roles that must exist, trust the caller and get their external id."""

import re
from datetime import timedelta

from .authorization import conditions_hold
from .errors import AwsError
from .policies import Statement, read_policy
from .principals import ROOT_ARN, Caller
from .wire import Call, Json
from .world import ACCOUNT, World


def answer(world: World, call: Call, caller: Caller, context: dict[str, tuple[str, ...]]) -> Json:
    if call.operation == "GetCallerIdentity":
        return {"UserId": caller.unique_id, "Account": ACCOUNT, "Arn": caller.arn}
    return _assume_role(world, call, caller, context)


def _assume_role(world: World, call: Call, caller: Caller, context: dict[str, tuple[str, ...]]) -> Json:
    params = call.params
    arn = params["RoleArn"]
    role = next((each for each in world.iam.roles.values() if each.arn == arn), None)
    given = {key.lower(): values for key, values in context.items()}
    if "ExternalId" in params:
        given["sts:externalid"] = (params["ExternalId"],)
    # AWS does not tell a role that is not there from one that does not trust the caller. Root may not assume roles.
    if role is None or caller.kind == "Account" or not _trusts(role.assume_role_policy_document, caller, given):
        words = f"User: {caller.arn} is not authorized to perform: sts:AssumeRole on resource: {arn}"
        raise AwsError("AccessDenied", words)
    if params.get("Policy") or params.get("PolicyArns"):
        raise AwsError("SandboxCannotAnswer", "The sandbox does not evaluate session policies.")
    session = world.sts.assume_role(
        region_name=call.region,
        role_session_name=params["RoleSessionName"],
        role_arn=arn,
        policy="",
        duration=params.get("DurationSeconds", 3600),
        external_id=params.get("ExternalId", ""),
    )
    # moto counts from real time.
    session.expiration = world.clock.naive() + timedelta(seconds=params.get("DurationSeconds", 3600))
    return {"Credentials": session, "AssumedRoleUser": {"AssumedRoleId": session.user_id, "Arn": session.arn}}


def _trusts(document: str, caller: Caller, context: dict[str, tuple[str, ...]]) -> bool:
    effects = {
        statement.allow
        for statement in read_policy(document).statements
        if _names(statement, caller) and conditions_hold(statement, context) and "sts:AssumeRole" in statement.actions
    }
    return effects == {True}


def _names(statement: Statement, caller: Caller) -> bool:
    accepted = {"*", ROOT_ARN, ACCOUNT, caller.arn}
    role = re.sub(r"^arn:aws:sts::(\d+):assumed-role/([^/]+)/.*", r"arn:aws:iam::\1:role/\2", caller.arn)
    return any(each in accepted | {role} for each in statement.principals)
