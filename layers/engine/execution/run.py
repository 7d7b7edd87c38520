"""Running one execution: the loop between the pure core and the world."""

from __future__ import annotations

import asyncio
import inspect
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from layers.contract import Effect
from layers.contract.suspension import CallWorkflow
from layers.engine.core.plan import Plan
from layers.engine.core.plan_node import PlanNode
from layers.engine.core.state import Activation, CancelRequested, State
from layers.engine.execution.buffer import JournalBuffer, LeaseLost
from layers.engine.execution.finishing import Finisher
from layers.engine.execution.progress import Progress
from layers.engine.execution.resume import Resumed, reopen, replay
from layers.engine.execution.scope import RunScope
from layers.engine.execution.settling import Settling
from layers.engine.execution.step_tasks import LIVE_S, Logs, StepTasks
from layers.engine.execution.subflows import completed, subflow
from layers.engine.execution.time_limit import TimeLimit
from layers.engine.journal import Finishing, Recorded, Suspending
from layers.engine.leased import Leased
from layers.engine.metering import Usage
from layers.engine.outcomes import Answer
from layers.engine.ports import RunPorts
from layers.engine.statuses import WaitKind
from layers.engine.step.call import call, call_inline, is_inline
from layers.engine.step.context import StepContext
from layers.identity.audit import AuditEvent

SLICE_S = 0.02
PROGRESS_S = 0.25
LATE_S = 0.01
AGAIN_S = 0.1
LONGEST_TIMER_S = 3600.0
"""Until what is due later the sweeper looks."""


@dataclass(frozen=True, slots=True)
class SuspendedUntil:
    """Until when an execution rests; ``is_woken``: it has reason to go on already."""

    due_at: float | None
    is_woken: bool

    def wakes_in(self, now: float) -> float | None:
        """Seconds until this process should look at it again, if it should."""
        if self.due_at is None or self.due_at - now >= LONGEST_TIMER_S:
            return None
        left = self.due_at - now
        # What should be over already waits for another clock, such as the database's. And a timer
        # that goes off a little early would find nothing due yet.
        return (left if left > 0 else AGAIN_S) + LATE_S


class Stopped(Exception):
    """Cancelled, timed out, or the process ends."""


