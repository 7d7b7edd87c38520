"""Which artifacts the rows of executions name, in a table that can be asked by digest."""

from __future__ import annotations

import re
from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

AT_ONCE = 500
DIGEST = re.compile("sha256:[0-9a-f]{64}")
WHOLE = re.compile(r'(?:\{"artifact":")?(sha256:[0-9a-f]{64})(?:"\})?')
OF_STEP = "node_id || ':' || run_index"
NAMING = (
    ("events", "execution_id", "'event'", ("payload", "artifact")),
    ("executions", "id", "'result'", ("output", "error")),
    ("executions", "id", "'response'", ("response",)),
    ("callbacks", "execution_id", "'callbacks'", ("payload",)),
    (
        *("steps", "execution_id", OF_STEP),
        ("output", "artifact", "error", "logs", "detail", "item_errors"),
    ),
    ("step_parts", "execution_id", OF_STEP, ("output", "artifact", "errors")),
)
"""Tables, the column that says whose a row is, what the row is called, and its texts."""


def upgrade() -> None:
    """Apply; rows of before are read once, and what their large texts name is found later."""
    op.create_table(
        "artifact_refs",
        sa.Column("execution_id", sa.String(length=36), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("is_unread", sa.Boolean(), nullable=False),
        sa.Column("workspace_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["execution_id"],
            ["executions.id"],
            name=op.f("fk_artifact_refs_execution_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_artifact_refs_workspace_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("execution_id", "owner", "digest", name=op.f("pk_artifact_refs")),
        sqlite_with_rowid=False,
    )
    put = sa.text(
        "INSERT INTO artifact_refs (execution_id, owner, digest, workspace_id, is_unread)"
        " SELECT id, :owner, :digest, workspace_id, :is_unread FROM executions"
        " WHERE id = :execution_id ON CONFLICT DO NOTHING"
    )
    for table, execution_id, owner, columns in NAMING:
        refs = list(_refs(table, execution_id, owner, columns))
        for start in range(0, len(refs), AT_ONCE):
            op.get_bind().execute(put, refs[start : start + AT_ONCE])
    op.create_index(
        "ix_artifact_refs_workspace_id_digest", "artifact_refs", ["workspace_id", "digest"]
    )
    where = sa.text("is_unread")
    op.create_index(
        "ix_artifact_refs_unread",
        "artifact_refs",
        ["workspace_id", "digest"],
        sqlite_where=where,
        postgresql_where=where,
    )


def _refs(
    table: str, execution_id: str, owner: str, columns: tuple[str, ...]
) -> Iterator[dict[str, object]]:
    texts = ", ".join(columns)
    named = " OR ".join(f"{column} LIKE '%sha256:%'" for column in columns)
    query = sa.text(f"SELECT {execution_id}, {owner}, {texts} FROM {table} WHERE {named}")  # noqa: S608 - our names
    rows = op.get_bind().execute(query, execution_options={"yield_per": AT_ONCE})
    for of, called, *found in rows:
        for written in found:
            is_unread = WHOLE.fullmatch(written or "") is not None
            for digest in sorted(set(DIGEST.findall(written or ""))):
                ref = {"execution_id": of, "owner": called, "digest": digest}
                yield {**ref, "is_unread": is_unread}


def downgrade() -> None:
    """Undo; the rows themselves say what they name."""
    op.drop_table("artifact_refs")
