"""Running one execution: the loop between the pure core and the world."""

from __future__ import annotations

import asyncio
import inspect
import math
import time
from collections import deque
from collections.abc import Awaitable, Coroutine, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from layers import jsontext
from layers.contract import Effect, Item, PerItem
from layers.contract.node import Outcome
from layers.contract.suspension import CallWorkflow, WaitForCallback, WaitUntil
from layers.engine.core.decide import decide, handled_outputs
from layers.engine.core.definition import OnError
from layers.engine.core.emptiness import filled
from layers.engine.core.lineage import encode, trace
from layers.engine.core.plan import Plan, PlanNode
from layers.engine.core.state import (
    Activation,
    Again,
    CancelRequested,
    Ending,
    Event,
    Failed,
    Finish,
    Key,
    Run,
    State,
    StepError,
    Succeeded,
    TimedOut,
)
from layers.engine.execution.buffer import JournalBuffer, LeaseLost
from layers.engine.execution.callback_addresses import CallbackAddresses
from layers.engine.execution.resume import Resumed, restore
from layers.engine.execution.scope import LazyMapping, NodesView, OnDemand
from layers.engine.execution.subflows import called, error_workflow
from layers.engine.execution.trail import RunTrail
from layers.engine.execution.waits import Wait, terms_of
from layers.engine.follow import End
from layers.engine.item_codec import encode_items
from layers.engine.journal import Finishing, Recorded, Suspending
from layers.engine.lease import Leased
from layers.engine.parts import errors_text
from layers.engine.step import itemwise
from layers.engine.step.context import (
    Answer,
    StepContext,
    call_now,
    checked,
    is_inline,
    passes_through,
    step_error,
)
from layers.engine.step_records import error_text, output_text
from layers.expressions import DateTime

if TYPE_CHECKING:
    from layers.engine.process import Engine

SHORT_WAIT_S = 0.75
"""Shorter waits stay in the process; longer ones are written down and hold nothing."""
SLICE_S = 0.02
PROGRESS_S = 0.25
LIVE_S = 0.5
"""How often at most is written down what steps print while they run."""


class Stopped(Exception):
    """Cancelled, timed out, or the process ends."""


