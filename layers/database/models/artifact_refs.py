"""Which artifacts the rows of an execution name."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from layers.database.models.base import Id, TenantBase


class ArtifactRef(TenantBase):
    """That a row of an execution names an artifact, written in one transaction with the row.

    ``owner`` is the row: ``event``, ``result``, ``response``, ``callbacks``, or a step as
    ``node_id:run_index``. ``is_unread`` is set where the artifact is a text that was too large for
    its row, and may itself name others that nobody has written down yet.
    """

    __tablename__ = "artifact_refs"
    __table_args__ = (
        Index("ix_artifact_refs_workspace_id_digest", "workspace_id", "digest"),
        Index(
            "ix_artifact_refs_unread",
            "workspace_id",
            "digest",
            sqlite_where=text("is_unread"),
            postgresql_where=text("is_unread"),
        ),
        {"sqlite_with_rowid": False},
    )

    execution_id: Mapped[str] = mapped_column(
        Id, ForeignKey("executions.id", ondelete="CASCADE"), primary_key=True
    )
    owner: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(primary_key=True)
    is_unread: Mapped[bool]
