"""Which keyed events were accepted already."""

from __future__ import annotations

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from layers.database.models.base import Id, TenantBase


class EventKey(TenantBase):
    """A key of an event, unique for its source until ``expires_at``.

    It outlives its event and its execution, so that what was deleted does not start again.
    """

    __tablename__ = "event_keys"
    __table_args__ = (
        Index("ix_event_keys_expires_at", "expires_at"),
        {"sqlite_with_rowid": False},
    )

    source: Mapped[str] = mapped_column(primary_key=True)
    dedup_key: Mapped[str] = mapped_column(primary_key=True)
    execution_id: Mapped[str] = mapped_column(Id)
    expires_at: Mapped[float]
