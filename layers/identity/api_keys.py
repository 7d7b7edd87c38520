"""API keys for programs."""

from __future__ import annotations

from sqlalchemy.orm import Session

from layers.database.models import ApiKey
from layers.database.repositories.api_keys import ApiKeys
from layers.identity.tokens import SHOWN, new_api_key, token_hash
from layers.ids import new_id


def issue_api_key(
    session: Session,
    workspace_id: str,
    user_id: str,
    name: str,
    now: float,
    expires_at: float | None = None,
) -> tuple[ApiKey, str]:
    """Make a key that acts as its owner; returns its row and the key, which is never seen again."""
    key = new_api_key()
    row = ApiKey(
        id=new_id(),
        user_id=user_id,
        name=name,
        prefix=key[:SHOWN],
        key_hash=token_hash(key),
        created_at=now,
        last_used_at=None,
        expires_at=expires_at,
        revoked_at=None,
    )
    return ApiKeys(session, workspace_id).add(row), key
