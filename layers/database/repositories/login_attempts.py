"""Counting failed sign-ins."""

from __future__ import annotations

from sqlalchemy import delete, text, update
from sqlalchemy.orm import Session

from layers.database.models import LoginAttempt

# One statement, so that simultaneous guesses cannot all read the same count.
COUNT = text(
    "INSERT INTO login_attempts (subject, failures, window_started_at)"
    " VALUES (:subject, 1, :now)"
    " ON CONFLICT (subject) DO UPDATE SET"
    " failures = CASE WHEN login_attempts.window_started_at <= :oldest THEN 1"
    " ELSE login_attempts.failures + 1 END,"
    " window_started_at = CASE WHEN login_attempts.window_started_at <= :oldest THEN :now"
    " ELSE login_attempts.window_started_at END"
    " RETURNING failures, window_started_at"
)


def count_attempt(session: Session, subject: str, now: float, window_s: float) -> tuple[int, float]:
    """Count one more attempt of a subject; return the count and when its window began."""
    row = session.execute(COUNT, {"subject": subject, "now": now, "oldest": now - window_s}).one()
    return int(row[0]), float(row[1])


def forget_attempts(session: Session, subject: str) -> None:
    """Begin anew for a subject."""
    session.execute(delete(LoginAttempt).where(LoginAttempt.subject == subject))


def take_back_attempt(session: Session, subject: str) -> None:
    """Uncount one attempt of a subject, because it was good."""
    session.execute(
        update(LoginAttempt)
        .where(LoginAttempt.subject == subject, LoginAttempt.failures > 0)
        .values(failures=LoginAttempt.failures - 1)
    )
