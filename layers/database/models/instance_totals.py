"""What is counted for the instance's operator, and never falls."""

from __future__ import annotations

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from layers.database.models.base import Base


class InstanceTotal(Base):
    """How many executions were ever accepted, or ended in a status, up to ``counted_to``."""

    __tablename__ = "instance_totals"

    name: Mapped[str] = mapped_column(primary_key=True)
    """``accepted``, or the final status."""
    number: Mapped[int] = mapped_column(BigInteger)
    counted_to: Mapped[float]
