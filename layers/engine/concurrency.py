"""How many executions of a workspace, and of one workflow, may run at once; in all processes.

A running execution is a row, so that nothing has to be given back after a crash: whoever dies
leaves a row that runs still, until somebody takes it over in the same slot. On PostgreSQL two
transactions would both count before either has committed. So those that let executions begin to
run hold a lock of the workspace from counting to their commit; those that end one need none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from hashlib import blake2b

from sqlalchemy import Connection, bindparam, text

# In the order of the array, which is that of the keys: nobody waits in a circle.
HOLD = text(
    "SELECT pg_advisory_xact_lock(key) FROM unnest(CAST(:keys AS bigint[])) AS key"
).execution_options(deferred=True)
RUNNING = text(
    "SELECT workspace_id, workflow_id, count(*) AS running FROM executions"
    " WHERE workspace_id IN :ids AND status = 'running' AND due_at IS NOT NULL"
    " GROUP BY workspace_id, workflow_id"
).bindparams(bindparam("ids", expanding=True))
LIMITS = text(
    "SELECT id, max_concurrency FROM workflows"
    " WHERE workspace_id IN :ids AND max_concurrency IS NOT NULL"
).bindparams(bindparam("ids", expanding=True))


class ConcurrencySlots:
    """The slots that are free in some workspaces, which are held until the transaction ends."""

    def __init__(self, connection: Connection, workspace_limit: int) -> None:
        self._connection = connection
        self._workspace_limit = workspace_limit
        self._running: dict[str, int] = defaultdict(int)
        """By workspace, and by workflow: ids of both kinds are unique."""
        self._limits: dict[str, int] = {}
        self.held_back = False
        """Something was refused a slot."""

    def hold(self, workspace_ids: Iterable[str]) -> None:
        """Lock workspaces, all at once and before anything is taken, and count what runs there."""
        ids = sorted(set(workspace_ids))
        if not ids:
            return
        if self._connection.dialect.name != "sqlite":
            self._connection.execute(HOLD, {"keys": sorted(_key(name) for name in ids)})
        for row in self._connection.execute(RUNNING, {"ids": ids}):
            self._running[row.workspace_id] += row.running
            self._running[row.workflow_id] += row.running

    def read_limits(self, workspace_ids: Iterable[str]) -> None:
        """Read how many of each workflow may run, where that is not told with each execution."""
        ids = sorted(set(workspace_ids))
        if ids:
            found = self._connection.execute(LIMITS, {"ids": ids})
            self._limits.update((row.id, row.max_concurrency) for row in found)

    def is_full(self, workspace_id: str) -> bool:
        """Whether a workspace may run nothing more at all."""
        return self._running[workspace_id] >= self._workspace_limit

    @property
    def full_workflows(self) -> list[str]:
        """The workflows that may not run once more now."""
        return [name for name, limit in self._limits.items() if self._running[name] >= limit]

    def take(self, workspace_id: str, workflow_id: str, limit: int | None = None) -> bool:
        """Take a slot, if there is one; ``limit`` is the workflow's, if it was not read."""
        limit = self._limits.get(workflow_id) if limit is None else limit
        if self.is_full(workspace_id) or (
            limit is not None and self._running[workflow_id] >= limit
        ):
            self.held_back = True
            return False
        self._running[workspace_id] += 1
        self._running[workflow_id] += 1
        return True


def _key(workspace_id: str) -> int:
    """A number for PostgreSQL's lock; two workspaces with the same one only wait for each other."""
    digest = blake2b(workspace_id.encode(), digest_size=8, person=b"concurrency").digest()
    return int.from_bytes(digest, signed=True)
