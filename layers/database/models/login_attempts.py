"""Failed sign-ins, counted so that guessing is slow."""

from __future__ import annotations

from sqlalchemy.orm import Mapped, mapped_column

from layers.database.models.base import Base


class LoginAttempt(Base):
    """Failures of one subject (an address, or an account) since ``window_started_at``."""

    __tablename__ = "login_attempts"

    subject: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int]
    window_started_at: Mapped[float]
