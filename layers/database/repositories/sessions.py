"""Signed-in browsers."""

from __future__ import annotations

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from layers.database.models import Membership, User
from layers.database.models import Session as BrowserSession


def find_session(
    session: Session, token_hash: str
) -> tuple[BrowserSession, Membership, User] | None:
    """The browser session with this hash, with its user and role."""
    query = (
        select(BrowserSession, Membership, User)
        .join(User, User.id == BrowserSession.user_id)
        .join(
            Membership,
            (Membership.user_id == BrowserSession.user_id)
            & (Membership.workspace_id == BrowserSession.workspace_id)
            & Membership.suspended_at.is_(None),
        )
        .where(BrowserSession.token_hash == token_hash)
    )
    row = session.execute(query).one_or_none()
    return None if row is None else (row[0], row[1], row[2])


def extend_session(session: Session, token_hash: str, expires_at: float) -> None:
    """Move the end of a session."""
    session.execute(
        update(BrowserSession)
        .where(BrowserSession.token_hash == token_hash)
        .values(expires_at=expires_at)
    )


def end_session(session: Session, token_hash: str) -> None:
    """Forget a session."""
    session.execute(delete(BrowserSession).where(BrowserSession.token_hash == token_hash))


def end_expired_sessions(session: Session, moment: float) -> None:
    """Forget all sessions that ended before ``moment``."""
    session.execute(delete(BrowserSession).where(BrowserSession.expires_at < moment))


def end_other_sessions(session: Session, user_id: str, token_hash: str) -> list[str]:
    """Forget all sessions of a user but one; returns the hashes of those that ended."""
    others = (BrowserSession.user_id == user_id, BrowserSession.token_hash != token_hash)
    ended = list(session.scalars(select(BrowserSession.token_hash).where(*others)))
    session.execute(delete(BrowserSession).where(*others))
    return ended
