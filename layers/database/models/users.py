"""People."""

from __future__ import annotations

from sqlalchemy.orm import Mapped, mapped_column

from layers.database.models.base import Base, Id


class User(Base):
    """A person who can sign in; the e-mail address is kept in lower case."""

    __tablename__ = "users"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str]
    is_administrator: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[float]
    last_workspace_id: Mapped[str | None] = mapped_column(Id)
    """Where the next signing-in leads to, if the person still belongs there."""
