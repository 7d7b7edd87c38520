"""What steps print as rows with positions, in place of one JSON text a step that is written anew."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby, islice
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

AT_ONCE = 500
# Not in SQL: PostgreSQL takes no text out of JSON in which a NUL is escaped.
PRINTED = sa.text(
    "SELECT workspace_id, execution_id, node_id, run_index, attempt, logs,"
    " coalesce(finished_at, started_at) AS moment FROM steps WHERE logs IS NOT NULL"
    " ORDER BY execution_id, started_at, position, node_id, run_index"
)
PUT = sa.text(
    "INSERT INTO step_logs (workspace_id, execution_id, position, node_id, run_index, attempt,"
    " stream, text, created_at) VALUES (:workspace_id, :execution_id, :position, :node_id,"
    " :run_index, :attempt, :stream, :text, :created_at)"
)
# Of a step that was tried again the last attempt's were kept.
KEPT = sa.text(
    "SELECT l.execution_id, l.node_id, l.run_index, l.stream, l.text"
    " FROM step_logs l JOIN steps s ON s.execution_id = l.execution_id AND s.node_id = l.node_id"
    " AND s.run_index = l.run_index AND s.attempt = l.attempt"
    " ORDER BY l.execution_id, l.node_id, l.run_index, l.position"
)
PUT_BACK = sa.text(
    "UPDATE steps SET logs = :logs WHERE execution_id = :execution_id AND node_id = :node_id"
    " AND run_index = :run_index"
)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "step_logs",
        sa.Column("execution_id", sa.String(length=36), nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("run_index", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Float(precision=53), nullable=False),
        sa.Column("workspace_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["execution_id"],
            ["executions.id"],
            name=op.f("fk_step_logs_execution_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_step_logs_workspace_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("execution_id", "position", name=op.f("pk_step_logs")),
    )
    _in_portions(PUT, _rows(op.get_bind()))
    op.drop_column("steps", "logs")


def _rows(connection: sa.Connection) -> Iterator[dict[str, Any]]:
    steps = connection.execute(PRINTED.execution_options(yield_per=AT_ONCE))
    for execution_id, printed in groupby(steps, key=lambda step: step.execution_id):
        pieces = ((step, piece) for step in printed for piece in json.loads(step.logs))
        for position, (step, piece) in enumerate(pieces):
            yield {
                "workspace_id": step.workspace_id,
                "execution_id": execution_id,
                "position": position,
                "node_id": step.node_id,
                "run_index": step.run_index,
                "attempt": step.attempt,
                "stream": piece["stream"],
                "text": json.dumps(piece["text"]),
                "created_at": step.moment,
            }


def _in_portions(statement: sa.TextClause, rows: Iterator[dict[str, Any]]) -> None:
    while portion := list(islice(rows, AT_ONCE)):
        op.get_bind().execute(statement, portion)


def downgrade() -> None:
    """Undo."""
    op.add_column("steps", sa.Column("logs", sa.Text(), nullable=True))
    _in_portions(PUT_BACK, _texts(op.get_bind()))
    op.drop_table("step_logs")


def _texts(connection: sa.Connection) -> Iterator[dict[str, Any]]:
    pieces = connection.execute(KEPT.execution_options(yield_per=AT_ONCE))
    for key, printed in groupby(pieces, key=lambda one: (one.execution_id, one.node_id, one[2])):
        logs = [{"stream": one.stream, "text": json.loads(one.text)} for one in printed]
        place = dict(zip(("execution_id", "node_id", "run_index"), key, strict=True))
        yield {**place, "logs": json.dumps(logs)}
