"""How a lease ends: the execution is over, rests, or is left to another process."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from layers import jsontext
from layers.contract import Item, Json
from layers.engine.core.state import Ending, Finish, StepError
from layers.engine.execution.buffer import JournalBuffer
from layers.engine.execution.progress import Progress
from layers.engine.execution.subflows import error_workflow
from layers.engine.item_codec import encode_items, encode_result
from layers.engine.journal import Finishing, Recorded, Suspending
from layers.engine.outcomes import End
from layers.engine.ports import RunPorts
from layers.engine.rows import ExecutionRow, StepRow
from layers.engine.statuses import ExecutionStatus, StepStatus, WaitKind

Save = Callable[[Finishing | Suspending], Awaitable[Recorded]]
"""Writes what happened since the last write, and how the lease ends."""


class Finisher:
    """Writes the last record of a lease, and tells whoever has to know."""

    def __init__(
        self,
        ports: RunPorts,
        row: ExecutionRow,
        progress: Progress,
        buffer: JournalBuffer,
        save: Save,
    ) -> None:
        self._ports = ports
        self._row = row
        self._progress = progress
        self._buffer = buffer
        self._save = save

    async def finish(self, finish: Finish) -> None:
        """The execution is over: whoever waits for it is told, and its parent goes on."""
        progress, row = self._progress, self._row
        for key, activation in progress.state.active.items():
            self._buffer.cancelled(activation, journaled=progress.is_journaled(key))
        output = None
        last: Sequence[Item] = ()
        if finish.ending is Ending.SUCCEEDED:
            last, text = result_of(progress, has_caller=row.parent_id is not None)
            payloads = self._ports.payloads
            output = await self._buffer.stored(lambda: payloads.keep(row.workspace_id, text))
        error = self._error(finish)
        if finish.ending is Ending.FAILED:
            start = await error_workflow(self._ports, row, progress.plan, finish)
            if start is not None:
                self._buffer.starts.append(start)
        children = progress.waits.children
        error_text = None if error is None else jsontext.dumps(error)
        status = ExecutionStatus(finish.ending)
        await self._save(Finishing(status, error_text, output, row.parent_id))
        leaves = {
            progress.plan.nodes[node].id: leaf.items for node, leaf in progress.state.leaves.items()
        }
        self._ports.observers.ended(row.id, End(status, list(last), error, leaves))
        if row.parent_id is not None:
            self._ports.starter.pick_up((row.parent_id,))
        if finish.ending is not Ending.SUCCEEDED and children:
            await self._ports.starter.cancel(children)

    async def give_up(self, steps: Sequence[StepRow]) -> None:
        """End an execution whose owners died again and again; ``steps`` are those on record."""
        error = StepError(
            f"It came no further in {self._row.crashes} attempts, because the process that ran it "
            "died each time or could not store anything; it is not tried again.",
            "crashed",
        )
        now = self._ports.clock.now()
        for row in steps:
            if row.position is None and row.node_id in self._progress.plan.index_of:
                key = self._progress.plan.index_of[row.node_id], row.run_index
                closed = {"status": StepStatus.CANCELLED.value, "due_at": None, "finished_at": now}
                self._buffer.rows[key] = {**row.values(), **closed}
        self._progress.state.finish = Finish(Ending.FAILED, error)
        await self.finish(self._progress.state.finish)

    def _error(self, finish: Finish) -> dict[str, Json] | None:
        if finish.error is None:
            return None
        return {
            "message": finish.error.message,
            "kind": finish.error.kind,
            "node_id": None if finish.node is None else self._progress.plan.nodes[finish.node].id,
            "detail": dict(finish.error.detail),
        }

    async def suspend(self) -> Recorded:
        """The execution rests until a time, a call, a child's end, or a person's decision."""
        progress, waits = self._progress, self._progress.waits
        for wait in waits.values():
            self._buffer.keep_suspended(wait)
        due_at = waits.next_due
        status = ExecutionStatus.WAITING
        if progress.interrupted and due_at is None and not waits.children:
            status = ExecutionStatus.INTERRUPTED
        callbacks = tuple(
            (progress.node(wait.activation).id, wait.activation.run)
            for wait in waits.values()
            if wait.kind is WaitKind.CALLBACK
        )
        interrupted = bool(progress.interrupted)
        return await self._save(Suspending(status, due_at, waits.children, callbacks, interrupted))

    async def leave_to_others(self) -> None:
        """The process ends: what is not done is due at once, for whoever takes it."""
        for wait in self._progress.waits.values():
            self._buffer.keep_suspended(wait)
        await self._save(Suspending(ExecutionStatus.WAITING, self._ports.clock.now()))
        self._ports.starter.handed_over(self._row.id)


def result_of(progress: Progress, *, has_caller: bool) -> tuple[Sequence[Item], str]:
    """The items of the last node, and how they are kept: for a caller with their origins."""
    node, leaf = next(reversed(progress.state.leaves.items()), (0, None))
    if leaf is None:
        return (), encode_items(())
    items = leaf.items
    if not has_caller:
        return items, encode_items(items)
    return items, encode_result(items, progress.trail.beginnings(node, leaf))
