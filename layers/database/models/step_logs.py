"""What steps print."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from layers.database.models.base import Id, TenantBase


class StepLog(TenantBase):
    """A piece of what an attempt of a step printed, as it was written down while it ran.

    ``position`` only grows within an execution, in the order of the commits: whoever has read up
    to one takes those behind it. ``text`` is a text as JSON, for it may hold what PostgreSQL's own
    texts cannot.
    """

    __tablename__ = "step_logs"

    execution_id: Mapped[str] = mapped_column(
        Id, ForeignKey("executions.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    node_id: Mapped[str]
    run_index: Mapped[int]
    attempt: Mapped[int]
    stream: Mapped[str]
    text: Mapped[str]
    created_at: Mapped[float]
