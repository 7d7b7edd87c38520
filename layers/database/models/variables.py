"""Variables: named values that expressions read as ``vars.NAME``."""

from __future__ import annotations

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from layers.database.models.base import Id, TenantBase


class Variable(TenantBase):
    """A variable of a workspace; ``value`` is JSON text."""

    __tablename__ = "variables"
    __table_args__ = (UniqueConstraint("workspace_id", "name"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    name: Mapped[str]
    value: Mapped[str]
    created_at: Mapped[float]
    updated_at: Mapped[float]
