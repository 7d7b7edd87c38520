"""What is kept of a connected credential: its tokens, sealed, and what may be shown of them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum

from layers import jsontext
from layers.oauth.protocol import Tokens

SOON_S = 300.0


class ConnectionState(StrEnum):
    """How a credential's connection is."""

    NOT_CONNECTED = "not_connected"
    CONNECTED = "connected"
    EXPIRING = "expiring"
    """It ends soon and cannot be renewed."""
    RECONNECT_NEEDED = "reconnect_needed"


@dataclass(frozen=True)
class Connection:
    """What may be shown. ``expires_at`` is when the present token ends, if that is known."""

    is_connected: bool = False
    expires_at: float | None = None
    is_renewable: bool = False
    scopes: str = ""
    account: str | None = None
    error: str | None = None
    """Why it has to be connected again."""

    @classmethod
    def of(cls, tokens: Tokens) -> Connection:
        """The connection that these tokens make."""
        return cls(
            is_connected=True,
            expires_at=tokens.expires_at,
            is_renewable=bool(tokens.refresh_token),
            scopes=tokens.scopes,
            account=tokens.account,
        )

    def state(self, now: float) -> ConnectionState:
        """How it is at a moment."""
        if self.error is not None:
            return ConnectionState.RECONNECT_NEEDED
        if not self.is_connected:
            return ConnectionState.NOT_CONNECTED
        if self.is_renewable or self.expires_at is None:
            return ConnectionState.CONNECTED
        if self.expires_at <= now:
            return ConnectionState.RECONNECT_NEEDED
        ends_soon = self.expires_at - now < SOON_S
        return ConnectionState.EXPIRING if ends_soon else ConnectionState.CONNECTED


def write_connection(connection: Connection) -> str:
    """As JSON, for the credential's row."""
    return jsontext.dumps(asdict(connection))


def read_connection(text: str | None) -> Connection:
    """What ``write_connection`` gave; None is not connected."""
    return Connection() if text is None else Connection(**jsontext.loads(text))


def write_tokens(tokens: Tokens) -> str:
    """As JSON, to be sealed."""
    return jsontext.dumps(asdict(tokens))


def read_tokens(text: str) -> Tokens:
    """What ``write_tokens`` gave."""
    return Tokens(**jsontext.loads(text))
