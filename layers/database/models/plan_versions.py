"""What a plan was at a time: whoever subscribed to a version keeps it."""

from __future__ import annotations

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from layers.database.models.base import Base, Id


class PlanVersion(Base):
    """One version of a plan; never changed, since subscriptions refer to it.

    ``data`` is JSON as in ``billing/plans.json``.
    """

    __tablename__ = "plan_versions"
    __table_args__ = (UniqueConstraint("plan", "number"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    plan: Mapped[str]
    number: Mapped[int]
    data: Mapped[str]
    created_at: Mapped[float]
