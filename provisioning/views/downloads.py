"""Taking the credential along as a file. A download is a look."""

import csv
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from guidance import recipes
from provisioning.domain.permission import not_there
from provisioning.gateway import smtp
from provisioning.models import Handover
from provisioning.services import handover
from provisioning.services.handover import Opened
from provisioning.views import console_logins
from provisioning.views.asker import actor_of, browser_of, never_kept
from provisioning.views.slips import client_settings

# The first three are those of the SES console's file.
COLUMNS = ("IAM user name", "SMTP user name", "SMTP password", "Region", "Host", "Ports")


@require_GET
def as_csv(request: HttpRequest, handover_id: UUID) -> HttpResponse:
    """Answer with one row a region, or the one row of a console login."""
    opened = _open(request, handover_id, "csv")
    response = _file("text/csv; charset=utf-8", f"{opened.handover.request.user_name}.csv")
    write = _write_logins if opened.handover.key else console_logins.write_csv
    write(opened, response)
    return response


def _write_logins(opened: Opened, to: HttpResponse) -> None:
    writer = csv.writer(to)
    writer.writerow(COLUMNS)
    user = opened.handover.access_key.key_id
    for region, password in opened.secrets.items():
        found = smtp.endpoints(region)
        ports = " ".join(f"{endpoint.port}/{endpoint.mode}" for endpoint in found)
        writer.writerow([opened.handover.request.user_name, user, password, region, found[0].host, ports])


@require_GET
def as_dotenv(request: HttpRequest, handover_id: UUID) -> HttpResponse:
    """Answer with a .env file; the login of a person has none."""
    if Handover.objects.filter(pk=handover_id, key=None).exists():
        raise not_there("hand-over")
    opened = _open(request, handover_id, "env")
    response = _file("text/plain; charset=utf-8", f"{opened.handover.request.user_name}.env")
    credential, user = opened.handover.credential, opened.handover.access_key.key_id
    filled = [client_settings(user, credential, region, password) for region, password in opened.secrets.items()]
    response.write(recipes.dotenv(filled))
    return response


def _open(request: HttpRequest, handover_id: UUID, how: str) -> Opened:
    browser, by = browser_of(request), actor_of(request)
    return handover.look(handover_id, by=by, browser=browser, now=timezone.now(), how=how)


def _file(content_type: str, name: str) -> HttpResponse:
    response = HttpResponse(content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return never_kept(response)
