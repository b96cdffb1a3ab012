"""The sandbox's own addresses on the AWS port: health, faults, release, calls, mailbox, reset."""

import json
from collections.abc import Callable
from dataclasses import asdict, fields
from typing import Any

from .faults import EFFECTS, Fault
from .wire import Json, Raw, Reply
from .world import World

PREFIX = "/sandbox/"
_LOCAL_HOSTS = {"localhost", "127.0.0.1", "[::1]"}
_LONGEST_DELAY = 600

FORMAT = {
    "fault": {
        "operation": "name of an API operation, SmtpLogin, SmtpSend, or *",
        "effect": "error | throttle | delay | lose_reply | hold",
        "when": "before | after the act (default before; lose_reply: after)",
        "skip": "calls left alone first (default 0)",
        "every": "then every n-th call (default 1)",
        "times": "at most so many times (default: no end)",
        "code": "AWS error code of effect error (default ServiceFailure)",
        "status": "its HTTP status (default: what AWS sends with the code)",
        "seconds": "length of effect delay (default 1.0)",
    },
    "setting": {
        "clock_offset": "seconds that the sandbox's clock is ahead of real time",
        "key_delay": "seconds for which a new key fails",
        "user_delay": "seconds for which a new user is not seen",
        "quota_users": "users that the account may have",
    },
    "identity": {"identity": "domain or address", "region": "id of a region", "verified": "true | false"},
    "post": "one fault, one object of settings, one identity, or a list of these; several faults add up",
    "delete": "clears all faults and releases held calls; settings stay",
}
_KINDS: dict[str, tuple[type, ...]] = {
    "operation": (str,),
    "effect": (str,),
    "when": (str,),
    "every": (int,),
    "skip": (int,),
    "times": (int,),
    "code": (str,),
    "status": (int,),
    "seconds": (int, float),
}
_BOUNDS: dict[str, tuple[int, int]] = {
    "every": (1, 10**9),
    "skip": (0, 10**9),
    "times": (1, 10**9),
    "status": (400, 599),
    "seconds": (0, _LONGEST_DELAY),
}


class DocumentError(Exception):
    """A control document that does not fit the format; the words go back to who sent it."""


def answer(world: World, raw: Raw, reset: Callable[[], None]) -> Reply:
    """The reply to a request below /sandbox/."""
    if refusal := _stranger(raw):
        return _json(403, {"error": refusal})
    handlers: dict[tuple[str, str], Callable[[], Any]] = {
        ("GET", "healthz"): lambda: {"status": "ok"},
        ("GET", "faults"): lambda: _shown(world),
        ("POST", "faults"): lambda: _apply(world, raw.body),
        ("DELETE", "faults"): lambda: _cleared(world),
        ("POST", "release"): lambda: {"released": world.faults.release(_released_operation(raw.body))},
        ("GET", "calls"): lambda: {"calls": [asdict(entry) for entry in world.calls.entries()]},
        ("DELETE", "calls"): lambda: _after(world.calls.clear, {"calls": []}),
        ("GET", "mailbox"): lambda: {"messages": [asdict(message) for message in list(world.mailbox)]},
        ("POST", "reset"): lambda: _after(reset, {"status": "reset"}),
    }
    name = raw.path.removeprefix(PREFIX).rstrip("/")
    handler = handlers.get((raw.method, name))
    if handler is None:
        known = sorted({f"{method} {PREFIX}{path}" for method, path in handlers})
        return _json(404, {"error": "No such address.", "addresses": known})
    try:
        return _json(200, handler())
    except DocumentError as bad:
        return _json(400, {"error": str(bad), "format": FORMAT})


def _after(act: Callable[[], None], body: Json) -> Json:
    act()
    return body


def _stranger(raw: Raw) -> str:
    """Why the request is refused; empty for local programs. A page in a browser on this machine is none."""
    host = raw.headers.get("host", "").rpartition(":")[0] or raw.headers.get("host", "")
    if host not in _LOCAL_HOSTS:
        return "The control addresses answer to localhost and 127.0.0.1 only."
    return "The control addresses do not answer to web pages." if "origin" in raw.headers else ""


