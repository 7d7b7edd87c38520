"""The journal: one row for each time a node was activated."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from layers.database.models.base import Id, TenantBase


class StepStatus(StrEnum):
    """Where a step stands. ``succeeded``, ``failed`` and ``cancelled`` never change again."""

    RUNNING = "running"
    RETRYING = "retrying"
    WAITING = "waiting"
    INTERRUPTED = "interrupted"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Step(TenantBase):
    """What happened at one activation of one node.

    ``position`` orders the outcomes within the execution; replaying them in that order
    rebuilds its state. ``sources`` (JSON) says which outputs were its input; ``output`` is JSON
    of items by port, or ``artifact`` names it in the store.
    ``counts`` is JSON, too: how many items came in and went out, ``{input: {port: n}, output: …}``;
    None for steps of before it was counted. ``item_errors`` is JSON, too: ``{failed: n, errors:
    [{index, attempt, message, kind}, …]}``, None where no item failed by itself. ``origin`` is the
    execution that named the items' idempotency keys, where that is an earlier one. ``lineage`` is
    JSON: which of the items that came in each item was made of, as ``engine/core/lineage.py``
    writes it; None where each came from the one at its place, ``unknown`` in steps of before.
    """

    __tablename__ = "steps"

    execution_id: Mapped[str] = mapped_column(
        Id, ForeignKey("executions.id", ondelete="CASCADE"), primary_key=True
    )
    node_id: Mapped[str] = mapped_column(primary_key=True)
    run_index: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[str]
    attempt: Mapped[int]
    position: Mapped[int | None]
    sources: Mapped[str]
    output: Mapped[str | None]
    artifact: Mapped[str | None]
    error: Mapped[str | None]
    due_at: Mapped[float | None]
    detail: Mapped[str | None]
    started_at: Mapped[float]
    finished_at: Mapped[float | None]
    counts: Mapped[str | None]
    item_errors: Mapped[str | None]
    origin: Mapped[str | None] = mapped_column(Id)
    lineage: Mapped[str | None] = mapped_column(server_default="unknown")