class ExecutionRun:
    """One execution under one lease. ``execute`` returns when it ended, rests or was lost."""

    def __init__(
        self,
        ports: RunPorts,
        leased: Leased,
        plan: Plan,
        longest_s: float | None = None,
        remembered: Progress | None = None,
    ) -> None:
        """``longest_s`` is how long the workspace's plan lets an execution take.

        ``remembered`` is where it stood when this process had it last.
        """
        self.ports = ports
        self.row = leased.row
        # Compiled anew since, a plan has nodes of its own: the state goes on with those it knows.
        self.plan = plan if remembered is None else remembered.plan
        self.rest: SuspendedUntil | None = None
        """Set when it rests, so that it can go on from ``progress``."""
        self._leased = leased
        state = State(self.plan, seed=self.row.id, step_budget=ports.limits.steps)
        has_caller = self.row.parent_id is not None
        self.progress = remembered or Progress(self.plan, state, ports.clock, has_caller=has_caller)
        self._is_remembered = remembered is not None
        self.buffer = JournalBuffer(ports, self.row, self.plan)
        self._tasks = StepTasks()
        self._settling = Settling(self.progress, self.buffer, self._tasks.wake)
        self._finisher = Finisher(ports, self.row, self.progress, self.buffer, self._save_last)
        self._scope = RunScope(self.row, self.progress, ports.callback_url)
        own_s = float(self.plan.definition.settings.timeout_s)
        self._time = TimeLimit(ports.clock, self.row.active_s, own_s, longest_s)
        self._cancelled = self.row.cancel_requested_at is not None
        self._handing_off = False

    # What the process and the steps ask of it

    def cancel(self) -> None:
        """Stop at the next chance and end as cancelled."""
        self._cancelled = True
        self._tasks.wake()

    def lose(self) -> None:
        """Stop at once and write nothing: somebody else owns the execution."""
        self.buffer.lost = True
        self._tasks.wake()

    def hand_off(self) -> None:
        """Stop between steps and leave the rest to another process: this one ends."""
        self._handing_off = True
        self._tasks.wake()

    def answer(self, answer: Answer) -> None:
        """Take a node's answer to the webhook's caller; the first one counts."""
        self.buffer.answer(answer)

    def hear(self, activation: Activation, now: float, logs: Logs) -> None:
        """A step that runs has printed something: those who follow shall see it soon."""
        self._tasks.hear(activation, now, logs)

    def used(self, usage: Usage) -> None:
        """Count with the next write what a step used."""
        self.buffer.usages.append(usage)

    def put_on_record(self, event: AuditEvent) -> None:
        """Put into the audit log with the next write what a step did."""
        self.buffer.audit_events.append(event)

    def scope(self, now: float, activation: Activation) -> dict[str, Any]:
        """The names that expressions of a step see, ``item`` and ``items`` aside."""
        return self._scope.of(now, activation)

    # The loop

    async def execute(self) -> None:
        """Run until the execution ends, rests, or is no longer ours."""
        try:
            if self.row.crashes >= self.ports.limits.crash_attempts:
                await self._finisher.give_up(self._leased.steps)
                return
            await self._resume()
            await self._loop()
        except LeaseLost:
            self.ports.log.warning("lease_lost: execution %s has another owner", self.row.id)
        except Stopped:
            pass
        finally:
            await self._tasks.stop()
            if self.buffer.audit_events:
                await self.ports.journal.put_on_record(self.buffer.audit_events)

    async def _resume(self) -> None:
        progress, payloads = self.progress, self.ports.payloads
        if self._is_remembered:
            progress.resume(self.ports.clock)
        else:
            items = self._leased.items
            if items is None:
                items = await payloads.event_items(self.row.workspace_id, self._leased.event)
            progress.size += await replay(progress, self._leased, items, payloads)
        self._go_on(await reopen(progress, self._leased, payloads, self.ports.clock.now()))

    def _go_on(self, resumed: Resumed) -> None:
        self.buffer.position = self.progress.position
        self.buffer.rows |= resumed.rows
        self.buffer.callbacks_taken = resumed.callbacks_taken
        self.progress.ready.extend(resumed.ready)
        waits = self.progress.waits
        for key, outputs in resumed.succeeded:
            self._settling.wait_over(key, outputs, waits.pop(key))
        for key, error in resumed.failed:
            self._settling.wait_failed(key, error, waits.pop(key))

    async def _loop(self) -> None:
        while True:
            self._check_control()
            await self._run_ready()
            finish = self.progress.state.finish
            if finish is not None:
                await self._tasks.stop()
                await self._finisher.finish(finish)
                return
            if self.buffer.must_save:
                await self._save()
            if self._handing_off and not self._tasks:
                await self._finisher.leave_to_others()
                return
            if self._tasks or self.progress.waits.has_short:
                await self._wait()
            elif not self.progress.ready:
                await self._suspend()
                return

    async def _run_ready(self) -> None:
        """Run what is ready: quick pure steps here, others as tasks side by side."""
        starting: list[Activation] = []
        if self.plan.reads_variables and self.progress.ready:
            self._scope.variables = await self.ports.services.variables.of(self.row.workspace_id)
        slice_end = time.monotonic() + SLICE_S
        while self._may_run_on():
            activation = self.progress.ready.popleft()
            node = self.progress.node(activation)
            if is_inline(node, activation, manual=self.row.manual):
                self._run_inline(node, activation)
            else:
                starting.append(activation)
            if time.monotonic() > slice_end:
                await asyncio.sleep(0)
                slice_end = time.monotonic() + SLICE_S
        if starting and self.progress.state.finish is None:
            await self._start(starting)

    def _may_run_on(self) -> bool:
        self._check_control()
        is_over = self.progress.state.finish is not None
        return bool(self.progress.ready) and not is_over and not self._handing_off

    def _run_inline(self, node: PlanNode, activation: Activation) -> None:
        context = StepContext(self, node, activation, self.ports.clock.now())
        try:
            outcome = call_inline(node, context)
        except Exception as error:  # noqa: BLE001 - whatever a node raises is its step's failure
            self._settling.raised(activation, context, error)
            return
        if inspect.isawaitable(outcome):
            work = completed(self.ports, self.row, context, outcome)
            self._tasks.begin(work, activation, context)
        elif isinstance(outcome, CallWorkflow):
            self._tasks.begin(subflow(self.ports, self.row, context, outcome), activation, context)
        else:
            self._settling.came_out(activation, context, outcome)

    async def _start(self, starting: Sequence[Activation]) -> None:
        """Begin steps that take time; effects are journaled before they begin."""
        now = self.ports.clock.now()
        effects = [one for one in starting if self.progress.node(one).effect is not Effect.PURE]
        for activation in effects:
            self.buffer.start(activation, now)
        if effects:
            await self._save()
        for activation in starting:
            node = self.progress.node(activation)
            context = StepContext(self, node, activation, self.ports.clock.now())
            tell = partial(self._settling.item_came_out, context)
            work = completed(self.ports, self.row, context, call(node, context, tell))
            self._tasks.begin(work, activation, context)

    async def _wait(self) -> None:
        """Wait for a step, a short timer, or somebody who wants the execution to stop."""
        self._tasks.write_logs(self.buffer)
        if self.buffer.has_progress and self.buffer.age_s > PROGRESS_S:
            await self._save()
        ended = await self._tasks.wait(self._patience(), self._check_control)
        for activation, context, outcome in ended:
            if self.progress.node(activation).effect is not Effect.PURE:
                self.buffer.must_save = True
            if isinstance(outcome, BaseException):
                self._settling.raised(activation, context, outcome)
            else:
                self._settling.came_out(activation, context, outcome)
        for wait in self.progress.waits.take_over():
            if wait.kind is WaitKind.RETRY:
                self.progress.ready.append(wait.activation)
            else:
                outputs = {"main": list(wait.arrived())}
                self._settling.wait_over(wait.activation.key, outputs, wait)

    def _patience(self) -> float:
        """Seconds until something has to be done that no step and nobody else tells of."""
        live = LIVE_S - self.buffer.age_s if self._tasks.has_news else math.inf
        items = PROGRESS_S - self.buffer.age_s if self.buffer.items else math.inf
        timer = self.progress.waits.seconds_to_timer
        return max(min(self._time.left_s, timer, live, items), 0.0)

    def _check_control(self) -> None:
        if self.buffer.lost:
            raise LeaseLost
        if self.progress.state.finish is not None:
            return
        if self._cancelled:
            self.progress.decide(CancelRequested())
        elif self._time.left_s <= 0:
            self.progress.decide(self._time.event())

    # Writing

    async def _save(
        self, finishing: Finishing | None = None, suspending: Suspending | None = None
    ) -> Recorded:
        """Commit what happened since the last write; raises LeaseLost if it is not ours."""
        recorded = await self.buffer.save(self._time.active_s, finishing, suspending)
        if recorded.cancel_requested and finishing is None:
            self.cancel()
        return recorded

    async def _save_last(self, ending: Finishing | Suspending) -> Recorded:
        if isinstance(ending, Finishing):
            return await self._save(finishing=ending)
        return await self._save(suspending=ending)

    async def _suspend(self) -> None:
        recorded = await self._finisher.suspend()
        self.progress.position = self.buffer.position
        self.progress.size += self.buffer.written_bytes
        self.rest = SuspendedUntil(self.progress.waits.next_due, recorded.woken)
