"""Registered triggers: one row for each trigger node of a workflow that is or was active."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from layers.database.models.base import Id, TenantBase


class TriggerState(StrEnum):
    """How a trigger is doing."""

    LISTENING = "listening"
    CATCHING_UP = "catching_up"
    DEGRADED = "degraded"
    STOPPED = "stopped"


class Trigger(TenantBase):
    """A trigger's registration, cursor and lease.

    ``route`` (for example ``POST orders``) is set for webhooks while they are active and is
    unique in the instance. The cursor belongs to the trigger, not to the workflow's version,
    so that publishing again keeps the position. ``route_group`` is set beside a route with
    parameters, and is what all addresses have that it matches. ``refused`` counts requests that a
    webhook did not take.
    """

    __tablename__ = "triggers"
    __table_args__ = (
        UniqueConstraint("workflow_id", "node_id"),
        Index("ix_triggers_due", "state", "due_at"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    workflow_id: Mapped[str] = mapped_column(
        Id, ForeignKey("workflows.id", ondelete="CASCADE"), nullable=False
    )
    version_id: Mapped[str] = mapped_column(Id)
    node_id: Mapped[str]
    type: Mapped[str]
    state: Mapped[str]
    route: Mapped[str | None] = mapped_column(unique=True)
    route_group: Mapped[str | None] = mapped_column(index=True)
    cursor: Mapped[str | None]
    due_at: Mapped[float | None]
    lease_owner: Mapped[str | None]
    lease_until: Mapped[float | None]
    epoch: Mapped[int] = mapped_column(default=0)
    failures: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None]
    last_event_at: Mapped[float | None]
    last_check_at: Mapped[float | None]
    refused: Mapped[int] = mapped_column(default=0, server_default="0")
    last_refused_at: Mapped[float | None]
    last_refusal: Mapped[str | None]
    created_at: Mapped[float]
