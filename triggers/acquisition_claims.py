"""Who acquires and releases what triggers hold at their providers: leases and outcomes."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Self

from sqlalchemy import Connection, RowMapping, text

from layers.database.changes import Kind, note_lists
from triggers.claim_statement import ClaimStatement
from triggers.failures import Failure

TAKE = ClaimStatement(
    "UPDATE trigger_acquisitions SET lease_owner = :owner, due_at = :until, epoch = epoch + 1,"
    " attempts = attempts + CASE WHEN wanted THEN 1 ELSE 0 END"
    " WHERE id IN (SELECT id FROM trigger_acquisitions"
    " WHERE due_at <= :now ORDER BY due_at LIMIT :limit {skip locked}) RETURNING *"
)
# An activation changes a trigger before what it holds: so does this, or each waits for the other.
LOCK_TRIGGER = text("UPDATE triggers SET nudges = nudges WHERE id = :trigger_id")
ACQUIRED = text(
    "UPDATE trigger_acquisitions SET acquired = :acquired, lease_owner = NULL, failures = 0,"
    " error = NULL, due_at = CASE WHEN wanted THEN NULL ELSE :now END"
    " WHERE id = :id AND epoch = :epoch RETURNING wanted"
)
BEGIN = text(
    "UPDATE triggers SET acquired = :acquired, state = 'listening', error = NULL, failures = 0,"
    " due_at = CASE WHEN :polls THEN :now END, listen_due_at = CASE WHEN :listens THEN :now END"
    " WHERE id = :trigger_id AND state <> 'stopped' AND acquired IS NULL"
)
RELEASED = text("DELETE FROM trigger_acquisitions WHERE id = :id AND epoch = :epoch")
FAILED = text(
    "UPDATE trigger_acquisitions SET lease_owner = NULL, error = :error, failures = failures + 1,"
    # Whoever changed their mind meanwhile does not wait for this failure's pause.
    " due_at = CASE WHEN wanted = :wanted THEN :due_at ELSE :now END"
    " WHERE id = :id AND epoch = :epoch RETURNING wanted"
)
FAIL_TRIGGER = text(
    "UPDATE triggers SET state = :state, error = :error, failures = failures + 1"
    " WHERE id = :trigger_id AND state <> 'stopped' AND acquired IS NULL"
)
RELEASE = text(
    "UPDATE trigger_acquisitions SET lease_owner = NULL, due_at = :now"
    " WHERE substr(lease_owner, 1, :length) = :beginning"
)


@dataclass(frozen=True, slots=True)
class AcquisitionRow:
    """A claimed acquisition; ``params``, ``credentials`` and ``acquired`` are JSON text."""

    id: str
    workspace_id: str
    workflow_id: str
    trigger_id: str
    node_id: str
    type: str
    params: str
    timezone: str
    credential_id: str | None
    credentials: str | None
    route: str | None
    wanted: bool
    acquired: str | None
    attempts: int
    failures: int
    epoch: int

    @classmethod
    def read(cls, row: RowMapping) -> Self:
        """Make one of a row of the table; what else the row has is left out."""
        return cls(**{one.name: row[one.name] for one in fields(cls)})


def take(
    connection: Connection, owner: str, now: float, lease_s: float, limit: int
) -> list[AcquisitionRow]:
    """Take acquisitions with which something is to be done."""
    values = {"owner": owner, "now": now, "until": now + lease_s, "limit": limit}
    taken = connection.execute(TAKE.on(connection), values).mappings()
    return [AcquisitionRow.read(row) for row in taken]


def acquired(
    connection: Connection,
    row: AcquisitionRow,
    kept: str,
    now: float,
    *,
    polls: bool,
    listens: bool,
) -> None:
    """Keep what was acquired (JSON), and let the trigger begin unless it is not wanted any more."""
    values = {"id": row.id, "epoch": row.epoch, "trigger_id": row.trigger_id, "now": now}
    values |= {"acquired": kept, "polls": polls, "listens": listens}
    connection.execute(LOCK_TRIGGER, values)
    found = connection.execute(ACQUIRED, values).one_or_none()
    if found is not None and found.wanted:
        connection.execute(BEGIN, values)
        note_lists(connection, Kind.TRIGGERS, [row.workspace_id])


def released(connection: Connection, row: AcquisitionRow) -> None:
    """Forget it: it is not held any more."""
    connection.execute(RELEASED, {"id": row.id, "epoch": row.epoch})


def failed(
    connection: Connection, row: AcquisitionRow, failure: Failure, now: float, due_at: float | None
) -> None:
    """Note a failure, on the trigger, too, if that waits for it; ``due_at`` None gives it up."""
    values = {"id": row.id, "epoch": row.epoch, "trigger_id": row.trigger_id, "now": now}
    values |= {"wanted": bool(row.wanted), "due_at": due_at}
    values |= {"error": failure.json(), "state": str(failure.state)}
    connection.execute(LOCK_TRIGGER, values)
    found = connection.execute(FAILED, values).one_or_none()
    if found is not None and found.wanted and row.wanted:
        connection.execute(FAIL_TRIGGER, values)
        note_lists(connection, Kind.TRIGGERS, [row.workspace_id])


def release(connection: Connection, beginning: str, now: float) -> None:
    """Give up the leases of owners whose name begins so."""
    values = {"beginning": beginning, "length": len(beginning), "now": now}
    connection.execute(RELEASE, values)
