"""Due → claim → poll → accept: a task for each claimed trigger, and none waits for another."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from layers import failpoints, jsontext
from layers.clock import Clock
from layers.contract import Poll
from layers.database import Database
from layers.engine.accept import Accepted, Incoming
from layers.engine.core.plan import Plan
from layers.engine.item_codec import encode_items
from layers.engine.metering import SHORTEST_PAUSE_S, Meter
from layers.engine.payload_store import PayloadStore
from layers.log import logger
from layers.queue import Notifier
from triggers import claims
from triggers.context import Loan, PollContext
from triggers.failures import Failure, failure_of
from triggers.pacing import outcome_of, trigger_of
from triggers.plans import Plans
from triggers.poll_slots import Candidate, FreeSlots, PollSlots
from triggers.rows import TriggerRow
from triggers.threads import Threads

LEASE_S = 60.0
POLL_TIMEOUT_S = 50.0
STOP_WITHIN_S = 5.0


@dataclass(frozen=True)
class PollParts:
    """What a poller is built of."""

    owner: str
    database: Database
    clock: Clock
    plans: Plans
    loan: Loan
    payloads: PayloadStore
    notifier: Notifier
    meter: Meter
    slots: PollSlots


class Poller:
    """Polls due triggers; knows nothing between two polls but compiled plans."""

    def __init__(self, parts: PollParts, ended: Callable[[], None] = lambda: None) -> None:
        """``ended`` is called after each poll: there may be a slot for another one then."""
        self._parts = parts
        self._ended = ended
        self._threads = Threads("polling", 6)
        self._tasks: set[asyncio.Task[None]] = set()
        self._log = logger("triggers")

    async def take_over(self, beginning: str) -> None:
        """Give up the claims of owners whose name begins so, so that they are polled now.

        That is a dead predecessor, or oneself at the end.
        """
        await self._threads.run(self._release, beginning)

    def _release(self, beginning: str) -> None:
        self._parts.database.transact(
            lambda connection: claims.release(connection, beginning, self._parts.clock.now())
        )

    async def start_due(self, by: float | None = None) -> int:
        """Begin to poll what is due by a moment, if not now; returns how many polls began."""
        slots = self._parts.slots
        found = await self._threads.run(self._due, slots.free(), by)
        chosen = {one.id: one for one in found if slots.take(one)}
        claimed: Sequence[TriggerRow] = ()
        try:
            if chosen:
                claimed = await self._threads.run(self._claim, list(chosen))
        finally:
            ours = {row.id for row in claimed}
            for one in chosen.values():
                if one.id not in ours:
                    slots.leave(one)
        for row in claimed:
            task = asyncio.create_task(self._poll(row))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return len(claimed)

    async def poll_due(self, by: float | None = None, until: float = float("inf")) -> int:
        """Poll what is due by a moment, if not now, to the end; returns how many polls that took.

        Nothing begins after ``until``. Further pages of a look are polls of their own.
        """
        by = self._parts.clock.now() if by is None else by
        polled = 0
        while True:
            begun = 0 if self._parts.clock.now() > until else await self.start_due(by)
            polled += begun
            if not self._tasks:
                return polled
            await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)

    async def stop(self) -> None:
        """Let polls end that are about to, and break off the others: they are polled again."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=STOP_WITHIN_S)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.take_over(self._parts.owner)

    def close(self) -> None:
        """Let go of the threads."""
        self._threads.close()

    def _due(self, free: FreeSlots, by: float | None) -> Sequence[Candidate]:
        now = self._parts.clock.now()
        with self._parts.database.reading() as connection:
            return claims.due(connection, free, now, now if by is None else by)

    def _claim(self, ids: Sequence[str]) -> Sequence[TriggerRow]:
        owner, clock = self._parts.owner, self._parts.clock
        return self._parts.database.transact(
            lambda connection: claims.claim(connection, ids, owner, clock.now(), LEASE_S)
        )

    async def _poll(self, row: TriggerRow) -> None:
        lines: list[str] = []
        try:
            accepted = await self._poll_once(row, lines)
            started = [one.execution_id for one in accepted if not one.duplicate and not one.held]
            if started:
                self._parts.notifier.notify(started[0])
        except claims.ClaimLost:
            self._log.info("trigger %s is somebody else's by now", row.id)
        except Exception as error:  # noqa: BLE001 - whatever a trigger raises is its own failure
            await self._note(row, error, lines)
        finally:
            self._parts.slots.leave(row)
            self._ended()

    async def _poll_once(self, row: TriggerRow, lines: list[str]) -> Sequence[Accepted]:
        plan = await self._threads.run(self._parts.plans.of, row.version_id)
        context = self._context(row, plan, lines)
        polled = await asyncio.wait_for(self._call(row, plan, context), POLL_TIMEOUT_S)
        incoming = await self._incoming(row, plan, polled)
        failpoints.hit("poll.before_store")
        accepted = await self._threads.run(self._store, row, plan, polled, incoming, lines)
        failpoints.hit("poll.after_store")
        return accepted

    async def _call(self, row: TriggerRow, plan: Plan, context: PollContext) -> Poll:
        node = plan.node(row.node_id)
        trigger = trigger_of(plan, row)
        assert trigger.poll is not None
        cursor = None if row.cursor is None else jsontext.loads(row.cursor)
        given = trigger.poll(node.params, cursor, context)
        return await given if inspect.isawaitable(given) else given

    def _context(self, row: TriggerRow, plan: Plan, lines: list[str]) -> PollContext:
        return PollContext(
            loan=self._parts.loan,
            workspace_id=row.workspace_id,
            workflow_id=row.workflow_id,
            node_id=row.node_id,
            timezone=plan.definition.settings.timezone,
            credentials=plan.node(row.node_id).credentials,
            lines=lines,
            now=self._parts.clock.now(),
            acquired=None if row.acquired is None else jsontext.loads(row.acquired),
        )

    async def _incoming(self, row: TriggerRow, plan: Plan, polled: Poll) -> list[Incoming]:
        """The events as they are accepted, large ones kept as artifacts before."""
        if not polled.events:
            return []
        return await self._parts.payloads.fit(
            await self._threads.run(self._encoded, row, plan, polled)
        )

    def _encoded(self, row: TriggerRow, plan: Plan, polled: Poll) -> list[Incoming]:
        now = self._parts.clock.now()
        return [
            Incoming(
                workspace_id=row.workspace_id,
                workflow_id=row.workflow_id,
                version_id=row.version_id,
                source=row.id,
                dedup_key=event.key,
                payload=encode_items(event.items),
                now=now,
                trigger_node_id=row.node_id,
                max_concurrency=plan.definition.settings.max_concurrency,
            )
            for event in polled.events
        ]

    def _store(
        self,
        row: TriggerRow,
        plan: Plan,
        polled: Poll,
        incoming: Sequence[Incoming],
        lines: Sequence[str],
    ) -> Sequence[Accepted]:
        parts = self._parts

        def store(connection: Connection) -> Sequence[Accepted]:
            now = parts.clock.now()
            bound = parts.meter.bound(connection, row.workspace_id, SHORTEST_PAUSE_S, now)
            outcome = outcome_of(row, plan, polled, now, bound or 0.0, lines)
            return claims.store(connection, row, incoming, outcome, now, parts.meter)

        return parts.database.transact(store)

    async def _note(self, row: TriggerRow, error: Exception, lines: Sequence[str]) -> None:
        failure = failure_of(error, "check")
        self._log.warning("trigger %s could not be polled: %s", row.id, error, exc_info=error)
        try:
            await self._threads.run(self._fail, row, failure, lines)
        except Exception:  # noqa: BLE001 - without its database nothing can be noted
            self._log.exception("trigger %s is polled again when its lease ends", row.id)

    def _fail(self, row: TriggerRow, failure: Failure, lines: Sequence[str]) -> None:
        parts = self._parts
        now = parts.clock.now()

        def note(connection: Connection) -> None:
            bound = parts.meter.bound(connection, row.workspace_id, SHORTEST_PAUSE_S, now)
            due_at = now + max(failure.pause(row.failures), bound or 0.0)
            claims.fail(connection, row, failure, now, due_at, lines)

        parts.database.transact(note)
