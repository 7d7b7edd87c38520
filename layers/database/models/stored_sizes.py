"""How many bytes are stored, as they were measured last."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from layers.database.models.base import Id, TenantBase


class ExecutionSize(TenantBase):
    """What an execution that has ended takes: it never changes again, so it is measured once."""

    __tablename__ = "execution_sizes"

    execution_id: Mapped[str] = mapped_column(
        Id, ForeignKey("executions.id", ondelete="CASCADE"), primary_key=True
    )
    event_bytes: Mapped[int] = mapped_column(BigInteger)
    step_bytes: Mapped[int] = mapped_column(BigInteger)
    execution_bytes: Mapped[int] = mapped_column(BigInteger)


class ExecutionSizeTotal(TenantBase):
    """What the measured executions of a workspace take together, kept up with their rows."""

    __tablename__ = "execution_size_totals"

    workspace_id: Mapped[str] = mapped_column(
        Id, ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True
    )
    event_bytes: Mapped[int] = mapped_column(BigInteger)
    step_bytes: Mapped[int] = mapped_column(BigInteger)
    execution_bytes: Mapped[int] = mapped_column(BigInteger)


class StoredSize(TenantBase):
    """What a workspace stores of a kind; see ``billing/usage/stored_kinds.py``."""

    __tablename__ = "stored_sizes"

    workspace_id: Mapped[str] = mapped_column(
        Id, ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(primary_key=True)
    bytes: Mapped[int] = mapped_column(BigInteger)
    measured_at: Mapped[float]
