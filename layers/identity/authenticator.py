"""From a token to a caller, remembering for a few seconds what was looked up."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from layers.clock import Clock
from layers.database import Database
from layers.database.changes import note_changes
from layers.database.models import Role
from layers.database.repositories.api_keys import find_by_hash, mark_used
from layers.database.repositories.sessions import extend_session, find_session
from layers.identity.caller import Caller, Via
from layers.identity.sessions import extended_end, has_ended
from layers.identity.tokens import is_api_key, token_hash

REMEMBER_S = 3.0
MOST_REMEMBERED = 4096
MARK_USED_AFTER_S = 300.0


@dataclass(frozen=True)
class _Remembered:
    caller: Caller
    until: float


class Authenticator:
    """Finds callers. A revoked key or role stops working at once in this process, and within
    ``REMEMBER_S`` seconds in others."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._remembered: dict[str, _Remembered] = {}

    def recall(self, token: str) -> Caller | None:
        """The caller of a token that was looked up a moment ago: costs no look-up."""
        found = self._remembered.get(token)
        if found is None or found.until < time.monotonic():
            return None
        return found.caller

    def by_api_key(self, token: str) -> Caller | None:
        """Look up an API key."""
        return self._find(token, self._look_up_key) if is_api_key(token) else None

    def by_session(self, token: str) -> Caller | None:
        """Look up a session's token."""
        return self._find(token, self._look_up_session)

    def forget(self, proof_id: str) -> None:
        """Stop remembering a key (by id) or session (by hash) that was revoked; end its streams."""
        for token, found in list(self._remembered.items()):
            if found.caller.proof_id == proof_id:
                self._remembered.pop(token, None)
        self._tell(proof_id)

    def forget_user(self, user_id: str, workspace_id: str) -> None:
        """Stop remembering somebody in a workspace that they left, or got another role in."""
        for token, found in list(self._remembered.items()):
            if (found.caller.user_id, found.caller.workspace_id) == (user_id, workspace_id):
                self._remembered.pop(token, None)
        self._tell(user_id)

    def _tell(self, name: str) -> None:
        """Let those who answer for long, in whichever process, look whether they still may."""
        with self._database.writing() as connection:
            note_changes(connection, [name])

    def _find(self, token: str, look_up: Callable[[str], Caller | None]) -> Caller | None:
        began = time.monotonic()
        caller = look_up(token_hash(token))
        if caller is not None:
            if len(self._remembered) >= MOST_REMEMBERED:
                self._remembered.clear()
            self._remembered[token] = _Remembered(caller, began + REMEMBER_S)
        return caller

    def _look_up_key(self, key_hash: str) -> Caller | None:
        now = self._clock.now()
        with self._database.read() as session:
            found = find_by_hash(session, key_hash)
        if found is None:
            return None
        key, membership, user = found
        if key.expires_at is not None and key.expires_at <= now:
            return None
        if key.last_used_at is None or key.last_used_at < now - MARK_USED_AFTER_S:
            with self._database.write() as session:
                mark_used(session, key.id, now)
        return Caller(
            workspace_id=key.workspace_id,
            user_id=user.id,
            role=Role(membership.role),
            via=Via.API_KEY,
            proof_id=key.id,
            is_administrator=user.is_administrator,
        )

    def _look_up_session(self, hashed: str) -> Caller | None:
        now = self._clock.now()
        with self._database.read() as session:
            found = find_session(session, hashed)
        if found is None or has_ended(found[0], now):
            return None
        browser, membership, user = found
        end = extended_end(browser, now)
        if end is not None:
            with self._database.write() as session:
                extend_session(session, hashed, end)
        return Caller(
            workspace_id=browser.workspace_id,
            user_id=user.id,
            role=Role(membership.role),
            via=Via.SESSION,
            proof_id=hashed,
            is_administrator=user.is_administrator,
            csrf_token=browser.csrf_token,
        )
