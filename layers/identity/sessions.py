"""Browser sessions."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from layers.database.models import Session as BrowserSession
from layers.database.repositories.sessions import end_expired_sessions
from layers.identity.tokens import new_token, token_hash

IDLE_S = 7 * 86_400.0
"""A session ends after so long without a request."""
ABSOLUTE_S = 30 * 86_400.0
"""A session ends after so long in any case."""
EXTEND_AFTER_S = 3_600.0
"""A session's end is written anew at most this often."""


@dataclass(frozen=True)
class NewSession:
    """What the browser gets: the token for the cookie, and the token against forgery."""

    token: str
    csrf_token: str


def begin_session(
    session: Session, user_id: str, workspace_id: str, now: float, began: float | None = None
) -> NewSession:
    """Begin a session with fresh tokens; clears away those that have ended.

    One that replaces another lasts no longer than that would: ``began`` is when that one began.
    """
    end_expired_sessions(session, now)
    made = NewSession(new_token(), new_token())
    session.add(
        BrowserSession(
            token_hash=token_hash(made.token),
            workspace_id=workspace_id,
            user_id=user_id,
            csrf_token=made.csrf_token,
            created_at=now if began is None else began,
            expires_at=now + IDLE_S,
        )
    )
    session.flush()
    return made


def extended_end(found: BrowserSession, now: float) -> float | None:
    """The new end of a session that is in use, or None while the old one will do."""
    end = min(now + IDLE_S, found.created_at + ABSOLUTE_S)
    return end if end - found.expires_at > EXTEND_AFTER_S else None


def has_ended(found: BrowserSession, now: float) -> bool:
    """Say whether a session is over."""
    return now >= found.expires_at or now >= found.created_at + ABSOLUTE_S
