"""Pages as strangers get them: whoever brings no cookie gets the same, so each is rendered and compressed once."""

import gzip
from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.middleware.gzip import re_accepts_gzip
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers

MOST = 600  # pages that are kept; nothing typed makes one, so there are fewer

_kept: dict[tuple[str, str], tuple[bytes, bytes]] = {}


def page(request: HttpRequest, template: str, context: Mapping[str, object], *, key: str) -> HttpResponse:
    """Return the page of this path and `key`, compressed where the browser takes that."""
    plain, compressed = _kept.get((request.path, key)) or _keep(request, template, context, key)
    if not re_accepts_gzip.search(request.headers.get("Accept-Encoding", "")):
        return HttpResponse(plain)
    response = HttpResponse(compressed, headers={"Content-Encoding": "gzip"})
    patch_vary_headers(response, ["Accept-Encoding"])
    return response


def _keep(request: HttpRequest, template: str, context: Mapping[str, object], key: str) -> tuple[bytes, bytes]:
    if len(_kept) >= MOST:
        forget()
    plain = render_to_string(template, dict(context), request).encode()
    _kept[request.path, key] = found = (plain, gzip.compress(plain))
    return found


def forget() -> None:
    """Render everything anew, such as between tests that change what is around a page."""
    _kept.clear()
