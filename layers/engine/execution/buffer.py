"""What happened in an execution since its last write, and how it gets into the journal."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from layers.contract import Item
from layers.engine.accept import Incoming
from layers.engine.core.plan import Plan
from layers.engine.core.state import Activation, ItemProgress, Key
from layers.engine.execution.printing import Printing
from layers.engine.execution.waits import Wait
from layers.engine.history_rows import Remembered
from layers.engine.journal import Finishing, Record, Recorded, Suspending
from layers.engine.metering import STEPS, Usage
from layers.engine.outcomes import Answer
from layers.engine.parts import ItemOutcome, part_row
from layers.engine.ports import RunPorts
from layers.engine.rows import ExecutionRow
from layers.engine.statuses import StepStatus, WaitKind
from layers.engine.step_records import NOTHING, counts_text, step_row
from layers.errors import Unavailable
from layers.identity.audit import AuditEvent

T = TypeVar("T")
STORE_PATIENCE_S = 60.0
STORE_PAUSE_S = 1.0


class LeaseLost(Exception):
    """Another worker owns the execution now; nothing more may be written."""


class JournalBuffer:
    """The rows of steps that are not saved yet, and what else the next write takes along."""

    def __init__(self, ports: RunPorts, row: ExecutionRow, plan: Plan) -> None:
        self._ports = ports
        self._row = row
        self._plan = plan
        self.rows: dict[Key, dict[str, Any]] = {}
        self.starts: list[Incoming] = []
        self.callbacks_taken: list[str] = []
        self.remembered: list[Remembered] = []
        self.audit_events: list[AuditEvent] = []
        self.usages: list[Usage] = []
        self.items: dict[Key, tuple[ItemProgress, dict[int, ItemOutcome]]] = {}
        """Items of steps that are not over, whose outcomes are not saved yet."""
        self._parts_dropped: list[dict[str, Any]] = []
        self.printing = Printing(row, plan, ports.clock)
        self.position = 0
        self.must_save = False
        """An effect has happened, or somebody waits for an answer: do not go on unsaved."""
        self.lost = False
        self.written_bytes = 0
        """How much text of outputs the journal holds, as far as this run knows."""
        self._answer: Answer | None = None
        self._answer_saved = row.response is not None
        self._saved_at = time.monotonic()

    @property
    def age_s(self) -> float:
        """Seconds since the last write."""
        return time.monotonic() - self._saved_at

    def answer(self, answer: Answer) -> None:
        """Take a node's answer to the webhook's caller; the first one counts."""
        if self._answer is None and not self._answer_saved:
            self._answer = answer
            self.must_save = True

    def start(self, activation: Activation, now: float) -> None:
        """An effect is about to happen."""
        self.rows[activation.key] = step_row(
            self._plan, self._row, activation, StepStatus.RUNNING, now
        )

    @property
    def has_progress(self) -> bool:
        """Whether anything has happened that is not saved."""
        return bool(self.rows or self.items or self.printing.rows)

    def log_progress(
        self, activation: Activation, now: float, logs: Sequence[dict[str, Any]]
    ) -> None:
        """A step that began at ``now`` and runs has printed something: all of it so far."""
        self.printing.add(activation, logs)
        if self.printing.begins(activation):
            self.start(activation, now)

    def outcome(
        self,
        activation: Activation,
        status: StepStatus,
        started_at: float,
        outputs: Mapping[str, Sequence[Item]] = NOTHING,
    ) -> dict[str, Any]:
        """A step has its outcome, the next in the order of outcomes; returns the row to fill."""
        row = step_row(self._plan, self._row, activation, status, started_at, outputs)
        row["position"] = self.position
        row["finished_at"] = self._ports.clock.now()
        self.position += 1
        self.rows[activation.key] = row
        self._ports.on_step()
        return row

    def item_outcome(self, activation: Activation, index: int) -> None:
        """An item of a step that runs has its outcome."""
        progress = activation.progress
        assert progress is not None
        outcome = progress.done.get(index)
        noted = self.items.setdefault(activation.key, (progress, {}))[1]
        noted[index] = progress.failed[index] if outcome is None else outcome

    def items_done(self, activation: Activation) -> None:
        """All items of the step succeeded: its own row says all that there is to say."""
        self.items.pop(activation.key, None)
        if activation.progress is not None and activation.progress.parts:
            self._parts_dropped.append(self._place(activation.key))

    def _place(self, key: Key) -> dict[str, Any]:
        node_id = self._plan.nodes[key[0]].id
        return {"execution_id": self._row.id, "node_id": node_id, "run_index": key[1]}

    def _part_rows(self) -> list[dict[str, Any]]:
        noted, self.items = self.items, {}
        now = self._ports.clock.now()
        workspace = {"workspace_id": self._row.workspace_id}
        return [
            part_row({**workspace, **self._place(key)}, progress, outcomes, now)
            for key, (progress, outcomes) in noted.items()
        ]

    def gave(
        self, row: dict[str, Any], activation: Activation, outputs: Mapping[str, Sequence[Item]]
    ) -> None:
        """Count in a step's row what it gave, where that is known only after its outcome."""
        row["counts"] = counts_text(activation, outputs)

    def tries_again(self, row: dict[str, Any], moment: float) -> None:
        """The failure that was just noted is not the last word."""
        self.position -= 1
        row |= {
            "status": StepStatus.RETRYING.value,
            "position": None,
            "due_at": moment,
            "finished_at": None,
        }

    def suspend(self, wait: Wait) -> None:
        """A step waits."""
        row = step_row(self._plan, self._row, wait.activation, StepStatus.WAITING, wait.started_at)
        row |= {"due_at": wait.due_at, "detail": wait.detail()}
        self.rows[wait.activation.key] = row

    def keep_suspended(self, wait: Wait) -> None:
        """A step that waited when the lease began goes on waiting."""
        if wait.kind is not WaitKind.RETRY and wait.activation.key not in self.rows:
            self.suspend(wait)

    def cancelled(self, activation: Activation, *, journaled: bool) -> None:
        """A step will have no outcome. One that has one already keeps it: what happened stays."""
        row = self.rows.get(activation.key)
        journaled = journaled or activation.key in self.printing.begun
        now = self._ports.clock.now()
        if row is None and not journaled:
            return
        if row is not None and row["position"] is not None:
            return
        row = row or step_row(self._plan, self._row, activation, StepStatus.CANCELLED, now)
        self.rows[activation.key] = row | {"status": StepStatus.CANCELLED.value, "finished_at": now}

    async def save(
        self,
        active_s: float,
        finishing: Finishing | None = None,
        suspending: Suspending | None = None,
    ) -> Recorded:
        """Commit; raises LeaseLost if the execution is not ours any more."""
        # Whoever answers from now on, while this is written, asks for a write of its own.
        self.must_save = False
        rows = list(self.rows.values())
        self.rows = {}
        self.written_bytes += sum(len(row["output"] or "") for row in rows)
        parts = self._part_rows()
        dropped, self._parts_dropped = self._parts_dropped, []
        audit_events = list(self.audit_events)
        used = len(self.usages)
        usages = [*self.usages, *self._steps(rows)]
        payloads = self._ports.payloads
        await self.stored(lambda: payloads.move_large([*rows, *parts]))
        starting = self.starts
        starts = await self.stored(lambda: payloads.fit(starting))
        answer = self._answer if not self._answer_saved else None
        response = None
        if answer is not None:
            keep = partial(payloads.keep_answer, self._row.workspace_id, answer)
            response = await self.stored(keep)
        recorded = await self._ports.journal.record(
            Record(
                id=self._row.id,
                epoch=self._row.epoch,
                now=self._ports.clock.now(),
                is_sqlite=self._ports.journal.is_sqlite,
                steps=rows,
                logs=self.printing.take(),
                parts=parts,
                parts_dropped=dropped,
                starts=starts,
                callbacks_taken=self.callbacks_taken,
                remembered=self.remembered,
                finishing=finishing,
                suspending=suspending,
                response=response,
                active_s=active_s,
                forgives_crashes=self._forgives_crashes(rows),
                audit_events=audit_events,
                usages=usages,
                meter=self._ports.journal.meter,
            )
        )
        # On record, whoever owns the execution; more may have come in the meantime.
        del self.audit_events[: len(audit_events)]
        del self.usages[:used]
        if not recorded.owned:
            raise LeaseLost
        self._saved_at = time.monotonic()
        self.starts = []
        self.callbacks_taken = []
        self.remembered = []
        if answer is not None:
            self._answer_saved = True
            self._ports.observers.answered(self._row.id, answer)
        begun = {one.execution_id: one.items for one in starting if one.execution_id and one.items}
        self._ports.starter.pick_up(recorded.started, begun)
        return recorded

    def _steps(self, rows: Sequence[dict[str, Any]]) -> list[Usage]:
        """The steps that came out since the last write; known by the position of the first."""
        outcomes = [row["position"] for row in rows if row["position"] is not None]
        if not outcomes:
            return []
        return [
            Usage(
                workspace_id=self._row.workspace_id,
                meter=STEPS,
                source_id=f"{self._row.id}:{min(outcomes)}",
                quantity=len(outcomes),
                occurred_at=self._ports.clock.now(),
                workflow_id=self._row.workflow_id,
                execution_id=self._row.id,
            )
        ]

    async def stored(self, store: Callable[[], Awaitable[T]]) -> T:
        """Put something into the artifact store; while that is full or away, keep it and wait."""
        began = time.monotonic()
        while True:
            try:
                return await store()
            except Unavailable as error:
                if time.monotonic() - began > STORE_PATIENCE_S:
                    raise
                self._ports.log.warning("execution %s waits: %s", self._row.id, error.detail)
            await asyncio.sleep(STORE_PAUSE_S)
            if self.lost:
                raise LeaseLost

    def _forgives_crashes(self, rows: Sequence[dict[str, Any]]) -> bool:
        """Only crashes in a row count, and an outcome ends the row."""
        return self._row.crashes > 0 and any(row["position"] is not None for row in rows)
