"""Django empties tables between tests; the history refuses that. Here, and only here, its triggers step aside."""

from django.core.management.commands import flush as flushing
from django.db.backends.postgresql.base import DatabaseOperations as PostgreSQL
from django.db.backends.sqlite3.base import DatabaseOperations as SQLite


def install() -> None:
    """Wrap the flush of both databases."""
    if getattr(SQLite.execute_sql_flush, "steps_aside", False):
        return
    # Who may do what stands in our own table: what Django would write anew after each flush, nobody reads.
    flushing.emit_post_migrate_signal = lambda *_, **__: None
    SQLite.execute_sql_flush = _without_sqlite_triggers(SQLite.execute_sql_flush)
    PostgreSQL.sql_flush = _row_by_row
    PostgreSQL.execute_sql_flush = _without_postgresql_triggers(PostgreSQL.execute_sql_flush)


def _without_sqlite_triggers(flush):
    def wrapped(self, sql_list):
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            triggers = cursor.fetchall()
            for name, _ in triggers:
                cursor.execute(f"DROP TRIGGER {name}")
        try:
            flush(self, sql_list)
        finally:
            with self.connection.cursor() as cursor:
                for _, sql in triggers:
                    cursor.execute(sql)

    wrapped.steps_aside = True
    return wrapped


def _row_by_row(self, style, tables, **_):
    """Where there are many tables and few rows, TRUNCATE takes many times as long."""
    return [f"DELETE FROM {self.quote_name(table)}" for table in tables]


def _without_postgresql_triggers(flush):
    def wrapped(self, sql_list):
        # Triggers of the ordinary kind do not fire for a replica.
        flush(self, ["SET session_replication_role = replica", *sql_list, "SET session_replication_role = DEFAULT"])

    return wrapped
