"""One AWS call from bytes to bytes: signature, faults, rules, permission, answer, log."""

import logging
from collections.abc import Callable
from typing import Any

from moto.core.serialize import XFormedAttributePicker, get_serializer_class

from . import iam_answers, ses_answers, sts_answers
from .actions import demands, is_answered, with_own_user
from .calls import Visit
from .conditions import EvaluationError
from .enforcement import demand_permission, principal_context
from .errors import AwsError, cannot_answer, error_reply
from .faults import Fault, When
from .principals import Caller, caller_with_key, record_use
from .rules import demand_valid_input
from .signature import Signature, demand_right_signature, read_signature
from .wire import Call, Json, Raw, Reply, Service, model, operation_model, read_operation, service_of
from .world import World

log = logging.getLogger("provisioning.sandbox")

_READS = ("Get", "List", "Simulate")


class LostReplyError(Exception):
    """No reply: the fault says so, or the client is gone."""


def answer(world: World, raw: Raw, still_there: Callable[[], bool]) -> Reply | None:
    """The reply to one HTTP request, or None where the connection is to be dropped without one."""
    visit, service = Visit(), None
    try:
        signature = read_signature(raw)
        visit.key_id = world.known_key(signature.key_id)
        service = service_of(signature.service, raw.path)
        reply = _answer(world, raw, _read(service, raw, signature), visit, still_there)
    except LostReplyError:
        world.calls.add(visit, 0)
        return None
    except Exception as error:  # noqa: BLE001 (nothing may look like a page of HTML)
        speaks_json = "json" in raw.headers.get("content-type", "")
        reply = error_reply(service, _as_aws(error, visit), visit.request_id, as_json=speaks_json)
    world.calls.add(visit, reply.status, reply.code)
    return reply


def _as_aws(error: Exception, visit: Visit) -> AwsError:
    """What went wrong as an error of AWS; what is none is named as a gap of the sandbox."""
    if isinstance(error, AwsError):
        return error
    if isinstance(error, EvaluationError):
        return cannot_answer(str(error))
    log.error("sandbox_failed operation=%s request=%s", visit.operation, visit.request_id, exc_info=error)
    return cannot_answer(f"{visit.operation} failed inside with {type(error).__name__}")


def _answer(world: World, raw: Raw, call: Call, visit: Visit, still_there: Callable[[], bool]) -> Reply:
    visit.operation = call.operation
    faults = world.faults.hitting(call.operation)
    disturb(world, faults, "before", call.operation, still_there)
    try:
        reply = _perform(world, raw, call, visit)
    except AwsError as error:
        reply = error_reply(call.service, error, visit.request_id)
    disturb(world, faults, "after", call.operation, still_there)
    return reply


def _read(service: Service | None, raw: Raw, signature: Signature) -> Call:
    if service is None:
        raise cannot_answer(f"service {signature.service} is not part of it")
    operation, params = read_operation(service, raw)
    if operation_model(service, operation) is None:
        if service is Service.SESV2:
            raise AwsError("UnknownOperationException", "The requested operation does not exist.", 404)
        version = model(service).api_version
        raise AwsError("InvalidAction", f"Could not find operation {operation} for version {version}")
    return Call(service, signature.region, operation, params, raw.peer, raw.headers.get("user-agent", ""))


def disturb(world: World, faults: list[Fault], moment: When, operation: str, still_there: Callable[[], bool]) -> None:
    """Do what the faults of this moment ask for; raises AwsError or LostReplyError."""
    for fault in faults:
        if fault.moment != moment:
            continue
        if fault.effect == "delay":
            if not world.faults.pause(fault.seconds):
                raise LostReplyError
        elif fault.effect == "hold":
            if not world.faults.hold(operation, moment, still_there):
                raise LostReplyError
        elif fault.effect == "lose_reply":
            raise LostReplyError
        elif fault.effect == "throttle":
            raise AwsError("Throttling", "Rate exceeded")
        else:
            raise AwsError(fault.code, "The sandbox was asked to fail here.", fault.status)


def _perform(world: World, raw: Raw, call: Call, visit: Visit) -> Reply:
    signature = read_signature(raw)
    with world.lock:
        caller = caller_with_key(world, signature.key_id, raw.headers.get("x-amz-security-token", ""))
        world, visit.caller = world.within(caller.account), caller.arn
        demand_right_signature(raw, signature, caller.secret)
        if not is_answered(call):
            raise cannot_answer(f"{call.operation} is not implemented")
        call = with_own_user(call, caller)
        demand_valid_input(call)
        context = principal_context(world, caller, call.peer, call.region, call.user_agent)
        for demand in demands(world, call):
            demand_permission(caller, demand, context)
        record_use(world, caller.key_id, signature.service, signature.region)
        result, transformers = _result(world, call, caller, context)
        reply = _written(call, result, transformers, visit.request_id)
    if not call.operation.startswith(_READS):
        world.changed()
    return reply


def _result(
    world: World, call: Call, caller: Caller, context: dict[str, tuple[str, ...]]
) -> tuple[Json, dict[str, Any]]:
    if call.service is Service.IAM:
        return iam_answers.answer(world, call, caller)
    if call.service is Service.STS:
        return sts_answers.answer(world, call, caller, context), {}
    return ses_answers.answer(world, call, caller), {}


def _written(call: Call, result: Json, transformers: dict[str, Any], request_id: str) -> Reply:
    """The result in the service's wire format, by AWS's own model."""
    serializer = get_serializer_class(call.service.model_name, call.service.protocol)(
        operation_model=operation_model(call.service, call.operation),
        value_picker=XFormedAttributePicker(response_transformers=transformers),
    )
    serializer.context.request_id = request_id
    serialized = serializer.serialize(result)
    body = serialized["body"]
    headers = {**serialized["headers"], "x-amzn-RequestId": request_id}
    return Reply(serialized["status_code"], headers, body.encode() if isinstance(body, str) else body)
