"""What was accepted: the proof that nothing is lost."""

from __future__ import annotations

from sqlalchemy.orm import Mapped, mapped_column

from layers.database.models.base import Id, TenantBase


class Event(TenantBase):
    """One accepted event, which goes with its execution. ``source`` is a trigger's id or another
    stable origin; that ``dedup_key`` starts nothing again stands in ``event_keys``. ``payload`` is
    JSON text of the items, or ``artifact`` names it in the store."""

    __tablename__ = "events"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    execution_id: Mapped[str] = mapped_column(Id)
    source: Mapped[str]
    dedup_key: Mapped[str]
    payload: Mapped[str | None]
    artifact: Mapped[str | None]
    received_at: Mapped[float]
