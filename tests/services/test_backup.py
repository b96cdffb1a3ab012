"""A backup, taken while a hand-over is open, and what holds once it is restored: on the database of this run."""

import os
import secrets
import shutil
import sqlite3
import stat
import subprocess
import sys
from io import StringIO
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from provisioning.models import AuditEvent, Credential, Handover
from provisioning.services import sealing
from sescreds.run_environment import ROOT
from tests.builders import browser
from tests.desk import postgresql

TABLE = AuditEvent._meta.db_table


def program(name):
    """A program of PostgreSQL; where the server comes from a package of PyPI, its own beside it."""
    folder = postgresql.find_server()
    found = shutil.which(name, path=str(folder)) or shutil.which(name)
    assert found, f"{name} is not there: without it no backup of PostgreSQL can be shown to work"
    return found


def url_of(name):
    known = connection.settings_dict
    return f"postgres://{known['USER']}:{quote(known['PASSWORD'])}@{known['HOST']}:{known['PORT']}/{name}"


def dumped_and_restored(tmp_path):
    """As docs/operations.md says; gives the address of the restored database, and takes it away again."""
    server, name, file = url_of("postgres"), f"restored_{secrets.token_hex(4)}", tmp_path / "backup.dump"
    dump = [
        program("pg_dump"),
        "--format=custom",
        f"--file={file}",
        f"--dbname={url_of(connection.settings_dict['NAME'])}",
    ]
    subprocess.run(dump, check=True, capture_output=True, text=True)
    with psycopg.connect(server, autocommit=True) as desk:
        desk.execute(f"CREATE DATABASE {name}")
        restore = [program("pg_restore"), "--no-owner", "--exit-on-error", f"--dbname={url_of(name)}", str(file)]
        subprocess.run(restore, check=True, capture_output=True, text=True)
        yield url_of(name)
        desk.execute(f"DROP DATABASE {name} WITH (FORCE)")


def copied(tmp_path):
    file = tmp_path / "backup.sqlite3"
    call_command("backup", str(file), stdout=StringIO())
    yield f"sqlite:///{file}"


@pytest.fixture
def kept(committed_world):
    """What was there when the backup was taken: a credential whose secret nobody has looked at yet, and its browser."""
    ours = browser()
    return committed_world.issued(shown_in=ours), ours


@pytest.fixture
def restored(kept, tmp_path):
    """The address of a restored database; what happened after the backup is not in it."""
    ways = {"sqlite": copied, "postgresql": dumped_and_restored}
    way = ways[connection.vendor](tmp_path)
    url = next(way)
    Credential.objects.update(application="after-the-backup")
    yield url
    next(way, None)


@pytest.fixture
def ask(restored):
    """Run a statement in the restored database."""

    def run(statement):
        if restored.startswith("sqlite"):
            with sqlite3.connect(restored.removeprefix("sqlite:///")) as copy:
                return copy.execute(statement).fetchall()
        with psycopg.connect(restored) as copy:
            cursor = copy.execute(statement)
            return cursor.fetchall() if cursor.description else []

    return run


def manage(url, *command):
    surroundings = {**os.environ, "DATABASE_URL": url, "SECRET_KEY": "s" * 60}
    done = subprocess.run(
        [sys.executable, "manage.py", *command], cwd=ROOT, env=surroundings, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_what_was_there_is_there_and_its_history_holds(restored, kept, ask):
    events = AuditEvent.objects.count()
    assert f"Unbroken: {events:,} events." in manage(restored, "verify_history")
    assert ask("SELECT application FROM provisioning_credential") == [(kept[0].application,)]
    assert manage(restored, "prepare") is not None
    assert manage(restored, "migrate", "--check") == ""


def test_the_restored_history_refuses_changes_as_before(ask):
    count = ask(f"SELECT count(*) FROM {TABLE}")
    for statement in (f"UPDATE {TABLE} SET actor_name = 'nobody'", f"DELETE FROM {TABLE}"):
        with pytest.raises((sqlite3.IntegrityError, psycopg.Error), match="never changed"):
            ask(statement)
    assert ask(f"SELECT count(*) FROM {TABLE}") == count != [(0,)]


def test_a_sealed_secret_in_a_backup_opens_to_its_browser_alone(ask, kept):
    credential, ours = kept
    ((sealed,),) = ask("SELECT sealed FROM provisioning_handover")
    sealed = bytes(sealed)
    with pytest.raises(sealing.WrongKey):
        sealing.unseal(sealing.new_key(), sealed, credential.request_id)
    passwords = sealing.unseal(ours.handover_key, sealed, credential.request_id)
    assert set(passwords) == set(credential.regions), "the backup does hold it, so the test above means something"
    rows = [row for (name,) in tables(ask) for row in ask(f'SELECT * FROM "{name}"')]
    assert rows
    for password in passwords.values():
        assert password not in repr(rows)


def tables(ask):
    if connection.vendor == "sqlite":
        return ask("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    return ask("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")


def test_a_hand_over_that_was_burnt_before_the_backup_is_not_in_it(kept, tmp_path, request):
    Handover.objects.all().burn(timezone.now())
    ask = request.getfixturevalue("ask")
    assert [bytes(sealed) for (sealed,) in ask("SELECT sealed FROM provisioning_handover")] == [b""]


# The command ---------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_the_command_writes_for_nobody_else_and_over_nothing(tmp_path):
    file = tmp_path / "backup"
    if connection.vendor != "sqlite":
        with pytest.raises(CommandError, match="pg_dump"):
            call_command("backup", str(file))
        return
    call_command("backup", str(file), stdout=StringIO())
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    before = file.read_bytes()
    with pytest.raises(CommandError, match="File exists"):
        call_command("backup", str(file))
    assert file.read_bytes() == before
    with pytest.raises(CommandError, match="Nothing was written"):
        call_command("backup", str(tmp_path / "nowhere" / "backup"))


def test_what_is_tested_is_what_is_described():
    text = (ROOT / "docs" / "operations.md").read_text()
    for words in (
        "manage.py backup",
        "pg_dump --format=custom",
        "pg_restore --no-owner --exit-on-error",
        "verify_history",
    ):
        assert words in text, words
    assert Path(ROOT / "compose.yaml").exists()
