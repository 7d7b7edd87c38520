"""What happened that matters for security."""

from __future__ import annotations

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from layers.database.models.base import Id, TenantBase


class AuditEntry(TenantBase):
    """One entry of a workspace's hash chain: ``hash`` covers the entry and ``previous_hash``."""

    __tablename__ = "audit_log"
    __table_args__ = (UniqueConstraint("workspace_id", "number"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    number: Mapped[int]
    at: Mapped[float]
    actor: Mapped[str]
    action: Mapped[str]
    target: Mapped[str]
    detail: Mapped[str]
    previous_hash: Mapped[str]
    hash: Mapped[str]
