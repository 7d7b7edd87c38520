"""What schedulers do on the side: when each job is due, and who is at it."""

from __future__ import annotations

from sqlalchemy.orm import Mapped, mapped_column

from layers.database.models.base import Base


class HousekeepingJob(Base):
    """One job of the instance, such as ``prune``; whoever holds its lease does it, for all.

    ``due_at`` is when it is to run, or, while it runs, when the lease of ``lease_owner`` ends.
    ``failing_since`` is when the first of the failures in a row was.
    """

    __tablename__ = "housekeeping_jobs"

    name: Mapped[str] = mapped_column(primary_key=True)
    due_at: Mapped[float]
    lease_owner: Mapped[str | None]
    epoch: Mapped[int] = mapped_column(default=0)
    failures: Mapped[int] = mapped_column(default=0)
    failing_since: Mapped[float | None]
    error: Mapped[str | None]
    succeeded_at: Mapped[float | None]
