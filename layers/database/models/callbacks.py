"""Calls to an execution's callback address, kept until the waiting step takes them."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from layers.database.models.base import Id, TenantBase


class Callback(TenantBase):
    """One call; ``payload`` is JSON of the item it brings. ``taken`` once a step went on with it.

    ``node_id`` is set when the caller named the step that the call is meant for.
    """

    __tablename__ = "callbacks"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    execution_id: Mapped[str] = mapped_column(
        Id, ForeignKey("executions.id", ondelete="CASCADE"), index=True
    )
    node_id: Mapped[str | None]
    payload: Mapped[str]
    taken: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[float]
