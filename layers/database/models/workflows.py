"""Workflows and their immutable versions."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from layers.database.models.base import Id, TenantBase


class Workflow(TenantBase):
    """A workflow; deleting one only marks it, so that its executions keep their history."""

    __tablename__ = "workflows"
    __table_args__ = (Index("ix_workflows_workspace_id_id", "workspace_id", "id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    name: Mapped[str]
    latest_version: Mapped[int]
    latest_version_id: Mapped[str] = mapped_column(Id)
    active: Mapped[bool] = mapped_column(default=False)
    active_version_id: Mapped[str | None] = mapped_column(Id)
    max_concurrency: Mapped[int | None]
    created_at: Mapped[float]
    updated_at: Mapped[float]
    deleted_at: Mapped[float | None]


class WorkflowVersion(TenantBase):
    """One saved definition (JSON text); it never changes.

    Versions count from 1. What was tried out without being published is kept as a snapshot, for
    the executions of it: these count downwards from -1.
    """

    __tablename__ = "workflow_versions"
    __table_args__ = (UniqueConstraint("workflow_id", "number"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    workflow_id: Mapped[str] = mapped_column(
        Id, ForeignKey("workflows.id", ondelete="CASCADE"), nullable=False
    )
    number: Mapped[int]
    definition: Mapped[str]
    created_by: Mapped[str | None] = mapped_column(Id)
    created_at: Mapped[float]
    message: Mapped[str | None] = mapped_column(default=None)
