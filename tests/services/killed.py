"""The program that is killed: acts with the database and the AWS of the tests, each in a process of its own.

Reads orders from its input, a line of JSON each, and says in lines what becomes of them: ``pid 123``, ``reached`` when
the act stands still where it was told to, ``ended -9``. Django is loaded once; every act is a fork of this process.
"""

import json
import os
import sys
import time
import traceback
from datetime import timedelta
from uuid import uuid4

import django

CHANGES = {"resume_console", "suspend", "resume", "readdress", "transfer", "stop"}
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


def change(what, about, **named):
    """Change a credential that stays."""
    from provisioning.models import Credential
    from provisioning.services import stops
    from tests.builders import open_team
    from tests.services import acts

    credential = Credential.objects.select_related("owner", "team").get(pk=about)
    by = credential.owner.as_actor(is_fresh=True)
    {
        "resume_console": lambda: acts.resume_console(credential, **named),
        "suspend": lambda: acts.suspend(credential, **named),
        "resume": lambda: acts.resume(credential, **named),
        "readdress": lambda: acts.readdress(credential, "news@example.com", **named),
        "transfer": lambda: acts.transfer(credential, open_team(), **named),
        "stop": lambda: stops.begin(stops.Scope(credential.team), "A test.", stop_id=uuid4(), by=by, **named),
    }[what]()


def act(what, about=None, ahead=0.0, still=None):
    """Do one act, with a clock that is `ahead` by some seconds; return the process's exit code."""
    from django.utils import timezone

    from provisioning.domain.refusals import Refusal
    from provisioning.domain.roles import system
    from provisioning.gateway.aws import aws
    from provisioning.gateway.contract import GatewayFault
    from provisioning.models import Credential, CredentialRequest
    from provisioning.services import handover, issuance, recovery, revocation
    from tests.builders import browser

    def clock():
        return timezone.now() + timedelta(seconds=ahead)

    gateway = StandsStill(aws(), *still) if still else aws()
    try:
        if what in CHANGES:
            change(what, about, gateway=gateway, clock=clock)
        elif what == "issue":
            person = CredentialRequest.objects.get(pk=about).person
            issuance.issue(about, by=person.as_actor(is_fresh=True), browser=browser(), gateway=gateway, clock=clock)
        elif what == "revoke":
            owner = Credential.objects.get(pk=about).owner
            revocation.revoke(about, by=owner.as_actor(is_fresh=True), gateway=gateway, clock=clock)
        elif what == "expire":
            handover.end_overdue(by=system("handovers"), gateway=gateway, clock=clock)
        else:
            recovery.recover_interrupted(by=system("recovery"), gateway=gateway, clock=clock)
    except Refusal:
        return REFUSED
    except GatewayFault:
        return FAULTED
    except BaseException:  # noqa: BLE001 - whatever it was, the parent's code must not run in the child
        traceback.print_exc()
        return CRASHED
    return 0


def main():
    os.environ["DJANGO_SETTINGS_MODULE"] = "sescreds.settings"
    django.setup()
    from provisioning.gateway.aws import aws

    assert not aws().is_real  # and what is slow to load is loaded
    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            os._exit(act(**json.loads(line)))
        say(f"pid {pid}")
        say(f"ended {os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])}")


if __name__ == "__main__":
    main()