class ExecutionRun:
    """One execution under one lease. ``execute`` returns when it ended, rests or was lost."""

    def __init__(
        self, engine: Engine, leased: Leased, plan: Plan, longest_s: float | None = None
    ) -> None:
        """``longest_s`` is how long the workspace's plan lets an execution take."""
        self.engine = engine
        self.services = engine.services
        self.leased = leased
        self.row = leased.row
        self.plan = plan
        self.trail = RunTrail(keeps=plan.looks_back)
        self.state = State(plan, seed=self.row.id, step_budget=engine.limits.steps)
        self._queue: deque[Activation] = deque()
        self._tasks: dict[asyncio.Task[Outcome], tuple[Activation, StepContext]] = {}
        self._waits: dict[Key, Wait] = {}
        self.buffer = JournalBuffer(engine, self.row, plan)
        self._began = engine.clock.now()
        own = float(plan.definition.settings.timeout_s)
        self._by_plan = longest_s is not None and longest_s < own
        self._timeout_s = longest_s if longest_s is not None and self._by_plan else own
        self._heard: dict[Key, StepContext] = {}
        self._control = asyncio.Event()
        self._cancelled = self.row.cancel_requested_at is not None
        self._handing_off = False
        self._interrupted: list[Key] = []
        self._scope: dict[str, Any] | None = None

    # What the engine and the nodes ask of it

    def cancel(self) -> None:
        """Stop at the next chance and end as cancelled."""
        self._cancelled = True
        self._control.set()

    def lose(self) -> None:
        """Stop at once and write nothing: somebody else owns the execution."""
        self.buffer.lost = True
        self._control.set()

    def hand_off(self) -> None:
        """Stop between steps and leave the rest to another process: this one ends."""
        self._handing_off = True
        self._control.set()

    def answer(self, answer: Answer) -> None:
        """Take a node's answer to the webhook's caller; the first one counts."""
        self.buffer.answer(answer)

    def hear(self, context: StepContext) -> None:
        """A step that runs has printed something: those who follow shall see it soon."""
        if not self._heard:
            self._control.set()
        self._heard[context.activation.key] = context

    def scope(self, now: float, activation: Activation) -> dict[str, Any]:
        """The names that expressions of a step see, ``item`` and ``items`` aside."""
        if self._scope is None:
            self._scope = self._lasting_scope()
        zone = self.plan.definition.settings.timezone
        return {
            **self._scope,
            "nodes": NodesView(self.plan, self.trail, activation),
            "execution": self._about(activation),
            "now": DateTime.from_timestamp(now, zone),
        }

    def _about(self, activation: Activation) -> OnDemand:
        addresses = CallbackAddresses(self.state, activation, self._callback_url)
        return OnDemand(
            {
                "id": lambda: self.row.id,
                "mode": lambda: "manual" if self.row.manual else "production",
                "callback_url": addresses.nearest,
                "callback_urls": lambda: addresses,
            }
        )

    def _callback_url(self, node_id: str | None, run: int) -> str:
        return self.engine.callback_url(self.row.id, node_id, run)

    def _lasting_scope(self) -> dict[str, Any]:
        row = self.row
        return {
            "workflow": {"id": row.workflow_id, "name": self.plan.definition.name},
            "vars": LazyMapping(lambda: self.services.variables(row.workspace_id)),
        }

    # The loop

    async def execute(self) -> None:
        """Run until the execution ends, rests, or is no longer ours."""
        try:
            if self.row.crashes >= self.engine.limits.crash_attempts:
                await self._give_up()
                return
            items = await self.engine.payloads.event_items(self.row)
            resumed = await restore(self, items)
            self._go_on(resumed)
            await self._loop()
        except LeaseLost:
            self.engine.log.warning("lease_lost: execution %s has another owner", self.row.id)
        except Stopped:
            pass
        finally:
            await self._stop_tasks()
            if self.buffer.audit_events:
                await self.engine.put_on_record(self.buffer.audit_events)

    async def _give_up(self) -> None:
        error = StepError(
            f"It came no further in {self.row.crashes} attempts, because the process that ran it "
            "died each time or could not store anything; it is not tried again.",
            "crashed",
        )
        self.state.finish = Finish(Ending.FAILED, error)
        now = self.engine.clock.now()
        for row in self.leased.steps:
            if row.position is None:
                key = self.plan.index_of[row.node_id], row.run_index
                closed = {"status": "cancelled", "due_at": None, "finished_at": now}
                self.buffer.rows[key] = {**row._mapping, **closed}
        await self._finish(self.state.finish)

    def _go_on(self, resumed: Resumed) -> None:
        self.buffer.position = resumed.position
        self._waits = resumed.waits
        self._interrupted = resumed.interrupted
        for row in resumed.rows:
            self.buffer.rows[self.plan.index_of[row["node_id"]], row["run_index"]] = row
        self.buffer.callbacks_taken = resumed.callbacks_taken
        self._queue.extend(resumed.ready)
        for key, outputs in resumed.succeeded:
            self._succeed(key, outputs, self._waits.pop(key))
        for key, error in resumed.failed:
            self._fail(key, error, self._waits.pop(key))

    async def _loop(self) -> None:
        while True:
            self._check_control()
            await self._run_ready()
            finish = self.state.finish
            if finish is not None:
                await self._finish(finish)
                return
            if self.buffer.must_save:
                await self._save()
            if self._handing_off and not self._tasks:
                await self._leave_to_others()
                return
            if self._tasks or self._soonest_short_wait() is not None:
                await self._wait()
            elif self._queue:
                continue
            else:
                await self._suspend()
                return

    async def _run_ready(self) -> None:
        """Run what is ready: quick pure steps here, others as tasks side by side."""
        starting: list[Activation] = []
        slice_end = time.monotonic() + SLICE_S
        while self._may_run_on():
            activation = self._queue.popleft()
            node = self.plan.nodes[activation.node]
            if is_inline(node, activation, manual=self.row.manual):
                self._run_inline(node, activation)
            else:
                starting.append(activation)
            if time.monotonic() > slice_end:
                await asyncio.sleep(0)
                slice_end = time.monotonic() + SLICE_S
        if starting and self.state.finish is None:
            await self._start(starting)

    def _may_run_on(self) -> bool:
        self._check_control()
        return bool(self._queue) and self.state.finish is None and not self._handing_off

    def _run_inline(self, node: PlanNode, activation: Activation) -> None:
        context = StepContext(self, node, activation, self.engine.clock.now())
        try:
            given = self._call_now(node, context)
            if inspect.isawaitable(given):
                # A plain function may give a coroutine: that takes its time beside the others.
                self._begin(self._awaited(node, given, context), activation, context)
                return
            outcome = checked(node, given, context.items)
        except Exception as error:  # noqa: BLE001 - whatever a node raises is its step's failure
            self._raised(activation, context, error)
            return
        self._came_out(activation, context, outcome)

    def _begin(
        self, call: Coroutine[Any, Any, Outcome], activation: Activation, context: StepContext
    ) -> None:
        self._tasks[asyncio.create_task(call)] = (activation, context)

    async def _awaited(
        self, node: PlanNode, given: Awaitable[Outcome], context: StepContext
    ) -> Outcome:
        outcome = await asyncio.wait_for(given, node.definition.timeout_s)
        return checked(node, outcome, context.items)

    async def _start(self, starting: Sequence[Activation]) -> None:
        """Begin steps that take time; effects are journaled before they begin."""
        now = self.engine.clock.now()
        effects = False
        for activation in starting:
            node = self.plan.nodes[activation.node]
            if node.effect is not Effect.PURE:
                effects = True
                self.buffer.start(activation, now)
        if effects:
            await self._save()
        for activation in starting:
            node = self.plan.nodes[activation.node]
            context = StepContext(self, node, activation, self.engine.clock.now())
            self._begin(self._call(node, context), activation, context)

    def _call_now(self, node: PlanNode, context: StepContext) -> Outcome | Awaitable[Outcome]:
        if itemwise.acts_by_item(node) and not passes_through(node, manual=self.row.manual):
            return itemwise.quickly(node, context)
        return call_now(node, context)

    async def _call(self, node: PlanNode, context: StepContext) -> Outcome:
        async def call() -> Outcome:
            if itemwise.is_driven(node):
                return await itemwise.drive(node, context, partial(self._item_came_out, context))
            if asyncio.iscoroutinefunction(_function(node)):
                given = call_now(node, context)
            else:
                given = await asyncio.to_thread(self._call_now, node, context)
            given = await given if inspect.isawaitable(given) else given
            return checked(node, given, context.items)

        return await asyncio.wait_for(call(), node.definition.timeout_s)

    async def _wait(self) -> None:
        """Wait for a step, a short timer, or somebody who wants the execution to stop."""
        self._note_what_was_heard()
        if (self.buffer.rows or self.buffer.items) and self.buffer.age_s > PROGRESS_S:
            await self._save()
        control = asyncio.ensure_future(self._control.wait())
        try:
            done, _pending = await asyncio.wait(
                [*self._tasks, control],
                timeout=self._patience(),
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            control.cancel()
        # What was asked for is kept in flags; left set, this would never rest again.
        self._control.clear()
        self._check_control()
        for task in done:
            if task in self._tasks:
                self._finished(task)
        self._wake_short_waits()

    def _note_what_was_heard(self) -> None:
        if self.buffer.age_s < LIVE_S:
            return
        running = {activation.key for activation, _ in self._tasks.values()}
        for key, context in self._heard.items():
            if key in running:
                self.buffer.log_progress(
                    context.activation, context.now, jsontext.dumps(context.logs)
                )
        self._heard.clear()

    def _finished(self, task: asyncio.Task[Any]) -> None:
        activation, context = self._tasks.pop(task)
        node = self.plan.nodes[activation.node]
        if node.effect is not Effect.PURE:
            self.buffer.must_save = True
        # Not cancelled from here, a step can still have been cancelled from within.
        error = asyncio.CancelledError("it was cancelled") if task.cancelled() else task.exception()
        if error is not None:
            self._raised(activation, context, error)
        else:
            self._came_out(activation, context, task.result())

    # Outcomes

    def _came_out(self, activation: Activation, context: StepContext, outcome: Outcome) -> None:
        if isinstance(outcome, WaitUntil):
            self._rest(Wait(activation, "timer", context.now, outcome.moment))
        elif isinstance(outcome, WaitForCallback):
            wait = Wait(
                activation,
                "callback",
                context.now,
                outcome.expires_at,
                terms=terms_of(outcome),
            )
            self._rest(wait)
        elif isinstance(outcome, CallWorkflow):
            self._call_workflow(activation, context, outcome)
        elif not isinstance(outcome, PerItem):
            self._succeeded(activation, context, outcome)

    def _succeeded(
        self, activation: Activation, context: StepContext, outputs: Mapping[str, Sequence[Item]]
    ) -> None:
        outputs = filled(self._node(activation), activation, outputs)
        try:
            text = output_text(outputs)
        except jsontext.InvalidJson as error:
            wrong = StepError(str(error), "not_json")
            self._failed(
                activation, context, itemwise.blame(self._node(activation), context, wrong)
            )
            return
        row = self.buffer.outcome(activation, "succeeded", context.now, outputs)
        row["output"] = text
        self._follow(activation, outputs, row)
        self._remember(context, succeeded=True)
        self.buffer.items_done(activation)
        if context.logs:
            row["logs"] = jsontext.dumps(context.logs)
        self._decide(Succeeded(activation.key, outputs))

    def _remember(self, context: StepContext, *, succeeded: bool) -> None:
        remembered = context.remembered(succeeded=succeeded)
        if remembered is not None:
            # Others may wait for what becomes of it.
            self.buffer.remembered.append(remembered)
            self.buffer.must_save = True

    def _follow(
        self, activation: Activation, outputs: Mapping[str, Sequence[Item]], row: dict[str, Any]
    ) -> None:
        """Note where the items that a step gave came from."""
        lineage = trace(activation, outputs)
        row["lineage"] = encode(lineage)
        self.trail.add(activation, outputs, lineage)

    def _succeed(self, key: Key, outputs: Mapping[str, Sequence[Item]], wait: Wait) -> None:
        """A step that waited, here or in an earlier lease, goes on."""
        outputs = filled(self.plan.nodes[key[0]], wait.activation, outputs)
        row = self.buffer.outcome(wait.activation, "succeeded", wait.started_at, outputs)
        row["output"] = output_text(outputs)
        self._follow(wait.activation, outputs, row)
        self._decide(Succeeded(key, outputs))

    def _fail(self, key: Key, error: StepError, wait: Wait) -> None:
        row = self.buffer.outcome(wait.activation, "failed", wait.started_at)
        row["error"] = error_text(error)
        self._decide(Failed(key, error, final=True))

    def _node(self, activation: Activation) -> PlanNode:
        return self.plan.nodes[activation.node]

    def _raised(self, activation: Activation, context: StepContext, error: BaseException) -> None:
        node, progress = self._node(activation), activation.progress
        if isinstance(error, itemwise.ItemsFailed):
            self._failed(activation, context, error.first)
            return
        described = step_error(node, error)
        if progress is not None:
            itemwise.all_failed(activation, described, context.items)
        self._failed(activation, context, described)

    def _failed(self, activation: Activation, context: StepContext, error: StepError) -> None:
        row = self.buffer.outcome(activation, "failed", context.now)
        row["error"] = error_text(error)
        self._remember(context, succeeded=False)
        if activation.progress is not None:
            row["item_errors"] = errors_text(activation.progress)
        if context.logs:
            row["logs"] = jsontext.dumps(context.logs)
        again = self._decide(Failed(activation.key, error))
        if again is not None:
            self.buffer.tries_again(row, again.moment)
            self._waits[activation.key] = Wait(activation, "retry", context.now, again.moment)
        elif self._node(activation).definition.on_error is not OnError.STOP:
            self._was_handled(activation, row, error)

    def _was_handled(self, activation: Activation, row: dict[str, Any], error: StepError) -> None:
        """The execution goes on with the failed items; of several some may have succeeded."""
        outputs = handled_outputs(self._node(activation), activation, error)
        self.buffer.gave(row, activation, outputs)
        self._follow(activation, outputs, row)
        row["output"] = output_text(outputs)
        if activation.progress is not None and activation.progress.done:
            row |= {"status": "succeeded", "error": None}

    def _item_came_out(self, context: StepContext, index: int) -> None:
        if len(context.items) > 1:
            if not self.buffer.items:
                # Whoever waits for a step does not know yet that there is something to write.
                self._control.set()
            self.buffer.item_outcome(context.activation, index)

    def _decide(self, event: Event) -> Again | None:
        self.state, commands = decide(self.state, event, self.engine.clock.now())
        again = None
        for command in commands:
            if isinstance(command, Run):
                self._queue.append(command.activation)
            elif isinstance(command, Again):
                again = command
        return again

    # Waiting

    def _rest(self, wait: Wait) -> None:
        self._waits[wait.activation.key] = wait
        self.buffer.suspend(wait)

    def _call_workflow(
        self, activation: Activation, context: StepContext, call: CallWorkflow
    ) -> None:
        incoming = called(self.engine, self.row, context, call)
        if isinstance(incoming, StepError):
            self._failed(activation, context, incoming)
            return
        self.buffer.starts.append(incoming)
        self.buffer.must_save = True
        if not call.wait:
            item = Item({"execution_id": incoming.execution_id})
            self._succeeded(activation, context, {"main": [item]})
            return
        self._rest(Wait(activation, "workflow", context.now, child_id=incoming.execution_id))

    def _timers(self) -> list[Wait]:
        return [wait for wait in self._waits.values() if wait.kind in ("timer", "retry")]

    def _short_waits(self) -> list[Wait]:
        horizon = self.engine.clock.now() + SHORT_WAIT_S
        return [
            wait for wait in self._timers() if wait.due_at is not None and wait.due_at <= horizon
        ]

    def _soonest_short_wait(self) -> float | None:
        return min((wait.due_at for wait in self._short_waits() if wait.due_at), default=None)

    def _wake_short_waits(self) -> None:
        now = self.engine.clock.now()
        for wait in self._short_waits():
            if wait.due_at is None or wait.due_at > now:
                continue
            key = wait.activation.key
            del self._waits[key]
            if wait.kind == "retry":
                self._queue.append(wait.activation)
            else:
                self._succeed(key, {"main": list(self._arrived(wait))}, wait)

    def _arrived(self, wait: Wait) -> Sequence[Item]:
        return next((items for items in wait.activation.arrivals.values() if items), ())

    def _patience(self) -> float:
        """Seconds until something has to be done that no step and nobody else tells of."""
        dues = [wait.due_at for wait in self._timers() if wait.due_at is not None]
        soonest = min(dues, default=math.inf) - self.engine.clock.now()
        live = LIVE_S - self.buffer.age_s if self._heard else math.inf
        items = PROGRESS_S - self.buffer.age_s if self.buffer.items else math.inf
        return max(min(self._time_left(), soonest, live, items), 0.0)

    def _time_left(self) -> float:
        used = self.row.active_s + self.engine.clock.now() - self._began
        return self._timeout_s - float(used)

    def _check_control(self) -> None:
        if self.buffer.lost:
            raise LeaseLost
        if self.state.finish is not None:
            return
        if self._cancelled:
            self._decide(CancelRequested())
        elif self._time_left() <= 0:
            self._decide(TimedOut(self._timeout_s, by_plan=self._by_plan))

    # Writing

    async def _save(
        self, finishing: Finishing | None = None, suspending: Suspending | None = None
    ) -> Recorded:
        """Commit what happened since the last write; raises LeaseLost if it is not ours."""
        active_s = self.engine.clock.now() - self._began
        recorded = await self.buffer.save(active_s, finishing, suspending)
        if recorded.cancel_requested and finishing is None:
            self.cancel()
        return recorded

    async def _finish(self, finish: Finish) -> None:
        await self._stop_tasks()
        for key, activation in self.state.active.items():
            self.buffer.cancelled(activation, journaled=self._is_journaled(key))
        output = None
        last: Sequence[Item] = ()
        if finish.ending is Ending.SUCCEEDED:
            last = next(reversed(self.state.leaves.values()), ())
            text = encode_items(last)
            output = await self.buffer.stored(
                lambda: self.engine.payloads.keep(self.row.workspace_id, text)
            )
        error = None if finish.error is None else self._error_text(finish)
        if finish.ending is Ending.FAILED:
            self.buffer.starts.extend(error_workflow(self.engine, self.row, self.plan, finish))
        children = [wait.child_id for wait in self._waits.values() if wait.child_id]
        await self._save(
            finishing=Finishing(finish.ending.value, error, output, self.row.parent_id)
        )
        described = None if error is None else jsontext.loads(error)
        leaves = {
            self.plan.nodes[node].id: list(items) for node, items in self.state.leaves.items()
        }
        end = End(finish.ending.value, list(last), described, leaves)
        self.engine.followers.ended(self.row.id, end)
        await self.engine.finished(self, finish, children)

    def _is_journaled(self, key: Key) -> bool:
        node = self.plan.nodes[key[0]]
        return node.effect is not Effect.PURE or key in self._waits

    def _error_text(self, finish: Finish) -> str:
        assert finish.error is not None
        node = None if finish.node is None else self.plan.nodes[finish.node].id
        return jsontext.dumps(
            {
                "message": finish.error.message,
                "kind": finish.error.kind,
                "node_id": node,
                "detail": finish.error.detail,
            }
        )

    async def _suspend(self) -> None:
        for wait in self._waits.values():
            self.buffer.keep_suspended(wait)
        dues = [wait.due_at for wait in self._waits.values() if wait.due_at is not None]
        children = tuple(wait.child_id for wait in self._waits.values() if wait.child_id)
        status = "interrupted" if self._interrupted and not dues and not children else "waiting"
        due_at = min(dues, default=None)
        callbacks = tuple(
            (self.plan.nodes[wait.activation.node].id, wait.activation.run)
            for wait in self._waits.values()
            if wait.kind == "callback"
        )
        interrupted = bool(self._interrupted)
        recorded = await self._save(
            suspending=Suspending(status, due_at, children, callbacks, interrupted)
        )
        self.engine.suspended(self, due_at, woken=recorded.woken)

    async def _leave_to_others(self) -> None:
        """The process ends: what is not done is due at once, for whoever takes it."""
        for wait in self._waits.values():
            self.buffer.keep_suspended(wait)
        await self._save(suspending=Suspending("waiting", self.engine.clock.now()))
        self.engine.handed_over(self.row.id)

    async def _stop_tasks(self) -> None:
        tasks = list(self._tasks)
        self._tasks.clear()
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=3)


def _function(node: PlanNode) -> Any:
    kind: Any = node.type
    return kind.run_ports or kind.run