def _json(status: int, body: Json) -> Reply:
    return Reply(status, {"Content-Type": "application/json"}, json.dumps(body, indent=1).encode() + b"\n")


def settings_of(world: World) -> dict[str, float]:
    return {"clock_offset": world.clock.offset, **asdict(world.settings)}


def _shown(world: World) -> dict[str, Any]:
    return {
        "settings": settings_of(world),
        "faults": world.faults.listed(),
        "held": world.faults.held(),
        "format": FORMAT,
    }


def _cleared(world: World) -> dict[str, Any]:
    world.faults.clear()
    return _shown(world)


def _released_operation(body: bytes) -> str:
    document = _read(body) if body.strip() else {}
    if not isinstance(document, dict) or set(document) - {"operation"}:
        raise DocumentError('Send nothing, or {"operation": "..."}.')
    return str(document.get("operation", "*"))


def _read(body: bytes) -> Json:
    try:
        return json.loads(body)
    except ValueError as error:
        raise DocumentError(f"The document is not JSON: {error}") from error


def _apply(world: World, body: bytes) -> dict[str, Any]:
    """Check everything first, so that a wrong document changes nothing."""
    document = _read(body)
    acts = [_act(world, each) for each in (document if isinstance(document, list) else [document])]
    for act in acts:
        act()
    return _shown(world)


def _act(world: World, document: Json) -> Callable[[], None]:
    if not isinstance(document, dict) or not document:
        raise DocumentError("Each part of the document is an object with at least one field.")
    if "operation" in document or "effect" in document:
        fault = _fault(document)
        return lambda: world.faults.add(fault)
    if "identity" in document:
        return _identity(world, document)
    return _settings(world, document)


def _fault(document: dict[str, Any]) -> Fault:
    for name, value in document.items():
        if name not in _KINDS:
            raise DocumentError(f"A fault has no field {name!r}.")
        if not isinstance(value, _KINDS[name]) or isinstance(value, bool):
            raise DocumentError(f"Field {name!r} is of the wrong kind.")
        _demand_bounds(name, value)
    if missing := {"operation", "effect"} - set(document):
        raise DocumentError(f"A fault needs the field {min(missing)!r}.")
    if document["effect"] not in EFFECTS:
        raise DocumentError(f"Effect must be one of {', '.join(EFFECTS)}.")
    if document.get("when", "before") not in ("before", "after"):
        raise DocumentError("When must be before or after.")
    if not document["operation"]:
        raise DocumentError("Operation must not be empty.")
    return Fault(**document)


def _demand_bounds(name: str, value: Json) -> None:
    least, most = _BOUNDS.get(name, (None, None))
    if least is not None and not least <= value <= most:
        raise DocumentError(f"Field {name!r} must be between {least} and {most}.")


def _identity(world: World, document: dict[str, Any]) -> Callable[[], None]:
    if set(document) - {"identity", "region", "verified"} or not isinstance(document["identity"], str):
        raise DocumentError("An identity has the fields identity, region and verified.")
    region, verified = document.get("region"), document.get("verified", True)
    if region not in world.ses or not isinstance(verified, bool):
        raise DocumentError(f"Region must be one of {', '.join(world.ses)}, verified true or false.")
    return lambda: world.ses[region].identities.__setitem__(document["identity"], verified)


def _settings(world: World, document: dict[str, Any]) -> Callable[[], None]:
    names = {"clock_offset", *(each.name for each in fields(world.settings))}
    for name, value in document.items():
        if name not in names:
            raise DocumentError(f"There is no setting {name!r}.")
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise DocumentError(f"Setting {name!r} must be a number.")
        if name != "clock_offset" and value < 0:
            raise DocumentError(f"Setting {name!r} must not be negative.")
        if abs(value) > 1e10:
            raise DocumentError(f"Setting {name!r} is too large.")

    def act() -> None:
        for name, value in document.items():
            if name == "clock_offset":
                world.clock.offset = value
            else:
                setattr(world.settings, name, value)

    return act
