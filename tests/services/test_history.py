"""The history: added to, never changed; a chain that shows each kind of tampering."""

import threading
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from provisioning import audit
from provisioning.domain.lifecycle import Outcome
from provisioning.domain.permission import not_there
from provisioning.domain.refusals import Refusal
from provisioning.domain.roles import Act, Actor, Role, system
from provisioning.models import AuditEvent, RefusalTally
from tests.services.test_two_at_once import at_once

TABLE = AuditEvent._meta.db_table
BY = system("test")


def write(count=5):
    for number in range(count):
        with transaction.atomic():
            audit.record(Act.ACCOUNT_CHECK, Outcome.DONE, audit.Subject(f"number {number}"), by=BY, at=timezone.now())


@pytest.fixture
def tamper(db):
    """Change the table as somebody could who owns the database: with its triggers taken away."""

    def run(statement):
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
                for (name,) in cursor.fetchall():
                    cursor.execute(f"DROP TRIGGER {name}")
            else:
                cursor.execute(f"ALTER TABLE {TABLE} DISABLE TRIGGER USER")
            cursor.execute(statement.format(table=TABLE))

    return run


@pytest.mark.django_db
def test_a_chain_holds_without_a_gap():
    write(12)
    assert audit.verify() == (12, None)
    assert list(AuditEvent.objects.order_by("sequence").values_list("sequence", flat=True)) == list(range(1, 13))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    ["UPDATE {table} SET actor_name = 'nobody'", "DELETE FROM {table}", "DELETE FROM {table} WHERE sequence = 3"],
)
def test_the_database_refuses_to_change_it(statement):
    write()
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table=TABLE))
    assert audit.verify() == (5, None)


@pytest.mark.django_db
def test_the_database_refuses_to_replace_or_empty_it():
    write()
    copy = f"SELECT * FROM {TABLE} WHERE sequence = 2"
    whole = {"sqlite": f"INSERT OR REPLACE INTO {TABLE} {copy}", "postgresql": f"TRUNCATE {TABLE}"}[connection.vendor]
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(whole)
    assert audit.verify() == (5, None)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("statement", "holds", "words"),
    [
        ("UPDATE {table} SET text = replace(text, 'number 2', 'number 9') WHERE sequence = 3", 2, "not the one"),
        ("UPDATE {table} SET hash = '00' WHERE sequence = 3", 2, "not the one"),
        ("UPDATE {table} SET actor_name = 'somebody' WHERE sequence = 4", 3, "a column"),
        ("UPDATE {table} SET outcome = 'refused' WHERE sequence = 1", 0, "a column"),
        ("DELETE FROM {table} WHERE sequence = 2", 1, "missing"),
        ("DELETE FROM {table} WHERE sequence = 1", 0, "missing"),
        ("UPDATE {table} SET sequence = 99 WHERE sequence = 5", 4, "missing"),
    ],
)
def test_each_kind_of_tampering_is_found(tamper, statement, holds, words):
    write()
    tamper(statement)
    checked, flaw = audit.verify()
    assert (checked, flaw.sequence) == (holds, holds + 1)
    assert words in flaw.words


@pytest.mark.django_db
def test_a_text_with_a_hash_of_its_own_breaks_the_chain_behind_it(tamper):
    write()
    event = AuditEvent.objects.get(pk=3)
    forged = event.text.replace("number 2", "number 9")
    tamper("UPDATE {table} SET hash = hash")
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {TABLE} SET text = %s, hash = %s, subject = %s WHERE sequence = 3",
            [forged, audit.digest(forged), "number 9"],
        )
    checked, flaw = audit.verify()
    assert (checked, flaw.words) == (3, "event 4 does not follow the event before it")


@pytest.mark.django_db
def test_the_command_says_which_and_fails(tamper):
    write()
    out = StringIO()
    call_command("verify_history", stdout=out)
    assert out.getvalue().splitlines()[0] == "Unbroken: 5 events."
    tamper("DELETE FROM {table} WHERE sequence = 2")
    with pytest.raises(CommandError, match="Broken at event 2"):
        call_command("verify_history")


def verified(*arguments):
    out = StringIO()
    call_command("verify_history", *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_what_was_noted_elsewhere_shows_that_the_end_is_cut_off(tamper):
    write()
    noted = verified().rpartition("The newest: ")[2].strip()
    assert "Unbroken: 5 events." in verified("--noted", noted)
    tamper("DELETE FROM {table} WHERE sequence = 5")
    assert "Unbroken: 4 events." in verified()
    with pytest.raises(CommandError, match="event 5 was noted, and the history ends before it"):
        verified("--noted", noted)


@pytest.mark.django_db
def test_what_was_noted_elsewhere_shows_that_it_was_written_anew():
    write()
    sequence, _, other = verified().rpartition("The newest: ")[2].strip().partition(":")
    with pytest.raises(CommandError, match="event 5 has another hash than was noted"):
        verified("--noted", f"{sequence}:{'0' * len(other)}")
    with pytest.raises(CommandError, match="it must be <number of the event>"):
        verified("--noted", "5")


@pytest.mark.django_db(transaction=True)
def test_an_event_outside_a_transaction_is_a_bug():
    with pytest.raises(RuntimeError):
        audit.record(Act.ACCOUNT_CHECK, Outcome.DONE, audit.Subject("x"), by=BY, at=timezone.now())


@pytest.mark.django_db(transaction=True)
def test_the_same_refusal_many_times_at_once_is_written_once_and_counted():
    now, guest = timezone.now(), Actor("guest@example.com", Role.GUEST, 1)

    def refuse():
        for _ in range(5):
            with (
                pytest.raises(Refusal),
                audit.refusals_recorded(Act.CREDENTIAL_READ, audit.Subject("/"), by=guest, at=now),
            ):
                raise not_there("credential")

    assert at_once(*[refuse] * 4) == [None] * 4
    assert AuditEvent.objects.count() == 1
    assert RefusalTally.objects.get().repeats == 19


@pytest.mark.django_db(transaction=True)
def test_writers_at_once_leave_no_gap():
    trouble = []

    def writer():
        try:
            write(10)
        except Exception as error:  # noqa: BLE001 - a thread's error must not get lost
            trouble.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=writer) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert trouble == []
    assert audit.verify() == (40, None)
