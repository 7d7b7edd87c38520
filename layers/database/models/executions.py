"""Executions: the queue itself."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import ForeignKey, Index, false, text
from sqlalchemy.orm import Mapped, mapped_column

from layers.database.models.base import Id, TenantBase


class ExecutionStatus(StrEnum):
    """Where an execution stands. The last three never change again."""

    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting"
    INTERRUPTED = "interrupted"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


FINAL = frozenset({ExecutionStatus.SUCCEEDED, ExecutionStatus.FAILED, ExecutionStatus.CANCELLED})


class Execution(TenantBase):
    """One run of one workflow version.

    ``due_at`` is when a worker should look at it next: now for queued ones, the wake-up time
    for waiting ones (None: only a callback or a child wakes it), the end of the lease for
    running ones. ``epoch`` counts the leases; every write of the owner is guarded by it.
    ``scope`` is JSON, ``{node_id, scope}``, where it is a trial of a part of the workflow.
    ``followed`` says that somebody has begun to follow it: whoever changes it tells the channel.
    ``held_for`` is the limit of the plan that a queued one waits for; nobody takes it until then.
    """

    __tablename__ = "executions"
    __table_args__ = (
        # Whatever has an end has no due_at: these two hold open executions only, and any
        # comparison with due_at lets both databases see that they may use them.
        Index(
            "ix_executions_due",
            "due_at",
            sqlite_where=text("due_at IS NOT NULL"),
            postgresql_where=text("due_at IS NOT NULL"),
        ),
        Index(
            "ix_executions_open",
            "workspace_id",
            "status",
            "due_at",
            sqlite_where=text("due_at IS NOT NULL"),
            postgresql_where=text("due_at IS NOT NULL"),
        ),
        # For looking through what waits, most of which nobody else looks at.
        Index(
            "ix_executions_waiting",
            "id",
            sqlite_where=text("status = 'waiting'"),
            postgresql_where=text("status = 'waiting'"),
        ),
        Index("ix_executions_workspace_id_id", "workspace_id", "id"),
        Index("ix_executions_workflow_id_id", "workflow_id", "id"),
        # For counting what is open (nothing), and what ended lately.
        Index("ix_executions_finished_at", "finished_at"),
        # For lists by status. Most succeed, and are found among all: the others are few.
        Index(
            "ix_executions_workspace_status",
            "workspace_id",
            "status",
            "id",
            sqlite_where=text("status <> 'succeeded'"),
            postgresql_where=text("status <> 'succeeded'"),
        ),
        Index(
            "ix_executions_workflow_status",
            "workflow_id",
            "status",
            "id",
            sqlite_where=text("status <> 'succeeded'"),
            postgresql_where=text("status <> 'succeeded'"),
        ),
        Index(
            "ix_executions_parent_id",
            "parent_id",
            sqlite_where=text("parent_id IS NOT NULL"),
            postgresql_where=text("parent_id IS NOT NULL"),
        ),
        Index(
            "ix_executions_held_for",
            "workspace_id",
            "id",
            sqlite_where=text("held_for IS NOT NULL"),
            postgresql_where=text("held_for IS NOT NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    workflow_id: Mapped[str] = mapped_column(
        Id, ForeignKey("workflows.id", ondelete="CASCADE"), nullable=False
    )
    version_id: Mapped[str] = mapped_column(Id)
    event_id: Mapped[str] = mapped_column(Id)
    trigger_node_id: Mapped[str | None]
    manual: Mapped[bool] = mapped_column(default=False)
    status: Mapped[str]
    due_at: Mapped[float | None]
    lease_owner: Mapped[str | None]
    epoch: Mapped[int] = mapped_column(default=0)
    crashes: Mapped[int] = mapped_column(default=0)
    cancel_requested_at: Mapped[float | None]
    parent_id: Mapped[str | None] = mapped_column(Id)
    parent_step: Mapped[str | None]
    depth: Mapped[int] = mapped_column(default=0)
    retry_of: Mapped[str | None] = mapped_column(Id)
    active_s: Mapped[float] = mapped_column(default=0.0)
    error: Mapped[str | None]
    output: Mapped[str | None]
    response: Mapped[str | None]
    created_at: Mapped[float]
    started_at: Mapped[float | None]
    finished_at: Mapped[float | None]
    scope: Mapped[str | None]
    held_for: Mapped[str | None]
    followed: Mapped[bool] = mapped_column(default=False, server_default=false())
