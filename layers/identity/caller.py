"""Who makes a request."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from layers.database.models import Role
from layers.identity.permissions import PERMISSIONS_OF, Permission


class Via(StrEnum):
    """How a caller proved who they are."""

    SESSION = "session"
    API_KEY = "api_key"


@dataclass(frozen=True)
class Caller:
    """A user acting in one workspace. ``proof_id`` is the API key's id or the session's hash."""

    workspace_id: str
    user_id: str
    role: Role
    via: Via
    proof_id: str
    is_administrator: bool = False
    csrf_token: str | None = None

    @property
    def actor(self) -> str:
        """How the audit log names this caller."""
        if self.via is Via.API_KEY:
            return f"api_key:{self.proof_id}"
        return f"user:{self.user_id}"

    def may(self, permission: Permission) -> bool:
        """Say whether the caller's role allows this."""
        return permission in PERMISSIONS_OF[self.role]
