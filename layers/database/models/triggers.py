"""Registered triggers: one row for each trigger node of a workflow that is or was active."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from layers.database.models.base import Id, TenantBase


class TriggerState(StrEnum):
    """How a trigger is doing."""

    LISTENING = "listening"
    CATCHING_UP = "catching_up"
    """It has more to fetch, or is not connected yet."""
    DEGRADED = "degraded"
    """The last check failed; it is tried again, which may help."""
    NEEDS_ATTENTION = "needs_attention"
    """The last check failed by what a person has to mend; it is tried again, more seldom."""
    STOPPED = "stopped"


class Trigger(TenantBase):
    """A trigger's registration, cursor and leases.

    ``route`` (for example ``POST orders``) is set for webhooks while they are active and is
    unique in the instance. The cursor belongs to the trigger, not to the workflow's version,
    so that publishing again keeps the position. ``route_group`` is set beside a route with
    parameters, and is what all addresses have that it matches. ``refused`` counts requests that a
    webhook did not take.

    ``due_at`` is when somebody should look: for the next poll, or, while ``lease_owner`` polls,
    when its lease ends. ``nudges`` counts what listeners reported, so that one that comes during a
    poll is not lost; ``not_before`` is how early a nudge may have it polled. ``error`` is JSON,
    ``{"message", "remedy"}``; ``log`` is JSON, a list of lines; ``acquired`` is what the provider
    gave, as JSON. What begins with ``listen_`` is the same of the listener, which has a lease of
    its own.
    """

    __tablename__ = "triggers"
    __table_args__ = (
        UniqueConstraint("workflow_id", "node_id"),
        Index(
            "ix_triggers_due",
            "due_at",
            sqlite_where=text("due_at IS NOT NULL"),
            postgresql_where=text("due_at IS NOT NULL"),
        ),
        Index(
            "ix_triggers_listen_due",
            "listen_due_at",
            sqlite_where=text("listen_due_at IS NOT NULL"),
            postgresql_where=text("listen_due_at IS NOT NULL"),
        ),
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
    epoch: Mapped[int] = mapped_column(default=0)
    nudges: Mapped[int] = mapped_column(default=0, server_default="0")
    not_before: Mapped[float | None]
    failures: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None]
    log: Mapped[str | None]
    acquired: Mapped[str | None]
    listen_due_at: Mapped[float | None]
    listen_owner: Mapped[str | None]
    listen_epoch: Mapped[int] = mapped_column(default=0, server_default="0")
    listen_failures: Mapped[int] = mapped_column(default=0, server_default="0")
    listen_error: Mapped[str | None]
    last_event_at: Mapped[float | None]
    last_check_at: Mapped[float | None]
    refused: Mapped[int] = mapped_column(default=0, server_default="0")
    last_refused_at: Mapped[float | None]
    last_refusal: Mapped[str | None]
    created_at: Mapped[float]
