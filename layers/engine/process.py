"""The engine of one process: accepts, leases, runs, and tells those who wait."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from sqlalchemy.exc import NoResultFound

from layers.artifacts.port import ArtifactStore
from layers.catalogue import Catalogue
from layers.channel import Channel
from layers.clock import Clock
from layers.contract import Item
from layers.database import Database, GroupWriter
from layers.engine.accept import Accept, Accepted, Incoming
from layers.engine.bounds import Bounds
from layers.engine.callback_links import CallbackLinks
from layers.engine.control import cancel_now
from layers.engine.core.plan import Plan
from layers.engine.execution.progress import Progress
from layers.engine.execution.run import ExecutionRun, SuspendedUntil
from layers.engine.execution.unusable import end_unusable
from layers.engine.follow import Followers
from layers.engine.journal_writer import JournalWriter, notify
from layers.engine.lease import Lease, RoundRobin
from layers.engine.lease_keeper import LeaseKeeper, take_over
from layers.engine.leased import Leased
from layers.engine.metering import LONGEST_S, Meter, NoMeter
from layers.engine.payload_store import PayloadStore
from layers.engine.plans import Plans
from layers.engine.ports import RunPorts
from layers.engine.quotas import Quotas
from layers.engine.rows import EventRow, ExecutionRow
from layers.engine.step.services import Services
from layers.engine.suspended_runs import SuspendedRuns
from layers.errors import TreadleError
from layers.ids import new_id
from layers.log import logger
from layers.queue.port import Notifier
from layers.settings import Settings
from layers.settings.slots import slot_of
from layers.vault.vault import Vault
from layers.work import DATABASE

GRACE_S = 8.0


class Engine:
    """Runs executions in this process, at most ``concurrency.process`` at once."""

    def __init__(  # noqa: PLR0913 - the parts of a process, each named where it is built
        self,
        *,
        settings: Settings,
        clock: Clock,
        database: Database,
        catalogue: Catalogue,
        artifacts: ArtifactStore,
        vault: Vault,
        notifier: Notifier,
        channel: Channel,
        services: Services,
        meter: Meter | None = None,
    ) -> None:
        self.settings = settings
        self.limits = settings.limits
        self.clock = clock
        self.database = database
        self.services = services
        self.meter: Meter = meter or NoMeter()
        self._longest_s = Bounds(self.meter, database, clock, LONGEST_S)
        self.log = logger("engine")
        self._slot = slot_of(settings)
        self.owner = f"{self._slot or 'process'}#{new_id()}"
        self.callbacks = CallbackLinks(vault, settings.server.hooks_url)
        self._notifier = notifier
        self._writer = GroupWriter(database, partial(notify, notifier))
        # Leases hold locks that nobody's records should wait for; SQLite has one writer anyhow.
        self._lease_writer = self._writer if database.is_sqlite else GroupWriter(database)
        self._round_robin = RoundRobin()
        self._launched: set[str] = set()
        self._held_back = False
        self._runs: dict[str, ExecutionRun] = {}
        self._tasks: set[asyncio.Task[object]] = set()
        self.payloads = PayloadStore(artifacts, settings.limits.inline_bytes)
        self.followers = Followers(
            database, channel, self.payloads, self.is_running, notifier.notify
        )
        self.plans = Plans(database, catalogue)
        self.journal = JournalWriter(
            self._writer,
            self.meter,
            self.log,
            is_sqlite=database.is_sqlite,
            lease_s=settings.limits.lease_s,
            is_stopping=lambda: self.stopping,
        )
        self._suspended = SuspendedRuns()
        self._background: list[asyncio.Task[None]] = []
        self.stopping = False
        self.on_step: Callable[[], None] | None = None
        self.slot_free = asyncio.Event()
        self._run_ports = _ports(self)

    # Life

    async def start(self) -> None:
        """Take over a dead predecessor's work and begin to renew leases."""
        released = await DATABASE.run(take_over, self.database, self._slot, self.clock)
        if released:
            self.log.info("took over %d executions of a predecessor", released)
        keeper = LeaseKeeper(
            self.owner, self.database, self._lease_writer, self.clock, self.limits.lease_s
        )
        self._background.append(asyncio.create_task(keeper.keep(self._runs)))

    async def stop(self) -> None:
        """Hand over what runs: finish steps within a grace time, leave the rest to others."""
        self.stopping = True
        for run in self._runs.values():
            run.hand_off()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=GRACE_S)
        for task in [*self._tasks, *self._background]:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=2)
        await DATABASE.run(self._writer.close)
        if self._lease_writer is not self._writer:
            await DATABASE.run(self._lease_writer.close)

    @property
    def room(self) -> int:
        """How many more executions this process may run now."""
        return 0 if self.stopping else self.settings.concurrency.process - len(self._launched)

    @property
    def running(self) -> int:
        """How many executions this process is running."""
        return len(self._launched)

    # Accepting

    async def accept(self, incoming: Incoming) -> Accepted:
        """Write an event and its execution to disk; notify a worker, or run it here at once.

        With ``incoming.owner`` set to ``engine.owner`` it is run in this process if the limits
        allow. Raises LimitReached where its plan refuses it.
        """
        if incoming.execution_id is None:
            # Known before the commit: should its answer get lost, asking again finds it done.
            incoming = replace(incoming, execution_id=new_id())
        accepted = await self._writer.submit(Accept(incoming, self.meter))
        if accepted.refused is not None:
            raise accepted.refused.error()
        if accepted.leased:
            self._launch(_accepted(incoming, accepted))
        elif incoming.owner is not None and not (accepted.duplicate or accepted.held):
            self._held_back = True
        return accepted

    def at_once(self) -> dict[str, Any]:
        """What an ``Incoming`` holds that this process shall run at once, if it has room."""
        return {
            "owner": self.owner if self.room > 0 else None,
            "lease_s": self.limits.lease_s,
            "workspace_limit": self.settings.concurrency.workspace,
        }

    # Leasing

    async def lease_due(self, limit: int) -> int:
        """Take up to ``limit`` due executions and run them; returns how many were taken."""
        return await self._lease(limit, (), {})

    async def _lease(
        self, limit: int, ids: tuple[str, ...], items: Mapping[str, Sequence[Item]]
    ) -> int:
        suspended = self._suspended.of(ids)
        taken = await self._lease_writer.submit(
            Lease(
                owner=self.owner,
                now=self.clock.now(),
                lease_s=self.limits.lease_s,
                limit=limit,
                workspace_limit=self.settings.concurrency.workspace,
                is_sqlite=self.database.is_sqlite,
                ids=ids,
                round_robin=self._round_robin,
                remembered={name: one.epoch for name, one in suspended.items()},
            )
        )
        self._held_back = self._held_back or taken.held_back
        for one in taken.leased:
            self._suspended.forget(one.row.id)
            one.items = items.get(one.row.id)
            found = suspended.get(one.row.id) if one.is_remembered else None
            self._launch(one, None if found is None else found.progress)
        return len(taken.leased)

    def _launch(self, leased: Leased, remembered: Progress | None = None) -> None:
        self._launched.add(leased.row.id)
        self._spawn(self._run(leased, remembered))

    async def _run(self, leased: Leased, remembered: Progress | None) -> None:
        execution_id = leased.row.id
        run = None
        try:
            try:
                plan = await self.plan(leased.row.version_id)
            except (TreadleError, NoResultFound) as error:
                await end_unusable(self._run_ports, leased, error)
                return
            longest_s = await self._longest_s.of(leased.row.workspace_id)
            run = ExecutionRun(self._run_ports, leased, plan, longest_s, remembered)
            former = self._runs.get(execution_id)
            if former is not None:
                # Frozen past its lease, and taken again by the same process.
                former.lose()
            self._runs[execution_id] = run
            await run.execute()
        except Exception:
            # The lease runs out and somebody tries again; the crash count ends that.
            self.log.exception("execution %s broke the engine", execution_id)
        finally:
            if self._runs.get(execution_id, run) is run:
                self._runs.pop(execution_id, None)
                self._launched.discard(execution_id)
            if run is not None and run.rest is not None:
                self._suspended.keep(run.row, run.progress)
                self._rests(execution_id, run.rest)
            self.followers.changed(execution_id)
            self.slot_free.set()
            if self._held_back:
                # What the limits kept from running has a slot now: nobody notifies of it else.
                self._held_back = False
                self._notifier.notify(execution_id)

    # What runs need

    async def plan(self, version_id: str) -> Plan:
        """The plan of a workflow version, compiled once."""
        return await self.plans.of(version_id)

    # What runs tell

    def pick_up(
        self, ids: Sequence[str], items: Mapping[str, Sequence[Item]] | None = None
    ) -> None:
        """Run executions here that were just started, or let a worker know of them."""
        if not ids:
            return
        if self.room >= len(ids):
            self._spawn(self._lease(len(ids), tuple(ids), items or {}))
        else:
            self._notifier.notify(ids[0])

    def _spawn(self, work: Coroutine[Any, Any, object]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def is_running(self, execution_id: str) -> bool:
        """Say whether this process runs it right now."""
        return execution_id in self._launched

    def _rests(self, execution_id: str, rest: SuspendedUntil) -> None:
        """An execution rests; wake it here at its time if this process still lives then."""
        if rest.is_woken:
            self.pick_up((execution_id,))
        elif (delay := rest.wakes_in(self.clock.now())) is not None and not self.stopping:
            asyncio.get_running_loop().call_later(delay, self._wake, execution_id)

    def handed_over(self, execution_id: str) -> None:
        """An execution was left to other processes: let them know."""
        self._notifier.notify(execution_id)

    def _wake(self, execution_id: str) -> None:
        if not self.stopping:
            self.pick_up((execution_id,))

    async def cancel(self, ids: Sequence[str]) -> None:
        """The same as ``cancel_tree``, for the event loop."""
        await DATABASE.run(self.cancel_tree, ids)

    def cancel_tree(self, ids: Sequence[str]) -> None:
        """Cancel executions and all that they called; those that run here stop at once."""
        running = self.database.transact(partial(cancel_now, ids=ids, now=self.clock.now()))
        for name in running:
            if name in self._runs:
                self.loop.call_soon_threadsafe(self._runs[name].cancel)

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The event loop that this engine lives on."""
        return self._background[0].get_loop()


def _accepted(incoming: Incoming, accepted: Accepted) -> Leased:
    """An execution as ``accept`` has just written it, under its first lease."""
    row = ExecutionRow(
        id=accepted.execution_id,
        workspace_id=incoming.workspace_id,
        workflow_id=incoming.workflow_id,
        version_id=incoming.version_id,
        event_id=accepted.event_id,
        trigger_node_id=incoming.trigger_node_id,
        manual=incoming.manual,
        epoch=1,
        crashes=0,
        cancel_requested_at=None,
        parent_id=incoming.parent_id,
        parent_step=incoming.parent_step,
        depth=incoming.depth,
        retry_of=incoming.retry_of,
        active_s=0.0,
        created_at=incoming.now,
        started_at=incoming.now,
        response=None,
    )
    return Leased(row, EventRow(incoming.payload, incoming.artifact), items=incoming.items)


def _ports(engine: Engine) -> RunPorts:
    return RunPorts(
        clock=engine.clock,
        limits=engine.limits,
        log=engine.log,
        payloads=engine.payloads,
        journal=engine.journal,
        plans=engine.plans,
        quotas=Quotas(engine.meter, engine.database, engine.clock),
        observers=engine.followers,
        starter=engine,
        services=engine.services,
        callback_url=engine.callbacks.url,
        on_step=lambda: None if engine.on_step is None else engine.on_step(),
    )
