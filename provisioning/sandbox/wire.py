"""A request as it came over HTTP, and how it is read into an operation with parameters."""

import re
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from typing import Any, cast
from urllib.parse import parse_qsl, unquote

from moto.core.parse import PROTOCOL_PARSERS
from moto.core.utils import get_service_model

Model = Any  # botocore's description of a service or an operation
Json = Any  # what a JSON document or an answer of moto holds


class Service(Enum):
    """The services of this sandbox: name of the model, wire protocol."""

    IAM = ("iam", "query")
    STS = ("sts", "query")
    SES = ("ses", "query")
    SESV2 = ("sesv2", "rest-json")

    @property
    def model_name(self) -> str:
        return self.value[0]

    @property
    def protocol(self) -> str:
        return self.value[1]


@dataclass(frozen=True)
class Raw:
    """The bytes of one HTTP request."""

    method: str
    target: str  # path and query as sent
    headers: dict[str, str]  # names in lower case
    body: bytes
    peer: str

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        return self.target.partition("?")[2]


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes
    code: str = ""  # AWS's error code; empty when it went well


@dataclass(frozen=True)
class Call:
    """One API call, not yet authorized."""

    service: Service
    region: str
    operation: str
    params: dict[str, Any] = field(repr=False)
    peer: str = "127.0.0.1"
    user_agent: str = ""


@cache
def model(service: Service) -> Model:
    return get_service_model(service.model_name)


@cache
def operation_model(service: Service, operation: str) -> Model:
    """The model of an operation, or None where AWS has no such operation."""
    return model(service).operation_model(operation) if operation in model(service).operation_names else None


@cache
def _routes() -> list[tuple[str, re.Pattern[str], str]]:
    """REST operations by method and path, the ones with the fewest placeholders first."""
    rows = []
    for name in model(Service.SESV2).operation_names:
        http = model(Service.SESV2).operation_model(name).http
        path = http["requestUri"].partition("?")[0].rstrip("/")
        pattern = re.compile(re.sub(r"\{(\w+)\+?\}", r"(?P<\1>[^/]+)", path) + "/?")
        rows.append((path.count("{"), http["method"], pattern, name))
    rows.sort(key=lambda row: row[0])
    return [(method, pattern, name) for _, method, pattern, name in rows]


def service_of(scope_service: str, path: str) -> Service | None:
    if scope_service == "ses":
        return Service.SESV2 if path.startswith("/v2/") else Service.SES
    return {"iam": Service.IAM, "sts": Service.STS}.get(scope_service)


def read_operation(service: Service, raw: Raw) -> tuple[str, dict[str, Any]]:
    """Name and parameters of the call; the name is empty when it cannot be told."""
    if service is Service.SESV2:
        return _read_rest(raw)
    text = raw.body.decode("utf-8", "replace") if raw.body else raw.query
    values = dict(parse_qsl(text, keep_blank_values=True))
    operation = values.get("Action", "")
    return operation, _parsed(service, operation, raw, values=values)


def _read_rest(raw: Raw) -> tuple[str, dict[str, Any]]:
    for method, pattern, name in _routes():
        if method == raw.method and (found := pattern.fullmatch(raw.path)):
            url_params = {key: unquote(value) for key, value in found.groupdict().items()}
            query = dict(parse_qsl(raw.query, keep_blank_values=True))
            return name, _parsed(Service.SESV2, name, raw, values=query, url_params=url_params)
    return "", {}


class _Values(dict[str, str]):
    """moto's parser asks a multi-dict for lists."""

    def getlist(self, key: str) -> list[str]:
        return [self[key]] if key in self else []


def _parsed(
    service: Service, operation: str, raw: Raw, values: dict[str, str], url_params: dict[str, str] | None = None
) -> dict[str, Any]:
    shape = operation_model(service, operation)
    if shape is None:
        return {}
    parser = PROTOCOL_PARSERS[service.protocol](shape)
    request = {
        "method": raw.method,
        "values": _Values(values),
        "headers": raw.headers,
        "body": raw.body.decode("utf-8", "replace"),
        "url_path": raw.path,
        "url_params": url_params or {},
    }
    return dict(parser.parse(cast("Any", request)))
