"""Taking the credential along as a file. A download is a look."""

import csv
from collections.abc import Callable
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from guidance import api_recipes, recipes
from guidance.catalogue import Kind
from provisioning.domain.permission import not_there
from provisioning.models import CredentialRequest
from provisioning.services import handover
from provisioning.services.handover import Opened
from provisioning.services.making import SECRET
from provisioning.views import api_slips, console_logins
from provisioning.views.asker import actor_of, browser_of, never_kept
from provisioning.views.slips import client_settings, endpoints

# The first three are those of the SES console's file; the other file is that of the IAM console.
COLUMNS = ("IAM user name", "SMTP user name", "SMTP password", "Region", "Host", "Ports")
KEY_COLUMNS = ("Access key ID", "Secret access key")
Rows = list[tuple[str, ...]]


@require_GET
def as_csv(request: HttpRequest, handover_id: UUID) -> HttpResponse:
    """Answer with the values as a table."""
    opened = _open(request, handover_id, "csv")
    response = _file("text/csv; charset=utf-8", f"{opened.handover.request.user_name}.csv")
    csv.writer(response).writerows(_TABLES[Kind(opened.handover.request.kind)](opened))
    return response


@require_GET
def as_dotenv(request: HttpRequest, handover_id: UUID) -> HttpResponse:
    """Answer with a .env file; the login of a person has none."""
    kind = CredentialRequest.objects.filter(handover=handover_id).values_list("kind", flat=True).first()
    if kind is not None and Kind(kind) not in _DOTENVS:
        raise not_there("hand-over")
    opened = _open(request, handover_id, "env")
    response = _file("text/plain; charset=utf-8", f"{opened.handover.request.user_name}.env")
    response.write(_DOTENVS[Kind(opened.handover.request.kind)](opened))
    return response


def _smtp_rows(opened: Opened) -> Rows:
    name, user = opened.handover.request.user_name, opened.handover.access_key.key_id
    rows: Rows = [COLUMNS]
    for region, password in opened.secrets.items():
        found = endpoints(region)
        ports = " ".join(f"{endpoint.port}/{endpoint.mode}" for endpoint in found)
        rows.append((name, user, password, region, found[0].host, ports))
    return rows


def _smtp_dotenv(opened: Opened) -> str:
    credential, user = opened.handover.credential, opened.handover.access_key.key_id
    filled = [client_settings(user, credential, region, password) for region, password in opened.secrets.items()]
    return recipes.dotenv(filled)


def _key_rows(opened: Opened) -> Rows:
    return [KEY_COLUMNS, (opened.handover.access_key.key_id, opened.secrets[SECRET])]


def _key_dotenv(opened: Opened) -> str:
    return api_recipes.dotenv(api_slips.client_settings(opened))


_TABLES: dict[Kind, Callable[[Opened], Rows]] = {
    Kind.SMTP: _smtp_rows,
    Kind.API: _key_rows,
    Kind.CONSOLE: console_logins.rows,
}
_DOTENVS: dict[Kind, Callable[[Opened], str]] = {Kind.SMTP: _smtp_dotenv, Kind.API: _key_dotenv}


def _open(request: HttpRequest, handover_id: UUID, how: str) -> Opened:
    browser, by = browser_of(request), actor_of(request)
    return handover.look(handover_id, by=by, browser=browser, now=timezone.now(), how=how)


def _file(content_type: str, name: str) -> HttpResponse:
    response = HttpResponse(content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return never_kept(response)
