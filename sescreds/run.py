"""What `make run` starts: the sandbox, the web server and the worker, as one thing that begins and ends together."""

import fcntl
import http.client
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sescreds import run_environment
from sescreds.run_environment import Ports, Trouble
from sescreds.run_make import Make
from sescreds.run_parts import Part, stop

_LONGEST_START = 90.0
_POLL = 0.05
_PATIENCE_WITH_AN_EARLIER_RUN = 5.0


class Stopping(Exception):  # noqa: N818 - nothing went wrong
    """The person asked to stop."""


class Supervisor:
    """Starts the parts in order, waits until each answers, and ends all when one ends."""

    def __init__(self, person: dict[str, str], composed: dict[str, str], ports: Ports, lock: int) -> None:
        self.person, self.composed, self.ports, self.lock = person, composed, ports, lock
        self.var = Path(composed["VAR_DIR"])
        self.logs = self.var / "log"
        self.logs.mkdir(mode=0o700, exist_ok=True)
        self.mail = self.var / run_environment.MAIL
        self.mail.mkdir(mode=0o700, exist_ok=True)
        self.sandbox = Part("sandbox", ["-m", "provisioning.sandbox"])
        self.preparation = Part("preparation", ["manage.py", "prepare_sandbox"], speaks=True)
        self.web = Part("web", ["-m", "gunicorn", "--config", "python:sescreds.web_server"])
        # On SIGINT huey finishes the sweep that it is in; on SIGTERM it would cut it.
        self.worker = Part("worker", ["manage.py", "run_huey"], stop_signal=signal.SIGINT)
        self.make = Make()
        self.asked: list[float] = []  # when somebody asked to stop

    def run(self) -> None:
        """Serve until somebody asks to stop (then raise `Stopping`) or a part ends (then raise `Trouble`)."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup is respected
                signal.signal(number, lambda *_: self.asked.append(time.monotonic()))
        try:
            self._start()
            while True:
                self._look()
                time.sleep(0.2)
        finally:
            self._stop()

    def _start(self) -> None:
        _say("Starting the sandbox.")
        self._begin(self.sandbox)
        self._wait(lambda: _answers(self.ports.aws, "/sandbox/healthz"), self.sandbox)
        self._sign_in_to_the_sandbox()
        _say("Preparing the database, the static files and the demo.")
        self._begin(self.preparation)
        self._wait(lambda: self.preparation.exit_code() == 0, self.preparation)
        _say("Starting the web server and the worker.")
        self._begin(self.web)
        self._begin(self.worker)
        self._wait(lambda: "Huey consumer started" in self.worker.written(), self.worker)
        self._wait(lambda: _answers(self.ports.web, "/healthz"), self.web)
        _say(f"\nReady: http://127.0.0.1:{self.ports.web}\n\n{self.preparation.said()}")
        if self.composed["EMAIL_URL"] == run_environment.into_files(self.mail):
            _say(f"Mail goes nowhere: each is a file in {self.mail}.")
        _say(f"Logs are in {self.logs}. Ctrl-C ends everything; the next start finds it as it was.")

    def _sign_in_to_the_sandbox(self) -> None:
        pair = json.loads((self.var / "sandbox-dashboard.json").read_text())
        self.composed["AWS_ACCESS_KEY_ID"] = pair["access_key_id"]
        self.composed["AWS_SECRET_ACCESS_KEY"] = pair["secret_access_key"]
        run_environment.write(self.composed)

    def _begin(self, part: Part) -> None:
        part.start(self.person | self.composed, self.logs, self.lock)

    def _wait(self, answers: Callable[[], bool], part: Part) -> None:
        deadline = time.monotonic() + _LONGEST_START
        while not answers():
            self._look()
            if time.monotonic() > deadline:
                raise Trouble(f"The {part.name} does not answer. {part.end_of_log()}")
            time.sleep(_POLL)

    def _look(self) -> None:
        """Raise if a signal came or a part ended that should not have."""
        if self.asked or self.make.was_interrupted():
            raise Stopping
        for part in (self.sandbox, self.preparation, self.web, self.worker):
            code = part.exit_code()
            if code is not None and not (part is self.preparation and code == 0):
                how = f"ended with code {code}" if code >= 0 else f"was ended by {signal.Signals(-code).name}"
                raise Trouble(f"The {part.name} {how}, so everything ends. {part.end_of_log()}")

    def _stop(self) -> None:
        """End the parts, the sandbox last, so that the others can finish."""
        stop([self.web, self.worker, self.preparation], self._in_a_hurry)
        stop([self.sandbox], self._in_a_hurry)

    def _in_a_hurry(self) -> bool:
        """Whether somebody asked again. One Ctrl-C may arrive twice: from the terminal and from make."""
        return len(self.asked) > 1 and self.asked[-1] - self.asked[0] > 1


def _answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _require_free(ports: Ports) -> None:
    """Raise `Trouble` for a port that somebody else has; a product that just ended gets a moment to leave."""
    for port, name in ports.named():
        for _ in range(20):
            reason = _why_not(port)
            if not reason:
                break
            time.sleep(0.1)
        else:
            raise Trouble(f"Port {port} {reason}. Free it, or set {name} to another port.")


def _why_not(port: int) -> str:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError:
            return "is only for root"
        except OSError:
            return "is in use by another program"
    return ""


def _made(var: Path) -> Path:
    try:
        var.mkdir(mode=0o700, parents=True, exist_ok=True)
        (var / "run.lock").touch(mode=0o600)
    except OSError as error:
        raise Trouble(f"{var} cannot be written ({error.strerror}). Set VAR_DIR to a folder that can.") from None
    return var


@contextmanager
def _only_one(var: Path) -> Iterator[int]:
    """Hold the lock of this VAR_DIR. The parts hold it too, so it is free only when all of an earlier run are gone."""
    lock = os.open(var / "run.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        deadline = time.monotonic() + _PATIENCE_WITH_AN_EARLIER_RUN
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise Trouble(f"Another `make run` uses {var}. Stop it first, or set VAR_DIR.") from None
                time.sleep(0.1)
        yield lock
    finally:
        os.close(lock)


def _say(words: str) -> None:
    print(words, flush=True)


def main() -> int:
    """Run, and return the exit code."""
    os.umask(0o077)  # what is kept in VAR_DIR is nobody else's business
    person = run_environment.without_foreign(os.environ)
    try:
        ports = run_environment.ports_of(person)
        var = _made(run_environment.var_dir(person))
        _require_free(ports)
        with _only_one(var) as lock:
            Supervisor(person, run_environment.compose(person, ports), ports, lock).run()
    except (Stopping, KeyboardInterrupt):
        _say("Stopped.")
    except Trouble as trouble:
        print(trouble, file=sys.stderr, flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
