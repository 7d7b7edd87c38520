"""Acquires and releases at providers what triggers need there: tried until it is done."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from layers import failpoints, jsontext
from layers.catalogue import Catalogue, TriggerType
from layers.clock import Clock
from layers.contract import Json, NodeError, Slot, TriggerRunner
from layers.database import Database
from layers.engine.core.credentials import chosen
from layers.engine.core.plan import COMPILER
from layers.log import logger
from triggers import acquisition_claims as claims
from triggers.acquisition_claims import AcquisitionRow
from triggers.context import HoldingContext, Loan
from triggers.failures import Failure, failure_of
from triggers.threads import Threads

LEASE_S = 60.0
TIMEOUT_S = 50.0
MOST_AT_ONCE = 20
MOST_RELEASES = 300
"""About a day of trying: then it stays on record, and is not tried any more."""
STOP_WITHIN_S = 5.0


@dataclass(frozen=True)
class AcquireParts:
    """What an acquirer is built of; ``hooks_url`` is what webhooks' addresses begin with."""

    owner: str
    database: Database
    clock: Clock
    catalogue: Catalogue
    loan: Loan
    hooks_url: str


class Acquirer:
    """Does what activations have left to be done, each in a task of its own."""

    def __init__(self, parts: AcquireParts, ended: Callable[[], None] = lambda: None) -> None:
        """``ended`` is called when something was done: a trigger may be due then."""
        self._parts = parts
        self._ended = ended
        self._threads = Threads("acquiring", 2)
        self._tasks: set[asyncio.Task[None]] = set()
        self._log = logger("triggers")

    async def start_due(self) -> int:
        """Begin what is due and what nobody else is at; returns how much."""
        room = MOST_AT_ONCE - len(self._tasks)
        rows = await self._threads.run(self._take, room) if room > 0 else []
        for row in rows:
            task = asyncio.create_task(self._do(row))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return len(rows)

    async def do_due(self) -> int:
        """Do once what is due, to the end; returns how much."""
        begun = await self.start_due()
        if self._tasks:
            await asyncio.wait(self._tasks)
        return begun

    async def stop(self) -> None:
        """Let end what is about to, and break off the rest: it is begun again."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=STOP_WITHIN_S)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._threads.run(self._release)

    def close(self) -> None:
        """Let go of the threads."""
        self._threads.close()

    def _take(self, room: int) -> list[AcquisitionRow]:
        owner, clock = self._parts.owner, self._parts.clock
        return self._parts.database.transact(
            lambda connection: claims.take(connection, owner, clock.now(), LEASE_S, room)
        )

    def _release(self) -> None:
        parts = self._parts
        parts.database.transact(
            lambda connection: claims.release(connection, parts.owner, parts.clock.now())
        )

    async def _do(self, row: AcquisitionRow) -> None:
        try:
            await asyncio.wait_for(self._acquire_or_release(row), TIMEOUT_S)
        except Exception as error:  # noqa: BLE001 - whatever a trigger raises is its own failure
            what = "subscription at the provider" if row.wanted else "release at the provider"
            self._log.warning("the %s of trigger %s failed: %s", what, row.trigger_id, error)
            await self._note(row, failure_of(error, what))
        self._ended()

    async def _acquire_or_release(self, row: AcquisitionRow) -> None:
        if not row.wanted and row.acquired is None and not row.attempts:
            await self._threads.run(self._write, claims.released, row)
            return
        found = self._type(row)
        trigger = found.runner
        params = trigger.read(jsontext.loads(row.params), {"compiler": COMPILER})
        context = self._context(row, found.spec.slots)
        if not row.wanted:
            assert trigger.release is not None
            held = None if row.acquired is None else jsontext.loads(row.acquired)
            await trigger.release(params, held, context)
            await self._threads.run(self._write, claims.released, row)
        elif row.acquired is None:
            assert trigger.acquire is not None
            given = await trigger.acquire(params, context)
            failpoints.hit("acquire.before_store")
            await self._threads.run(self._keep, row, trigger, given)

    def _type(self, row: AcquisitionRow) -> TriggerType:
        found = self._parts.catalogue.resolve(row.workspace_id, row.type)
        if not isinstance(found, TriggerType) or found.runner.acquire is None:
            raise NodeError(
                f"The trigger type '{row.type}' is not installed.",
                remedy="Install it again, so that what it holds can be looked after.",
            )
        return found

    def _context(self, row: AcquisitionRow, slots: tuple[Slot, ...]) -> HoldingContext:
        path = None if row.route is None else row.route.partition(" ")[2]
        others = None if row.credentials is None else jsontext.loads(row.credentials)
        return HoldingContext(
            loan=self._parts.loan,
            workspace_id=row.workspace_id,
            workflow_id=row.workflow_id,
            node_id=row.node_id,
            timezone=row.timezone,
            credentials=chosen(slots, row.credential_id, others),
            key=row.id,
            hook_url=None if path is None else f"{self._parts.hooks_url}/hooks/{path}",
        )

    def _write(self, change: Callable[..., None], row: AcquisitionRow) -> None:
        self._parts.database.transact(lambda connection: change(connection, row))

    def _keep(self, row: AcquisitionRow, trigger: TriggerRunner, given: Json) -> None:
        begins = {"polls": trigger.poll is not None, "listens": trigger.listen is not None}
        now, text = self._parts.clock.now(), jsontext.dumps(given)
        self._parts.database.transact(
            lambda connection: claims.acquired(connection, row, text, now, **begins)
        )

    async def _note(self, row: AcquisitionRow, failure: Failure) -> None:
        try:
            await self._threads.run(self._fail, row, failure)
        except Exception:  # noqa: BLE001 - without its database nothing can be noted
            self._log.exception("it is tried again when the lease of %s ends", row.id)

    def _fail(self, row: AcquisitionRow, failure: Failure) -> None:
        now = self._parts.clock.now()
        due_at: float | None = now + failure.pause(row.failures)
        if not row.wanted and row.failures + 1 >= MOST_RELEASES:
            self._log.error("acquisition %s is given up: %s", row.id, failure.message)
            due_at = None
        self._parts.database.transact(
            lambda connection: claims.failed(connection, row, failure, now, due_at)
        )
