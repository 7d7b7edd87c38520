"""Outcomes of single items of a step that is not over, or in which some items failed."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from layers.database.models.base import Id, TenantBase


class StepPart(TenantBase):
    """What some items of a step came to, as they were written together.

    ``output`` is JSON of items by port, by the position of the item that gave them
    (``{position: {port: …}}``), or ``artifact`` names it in the store; ``errors`` is JSON of the
    items that failed, ``{position: {attempt, message, kind, …}}``. Of several errors of one item
    the one with the highest ``part`` counts, and an output before any error.
    """

    __tablename__ = "step_parts"

    execution_id: Mapped[str] = mapped_column(
        Id, ForeignKey("executions.id", ondelete="CASCADE"), primary_key=True
    )
    node_id: Mapped[str] = mapped_column(primary_key=True)
    run_index: Mapped[int] = mapped_column(primary_key=True)
    part: Mapped[int] = mapped_column(primary_key=True)
    output: Mapped[str | None]
    artifact: Mapped[str | None]
    errors: Mapped[str | None]
    created_at: Mapped[float]
