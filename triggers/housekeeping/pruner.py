"""Deletes executions that a workspace no longer wants to keep, and keys whose window is over."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import NamedTuple

from billing.limits.retention import most_days
from layers import failpoints
from layers.clock import Clock
from layers.database import Database
from layers.database.models import Workspace
from layers.database.repositories.erasing import erase_ended
from layers.database.repositories.executions import Executions, workspaces_with_older
from layers.database.repositories.users import all_workspaces, workspaces_with_retention
from layers.engine import event_keys
from layers.settings import BillingMode, BillingSettings
from layers.work import BACKGROUND
from triggers.housekeeping.pace import POSTGRESQL, SQLITE, Pace

EVERY_S = 60.0
DAY_S = 86_400.0


class End(NamedTuple):
    """Before which moment executions go, and which: failed ones, others, or all for None."""

    moment: float
    failed: bool | None


class Deleted(NamedTuple):
    """What one transaction did; ``held_s`` and ``late_s`` as ``Pace.took`` wants them."""

    number: int
    is_last: bool
    held_s: float = 0.0
    late_s: float = 0.0


class Pruner:
    """Deletes until nothing is left that is past its time.

    Two schedulers may do so at once: each leaves to the other what it is at. It goes by small
    transactions and rests in between, so that whoever accepts gets the place; the less, the longer
    ago what it deletes should have gone.
    """

    def __init__(
        self, database: Database, clock: Clock, billing: BillingSettings | None = None
    ) -> None:
        self._database = database
        self._clock = clock
        self._billing = billing or BillingSettings()
        self._stopped = threading.Event()

    def stop(self) -> None:
        """End after the batch that runs."""
        self._stopped.set()

    async def prune_now(self) -> int:
        """Delete what is past its time; returns how many executions."""
        return await BACKGROUND.run(self._prune, self._clock.now())

    def _prune(self, now: float) -> int:
        deleted = 0
        for end, workspaces in self._due(now).items():
            for workspace_id in workspaces:
                deleted += self._delete(workspace_id, end)
        self._repeat(lambda most: self._expire_keys(now, most))
        return deleted

    def _due(self, now: float) -> dict[End, list[str]]:
        """The workspaces with something old enough, by what goes.

        It takes a statement for each number of days that some keep it, not for each workspace.
        """
        by_plan = self._billing.mode is BillingMode.ON
        found: dict[End, list[str]] = defaultdict(list)
        with self._database.read() as session:
            most = most_days(session.connection(), self._billing, now)
            workspaces = all_workspaces(session) if by_plan else workspaces_with_retention(session)
            for workspace in workspaces:
                for end in _ends(workspace, most.get(workspace.id), now):
                    found[end].append(workspace.id)
            older = {
                moment: workspaces_with_older(session, moment)
                for moment in {end.moment for end in found}
            }
        return {
            end: [one for one in workspaces if one in older[end.moment]]
            for end, workspaces in found.items()
        }

    def _delete(self, workspace_id: str, end: End) -> int:
        last = ""

        def delete(most: int) -> Deleted:
            nonlocal last
            # Found before anybody has to wait for the writing, and only behind those before:
            # what was deleted just now is still in the way of a look from the beginning.
            with self._database.read() as session:
                executions = Executions(session, workspace_id)
                rows = executions.ended_before(end.moment, most, failed=end.failed, after=last)
            if not rows:
                return Deleted(0, is_last=True)
            last = rows[-1].id
            with self._database.clearing() as connection:
                begun = time.monotonic()
                number = erase_ended(connection, workspace_id, [row.id for row in rows])
                failpoints.hit("prune.before_commit")
            held_s = time.monotonic() - begun
            late_s = end.moment - min(row.finished_at for row in rows)
            return Deleted(number, len(rows) < most, held_s, late_s)

        return self._repeat(delete)

    def _expire_keys(self, now: float, most: int) -> Deleted:
        with self._database.reading() as connection:
            expired_at = event_keys.first_expired(connection, now)
        if expired_at is None:
            return Deleted(0, is_last=True)
        with self._database.clearing() as connection:
            begun = time.monotonic()
            number = event_keys.expire(connection, now, most)
        held_s = time.monotonic() - begun
        return Deleted(number, number < most, held_s, now - expired_at)

    def _repeat(self, delete: Callable[[int], Deleted]) -> int:
        """Delete at most so many at a time while there are more; returns how many went."""
        pace = Pace(SQLITE if self._database.is_sqlite else POSTGRESQL)
        number = 0
        while not self._stopped.is_set():
            done = delete(pace.batch)
            number += done.number
            ended = time.monotonic()
            rest_s = pace.took(done.held_s, done.late_s)
            if done.number:
                self._database.checkpoint()
            if done.is_last:
                break
            self._stopped.wait(max(rest_s - (time.monotonic() - ended), 0.0))
        return number


def _ends(workspace: Workspace, most: int | None, now: float) -> Iterator[End]:
    """What goes of a workspace; ``most`` is how many days its plan keeps it, None for ever."""
    days = _fewer(workspace.retention_days, most)
    if workspace.failed_retention_days is None:
        if days is not None:
            yield End(now - days * DAY_S, None)
        return
    failed_days = _fewer(workspace.failed_retention_days, most)
    assert failed_days is not None
    yield End(now - failed_days * DAY_S, True)
    if days is not None:
        yield End(now - days * DAY_S, False)


def _fewer(days: int | None, most: int | None) -> int | None:
    return min((one for one in (days, most) if one is not None), default=None)
