"""What was accepted: the proof that nothing is lost."""

from __future__ import annotations

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from layers.database.models.base import Id, TenantBase


class Event(TenantBase):
    """One accepted event. ``source`` is a trigger's id or another stable origin;
    ``(source, dedup_key)`` is unique, so that a duplicate starts nothing. ``payload`` is JSON
    text of the items, or ``artifact`` names it in the store."""

    __tablename__ = "events"
    __table_args__ = (UniqueConstraint("source", "dedup_key"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    execution_id: Mapped[str] = mapped_column(Id)
    source: Mapped[str]
    dedup_key: Mapped[str]
    payload: Mapped[str | None]
    artifact: Mapped[str | None]
    received_at: Mapped[float]
