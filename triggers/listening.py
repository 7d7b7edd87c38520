"""Listeners: they stay connected, may only nudge, and are started again whatever ends them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from layers import jsontext
from layers.clock import Clock
from layers.database import Database
from layers.log import logger
from triggers import claims, listener_claims
from triggers.context import ListenerContext, Loan
from triggers.failures import REACH, Failure, failure_of
from triggers.pacing import trigger_of
from triggers.plans import Plans
from triggers.rows import TriggerRow
from triggers.threads import Threads

LEASE_S = 30.0
RENEW_S = 10.0
HEALTHY_S = 30.0
"""Who has listened for so long has recovered from what ended it before."""
MOST = 500
STOP_WITHIN_S = 5.0
RETRY_S = 1.0


@dataclass(frozen=True)
class ListenParts:
    """What a supervisor of listeners is built of."""

    owner: str
    database: Database
    clock: Clock
    plans: Plans
    loan: Loan


@dataclass
class _Listener:
    row: TriggerRow
    task: asyncio.Task[None]
    since: float
    is_failing: bool
    """Whether it is on record that it ended before."""


class Listeners:
    """Runs the listeners that it has a lease of; each in a task of its own.

    Where a lease is lost, because another scheduler has it, or the trigger was stopped or
    published anew, the listener is cancelled. One that runs on for a moment beside its successor
    does no harm: a nudge says nothing but that somebody should look.
    """

    def __init__(self, parts: ListenParts, nudged: Callable[[], None] = lambda: None) -> None:
        """``nudged`` is called when triggers have become due."""
        self._parts = parts
        self._nudged = nudged
        self._threads = Threads("listening", 2)
        self._running: dict[str, _Listener] = {}
        self._waiting: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._flushing: asyncio.Task[None] | None = None
        self._renewing: asyncio.Task[None] | None = None
        self._renewed_at = 0.0
        self._log = logger("triggers")

    @property
    def running(self) -> int:
        """How many run here."""
        return len(self._running)

    async def start_due(self) -> int:
        """Start listeners that should run and run nowhere; returns how many."""
        room = MOST - len(self._running)
        rows = await self._threads.run(self._take, room) if room > 0 else []
        now = self._parts.clock.now()
        for row in rows:
            self._drop(row.id)
            task = asyncio.create_task(self._listen(row))
            self._running[row.id] = _Listener(row, task, now, row.listen_failures > 0)
        if rows and self._renewing is None:
            self._renewed_at = now
            self._renewing = asyncio.create_task(self._renew_all())
        return len(rows)

    async def stop(self) -> None:
        """Cancel them all, and leave them to others."""
        if self._renewing is not None:
            self._renewing.cancel()
        tasks = [one.task for one in self._running.values()]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=STOP_WITHIN_S)
        if self._flushing is not None:
            await asyncio.wait([self._flushing], timeout=STOP_WITHIN_S)
        await self._threads.run(self._release)

    def close(self) -> None:
        """Let go of the threads."""
        self._threads.close()

    def _take(self, room: int) -> list[TriggerRow]:
        owner, clock = self._parts.owner, self._parts.clock
        return self._parts.database.transact(
            lambda connection: listener_claims.take(connection, owner, clock.now(), LEASE_S, room)
        )

    def _release(self) -> None:
        owner, clock = self._parts.owner, self._parts.clock
        self._parts.database.transact(
            lambda connection: listener_claims.release(connection, owner, clock.now())
        )

    async def _listen(self, row: TriggerRow) -> None:
        try:
            plan = await self._threads.run(self._parts.plans.of, row.version_id)
            node = plan.node(row.node_id)
            trigger = trigger_of(plan, row)
            assert trigger.listen is not None
            loop = asyncio.get_running_loop()
            context = ListenerContext(
                loan=self._parts.loan,
                workspace_id=row.workspace_id,
                workflow_id=row.workflow_id,
                node_id=row.node_id,
                timezone=plan.definition.settings.timezone,
                credentials=node.credentials,
                acquired=None if row.acquired is None else jsontext.loads(row.acquired),
                nudge_with=lambda: _tell(loop, self._nudge, row.id),
            )
            await trigger.listen(node.params, context)
            failure = Failure("The connection was closed by the other side.", REACH)
        except Exception as error:  # noqa: BLE001 - whatever a listener raises is its own failure
            failure = failure_of(error, "listener")
            self._log.warning("the listener of trigger %s ended: %s", row.id, error)
        await self._ended(row, failure)

    async def _ended(self, row: TriggerRow, failure: Failure) -> None:
        """Note it, and have the trigger polled: nobody tells what was missed."""
        own = self._running.get(row.id)
        is_healthy = own is not None and self._parts.clock.now() - own.since >= HEALTHY_S
        try:
            await self._threads.run(self._note, row, failure, is_healthy)
        except Exception:  # noqa: BLE001 - without its database nothing can be noted
            self._log.exception("the listener of %s is started when its lease ends", row.id)
        if own is not None and own.row is row:
            del self._running[row.id]
        self._nudged()

    def _note(self, row: TriggerRow, failure: Failure, is_healthy: bool) -> None:
        now = self._parts.clock.now()
        due_at = now + failure.pause(0 if is_healthy else row.listen_failures)

        def note(connection: Connection) -> None:
            listener_claims.ended(connection, row, failure, due_at)
            claims.nudge(connection, [row.id], now)

        self._parts.database.transact(note)

    def _drop(self, trigger_id: str) -> None:
        found = self._running.pop(trigger_id, None)
        if found is not None:
            found.task.cancel()

    def _nudge(self, trigger_id: str) -> None:
        self._waiting.add(trigger_id)
        if self._flushing is None or self._flushing.done():
            self._flushing = asyncio.create_task(self._flush())

    async def _flush(self) -> None:
        """Write nudges down, those together that came together, until none is left."""
        while self._waiting:
            ids = sorted(self._waiting)
            self._waiting.clear()
            try:
                await self._threads.run(self._write_nudges, ids)
            except Exception:  # noqa: BLE001 - the database may be back in a moment
                self._log.exception("nudges could not be written; trying again")
                self._waiting.update(ids)
                await asyncio.sleep(RETRY_S)
            else:
                self._nudged()

    def _write_nudges(self, ids: list[str]) -> None:
        self._parts.database.transact(
            lambda connection: claims.nudge(connection, ids, self._parts.clock.now())
        )

    async def _renew_all(self) -> None:
        while True:
            await asyncio.sleep(RENEW_S)
            await self.renew()

    async def renew(self) -> None:
        """Extend the leases, and cancel the listeners whose lease is lost."""
        asked = {one.row.id: one.row.listen_epoch for one in self._running.values()}
        if not asked:
            return
        now = self._parts.clock.now()
        try:
            held = await self._threads.run(self._renew, list(asked), now)
            for one in self._running.values():
                one.is_failing = one.is_failing and now - one.since < HEALTHY_S
        except Exception:  # noqa: BLE001 - the database may be back before the leases end
            self._log.exception("listeners' leases could not be renewed; trying again")
            held = asked if now - self._renewed_at < LEASE_S else {}
        else:
            self._renewed_at = now
        for trigger_id, epoch in asked.items():
            if held.get(trigger_id) != epoch and self._is(trigger_id, epoch):
                self._log.info("the listener of trigger %s is somebody else's by now", trigger_id)
                self._drop(trigger_id)

    def _is(self, trigger_id: str, epoch: int) -> bool:
        found = self._running.get(trigger_id)
        return found is not None and found.row.listen_epoch == epoch

    def _renew(self, ids: list[str], now: float) -> dict[str, int]:
        owner = self._parts.owner
        recovered = [
            one.row.id
            for one in list(self._running.values())
            if one.is_failing and now - one.since >= HEALTHY_S
        ]

        def renew(connection: Connection) -> dict[str, int]:
            held = listener_claims.renew(connection, owner, ids, now, LEASE_S)
            if recovered:
                listener_claims.well(connection, owner, recovered)
            return dict(held)

        return self._parts.database.transact(renew)


def _tell(loop: asyncio.AbstractEventLoop, nudge: Callable[[str], None], trigger_id: str) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(nudge, trigger_id)
