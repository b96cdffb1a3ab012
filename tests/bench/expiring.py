"""The processes that `ends` starts: one lets one worker, then two, delete what has expired; prints the seconds as JSON.

With the word "worker" it is one of these: it waits for a line of its input, so that none begins before the other.
"""

import json
import os
import subprocess
import sys
import time
import urllib.request
from datetime import timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sescreds.settings")
django.setup()

from django.utils import timezone  # noqa: E402 - after the set-up

from provisioning.domain.lifecycle import State  # noqa: E402
from provisioning.domain.roles import system  # noqa: E402
from provisioning.gateway.aws import aws  # noqa: E402
from provisioning.models import Credential, Team  # noqa: E402
from provisioning.services import expiry  # noqa: E402
from tests.bench.rows import CREDENTIALS, Filling  # noqa: E402
from tests.builders import World  # noqa: E402

DUE = 100
WARM_UP = 2  # due before anything is measured
SETTLED = timedelta(days=2)  # ago: long enough for it to be deleted


def main(delay: float) -> None:
    Team.objects.update(live_limit=2 * CREDENTIALS)
    world, found = World.seeded(), {"rows": CREDENTIALS, "due": DUE, "one": [], "two": []}
    Filling(world.newsletter, world.billing, world.people["member"]).credentials(CREDENTIALS - DUE)
    Credential.objects.update(state=State.LIVE, expires_at=timezone.now() + timedelta(days=90))
    _expired(world, WARM_UP, "warm")
    _seconds(1)
    for name, workers in (("one", 1), ("two", 2)):
        _expired(world, DUE, name)
        _faults("POST", {"operation": "*", "effect": "delay", "seconds": delay})
        found[name].append(_seconds(workers))
        _faults("DELETE")
    json.dump(found, sys.stdout)


def _expired(world: World, count: int, name: str) -> None:
    """Issue so many, and let them have ended some days ago."""
    pks = [world.issued(application=f"{name}-{number}").pk for number in range(count)]
    Credential.objects.filter(pk__in=pks).update(expires_at=timezone.now() - SETTLED)


def _seconds(workers: int) -> float:
    command = [sys.executable, "-m", "tests.bench.expiring", "worker"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    started = [subprocess.Popen(command, **pipes) for _ in range(workers)]
    for each in started:
        each.stdout.readline()  # it is ready
    began = time.perf_counter()
    for each in started:
        each.stdin.write("go\n")
        each.stdin.close()
    codes = [each.wait() for each in started]
    seconds = time.perf_counter() - began
    due = Credential.objects.filter(expires_at__lt=timezone.now()).exclude(state=State.EXPIRED)
    if any(codes) or due.exists():
        raise SystemExit("not everything that was due is deleted")
    return seconds


def _work() -> None:
    gateway = aws()
    print("ready", flush=True)
    sys.stdin.readline()
    expiry.expire_due(by=system("expiry"), gateway=gateway, clock=timezone.now)


def _faults(method: str, document: object = None) -> None:
    where = f"{os.environ['AWS_ENDPOINT_URL']}/sandbox/faults"
    body = None if document is None else json.dumps(document).encode()
    with urllib.request.urlopen(urllib.request.Request(where, body, method=method), timeout=10) as answer:
        answer.read()


if __name__ == "__main__":
    if sys.argv[1] == "worker":
        _work()
    else:
        main(float(sys.argv[1]))
