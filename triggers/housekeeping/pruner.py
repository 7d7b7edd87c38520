"""Deletes executions that a workspace no longer wants to keep."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

from billing.limits.retention import most_days
from layers.clock import Clock
from layers.database import Database
from layers.database.models import Workspace
from layers.database.repositories.executions import Executions
from layers.database.repositories.users import all_workspaces, workspaces_with_retention
from layers.settings import BillingMode, BillingSettings

EVERY_S = 60.0
BATCH = 100
"""So many go in one transaction: others write between two."""
MOST_BATCHES = 50
"""What is left then goes after the next pause."""
DAY_S = 86_400.0


class Pruner:
    """Looks once a minute; two schedulers may do so at once, the second finds nothing left."""

    def __init__(
        self, database: Database, clock: Clock, billing: BillingSettings | None = None
    ) -> None:
        self._database = database
        self._clock = clock
        self._billing = billing or BillingSettings()
        self._next = 0.0
        self._is_stopped = False

    def stop(self) -> None:
        """End after the batch that runs."""
        self._is_stopped = True

    async def prune(self) -> int:
        """Delete what is past its time, if it is time to look; returns how many executions."""
        now = self._clock.now()
        if now < self._next:
            return 0
        return await self.prune_now()

    async def prune_now(self) -> int:
        """Delete what is past its time, whenever it was done last; returns how many executions."""
        now = self._clock.now()
        self._next = now + EVERY_S
        return await asyncio.to_thread(self._prune, now)

    def _prune(self, now: float) -> int:
        deleted = 0
        for workspace, most in self._workspaces(now):
            for moment, failed in _ends(workspace, most, now):
                deleted += self._delete(workspace.id, moment, failed)
        return deleted

    def _workspaces(self, now: float) -> list[tuple[Workspace, int | None]]:
        """Those that do not keep everything for ever, with how many days their plan keeps it."""
        by_plan = self._billing.mode is BillingMode.ON
        with self._database.read() as session:
            found = all_workspaces(session) if by_plan else workspaces_with_retention(session)
            connection = session.connection()
            return [(one, most_days(connection, self._billing, one.id, now)) for one in found]

    def _delete(self, workspace_id: str, moment: float, failed: bool | None) -> int:
        deleted = 0
        for _ in range(MOST_BATCHES):
            if self._is_stopped:
                break
            # Found before anybody has to wait for the writing.
            with self._database.read() as session:
                executions = Executions(session, workspace_id)
                ids = executions.ended_before(moment, BATCH, failed=failed)
            if ids:
                deleted += self._erase(workspace_id, ids)
            if len(ids) < BATCH:
                break
        return deleted

    def _erase(self, workspace_id: str, ids: Sequence[str]) -> int:
        with self._database.write() as session:
            return Executions(session, workspace_id).erase_ended(ids)


def _ends(
    workspace: Workspace, most: int | None, now: float
) -> Iterator[tuple[float, bool | None]]:
    """Before which moments executions go, and which: failed ones, others, or all for None.

    ``most`` is how many days the plan keeps them, None for ever.
    """
    days = _fewer(workspace.retention_days, most)
    if workspace.failed_retention_days is None:
        if days is not None:
            yield now - days * DAY_S, None
        return
    failed_days = _fewer(workspace.failed_retention_days, most)
    assert failed_days is not None
    yield now - failed_days * DAY_S, True
    if days is not None:
        yield now - days * DAY_S, False


def _fewer(days: int | None, most: int | None) -> int | None:
    return min((one for one in (days, most) if one is not None), default=None)
