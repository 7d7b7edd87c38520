"""How much somebody has asked for lately, where anybody may ask."""

from __future__ import annotations

from sqlalchemy.orm import Mapped, mapped_column

from layers.database.models.base import Base


class Throttle(Base):
    """A subject, such as an address; a row means nothing once ``rested_at`` has passed.

    ``rested_at`` is when all that was admitted has been paid off, at the subject's own rate.
    ``admitted`` is 1 where the last one was let in.
    """

    __tablename__ = "throttles"

    subject: Mapped[str] = mapped_column(primary_key=True)
    rested_at: Mapped[float] = mapped_column(index=True)
    admitted: Mapped[int]
