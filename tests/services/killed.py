"""The program that is killed: acts with the database and the AWS of the tests, each in a process of its own.

Reads orders from its input, a line of JSON each, and says in lines what becomes of them: ``pid 123``, ``reached`` when
the act stands still where it was told to, ``ended -9``. Django is loaded once; every act is a fork of this process. A
line may hold several orders: those begin at the same moment.
"""

import json
import os
import sys
import time
import traceback
from datetime import timedelta

import django

REFUSED, FAULTED, CRASHED = 3, 4, 1


class StandsStill:
    """The real gateway, until the call where the act is to stand still, before or after it."""

    def __init__(self, gateway, call, when):
        self._gateway, self._call, self._when = gateway, call, when

    def __getattr__(self, name):
        real = getattr(self._gateway, name)
        if name != self._call:
            return real

        def still(*arguments, **named):
            reply = real(*arguments, **named) if self._when == "after" else None
            say("reached")
            time.sleep(600)
            return reply

        return still


def say(words):
    os.write(1, f"{words}\n".encode())


def act(what, about=None, ahead=0.0, still=None):
    """Do one act, with a clock that is `ahead` by some seconds; return the process's exit code."""
    from django.utils import timezone

    from provisioning.domain.refusals import Refusal
    from provisioning.gateway.aws import aws
    from provisioning.gateway.contract import GatewayFault
    from tests.services.bad_days import NAMED
    from tests.services.truth import recover

    def clock():
        return timezone.now() + timedelta(seconds=ahead)

    try:
        if what == "recover":
            recover(clock)
        else:
            NAMED[what].begin(about, gateway=StandsStill(aws(), *still) if still else aws(), clock=clock)
    except Refusal:
        return REFUSED
    except GatewayFault:
        return FAULTED
    except BaseException:  # noqa: BLE001 - whatever it was, the parent's code must not run in the child
        traceback.print_exc()
        return CRASHED
    return 0


def fork(order, gate, other_end):
    """Do the order in a child, as soon as the gate is opened: when its other end is closed everywhere."""
    pid = os.fork()
    if not pid:
        os.close(other_end)
        os.read(gate, 1)
        os._exit(act(**order))
    return pid


def main():
    os.environ["DJANGO_SETTINGS_MODULE"] = "sescreds.settings"
    django.setup()
    from provisioning.gateway.aws import aws
    from tests.services import bad_days, truth  # noqa: F401 - what is slow to load is loaded

    assert not aws().is_real
    for line in sys.stdin:
        gate, other_end = os.pipe()
        pids = [fork(order, gate, other_end) for order in json.loads(line)]
        for pid in pids:
            say(f"pid {pid}")
        os.close(other_end)
        os.close(gate)
        for pid in pids:
            say(f"ended {os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])}")


if __name__ == "__main__":
    main()
