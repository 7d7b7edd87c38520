"""Taking executions: one owner at a time, counted by an epoch, fair among workspaces."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, bindparam, text

from layers.engine.concurrency import ConcurrencySlots
from layers.engine.leased import Leased, read_leased
from layers.engine.statuses import ExecutionStatus
from layers.engine.wake import lock, look, note_listed

OLDEST = text(
    "SELECT id, workspace_id, workflow_id, status FROM executions WHERE due_at <= :now"
    " ORDER BY due_at LIMIT :limit"
)
# From one workspace with open executions to the next, by the index, for so many steps at most.
WALK = text(
    "WITH RECURSIVE walk(id, steps) AS ("
    " SELECT (SELECT min(workspace_id) FROM executions"
    " WHERE due_at IS NOT NULL AND workspace_id > :after), 1"
    " UNION ALL"
    " SELECT (SELECT min(workspace_id) FROM executions"
    " WHERE due_at IS NOT NULL AND workspace_id > walk.id), steps + 1"
    " FROM walk WHERE walk.id IS NOT NULL AND steps < :steps)"
    " SELECT walk.id FROM walk WHERE walk.id IS NOT NULL AND EXISTS ("
    " SELECT 1 FROM executions x WHERE x.workspace_id = walk.id"
    " AND x.status IN ('waiting','running','queued') AND x.due_at <= :now)"
    " LIMIT :limit"
)
_DUE = (
    "SELECT * FROM (SELECT id, workspace_id, workflow_id, status FROM executions"
    " WHERE workspace_id = :workspace_id AND status = '{status}' AND due_at <= :now"
    " AND {which} ORDER BY due_at LIMIT :limit) AS {status}"
)
# What runs already has its slot, also where its workflow has none left.
DUE = text(
    " UNION ALL ".join(
        [
            _DUE.format(status="running", which="true"),
            _DUE.format(status="waiting", which="workflow_id NOT IN :full"),
            _DUE.format(status="queued", which="workflow_id NOT IN :full"),
        ]
    )
).bindparams(bindparam("full", expanding=True))
WANTED = text(
    "SELECT id, workspace_id, workflow_id, status FROM executions WHERE id IN :ids"
    " AND due_at <= :now AND status IN ('queued','running','waiting') ORDER BY due_at"
).bindparams(bindparam("ids", expanding=True))
_TAKE = (
    "UPDATE executions SET status = 'running', lease_owner = :owner, epoch = epoch + 1,"
    " due_at = :until, started_at = coalesce(started_at, :now),"
    " crashes = crashes + CASE WHEN status = 'running' THEN 1 ELSE 0 END"
    " WHERE id IN {ids} AND due_at <= :now"
    " AND status IN ('queued','running','waiting') RETURNING id, workspace_id, followed"
)
TAKE = text(_TAKE.format(ids=":ids")).bindparams(bindparam("ids", expanding=True))
# A row that somebody holds is being cancelled, or its owner is alive and writes: leave it to them.
TAKE_FREE = text(
    _TAKE.format(
        ids="(SELECT id FROM executions WHERE id IN :ids ORDER BY id FOR NO KEY UPDATE SKIP LOCKED)"
    )
).bindparams(bindparam("ids", expanding=True))


@dataclass(slots=True)
class RoundRobin:
    """Remembers which workspace a process served last, so that each comes first in its turn."""

    last: str = ""


@dataclass(frozen=True, slots=True)
class Lease:
    """Take up to ``limit`` due executions, or only those in ``ids``."""

    owner: str
    now: float
    lease_s: float
    limit: int
    workspace_limit: int
    is_sqlite: bool
    ids: tuple[str, ...] = ()
    round_robin: RoundRobin = field(default_factory=RoundRobin)
    remembered: Mapping[str, int] = field(default_factory=dict)
    """Executions whose state the owner still has, by the epoch under which it had them."""

    @classmethod
    def apply(cls, connection: Connection, group: Sequence[Lease]) -> Sequence[LeaseResult]:
        """Take for each in turn."""
        return [_lease(connection, lease) for lease in group]


@dataclass(frozen=True, slots=True)
class LeaseResult:
    """What was taken; ``held_back`` says that limits may have kept something from being taken."""

    leased: list[Leased]
    held_back: bool = False


MOST_SEEN = 64
"""With fewer that are due, all are known, and with them all workspaces that have any."""
MOST_WORKSPACES = 16
MOST_STEPS = 500
_FIRST = ("running", "waiting", "queued")


def _lease(connection: Connection, lease: Lease) -> LeaseResult:
    slots = ConcurrencySlots(connection, lease.workspace_limit)
    ids = _allowed(connection, lease, slots) if lease.ids else _choose(connection, lease, slots)
    if not ids:
        return LeaseResult([], slots.held_back)
    taken = connection.execute(
        TAKE if lease.is_sqlite else TAKE_FREE,
        {
            "ids": ids,
            "owner": lease.owner,
            "now": lease.now,
            "until": lease.now + lease.lease_s,
        },
    )
    # Only these: of the others some may be running under this owner already.
    rows = taken.all()
    if not rows:
        return LeaseResult([], slots.held_back)
    note_listed(connection, rows)
    ours = [row.id for row in rows]
    leased = read_leased(connection, ours, lease.owner, lease.now, lease.remembered)
    return LeaseResult(leased, slots.held_back)


def _allowed(connection: Connection, lease: Lease, slots: ConcurrencySlots) -> list[str]:
    rows = connection.execute(WANTED, {"ids": list(lease.ids), "now": lease.now}).all()
    _hold(slots, {row.workspace_id for row in rows})
    return [row.id for row in rows if _takes_slot(slots, row)]


def _choose(connection: Connection, lease: Lease, slots: ConcurrencySlots) -> list[str]:
    """An equal share for every workspace that has something due; what is over goes round."""
    oldest = connection.execute(OLDEST, {"now": lease.now, "limit": MOST_SEEN}).all()
    seen = sorted({row.workspace_id for row in oldest})
    if len(oldest) < MOST_SEEN:
        _hold(slots, seen)
        due = {name: [row for row in oldest if row.workspace_id == name] for name in seen}
    else:
        # One of them may have sent so much that the others' turn would never come.
        seen = sorted({*seen[:MOST_WORKSPACES], *_next_in_turn(connection, lease)})
        _hold(slots, seen)
        due = {name: list(_due(connection, lease, name, slots)) for name in seen}
    in_turn = [name for name in seen if name > lease.round_robin.last]
    in_turn += [name for name in seen if name <= lease.round_robin.last]
    queues = {
        name: [row.id for row in _in_order(due[name]) if _takes_slot(slots, row)]
        for name in in_turn
    }
    return _shared_out(queues, lease)


def _hold(slots: ConcurrencySlots, workspace_ids: Iterable[str]) -> None:
    names = list(workspace_ids)
    slots.hold(names)
    slots.read_limits(names)


def _takes_slot(slots: ConcurrencySlots, row: Row[Any]) -> bool:
    """What is taken over from who died has its slot already."""
    return row.status == ExecutionStatus.RUNNING or slots.take(row.workspace_id, row.workflow_id)


def _in_order(rows: Iterable[Row[Any]]) -> list[Row[Any]]:
    """What has begun goes before what has not; else as they were."""
    return sorted(rows, key=lambda row: _FIRST.index(row.status))


def _next_in_turn(connection: Connection, lease: Lease) -> list[str]:
    """Workspaces with something due behind the one that was served last, and then from the start.

    Sleeping executions are stepped over, but not too many of them: the walk goes on next time.
    """
    values = {"now": lease.now, "steps": MOST_STEPS, "limit": MOST_WORKSPACES}
    found: list[str] = []
    for after in dict.fromkeys((lease.round_robin.last, "")):
        rows = connection.execute(WALK, values | {"after": after})
        found += [row.id for row in rows]
        if len(found) >= MOST_WORKSPACES:
            break
    return found[:MOST_WORKSPACES]


def _due(
    connection: Connection, lease: Lease, workspace_id: str, slots: ConcurrencySlots
) -> Sequence[Row[Any]]:
    full = slots.full_workflows
    slots.held_back = slots.held_back or bool(full)
    values = {
        "workspace_id": workspace_id,
        "now": lease.now,
        "full": full or [""],
        "limit": lease.limit,
    }
    return connection.execute(DUE, values).all()


def _shared_out(queues: dict[str, list[str]], lease: Lease) -> list[str]:
    chosen: list[str] = []
    while any(queues.values()):
        for name, queue in queues.items():
            if queue:
                chosen.append(queue.pop(0))
                lease.round_robin.last = name
            if len(chosen) == lease.limit:
                return chosen
    return chosen


@dataclass(frozen=True, slots=True)
class Renew:
    """Extend the leases of what an owner is running; tells which were lost or cancelled.

    With ``lease_s`` 0 it only looks.
    """

    owner: str
    now: float
    lease_s: float
    epochs: dict[str, int]

    @classmethod
    def apply(cls, connection: Connection, group: Sequence[Renew]) -> Sequence[Renewed]:
        """Renew for each in turn."""
        return [_renew(connection, renew) for renew in group]


@dataclass(frozen=True, slots=True)
class Renewed:
    """What an owner has to stop: executions that are no longer its own, or cancelled."""

    lost: tuple[str, ...]
    cancelled: tuple[str, ...]


RENEW = text("UPDATE executions SET due_at = :until WHERE id IN :ids").bindparams(
    bindparam("ids", expanding=True)
)


def _renew(connection: Connection, renew: Renew) -> Renewed:
    # Held before it is judged: else somebody could take one over in between.
    held = lock(connection, renew.epochs) if renew.lease_s > 0 else look(connection, renew.epochs)
    ours = {
        name: held[name]
        for name, epoch in renew.epochs.items()
        if name in held
        and held[name].epoch == epoch
        and held[name].status is ExecutionStatus.RUNNING
    }
    if ours and renew.lease_s > 0:
        connection.execute(RENEW, {"ids": list(ours), "until": renew.now + renew.lease_s})
    return Renewed(
        lost=tuple(name for name in renew.epochs if name not in ours),
        cancelled=tuple(name for name, row in ours.items() if row.cancel_requested_at is not None),
    )


OWNED = text(
    "SELECT id FROM executions WHERE status = 'running' AND due_at IS NOT NULL"
    " AND lease_owner LIKE :slot ESCAPE '!'"
)
RELEASE = text(
    "UPDATE executions SET due_at = :now WHERE id IN :ids AND status = 'running'"
    " AND lease_owner LIKE :slot ESCAPE '!'"
).bindparams(bindparam("ids", expanding=True))


def release_slot(connection: Connection, slot: str, now: float) -> int:
    """Let the leases of a dead predecessor in the same slot run out now.

    Safe because a supervisor runs one process a slot at a time, and because of the fence: a
    write of the predecessor that still came would carry an old epoch.
    """
    escaped = slot.replace("!", "!!").replace("%", "!%").replace("_", "!_")
    values = {"slot": f"{escaped}#%", "now": now}
    ids = [row.id for row in connection.execute(OWNED, values)]
    if not ids:
        return 0
    lock(connection, ids)
    return connection.execute(RELEASE, {**values, "ids": ids}).rowcount


DUE_NOW = text("SELECT id FROM executions WHERE due_at <= :now ORDER BY due_at LIMIT :limit")


def due_executions(connection: Connection, now: float, limit: int) -> list[str]:
    """Ids of executions that somebody should be looking at; the sweeper tells workers of them."""
    return [row.id for row in connection.execute(DUE_NOW, {"now": now, "limit": limit})]
