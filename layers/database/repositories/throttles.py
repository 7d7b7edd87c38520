"""Letting subjects in at a rate, across all processes (the generic cell rate algorithm)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, text, update
from sqlalchemy.orm import Session

from layers.database.models import Throttle

# One statement, so that simultaneous attempts cannot all read the same state.
ADMIT = text(
    "INSERT INTO throttles (subject, rested_at, admitted)"
    " VALUES (:subject, :now + :pause, 1)"
    " ON CONFLICT (subject) DO UPDATE SET"
    " admitted = CASE WHEN throttles.rested_at + :pause <= :latest"
    " OR throttles.rested_at <= :now THEN 1 ELSE 0 END,"
    " rested_at = CASE WHEN throttles.rested_at <= :now THEN :now + :pause"
    " WHEN throttles.rested_at + :pause <= :latest THEN throttles.rested_at + :pause"
    " ELSE throttles.rested_at END"
    " RETURNING admitted, rested_at"
)


@dataclass(frozen=True)
class Rate:
    """``at_once`` attempts, and another one after each ``pause_s`` seconds."""

    at_once: int
    pause_s: float


def admit(session: Session, subject: str, rate: Rate, now: float) -> float:
    """Count an attempt if there is room for it: 0, or in how many seconds there will be.

    That is ``pause_s`` at most: who is refused uses nothing up.
    """
    latest = now + rate.at_once * rate.pause_s
    values = {"subject": subject, "now": now, "pause": rate.pause_s, "latest": latest}
    row = session.execute(ADMIT, values).one()
    return 0.0 if row.admitted else float(row.rested_at) + rate.pause_s - latest


def forget(session: Session, subject: str) -> None:
    """Begin anew for a subject."""
    session.execute(delete(Throttle).where(Throttle.subject == subject))


def take_back(session: Session, subject: str, rate: Rate) -> None:
    """Uncount one attempt of a subject, because it was good."""
    session.execute(
        update(Throttle)
        .where(Throttle.subject == subject)
        .values(rested_at=Throttle.rested_at - rate.pause_s)
    )


def forget_rested(session: Session, now: float) -> None:
    """Delete the rows that mean nothing any more."""
    session.execute(delete(Throttle).where(Throttle.rested_at <= now))
