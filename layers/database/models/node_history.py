"""What nodes remember between the executions of their workflow."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from layers.database.models.base import Id, TenantBase


class NodeHistory(TenantBase):
    """A key that a node has seen or, with the empty key, its last ``value`` (JSON).

    Until it is ``committed`` it is a claim of a step of an execution that has not ended.
    ``previous`` is the value before, for a retry of the execution that replaced it. ``at`` is when
    the key was seen last.
    """

    __tablename__ = "node_history"
    __table_args__ = (Index("ix_node_history_at", "workflow_id", "node_id", "at"),)

    workflow_id: Mapped[str] = mapped_column(
        Id, ForeignKey("workflows.id", ondelete="CASCADE"), primary_key=True
    )
    node_id: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str | None]
    previous: Mapped[str | None]
    at: Mapped[float]
    committed: Mapped[bool]
    execution_id: Mapped[str] = mapped_column(Id)
    run_index: Mapped[int]
