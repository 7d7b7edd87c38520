"""Rebuilding an execution from its journal, and finding out what can go on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from layers import jsontext
from layers.contract import Effect, Item
from layers.engine.core import lineage
from layers.engine.core.decide import decide
from layers.engine.core.plan import Plan
from layers.engine.core.retry import retry_delay
from layers.engine.core.state import Activation, Failed, Key, Started, StepError, Succeeded
from layers.engine.execution.waits import Wait, WakeCause, check_wait
from layers.engine.item_codec import decode_outputs
from layers.engine.parts import read_progress
from layers.engine.step_records import error_from, step_row

if TYPE_CHECKING:
    from layers.engine.execution.run import ExecutionRun

PREFERRED_STARTS = ("manual", "workflow_trigger")


@dataclass(slots=True)
class Resumed:
    """Where an execution stands when a lease begins."""

    position: int = 0
    ready: list[Activation] = field(default_factory=list)
    waits: dict[Key, Wait] = field(default_factory=dict)
    interrupted: list[Key] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    callbacks_taken: list[str] = field(default_factory=list)
    succeeded: list[tuple[Key, Mapping[str, Sequence[Item]]]] = field(default_factory=list)
    failed: list[tuple[Key, StepError]] = field(default_factory=list)


def start_node(plan: Plan, row: Any) -> int | None:
    """The node at which an execution begins; None stands for all nodes without arrivals."""
    if row.trigger_node_id is not None and row.trigger_node_id in plan.index_of:
        return plan.index_of[row.trigger_node_id]
    triggers = plan.triggers()
    if not triggers:
        return None
    # A person's run starts where people start, another workflow's where workflows do.
    wanted = PREFERRED_STARTS if row.parent_id is None else tuple(reversed(PREFERRED_STARTS))
    for kind in wanted:
        for node in triggers:
            if node.definition.type == kind:
                return node.index
    return triggers[0].index


async def restore(run: ExecutionRun, items: Sequence[Item]) -> Resumed:
    """Replay what is recorded and sort what is open into ready, waiting and interrupted."""
    resumed = Resumed()
    plan = run.plan
    now = run.engine.clock.now()
    run.state, _commands = decide(run.state, Started(start_node(plan, run.row), items), now)
    rows = [row for row in run.leased.steps if row.node_id in plan.index_of]
    done = sorted((row for row in rows if row.position is not None), key=lambda row: row.position)
    for row in done:
        await _replay(run, row, now)
    resumed.position = done[-1].position + 1 if done else 0
    opened = {
        (plan.index_of[row.node_id], row.run_index): row for row in rows if row.position is None
    }
    for key, activation in list(run.state.active.items()):
        await _recall_items(run, activation)
        row = opened.get(key)
        if row is None:
            resumed.ready.append(activation)
        else:
            await _reopen(run, resumed, activation, row)
    return resumed


async def _replay(run: ExecutionRun, row: Any, now: float) -> None:
    key = (run.plan.index_of[row.node_id], row.run_index)
    if row.status == "succeeded" or (
        row.status == "failed" and (row.output is not None or row.artifact is not None)
    ):
        # A step that failed and has outputs gave its items on, as its ``on_error`` says.
        outputs = decode_outputs(
            await run.engine.payloads.read(row.workspace_id, row.output, row.artifact)
        )
        activation = run.state.active.get(key)
        if activation is not None:
            run.trail.add(activation, outputs, lineage.decode(row.lineage))
        run.state, _commands = decide(run.state, Succeeded(key, outputs), now)
    elif row.status == "failed":
        failed = Failed(key, error_from(row.error), final=True)
        run.state, _commands = decide(run.state, failed, now)


async def _reopen(run: ExecutionRun, resumed: Resumed, activation: Activation, row: Any) -> None:
    activation.attempt = row.attempt
    activation.origin = row.origin
    if row.status == "running":
        _was_in_flight(run, resumed, activation, row)
    elif row.status == "interrupted":
        _was_interrupted(resumed, activation, row)
    else:
        await _was_waiting(run, resumed, activation, row)


async def _recall_items(run: ExecutionRun, activation: Activation) -> None:
    """What has an outcome is not done again, but for what may still succeed."""
    here = (run.plan.nodes[activation.node].id, activation.run)
    rows = [one for one in run.leased.parts if (one.node_id, one.run_index) == here]
    progress = await read_progress(run.engine.payloads, rows)
    if progress is None:
        return
    node = run.plan.nodes[activation.node]
    for index, failure in list(progress.failed.items()):
        then = replace(activation, attempt=failure.attempt)
        if retry_delay(run.row.id, node, then, failure.error) is not None:
            del progress.failed[index]
    activation.progress = progress


def _was_in_flight(run: ExecutionRun, resumed: Resumed, activation: Activation, row: Any) -> None:
    """A crash came while the step ran: whether it happened, nobody knows."""
    node = run.plan.nodes[activation.node]
    if node.effect is not Effect.UNSAFE:
        activation.attempt += 1
        resumed.ready.append(activation)
        return
    resumed.interrupted.append(activation.key)
    stopped = step_row(run.plan, run.row, activation, "interrupted", row.started_at)
    resumed.rows.append(stopped)


def _was_interrupted(resumed: Resumed, activation: Activation, row: Any) -> None:
    decision = jsontext.loads(row.detail) if row.detail else {}
    resumed.waits[activation.key] = Wait(activation, "decision", row.started_at)
    match decision.get("decision"):
        case "retry":
            del resumed.waits[activation.key]
            activation.attempt += 1
            resumed.ready.append(activation)
        case "skip":
            items = [Item(values) for values in decision.get("output") or []]
            resumed.succeeded.append((activation.key, {"main": items}))
        case "fail":
            error = StepError("Marked as failed after an interruption.", "interrupted")
            resumed.failed.append((activation.key, error))
        case _:
            del resumed.waits[activation.key]
            resumed.interrupted.append(activation.key)


async def _was_waiting(
    run: ExecutionRun, resumed: Resumed, activation: Activation, row: Any
) -> None:
    detail: dict[str, Any] = jsontext.loads(row.detail) if row.detail else {"kind": "retry"}
    wait = Wait(
        activation,
        detail["kind"],
        row.started_at,
        row.due_at,
        detail.get("execution_id"),
        detail.get("terms", {}),
    )
    node_id = run.plan.nodes[activation.node].id
    now = run.engine.clock.now()
    found = check_wait(wait, node_id, run.leased, resumed.callbacks_taken, now)
    if wait.kind == "retry":
        activation.attempt += 1
        if found is not None:
            resumed.ready.append(activation)
            return
    resumed.waits[activation.key] = wait
    if found is None:
        return
    cause, callback_id = found
    if callback_id is not None:
        resumed.callbacks_taken.append(callback_id)
    await _over(run, resumed, wait, cause)


async def _over(run: ExecutionRun, resumed: Resumed, wait: Wait, cause: WakeCause) -> None:
    key = wait.activation.key
    if cause.error is not None:
        resumed.failed.append((key, cause.error))
    elif cause.item is not None:
        resumed.succeeded.append((key, {"main": [cause.item]}))
    elif cause.child is None:
        arrived = next((items for items in wait.activation.arrivals.values() if items), ())
        resumed.succeeded.append((key, {cause.port: list(arrived)}))
    elif cause.child.status == "succeeded":
        items = await run.engine.payloads.kept_items(run.row.workspace_id, cause.child.output)
        resumed.succeeded.append((key, {"main": items}))
    else:
        resumed.failed.append((key, _child_error(cause.child)))


def _child_error(child: Any) -> StepError:
    said = jsontext.loads(child.error)["message"] if child.error else f"it was {child.status}"
    return StepError(
        f"The workflow that was called did not succeed: {said}",
        "workflow_failed",
        detail={"execution_id": child.id},
    )
