"""Rebuilding an execution from its journal, and finding out what can go on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, assert_never

from layers import jsontext
from layers.contract import Effect, Item, StartedBy
from layers.engine.core import lineage
from layers.engine.core.called import credit
from layers.engine.core.plan import Plan
from layers.engine.core.retry import retry_delay
from layers.engine.core.state import Activation, Failed, Key, Started, StepError, Succeeded
from layers.engine.execution.progress import Progress
from layers.engine.execution.waits import Wait, WakeCause, check_wait
from layers.engine.item_codec import decode_outputs
from layers.engine.leased import Leased
from layers.engine.parts import read_progress
from layers.engine.payload_store import PayloadStore
from layers.engine.rows import ChildRow, ExecutionRow, StepRow
from layers.engine.statuses import Decision, ExecutionStatus, StepStatus, WaitKind
from layers.engine.step_records import error_from, step_row

PREFERRED_STARTS = (StartedBy.PERSON, StartedBy.WORKFLOW)


@dataclass(slots=True)
class Resumed:
    """What a lease finds, beside the progress that it goes on with."""

    ready: list[Activation] = field(default_factory=list)
    rows: dict[Key, dict[str, Any]] = field(default_factory=dict)
    callbacks_taken: list[str] = field(default_factory=list)
    succeeded: list[tuple[Key, Mapping[str, Sequence[Item]]]] = field(default_factory=list)
    failed: list[tuple[Key, StepError]] = field(default_factory=list)


def start_node(plan: Plan, row: ExecutionRow) -> int | None:
    """The node at which an execution begins; None stands for all nodes without arrivals."""
    if row.trigger_node_id is not None and row.trigger_node_id in plan.index_of:
        return plan.index_of[row.trigger_node_id]
    triggers = plan.triggers()
    if not triggers:
        return None
    # A person's run starts where people start, another workflow's where workflows do.
    wanted = PREFERRED_STARTS if row.parent_id is None else tuple(reversed(PREFERRED_STARTS))
    for starter in wanted:
        for node in triggers:
            if node.is_started_by(starter):
                return node.index
    return triggers[0].index


async def replay(
    progress: Progress, leased: Leased, items: Sequence[Item], payloads: PayloadStore
) -> int:
    """Tell the core all outcomes on record, in their order; returns the bytes of their outputs."""
    plan = progress.plan
    progress.decide(Started(start_node(plan, leased.row), items))
    done = [
        row for row in leased.steps if row.position is not None and row.node_id in plan.index_of
    ]
    done.sort(key=lambda row: row.position or 0)
    size = 0
    for row in done:
        size += await _replay_step(progress, row, payloads)
        progress.position = (row.position or 0) + 1
    # What the core wanted meanwhile has happened, or is found among the steps that are open.
    progress.ready.clear()
    return size


async def _replay_step(progress: Progress, row: StepRow, payloads: PayloadStore) -> int:
    key = (progress.plan.index_of[row.node_id], row.run_index)
    if row.status is StepStatus.SUCCEEDED or (row.status is StepStatus.FAILED and row.gave_items):
        # A step that failed and has outputs gave its items on, as its ``on_error`` says.
        text = await payloads.read(row.workspace_id, row.output, row.artifact)
        outputs = decode_outputs(text)
        activation = progress.state.active.get(key)
        if activation is not None:
            progress.trail.add(activation, outputs, lineage.decode(row.lineage))
        progress.decide(Succeeded(key, outputs))
        return len(text)
    if row.status is StepStatus.FAILED:
        assert row.error is not None
        progress.decide(Failed(key, error_from(row.error), final=True))
    return 0


async def reopen(progress: Progress, leased: Leased, payloads: PayloadStore, now: float) -> Resumed:
    """Sort the steps that have no outcome into ready, waiting and interrupted."""
    return await _Reopening(progress, leased, payloads, now).run()


class _Reopening:
    def __init__(
        self, progress: Progress, leased: Leased, payloads: PayloadStore, now: float
    ) -> None:
        self._progress = progress
        self._plan = progress.plan
        self._leased = leased
        self._payloads = payloads
        self._now = now
        self._resumed = Resumed()

    async def run(self) -> Resumed:
        """Look at each step that the core knows to be open."""
        opened = {
            (self._plan.index_of[row.node_id], row.run_index): row
            for row in self._leased.steps
            if row.position is None and row.node_id in self._plan.index_of
        }
        for key, activation in list(self._progress.state.active.items()):
            await self._recall_items(activation)
            row = opened.get(key)
            if row is None:
                self._resumed.ready.append(activation)
            else:
                await self._reopen(activation, row)
        return self._resumed

    async def _reopen(self, activation: Activation, row: StepRow) -> None:
        activation.attempt = row.attempt
        activation.origin = row.origin
        match row.status:
            case StepStatus.RUNNING:
                self._was_in_flight(activation, row)
            case StepStatus.INTERRUPTED:
                self._was_interrupted(activation, row)
            case StepStatus.WAITING | StepStatus.RETRYING:
                await self._was_waiting(activation, row)
            case StepStatus.SUCCEEDED | StepStatus.FAILED | StepStatus.CANCELLED:
                # One that was cancelled has no outcome either, but its execution is over.
                await self._was_waiting(activation, row)
            case _:
                assert_never(row.status)

    async def _recall_items(self, activation: Activation) -> None:
        """What has an outcome is not done again, but for what may still succeed."""
        here = (self._plan.nodes[activation.node].id, activation.run)
        rows = [one for one in self._leased.parts if (one.node_id, one.run_index) == here]
        progress = activation.progress = await read_progress(self._payloads, rows)
        if progress is None:
            return
        node = self._plan.nodes[activation.node]
        for index, failure in list(progress.failed.items()):
            then = replace(activation, attempt=failure.attempt)
            if retry_delay(self._leased.row.id, node, then, failure.error) is not None:
                del progress.failed[index]

    def _was_in_flight(self, activation: Activation, row: StepRow) -> None:
        """A crash came while the step ran: whether it happened, nobody knows."""
        node = self._plan.nodes[activation.node]
        if node.effect is not Effect.UNSAFE:
            activation.attempt += 1
            self._resumed.ready.append(activation)
            return
        self._progress.interrupted.append(activation.key)
        self._resumed.rows[activation.key] = step_row(
            self._plan, self._leased.row, activation, StepStatus.INTERRUPTED, row.started_at
        )

    def _was_interrupted(self, activation: Activation, row: StepRow) -> None:
        told = jsontext.loads(row.detail) if row.detail else {}
        if told.get("decision") is None:
            self._progress.interrupted.append(activation.key)
            return
        decision = Decision(told["decision"])
        match decision:
            case Decision.RETRY:
                activation.attempt += 1
                self._resumed.ready.append(activation)
                return
            case Decision.SKIP:
                items = [Item(values) for values in told.get("output") or []]
                self._resumed.succeeded.append((activation.key, {"main": items}))
            case Decision.FAIL:
                error = StepError("Marked as failed after an interruption.", "interrupted")
                self._resumed.failed.append((activation.key, error))
            case _:
                assert_never(decision)
        self._progress.waits.add(Wait(activation, WaitKind.DECISION, row.started_at))

    async def _was_waiting(self, activation: Activation, row: StepRow) -> None:
        detail: dict[str, Any] = {"kind": WaitKind.RETRY}
        if row.detail:
            detail = jsontext.loads(row.detail)
        wait = Wait(
            activation,
            WaitKind(detail["kind"]),
            row.started_at,
            row.due_at,
            detail.get("execution_id"),
            detail.get("terms", {}),
            detail.get("sent"),
        )
        taken = self._resumed.callbacks_taken
        callbacks = [one for one in self._leased.callbacks if one.id not in taken]
        node_id = self._plan.nodes[activation.node].id
        cause = check_wait(wait, node_id, callbacks, self._leased.children, self._now)
        if wait.kind is WaitKind.RETRY:
            activation.attempt += 1
            if cause is not None:
                self._resumed.ready.append(activation)
                return
        self._progress.waits.add(wait)
        if cause is None:
            return
        if cause.callback_id is not None:
            taken.append(cause.callback_id)
        await self._over(wait, cause)

    async def _over(self, wait: Wait, cause: WakeCause) -> None:
        key = wait.activation.key
        if cause.error is not None:
            self._resumed.failed.append((key, cause.error))
        elif cause.item is not None:
            self._resumed.succeeded.append((key, {"main": [cause.item]}))
        elif cause.child is None:
            self._resumed.succeeded.append((key, {cause.port: list(wait.arrived())}))
        elif cause.child.status is ExecutionStatus.SUCCEEDED:
            workspace_id = self._leased.row.workspace_id
            items, origins = await self._payloads.kept_result(workspace_id, cause.child.output)
            if origins is not None:
                credit(items, origins, wait.activation, lineage.decode(wait.sent))
            self._resumed.succeeded.append((key, {"main": items}))
        else:
            self._resumed.failed.append((key, _child_error(cause.child)))


def _child_error(child: ChildRow) -> StepError:
    said = jsontext.loads(child.error)["message"] if child.error else f"it was {child.status}"
    return StepError(
        f"The workflow that was called did not succeed: {said}",
        "workflow_failed",
        detail={"execution_id": child.id},
    )
