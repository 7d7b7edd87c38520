"""Connections by OAuth that somebody has begun."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from layers.database.models import OAuthAttempt


def take_attempt(session: Session, state_hash: str, session_hash: str) -> OAuthAttempt | None:
    """The attempt of this state and session, which is used up by that; None if there is none."""
    query = select(OAuthAttempt).where(
        OAuthAttempt.state_hash == state_hash, OAuthAttempt.session_hash == session_hash
    )
    found = session.scalars(query).one_or_none()
    if found is not None:
        session.delete(found)
        session.flush()
    return found


def end_expired_attempts(session: Session, moment: float) -> None:
    """Forget those that nobody came back from in time."""
    session.execute(delete(OAuthAttempt).where(OAuthAttempt.expires_at <= moment))
