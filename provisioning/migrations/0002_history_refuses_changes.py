"""The history can be added to, never changed: the database itself refuses UPDATE, DELETE and TRUNCATE."""

from django.db import migrations

TABLE = "provisioning_auditevent"
WORDS = "the history can be added to, never changed"

SQLITE = [
    f"""CREATE TRIGGER history_refuses_update BEFORE UPDATE ON {TABLE}
    BEGIN SELECT RAISE(ABORT, '{WORDS}'); END""",
    f"""CREATE TRIGGER history_refuses_delete BEFORE DELETE ON {TABLE}
    BEGIN SELECT RAISE(ABORT, '{WORDS}'); END""",
    # INSERT OR REPLACE deletes without firing the DELETE trigger.
    f"""CREATE TRIGGER history_refuses_replace BEFORE INSERT ON {TABLE}
    WHEN EXISTS (SELECT 1 FROM {TABLE} WHERE sequence = NEW.sequence)
    BEGIN SELECT RAISE(ABORT, '{WORDS}'); END""",
]
SQLITE_BACK = [
    "DROP TRIGGER history_refuses_update",
    "DROP TRIGGER history_refuses_delete",
    "DROP TRIGGER history_refuses_replace",
]
POSTGRESQL = [
    f"""CREATE FUNCTION history_refuses_changes() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '{WORDS}' USING ERRCODE = 'restrict_violation'; END $$""",
    f"""CREATE TRIGGER history_refuses_changes BEFORE UPDATE OR DELETE ON {TABLE}
    FOR EACH ROW EXECUTE FUNCTION history_refuses_changes()""",
    f"""CREATE TRIGGER history_refuses_truncate BEFORE TRUNCATE ON {TABLE}
    FOR EACH STATEMENT EXECUTE FUNCTION history_refuses_changes()""",
]
POSTGRESQL_BACK = [
    f"DROP TRIGGER history_refuses_changes ON {TABLE}",
    f"DROP TRIGGER history_refuses_truncate ON {TABLE}",
    "DROP FUNCTION history_refuses_changes",
]


def _run(statements):
    def run(_apps, editor):
        for statement in statements[editor.connection.vendor]:
            editor.execute(statement)

    return run


class Migration(migrations.Migration):
    dependencies = [("provisioning", "0001_initial")]
    operations = [
        migrations.RunPython(
            _run({"sqlite": SQLITE, "postgresql": POSTGRESQL}),
            _run({"sqlite": SQLITE_BACK, "postgresql": POSTGRESQL_BACK}),
        )
    ]
