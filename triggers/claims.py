"""Which trigger is polled by whom: a lease with an epoch, as executions have.

While somebody polls, ``due_at`` is when their lease ends: so one column says when somebody has to
look, and a trigger that is being polled is nobody else's business until then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Text, bindparam, text

from layers import jsontext
from layers.contract import Json
from layers.database.changes import Kind, note_lists
from layers.database.models import TriggerState
from layers.engine.accept import Accepted, Incoming, accept
from layers.engine.metering import Meter
from triggers.claim_statement import ClaimStatement
from triggers.failures import Failure
from triggers.poll_slots import Candidate, FreeSlots
from triggers.rows import TriggerRow

LOOKED_AT = 200
"""So many due triggers are looked at for one claim: limits may not let the first ones through."""

DUE = text(
    "SELECT id, workspace_id, type FROM triggers WHERE due_at <= :now"
    # Further pages of a look belong to it, whenever that began.
    " AND (due_at <= :due_by OR state = 'catching_up')"
    " AND (type IN :clocks OR (workspace_id NOT IN :workspaces AND NOT :full))"
    " AND type NOT IN :types ORDER BY due_at LIMIT :limit"
).bindparams(
    # Typed, because PostgreSQL has to know of what an empty list is one.
    *(bindparam(name, type_=Text(), expanding=True) for name in ("clocks", "workspaces", "types"))
)
CLAIM = ClaimStatement(
    "UPDATE triggers SET lease_owner = :owner, due_at = :until, epoch = epoch + 1 WHERE id IN ("
    "SELECT id FROM triggers WHERE id IN :ids AND due_at <= :now {skip locked}) RETURNING *",
    lists=["ids"],
)
STORE = text(
    "UPDATE triggers SET cursor = :cursor, lease_owner = NULL, error = NULL, failures = 0,"
    # Who nudged while this poll ran may have seen what came after it had looked.
    " due_at = CASE WHEN nudges > :nudges THEN :not_before ELSE :due_at END,"
    " state = CASE WHEN :state = 'listening' AND listen_failures > 0 THEN 'degraded'"
    "  ELSE :state END,"
    " not_before = :not_before, log = coalesce(:log, log),"
    " last_check_at = :now, last_event_at = coalesce(:event_at, last_event_at)"
    " WHERE id = :id AND epoch = :epoch AND version_id = :version_id AND state <> 'stopped'"
)
FAIL = text(
    "UPDATE triggers SET due_at = :due_at, not_before = :due_at, lease_owner = NULL,"
    " state = :state, error = :error, failures = failures + 1, last_check_at = :now,"
    " log = coalesce(:log, log)"
    " WHERE id = :id AND epoch = :epoch AND state <> 'stopped'"
)
RELEASE = text(
    "UPDATE triggers SET lease_owner = NULL, due_at = :now"
    " WHERE substr(lease_owner, 1, :length) = :beginning AND due_at IS NOT NULL"
)
NUDGE = text(
    "UPDATE triggers SET nudges = nudges + 1, due_at = CASE"
    " WHEN lease_owner IS NOT NULL THEN due_at"
    " WHEN due_at <= :now OR due_at <= not_before THEN due_at"
    " WHEN not_before > :now THEN not_before ELSE :now END"
    " WHERE id IN :ids AND state <> 'stopped'"
).bindparams(bindparam("ids", expanding=True))


class ClaimLost(Exception):
    """Somebody else polls the trigger now, or it was stopped or published anew."""


@dataclass(frozen=True)
class Outcome:
    """What is to be stored of a poll beside its events: moments in seconds since the epoch.

    ``not_before`` is how early a nudge may have it polled again; ``log`` is None for no lines.
    """

    cursor: Json
    due_at: float | None
    not_before: float
    more: bool
    log: Sequence[str] | None


def release(connection: Connection, beginning: str, now: float) -> int:
    """Give up the claims of owners whose name begins so: a dead predecessor's, or one's own.

    Safe because of the epoch: a poll that still goes on stores nothing once somebody else has
    claimed its trigger.
    """
    values = {"beginning": beginning, "length": len(beginning), "now": now}
    return connection.execute(RELEASE, values).rowcount


def due(connection: Connection, free: FreeSlots, now: float, due_by: float) -> Sequence[Candidate]:
    """Triggers that are due by a moment and for which there may be slots.

    They are not claimed yet: others may be about to claim them, too.
    """
    values = {
        "now": now,
        "due_by": due_by,
        "clocks": free.clocks,
        "workspaces": free.full_workspaces,
        "types": free.full_types,
        "full": free.is_full,
        "limit": LOOKED_AT,
    }
    return connection.execute(DUE, values).all()


def claim(
    connection: Connection, ids: Sequence[str], owner: str, now: float, lease_s: float
) -> list[TriggerRow]:
    """Take those of these triggers that nobody else polls, or is about to."""
    values = {"ids": ids, "owner": owner, "now": now, "until": now + lease_s}
    taken = connection.execute(CLAIM.on(connection), values).mappings()
    return [TriggerRow.read(row) for row in taken]


def store(
    connection: Connection,
    row: TriggerRow,
    incoming: Sequence[Incoming],
    outcome: Outcome,
    now: float,
    meter: Meter,
) -> Sequence[Accepted]:
    """Write events, executions and cursor in one transaction.

    An event whose key was seen before starts nothing. Raises ClaimLost, and then the transaction
    must not be committed: whoever has the claim now finds the same events.
    """
    accepted = accept(connection, incoming, meter) if incoming else []
    values = {
        "id": row.id,
        "epoch": row.epoch,
        "version_id": row.version_id,
        "nudges": row.nudges,
        "cursor": jsontext.dumps(outcome.cursor),
        "due_at": outcome.due_at,
        "not_before": outcome.not_before,
        "state": str(TriggerState.CATCHING_UP if outcome.more else TriggerState.LISTENING),
        "log": _lines(outcome.log),
        "now": now,
        "event_at": now if incoming else None,
    }
    if not connection.execute(STORE, values).rowcount:
        raise ClaimLost
    note_lists(connection, Kind.TRIGGERS, [row.workspace_id])
    return accepted


def fail(
    connection: Connection,
    row: TriggerRow,
    failure: Failure,
    now: float,
    due_at: float,
    log: Sequence[str] | None,
) -> None:
    """Note that a poll failed; the cursor stays where it was."""
    values = {
        "id": row.id,
        "epoch": row.epoch,
        "state": str(failure.state),
        "error": failure.json(),
        "now": now,
        "due_at": due_at,
        "log": _lines(log),
    }
    connection.execute(FAIL, values)
    note_lists(connection, Kind.TRIGGERS, [row.workspace_id])


def nudge(connection: Connection, ids: Sequence[str], now: float) -> None:
    """Make triggers due, as early as their shortest pause allows; none of it is ever lost."""
    connection.execute(NUDGE, {"ids": ids, "now": now})


def _lines(log: Sequence[str] | None) -> str | None:
    return jsontext.dumps(list(log)) if log else None
