"""What the rows of executions really name, found by reading all of them."""

from __future__ import annotations

from contextlib import suppress

from sqlalchemy import Text, select
from sqlalchemy.exc import OperationalError, ProgrammingError

from layers.database import Database
from layers.database.models import ArtifactRef, Base
from layers.database.repositories.artifact_mentions import OF_EXECUTIONS
from layers.engine.artifact_refs import names_in


def not_written_down(database_url: str) -> set[tuple[str, str]]:
    """Executions, and digests that one of their rows names although no ``ArtifactRef`` says so."""
    database = Database(database_url)
    try:
        # A test that never made its tables has no rows.
        with suppress(OperationalError, ProgrammingError):
            return _not_written_down(database)
        return set()
    finally:
        database.close()


def _not_written_down(database: Database) -> set[tuple[str, str]]:
    named: set[tuple[str, str]] = set()
    with database.reading() as connection:
        for name in sorted(OF_EXECUTIONS - {ArtifactRef.__tablename__}):
            table = Base.metadata.tables[name]
            owner = table.c.id if name == "executions" else table.c.execution_id
            texts = [column for column in table.columns if isinstance(column.type, Text)]
            for execution_id, *found in connection.execute(select(owner, *texts)):
                named |= {(execution_id, digest) for one in found for digest in names_in(one)}
        refs = connection.execute(select(ArtifactRef.execution_id, ArtifactRef.digest))
        return named - {(row.execution_id, row.digest) for row in refs}
