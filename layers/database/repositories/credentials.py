"""Credentials: only their sealed form passes through here."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import Connection, select, text

from layers.database.models import Credential
from layers.database.repositories.scope import Scoped


class Credentials(Scoped[Credential]):
    """The credentials of a workspace."""

    model = Credential

    def known(self, ids: Collection[str]) -> Mapping[str, Credential]:
        """The credentials of these ids that the workspace has, by id."""
        if not ids:
            return {}
        query = select(Credential).where(
            Credential.workspace_id == self.workspace_id, Credential.id.in_(ids)
        )
        return {row.id: row for row in self.session.scalars(query)}


CLAIM = text(
    "UPDATE credentials SET refresh_until = :until WHERE workspace_id = :workspace_id"
    " AND id = :id AND tokens = :tokens AND (refresh_until IS NULL OR refresh_until < :now)"
)
KEEP = text(
    "UPDATE credentials SET tokens = :fresh, connection = :connection, refresh_until = NULL"
    " WHERE workspace_id = :workspace_id AND id = :id AND tokens = :tokens"
)


def claim_refresh(
    connection: Connection, place: dict[str, str], tokens: str, now: float, until: float
) -> bool:
    """Say that this caller refreshes these tokens; False where somebody else does, or has.

    ``place`` is the credential's ``workspace_id`` and ``id``, ``tokens`` their sealed form.
    """
    values = {**place, "tokens": tokens, "now": now, "until": until}
    return connection.execute(CLAIM, values).rowcount == 1


def keep_tokens(
    connection: Connection, place: dict[str, str], former: str, fresh: str, shown: str
) -> None:
    """Put fresh tokens in the place of former ones, and what may be shown of them."""
    values = {**place, "tokens": former, "fresh": fresh, "connection": shown}
    connection.execute(KEEP, values)
