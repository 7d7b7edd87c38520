"""The usage ledger, and what is derived from it."""

from __future__ import annotations

from sqlalchemy import BigInteger, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from layers.database.models.base import Base, Id, TenantBase

BUDGETED = "meter IN ('ai_cost', 'ai_input_tokens', 'ai_output_tokens', 'sandbox_cpu_ms')"
"""The meters that a budget can be about; a query says it in the same words."""


class UsageRow(Base):
    """One usage, once: the database denies changes. Everything else can be computed from it.

    ``source_id`` names what produced it, so that written again it counts once. ``detail`` tells
    kinds of a meter apart, such as the model; empty where there are none. It outlives its
    execution and its workspace, like any entry in a book.
    """

    __tablename__ = "usage_ledger"
    __table_args__ = (
        Index("ix_usage_ledger_workspace_id_occurred_at", "workspace_id", "occurred_at"),
        # For budgets of an execution, which few executions use anything of.
        Index(
            "ix_usage_ledger_budgeted",
            "execution_id",
            sqlite_where=text(BUDGETED),
            postgresql_where=text(BUDGETED),
        ),
        {"sqlite_with_rowid": False},
    )

    workspace_id: Mapped[str] = mapped_column(Id, primary_key=True)
    meter: Mapped[str] = mapped_column(primary_key=True)
    source_id: Mapped[str] = mapped_column(primary_key=True)
    quantity: Mapped[int] = mapped_column(BigInteger)
    occurred_at: Mapped[float]
    recorded_at: Mapped[float]
    workflow_id: Mapped[str | None] = mapped_column(Id)
    execution_id: Mapped[str | None] = mapped_column(Id)
    detail: Mapped[str]


class UsageHour(Base):
    """What was used within an hour, beginning at ``hour``; kept up in the ledger's transaction."""

    __tablename__ = "usage_hours"
    __table_args__ = (
        Index("ix_usage_hours_meter_hour", "meter", "hour"),
        {"sqlite_with_rowid": False},
    )

    workspace_id: Mapped[str] = mapped_column(Id, primary_key=True)
    meter: Mapped[str] = mapped_column(primary_key=True)
    hour: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    workflow_id: Mapped[str] = mapped_column(primary_key=True)
    """Empty where no workflow is behind it."""
    detail: Mapped[str] = mapped_column(primary_key=True)
    quantity: Mapped[int] = mapped_column(BigInteger)


class UsageCounter(Base):
    """What of a limit is used within a period; its row is the lock that starts queue for."""

    __tablename__ = "usage_counters"
    __table_args__ = {"sqlite_with_rowid": False}

    workspace_id: Mapped[str] = mapped_column(Id, primary_key=True)
    limit_name: Mapped[str] = mapped_column(primary_key=True)
    period_start: Mapped[float] = mapped_column(primary_key=True)
    period_end: Mapped[float]
    used: Mapped[int] = mapped_column(BigInteger)


class UsageReservation(TenantBase):
    """What a step may use at most while it runs; it expires if nobody settles it."""

    __tablename__ = "usage_reservations"
    __table_args__ = (
        Index("ix_usage_reservations_workspace_id_limit_name", "workspace_id", "limit_name"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    limit_name: Mapped[str]
    amount: Mapped[int] = mapped_column(BigInteger)
    workflow_id: Mapped[str | None] = mapped_column(Id)
    execution_id: Mapped[str | None] = mapped_column(Id)
    expires_at: Mapped[float]


class UsagePush(TenantBase):
    """What was sent to a meter of Stripe: the log that makes sending idempotent."""

    __tablename__ = "usage_pushes"
    __table_args__ = (
        Index("ix_usage_pushes_workspace_id_meter_hour", "workspace_id", "meter", "hour"),
        Index("ix_usage_pushes_state", "state"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    """Stripe's identifier of the meter event."""
    meter: Mapped[str]
    hour: Mapped[int] = mapped_column(BigInteger)
    quantity: Mapped[int] = mapped_column(BigInteger)
    occurred_at: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str]
    """``pending``, ``sent`` or ``refused``."""
    error: Mapped[str | None]
    created_at: Mapped[float]
    sent_at: Mapped[float | None]
