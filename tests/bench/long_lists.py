"""The process that `lists` starts: fills a database with many rows and prints, as JSON, what its pages cost."""

import json
import os
import statistics
import sys
import time
from collections.abc import Callable

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sescreds.settings")
django.setup()

from django.db import connection  # noqa: E402 - after the set-up
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from provisioning.models import Credential, Person, Team  # noqa: E402
from tests.bench import guide, rows  # noqa: E402
from tests.web.visits import sign_in  # noqa: E402

FEW, MANY = 10, 10_000
REPEATS = 5


def main() -> None:
    teams = {team.slug: team for team in Team.objects.all()}
    owner = Person.objects.get(email="member@example.com")
    fill = rows.Filling(teams["newsletter"], teams["billing"], owner)
    found: dict[str, object] = {"repeats": REPEATS}
    fill.credentials(FEW)
    fill.events(FEW)
    found["few"] = _pages()
    fill.credentials(MANY)
    fill.events(MANY)
    found["many"] = _pages()
    found["anonymous"] = {path: _cost(Client(), path)[0] for path in guide.PAGES}
    began = time.monotonic()
    found["events"] = fill.long_history()
    found["filled"] = time.monotonic() - began
    found["history"] = {email.partition("@")[0]: _history(email) for email in ("auditor@example.com", owner.email)}
    json.dump(found, sys.stdout)


def _pages() -> dict[str, tuple[int, float]]:
    newest = Credential.objects.order_by("-pk").values_list("pk", flat=True)[0]
    pages = {
        "home": "/",
        "credentials": "/credentials/",
        "credentials, in state live": "/credentials/?state=live",
        "credentials, by text": "/credentials/?q=weekly",
        "credentials, older": f"/credentials/?before={newest}",
        "a credential": f"/credentials/{newest}/",
        "form": "/credentials/new/",
        "history": "/history/",
        "history, by text": "/history/?q=weekly",
    }
    found = {}
    for email in ("member@example.com", "auditor@example.com"):
        client = _client(email)
        for name, path in pages.items():
            if not (email.startswith("auditor") and name == "form"):
                found[f"{name}, {email.partition('@')[0]}"] = _cost(client, path)
    return found


def _history(email: str) -> dict[str, list[float]]:
    from provisioning.models import AuditEvent

    client, last = _client(email), AuditEvent.objects.order_by("-pk").values_list("pk", flat=True)[0]
    pages = {
        "first page": "/history/",
        "older, at the middle": f"/history/?before={last // 2}",
        "newer, at the beginning": "/history/?after=1",
        "by act, common": "/history/?act=credential:issue",
        "by act, never done": "/history/?act=handover:lose",
        "by outcome, common": "/history/?outcome=done",
        "by outcome, one of many": "/history/?outcome=unknown",
        "by outcome and act, none": "/history/?outcome=unknown&act=credential:issue",
        "by credential": f"/history/?credential={rows.CREDENTIALS // 2}",
        "by text, common": "/history/?q=application",
        "by text, one of many": f"/history/?q={rows.NEEDLE}",
        "by text, none": "/history/?q=no-such-thing",
        "by request id": f"/history/?q={rows.request_id(last // 3)}",
    }
    return {name: _seconds(lambda path=path: _page(client, path)) for name, path in pages.items()}


def _client(email: str) -> Client:
    client = Client(SERVER_NAME="127.0.0.1")
    sign_in(client, Person.objects.get(email=email))
    return client


def _cost(client: Client, path: str) -> tuple[int, float]:
    """Return how many queries a page asks, and its time."""
    with CaptureQueriesContext(connection) as asked:
        _page(client, path)
    return len(asked), statistics.median(_seconds(lambda: _page(client, path)))


def _page(client: Client, path: str) -> None:
    answer = client.get(path, SERVER_NAME="127.0.0.1")
    if answer.status_code != 200:
        raise SystemExit(f"{path} answers {answer.status_code}")


def _seconds(ask: Callable[[], object]) -> list[float]:
    taken = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        ask()
        taken.append(time.perf_counter() - began)
    return taken


if __name__ == "__main__":
    main()
