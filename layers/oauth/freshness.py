"""Hands out tokens that are good for a while yet, and renews the others, once for all who ask."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import Self

from sqlalchemy import RowMapping, text

from layers import jsontext
from layers.clock import Clock
from layers.contract import HttpClient, NodeError
from layers.database import Database
from layers.database.repositories.credentials import claim_refresh, keep_tokens
from layers.oauth.connection import (
    Connection,
    read_connection,
    read_tokens,
    write_connection,
    write_tokens,
)
from layers.oauth.failures import CannotConnect, Refused
from layers.oauth.protocol import Tokens, refresh
from layers.oauth.providers import Providers
from layers.vault import Row, Vault, WorkspaceKey
from layers.work import DATABASE

READ = text(
    "SELECT c.id, c.name, c.type, c.sealed, c.public, c.tokens, c.connection, w.sealed_key"
    " FROM credentials c JOIN workspaces w ON w.id = c.workspace_id"
    " WHERE c.workspace_id = :workspace_id AND c.id = :id"
)
EARLY_S = 60.0
"""A token that ends sooner is renewed first."""
CLAIM_S = 45.0
LOOK_AGAIN_S = 0.1
TOKENS = "credentials.tokens"


def tokens_row(credential_id: str, kind: str) -> Row:
    """The place that a credential's tokens are sealed to."""
    return Row(TOKENS, credential_id, kind)


@dataclass(frozen=True, slots=True)
class ConnectedCredential:
    """A credential with its sealed tokens; what is public, and the connection, are JSON text."""

    id: str
    name: str
    type: str
    sealed: str
    public: str
    tokens: str
    """Nothing until it is connected."""
    connection: str | None
    sealed_key: str

    @classmethod
    def from_mapping(cls, row: RowMapping) -> Self:
        """Read a row of ``credentials`` with its workspace's key."""
        return cls(
            id=row["id"],
            name=row["name"],
            type=row["type"],
            sealed=row["sealed"],
            public=row["public"],
            tokens=row["tokens"] or "",
            connection=row["connection"],
            sealed_key=row["sealed_key"],
        )


@dataclass(frozen=True)
class Freshness:
    """Looks after the tokens of connected credentials, for whichever process asks."""

    database: Database
    vault: Vault
    clock: Clock
    http: HttpClient
    providers: Providers

    async def token(self, workspace_id: str, credential_id: str) -> str:
        """An access token that is good; raises NodeError that says what to do."""
        return (await self.tokens(workspace_id, credential_id)).access_token

    async def tokens(self, workspace_id: str, credential_id: str) -> Tokens:
        """Tokens whose access token is good; raises NodeError that says what to do."""
        place = {"workspace_id": workspace_id, "id": credential_id}
        while True:
            row = await DATABASE.run(self._read, place)
            tokens = self._opened(workspace_id, row)
            now = self.clock.now()
            if tokens.expires_at is None or tokens.expires_at > now + EARLY_S:
                return tokens
            if not tokens.refresh_token:
                if tokens.expires_at > now:
                    return tokens
                raise _reconnect(row.name, "its access has ended and cannot be renewed")
            if await DATABASE.run(self._claim, place, row.tokens, now):
                return await self._renewed(workspace_id, place, row, tokens)
            # Somebody else renews them just now; two who do would each spoil the other's.
            await asyncio.sleep(LOOK_AGAIN_S)

    def _read(self, place: dict[str, str]) -> ConnectedCredential:
        with self.database.reading() as connection:
            found = connection.execute(READ, place).mappings().one()
        return ConnectedCredential.from_mapping(found)

    def _claim(self, place: dict[str, str], tokens: str, now: float) -> bool:
        with self.database.writing() as connection:
            return claim_refresh(connection, place, tokens, now, now + CLAIM_S)

    def _keep(self, place: dict[str, str], former: str, fresh: str, connection: Connection) -> None:
        with self.database.writing() as writing:
            keep_tokens(writing, place, former, fresh, write_connection(connection))

    def _opened(self, workspace_id: str, row: ConnectedCredential) -> Tokens:
        connection = read_connection(row.connection)
        if connection.error is not None:
            raise _reconnect(row.name, connection.error)
        if not row.tokens:
            raise NodeError(
                f"The credential {row.name!r} is not connected yet: open it and connect it.",
                kind="credential",
            )
        key = WorkspaceKey(workspace_id, row.sealed_key)
        return read_tokens(self.vault.open(key, tokens_row(row.id, row.type), row.tokens))

    async def _renewed(
        self, workspace_id: str, place: dict[str, str], row: ConnectedCredential, tokens: Tokens
    ) -> Tokens:
        key = WorkspaceKey(workspace_id, row.sealed_key)
        secret = jsontext.loads(
            self.vault.open(key, Row("credentials", row.id, row.type), row.sealed)
        )
        connection = read_connection(row.connection)
        try:
            fields = {**jsontext.loads(row.public), **secret}
            endpoints = await self.providers.endpoints(row.type, fields)
            fresh = await refresh(self.http, endpoints, tokens, self.clock.now())
            fresh = replace(fresh, former_token=tokens.access_token)
        except Refused as error:
            ended = replace(connection, error=error.detail)
            await DATABASE.run(self._keep, place, row.tokens, row.tokens, ended)
            raise _reconnect(row.name, error.detail) from error
        except (CannotConnect, NodeError) as error:
            # The claim is let go, so that the next one tries at once.
            await DATABASE.run(self._keep, place, row.tokens, row.tokens, connection)
            if tokens.expires_at is not None and tokens.expires_at > self.clock.now():
                return tokens
            raise NodeError(
                f"The access of the credential {row.name!r} could not be renewed: {error}",
                kind="credential",
                retry=True,
            ) from error
        sealed = self.vault.seal(key, tokens_row(row.id, row.type), write_tokens(fresh))
        shown = Connection.of(fresh)
        await DATABASE.run(self._keep, place, row.tokens, sealed, shown)
        return fresh


def _reconnect(name: str, why: str) -> NodeError:
    return NodeError(
        f"The credential {name!r} has to be connected again: {why}. Open it under Credentials and"
        " press Reconnect.",
        kind="credential",
    )
