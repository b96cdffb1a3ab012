"""The process that `ends` starts: lets one worker, then two, delete what has expired; prints the seconds as JSON."""

import json
import os
import sys
import threading
import time
import urllib.request
from datetime import timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sescreds.settings")
django.setup()

from django.db import connection  # noqa: E402 - after the set-up
from django.utils import timezone  # noqa: E402

from provisioning.domain.lifecycle import State  # noqa: E402
from provisioning.domain.roles import system  # noqa: E402
from provisioning.gateway.aws import aws  # noqa: E402
from provisioning.models import Credential, Team  # noqa: E402
from provisioning.services import expiry  # noqa: E402
from tests.builders import World  # noqa: E402

ROWS, ROUNDS, WARM_UP = 12, 3, 2


def main() -> None:
    Team.objects.update(live_limit=10_000)
    world, found = World.seeded(), {"rows": ROWS, "one": [], "two": []}
    _expired(world, WARM_UP, "warm")
    _seconds(1)
    for turn in range(ROUNDS):
        for name, workers in (("one", 1), ("two", 2)):
            _expired(world, ROWS, f"{name}-{turn}")
            _faults("POST", {"operation": "*", "effect": "delay", "seconds": float(sys.argv[1])})
            found[name].append(_seconds(workers))
            _faults("DELETE")
    json.dump(found, sys.stdout)


def _expired(world: World, count: int, name: str) -> None:
    """Issue so many, and let them have ended two days ago."""
    pks = [world.issued(application=f"{name}-{number}").pk for number in range(count)]
    Credential.objects.filter(pk__in=pks).update(expires_at=timezone.now() - timedelta(days=2))


def _seconds(workers: int) -> float:
    threads = [threading.Thread(target=_work) for _ in range(workers)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    if Credential.objects.filter(expires_at__lt=timezone.now()).exclude(state=State.EXPIRED).exists():
        raise SystemExit("not everything that was due is deleted")
    return seconds


def _work() -> None:
    try:
        expiry.expire_due(by=system("expiry"), gateway=aws(), clock=timezone.now)
    finally:
        connection.close()


def _faults(method: str, document: object = None) -> None:
    where = f"{os.environ['AWS_ENDPOINT_URL']}/sandbox/faults"
    body = None if document is None else json.dumps(document).encode()
    with urllib.request.urlopen(urllib.request.Request(where, body, method=method), timeout=10) as answer:
        answer.read()


if __name__ == "__main__":
    main()
