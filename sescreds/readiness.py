"""May requests be sent here? Asks the database alone: a fault of AWS must not take every page away."""

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor


def why_not_ready() -> str:
    """Return what is missing, as a sentence, or "" where nothing is."""
    try:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
        tables = connection.introspection.table_names()
    except DatabaseError:
        return "The database does not answer."
    if waiting:
        return "Migrations wait. Run manage.py prepare."
    if settings.CACHES["default"]["LOCATION"] not in tables:
        return "The cache has no table. Run manage.py prepare."
    return ""
