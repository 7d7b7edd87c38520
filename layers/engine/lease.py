"""Taking executions: one owner at a time, counted by an epoch, fair among workspaces."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, bindparam, text

from layers.engine.callback_rows import Place, ends, is_late, present, put
from layers.engine.parts import READ_PARTS

# Whoever takes executions on PostgreSQL does so alone, so that the limits hold; an arbitrary
# number that nothing else in this database uses.
LEASE_LOCK = text("SELECT pg_advisory_xact_lock(741852963)")
WORKSPACES = text(
    "WITH RECURSIVE found(id) AS ("
    " SELECT min(workspace_id) FROM executions WHERE due_at IS NOT NULL"
    " UNION ALL"
    " SELECT (SELECT min(workspace_id) FROM executions"
    " WHERE due_at IS NOT NULL AND workspace_id > found.id)"
    " FROM found WHERE found.id IS NOT NULL)"
    " SELECT id FROM found WHERE id IS NOT NULL"
)
RUNNING = text(
    "SELECT workflow_id, count(*) AS running FROM executions"
    " WHERE workspace_id = :workspace_id AND status = 'running' AND due_at > :now"
    " GROUP BY workflow_id"
)
DUE = text(
    "SELECT id, workflow_id FROM executions WHERE workspace_id = :workspace_id"
    " AND status = :status AND due_at <= :now AND workflow_id NOT IN :full"
    " ORDER BY due_at LIMIT :limit"
).bindparams(bindparam("full", expanding=True))
WANTED = text(
    "SELECT id, workspace_id, workflow_id FROM executions WHERE id IN :ids AND due_at <= :now"
    " AND status IN ('queued','running','waiting') ORDER BY due_at"
).bindparams(bindparam("ids", expanding=True))
TAKE = text(
    "UPDATE executions SET status = 'running', lease_owner = :owner, epoch = epoch + 1,"
    " due_at = :until, started_at = coalesce(started_at, :now),"
    " crashes = crashes + CASE WHEN status = 'running' THEN 1 ELSE 0 END"
    " WHERE id IN :ids AND due_at <= :now"
    " AND status IN ('queued','running','waiting') RETURNING id"
).bindparams(bindparam("ids", expanding=True))
READ = text(
    "SELECT x.id, x.workspace_id, x.workflow_id, x.version_id, x.event_id, x.trigger_node_id,"
    " x.manual, x.epoch, x.crashes, x.cancel_requested_at, x.parent_id, x.parent_step, x.depth,"
    " x.retry_of, x.active_s, x.created_at, x.started_at, x.response, e.payload, e.artifact"
    " FROM executions x JOIN events e ON e.id = x.event_id"
    " WHERE x.id IN :ids AND x.lease_owner = :owner AND x.status = 'running'"
).bindparams(bindparam("ids", expanding=True))
READ_STEPS = text(
    "SELECT * FROM steps WHERE execution_id IN :ids ORDER BY execution_id, position"
).bindparams(bindparam("ids", expanding=True))
READ_CALLBACKS = text(
    "SELECT id, execution_id, node_id, run_index, source, payload FROM callbacks"
    " WHERE execution_id IN :ids AND NOT taken ORDER BY id"
).bindparams(bindparam("ids", expanding=True))
READ_CHILDREN = text(
    "SELECT id, parent_id, status, output, error FROM executions"
    " WHERE parent_id IN :ids AND status IN ('succeeded','failed','cancelled')"
).bindparams(bindparam("ids", expanding=True))


@dataclass(slots=True)
class Leased:
    """An execution that is ours for a while, with all that is needed to go on with it."""

    row: Any
    steps: list[Any] = field(default_factory=list)
    callbacks: list[Any] = field(default_factory=list)
    children: dict[str, Any] = field(default_factory=dict)
    parts: list[Any] = field(default_factory=list)
    """Outcomes of single items."""


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

    @classmethod
    def apply(cls, connection: Connection, group: Sequence[Lease]) -> Sequence[Taken]:
        """Take for each in turn."""
        return [_lease(connection, lease) for lease in group]


@dataclass(frozen=True, slots=True)
class Taken:
    """What was taken; ``held_back`` says that limits may have kept something from being taken."""

    leased: list[Leased]
    held_back: bool = False


def _lease(connection: Connection, lease: Lease) -> Taken:
    if not lease.is_sqlite:
        connection.execute(LEASE_LOCK)
    places = _Places(connection, lease)
    ids = _allowed(connection, lease, places) if lease.ids else _choose(connection, lease, places)
    if not ids:
        return Taken([], places.held_back)
    taken = connection.execute(
        TAKE,
        {
            "ids": ids,
            "owner": lease.owner,
            "now": lease.now,
            "until": lease.now + lease.lease_s,
        },
    )
    # Only these: of the others some may be running under this owner already.
    ours = [row.id for row in taken]
    leased = _read(connection, ours, lease) if ours else []
    return Taken(leased, places.held_back)


class _Places:
    """What the concurrency limits leave free, workspace by workspace."""

    def __init__(self, connection: Connection, lease: Lease) -> None:
        self._connection = connection
        self._lease = lease
        self._room: dict[str, int] = {}
        self._left: dict[str, int] = {}
        self.held_back = False

    def look(self, workspace_id: str) -> bool:
        """Say whether a workspace may run anything more at all."""
        if workspace_id not in self._room:
            values = {"workspace_id": workspace_id, "now": self._lease.now}
            rows = self._connection.execute(RUNNING, values)
            counts = {row.workflow_id: row.running for row in rows}
            self._room[workspace_id] = self._lease.workspace_limit - sum(counts.values())
            for name, limit in _limits(self._connection, workspace_id).items():
                self._left[name] = limit - counts.get(name, 0)
        free = self._room[workspace_id] > 0
        self.held_back = self.held_back or not free
        return free

    @property
    def full(self) -> list[str]:
        """The workflows that may not run once more now."""
        full = [name for name, left in self._left.items() if left <= 0]
        self.held_back = self.held_back or bool(full)
        return full

    def take(self, workspace_id: str, workflow_id: str) -> bool:
        """Take a place, if there is one."""
        if not self.look(workspace_id) or self._left.get(workflow_id, 1) <= 0:
            self.held_back = True
            return False
        self._room[workspace_id] -= 1
        if workflow_id in self._left:
            self._left[workflow_id] -= 1
        return True


def _allowed(connection: Connection, lease: Lease, places: _Places) -> list[str]:
    rows = connection.execute(WANTED, {"ids": list(lease.ids), "now": lease.now}).all()
    return [row.id for row in rows if places.take(row.workspace_id, row.workflow_id)]


def _choose(connection: Connection, lease: Lease, places: _Places) -> list[str]:
    """An equal share for every workspace that has something due; what is over goes round."""
    workspaces = [row.id for row in connection.execute(WORKSPACES)]
    if not workspaces:
        return []
    # A different workspace comes first each time.
    turn = int(lease.now * 1000) % len(workspaces)
    queues = []
    for workspace_id in workspaces[turn:] + workspaces[:turn]:
        due = _due(connection, lease, workspace_id, places)
        if due:
            queues.append(due)
    chosen: list[str] = []
    while queues and len(chosen) < lease.limit:
        for queue in list(queues):
            chosen.append(queue.pop(0))
            if not queue:
                queues.remove(queue)
            if len(chosen) == lease.limit:
                break
    return chosen


def _due(connection: Connection, lease: Lease, workspace_id: str, places: _Places) -> list[str]:
    if not places.look(workspace_id):
        return []
    values: dict[str, Any] = {
        "workspace_id": workspace_id,
        "now": lease.now,
        "full": places.full or [""],
        "limit": lease.limit,
    }
    chosen: list[str] = []
    for status in ("waiting", "running", "queued"):
        rows = connection.execute(DUE, values | {"status": status}).all()
        chosen += [row.id for row in rows if places.take(workspace_id, row.workflow_id)]
    return chosen[: lease.limit]


def _limits(connection: Connection, workspace_id: str) -> dict[str, int]:
    found = connection.execute(
        text(
            "SELECT id, max_concurrency FROM workflows"
            " WHERE workspace_id = :workspace_id AND max_concurrency IS NOT NULL"
        ),
        {"workspace_id": workspace_id},
    )
    return {row.id: row.max_concurrency for row in found}


def _read(connection: Connection, ids: Iterable[str], lease: Lease) -> list[Leased]:
    values = {"ids": ids, "owner": lease.owner}
    rows: Sequence[Row[Any]] = connection.execute(READ, values).all()
    leased = {row.id: Leased(row) for row in rows}
    begun = [row.id for row in rows if row.epoch > 1 or row.retry_of is not None]
    if begun:
        for step in connection.execute(READ_STEPS, {"ids": begun}):
            leased[step.execution_id].steps.append(step)
        for part in connection.execute(READ_PARTS, {"ids": begun}):
            leased[part.execution_id].parts.append(part)
        _read_callbacks(connection, {name: leased[name] for name in begun}, lease.now)
        for child in connection.execute(READ_CHILDREN, {"ids": begun}):
            leased[child.parent_id].children[child.id] = child
    return list(leased.values())


def _read_callbacks(connection: Connection, leased: Mapping[str, Leased], now: float) -> None:
    """Read what has ended waits, and put down which of the others have ended by their deadline.

    The execution is taken, so nobody else ends one of its waits in between.
    """
    late = False
    for callback in connection.execute(READ_CALLBACKS, {"ids": list(leased)}):
        leased[callback.execution_id].callbacks.append(callback)
    for one in leased.values():
        for step in one.steps:
            if step.due_at is None or step.due_at > now or _is_ended(one, step):
                continue
            if is_late(step, lambda: present(connection, now)):
                place = Place(one.row, step.node_id, step.run_index, step)
                put(connection, place, "deadline", "{}", now)
                late = True
    if late:
        for one in leased.values():
            one.callbacks.clear()
        for callback in connection.execute(READ_CALLBACKS, {"ids": list(leased)}):
            leased[callback.execution_id].callbacks.append(callback)


def _is_ended(leased: Leased, step: Any) -> bool:
    return any(ends(callback, step.node_id, step.run_index) for callback in leased.callbacks)


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


RENEW = text(
    "UPDATE executions SET due_at = :until WHERE id IN :ids AND lease_owner = :owner"
    " AND status = 'running'"
).bindparams(bindparam("ids", expanding=True))
CHECK = text(
    "SELECT id, epoch, status, lease_owner, cancel_requested_at FROM executions WHERE id IN :ids"
).bindparams(bindparam("ids", expanding=True))


def _renew(connection: Connection, renew: Renew) -> Renewed:
    ids = list(renew.epochs)
    if not ids:
        return Renewed((), ())
    if renew.lease_s > 0:
        until = renew.now + renew.lease_s
        connection.execute(RENEW, {"ids": ids, "owner": renew.owner, "until": until})
    held = {row.id: row for row in connection.execute(CHECK, {"ids": ids})}
    lost = []
    cancelled = []
    for execution_id, epoch in renew.epochs.items():
        row = held.get(execution_id)
        if row is None or row.epoch != epoch or row.status != "running":
            lost.append(execution_id)
        elif row.cancel_requested_at is not None:
            cancelled.append(execution_id)
    return Renewed(tuple(lost), tuple(cancelled))


RELEASE = text(
    "UPDATE executions SET due_at = :now WHERE status = 'running' AND due_at IS NOT NULL"
    " AND lease_owner LIKE :slot ESCAPE '!'"
)


def release_slot(connection: Connection, slot: str, now: float) -> int:
    """Let the leases of a dead predecessor in the same slot run out now.

    Safe because a supervisor runs one process a slot at a time, and because of the fence: a
    write of the predecessor that still came would carry an old epoch.
    """
    escaped = slot.replace("!", "!!").replace("%", "!%").replace("_", "!_")
    return connection.execute(RELEASE, {"slot": f"{escaped}#%", "now": now}).rowcount


DUE_NOW = text("SELECT id FROM executions WHERE due_at <= :now ORDER BY due_at LIMIT :limit")


def due_executions(connection: Connection, now: float, limit: int) -> list[str]:
    """Ids of executions that somebody should be looking at; the sweeper rings for them."""
    return [row.id for row in connection.execute(DUE_NOW, {"now": now, "limit": limit})]
