"""What becomes of a step that gave something, failed or has to wait."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from layers import jsontext
from layers.contract import Item, Outcome, PerItem
from layers.contract.suspension import CallWorkflow, WaitForCallback, WaitUntil
from layers.engine.core.decide import handled_outputs
from layers.engine.core.definition import OnError
from layers.engine.core.emptiness import filled
from layers.engine.core.lineage import encode, trace
from layers.engine.core.state import Activation, Failed, Key, StepError, Succeeded
from layers.engine.execution.buffer import JournalBuffer
from layers.engine.execution.progress import Progress
from layers.engine.execution.subflows import Subflow
from layers.engine.execution.waits import Wait, terms_of
from layers.engine.parts import errors_text
from layers.engine.statuses import StepStatus, WaitKind
from layers.engine.step import itemwise
from layers.engine.step.checking import step_error
from layers.engine.step.context import StepContext
from layers.engine.step_records import error_text, output_text


class Settling:
    """Writes outcomes into the buffer and tells the core of them."""

    def __init__(self, progress: Progress, buffer: JournalBuffer, wake: Callable[[], None]) -> None:
        """``wake`` is called when something is to be written that nobody may know of yet."""
        self._progress = progress
        self._buffer = buffer
        self._wake = wake

    def came_out(
        self, activation: Activation, context: StepContext, outcome: Outcome | Subflow
    ) -> None:
        """A step's function has returned."""
        self._buffer.printing.add(activation, context.logs)
        if isinstance(outcome, WaitUntil):
            self._suspend(Wait(activation, WaitKind.TIMER, context.now, outcome.moment))
        elif isinstance(outcome, WaitForCallback):
            due_at, terms = outcome.expires_at, terms_of(outcome)
            kind = WaitKind.CALLBACK
            self._suspend(Wait(activation, kind, context.now, due_at, terms=terms))
        elif isinstance(outcome, Subflow):
            self._called(activation, context, outcome)
        elif not isinstance(outcome, PerItem | CallWorkflow):
            self._succeeded(activation, context, outcome)

    def raised(self, activation: Activation, context: StepContext, error: BaseException) -> None:
        """A step's function has raised this."""
        self._buffer.printing.add(activation, context.logs)
        if isinstance(error, itemwise.ItemsFailed):
            self._failed(activation, context, error.first)
            return
        described = step_error(self._progress.node(activation), error)
        if activation.progress is not None:
            itemwise.all_failed(activation, described, context.items)
        self._failed(activation, context, described)

    def item_came_out(self, context: StepContext, index: int) -> None:
        """An item of a step that runs has its outcome."""
        if len(context.items) > 1:
            if not self._buffer.items:
                self._wake()
            self._buffer.item_outcome(context.activation, index)

    def wait_over(self, key: Key, outputs: Mapping[str, Sequence[Item]], wait: Wait) -> None:
        """A step that waited, here or in an earlier lease, goes on with these items."""
        outputs = filled(self._progress.plan.nodes[key[0]], wait.activation, outputs)
        buffer = self._buffer
        row = buffer.outcome(wait.activation, StepStatus.SUCCEEDED, wait.started_at, outputs)
        row["output"] = output_text(outputs)
        self._follow(wait.activation, outputs, row)
        self._progress.decide(Succeeded(key, outputs))

    def wait_failed(self, key: Key, error: StepError, wait: Wait) -> None:
        """What a step waited for went wrong."""
        row = self._buffer.outcome(wait.activation, StepStatus.FAILED, wait.started_at)
        row["error"] = error_text(error)
        self._progress.decide(Failed(key, error, final=True))
        if self._progress.node(wait.activation).definition.on_error is not OnError.STOP:
            self._was_handled(wait.activation, row, error)

    def _succeeded(
        self, activation: Activation, context: StepContext, outputs: Mapping[str, Sequence[Item]]
    ) -> None:
        node = self._progress.node(activation)
        outputs = filled(node, activation, outputs)
        try:
            text = output_text(outputs)
        except jsontext.InvalidJson as error:
            wrong = StepError(str(error), "not_json")
            self._failed(activation, context, itemwise.blame(node, context, wrong))
            return
        row = self._buffer.outcome(activation, StepStatus.SUCCEEDED, context.now, outputs)
        row["output"] = text
        self._follow(activation, outputs, row)
        self._remember(context, succeeded=True)
        self._buffer.items_done(activation)
        self._progress.decide(Succeeded(activation.key, outputs))

    def _follow(
        self, activation: Activation, outputs: Mapping[str, Sequence[Item]], row: dict[str, Any]
    ) -> None:
        """Note where the items that a step gave came from."""
        lineage = trace(activation, outputs)
        row["lineage"] = encode(lineage)
        self._progress.trail.add(activation, outputs, lineage)

    def _remember(self, context: StepContext, *, succeeded: bool) -> None:
        remembered = context.remembered(succeeded=succeeded)
        if remembered is not None:
            # Others may wait for what becomes of it.
            self._buffer.remembered.append(remembered)
            self._buffer.must_save = True

    def _failed(self, activation: Activation, context: StepContext, error: StepError) -> None:
        row = self._buffer.outcome(activation, StepStatus.FAILED, context.now)
        row["error"] = error_text(error)
        self._remember(context, succeeded=False)
        if activation.progress is not None:
            row["item_errors"] = errors_text(activation.progress)
        again = self._progress.decide(Failed(activation.key, error))
        if again is not None:
            self._buffer.tries_again(row, again.moment)
            wait = Wait(activation, WaitKind.RETRY, context.now, again.moment)
            self._progress.waits.add(wait)
        elif self._progress.node(activation).definition.on_error is not OnError.STOP:
            self._was_handled(activation, row, error)

    def _was_handled(self, activation: Activation, row: dict[str, Any], error: StepError) -> None:
        """The execution goes on with the failed items; of several some may have succeeded."""
        outputs = handled_outputs(self._progress.node(activation), activation, error)
        self._buffer.gave(row, activation, outputs)
        self._follow(activation, outputs, row)
        row["output"] = output_text(outputs)
        if activation.progress is not None and activation.progress.done:
            row |= {"status": StepStatus.SUCCEEDED.value, "error": None}

    def _suspend(self, wait: Wait) -> None:
        self._progress.waits.add(wait)
        self._buffer.suspend(wait)

    def _called(self, activation: Activation, context: StepContext, subflow: Subflow) -> None:
        child_id = subflow.start.execution_id
        self._buffer.starts.append(subflow.start)
        self._buffer.must_save = True
        if subflow.is_awaited:
            sent = encode(trace(activation, {"main": subflow.start.items or ()}))
            wait = Wait(activation, WaitKind.WORKFLOW, context.now, child_id=child_id, sent=sent)
            self._suspend(wait)
        else:
            self._succeeded(activation, context, {"main": [Item({"execution_id": child_id})]})
