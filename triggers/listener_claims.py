"""Which trigger's listener runs where: a lease of its own, beside the one of its polls.

While somebody listens, ``listen_due_at`` is when their lease ends.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, bindparam, text

from layers.database.changes import Kind, note_lists
from triggers.claim_statement import ClaimStatement
from triggers.failures import Failure
from triggers.rows import TriggerRow

TAKE = ClaimStatement(
    "UPDATE triggers SET listen_owner = :owner, listen_due_at = :until,"
    " listen_epoch = listen_epoch + 1 WHERE id IN (SELECT id FROM triggers"
    " WHERE listen_due_at <= :now ORDER BY listen_due_at LIMIT :limit {skip locked}) RETURNING *"
)
RENEW = text(
    "UPDATE triggers SET listen_due_at = :until WHERE id IN :ids AND listen_owner = :owner"
    " RETURNING id, listen_epoch"
).bindparams(bindparam("ids", expanding=True))
WELL = text(
    "UPDATE triggers SET listen_failures = 0, listen_error = NULL,"
    " state = CASE WHEN state = 'degraded' AND failures = 0 THEN 'listening' ELSE state END"
    " WHERE id IN :ids AND listen_owner = :owner AND listen_failures > 0"
    " RETURNING workspace_id"
).bindparams(bindparam("ids", expanding=True))
# Its polls go on, so that what it would have reported is found, only later.
ENDED = text(
    "UPDATE triggers SET listen_owner = NULL, listen_due_at = :due_at, listen_error = :error,"
    " listen_failures = listen_failures + 1, state = CASE"
    " WHEN state IN ('listening', 'catching_up') THEN 'degraded' ELSE state END"
    " WHERE id = :id AND listen_epoch = :epoch AND state <> 'stopped'"
)
RELEASE = text(
    "UPDATE triggers SET listen_owner = NULL, listen_due_at = :now"
    " WHERE substr(listen_owner, 1, :length) = :beginning AND listen_due_at IS NOT NULL"
)


def take(
    connection: Connection, owner: str, now: float, lease_s: float, limit: int
) -> list[TriggerRow]:
    """Take triggers whose listener should run and runs nowhere."""
    values = {"owner": owner, "now": now, "until": now + lease_s, "limit": limit}
    taken = connection.execute(TAKE.on(connection), values).mappings()
    return [TriggerRow.read(row) for row in taken]


def renew(
    connection: Connection, owner: str, ids: Sequence[str], now: float, lease_s: float
) -> Mapping[str, int]:
    """Extend the leases of those that run here; gives their epochs, without those that are lost."""
    values = {"ids": ids, "owner": owner, "until": now + lease_s}
    return {row.id: row.listen_epoch for row in connection.execute(RENEW, values)}


def well(connection: Connection, owner: str, ids: Sequence[str]) -> None:
    """Note that these have run for a while: what failed before is over."""
    mended = connection.execute(WELL, {"ids": ids, "owner": owner})
    note_lists(connection, Kind.TRIGGERS, [row.workspace_id for row in mended])


def ended(connection: Connection, row: TriggerRow, failure: Failure, due_at: float) -> None:
    """Note that a listener ended, and when it is to be started again."""
    values = {"id": row.id, "epoch": row.listen_epoch, "error": failure.json(), "due_at": due_at}
    connection.execute(ENDED, values)
    note_lists(connection, Kind.TRIGGERS, [row.workspace_id])


def release(connection: Connection, beginning: str, now: float) -> None:
    """Give up the leases of owners whose name begins so."""
    values = {"beginning": beginning, "length": len(beginning), "now": now}
    connection.execute(RELEASE, values)
