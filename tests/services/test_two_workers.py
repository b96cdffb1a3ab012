"""Two workers as `make worker` starts them, a process each: what is due, and what is queued, is done once."""

import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from provisioning.models import SweepRun
from sescreds.run_environment import ROOT, into_files
from tests.services.beside import environment

pytestmark = pytest.mark.kill

MAILS = 40
A_MINUTE = 75  # seconds in which a whole minute comes due
IN_DJANGO = "import django; django.setup(); from huey.contrib.djhuey import HUEY; from provisioning import tasks; "
PREPARE = f"{IN_DJANGO} HUEY.storage.initialize_schema()"
ENQUEUE = f"{IN_DJANGO} [tasks.mail_reset_link('member@example.com') for _ in range({MAILS})]"


class Workers:
    """Two of them with one queue, and what they have written."""

    def __init__(self, home: Path) -> None:
        self.home, self.mail = home, home / "mail"
        surroundings = {"VAR_DIR": str(home), "EMAIL_URL": into_files(self.mail), "LOG_LEVEL": "INFO"}
        self.environment = environment(DJANGO_SETTINGS_MODULE="sescreds.settings", **surroundings)

    def django(self, words: str) -> None:
        subprocess.run([sys.executable, "-c", words], cwd=ROOT, env=self.environment, check=True)

    @contextmanager
    def running(self):
        logs = [(self.home / f"worker-{number}.log").open("wb") for number in range(2)]
        command = [sys.executable, "manage.py", "run_huey"]
        both = [subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=log, stderr=log) for log in logs]
        try:
            yield
        finally:
            for each in both:
                each.send_signal(signal.SIGINT)
            for each, log in zip(both, logs, strict=True):
                each.wait(30)
                log.close()

    def executed(self) -> list[int]:
        """How many links each of them was asked to mail."""
        logs = [(self.home / f"worker-{number}.log").read_text() for number in range(2)]
        return [len(re.findall(r"Executing provisioning\.tasks\.mail_reset_link", log)) for log in logs]

    def mailed(self) -> int:
        """How many links were mailed: what leaves in one moment may share a file."""
        return sum(each.read_text().count("Subject: Reset your password") for each in self.mail.iterdir())


def until(condition, seconds):
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.2)
    return condition()


def test_what_is_due_and_what_is_queued_is_done_once(committed_world, aws_account, tmp_path):
    workers = Workers(tmp_path)
    workers.mail.mkdir()
    workers.django(PREPARE)
    with workers.running():
        workers.django(ENQUEUE)
        assert until(lambda: sum(workers.executed()) >= MAILS, 60), workers.executed()
        assert until(lambda: SweepRun.objects.exclude(ended_at=None).filter(sweep="recovery").exists(), A_MINUTE)
    assert workers.mailed() == sum(workers.executed()) == MAILS
    assert all(workers.executed()), "both took their part"
    runs = list(SweepRun.objects.values_list("sweep", "due", "trouble"))
    assert len({(sweep, due) for sweep, due, _ in runs}) == len(runs)
    assert {trouble for *_, trouble in runs} == {""}
