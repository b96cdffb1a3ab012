"""Listings cut into pages, as IAM and SES do."""

import base64
import binascii
from collections.abc import Sequence
from typing import Any

from .errors import AwsError

PAGE = 100


def page(items: Sequence[tuple[str, Any]], params: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """One page of items sorted by their keys, and the fields (IsTruncated, Marker) that lead to the next.

    The marker is the last key shown, so that an item made or deleted between two pages moves no other.
    """
    after = _read_marker(params["Marker"]) if params.get("Marker") else None
    rest = [each for each in sorted(items, key=lambda each: each[0]) if after is None or each[0] > after]
    shown = rest[: params.get("MaxItems") or PAGE]
    more: dict[str, Any] = {"IsTruncated": len(rest) > len(shown)}
    if more["IsTruncated"]:
        more["Marker"] = base64.urlsafe_b64encode(shown[-1][0].encode()).decode()
    return [item for _, item in shown], more


def _read_marker(marker: str) -> str:
    try:
        return base64.b64decode(marker, altchars=b"-_", validate=True).decode()
    except (ValueError, binascii.Error) as error:
        raise AwsError("ValidationError", "Invalid Marker.") from error
