"""Who had a trial: so that each person, domain and card has one."""

from __future__ import annotations

from sqlalchemy.orm import Mapped, mapped_column

from layers.database.models.base import Base, Id


class TrialTaken(Base):
    """A digest of a person, a domain or a card, keyed by the instance: nobody can read it back.

    It outlives the workspace, as the trial would otherwise be had again by deleting that.
    """

    __tablename__ = "trials_taken"
    __table_args__ = {"sqlite_with_rowid": False}

    digest: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    """``person``, ``domain`` or ``card``."""
    workspace_id: Mapped[str] = mapped_column(Id)
    """Which one had it; it may be gone. It may go on with its own trial."""
    taken_at: Mapped[float]
