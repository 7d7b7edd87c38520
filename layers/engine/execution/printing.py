"""What the steps of a run print, on its way into the journal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from layers import jsontext
from layers.clock import Clock
from layers.engine.core.plan import Plan
from layers.engine.core.state import Activation, Key
from layers.engine.rows import ExecutionRow
from layers.engine.step_logs import EPOCH_BITS, NewPieces


class Printing:
    """Makes rows of what is new, under positions that grow from lease to lease."""

    def __init__(self, row: ExecutionRow, plan: Plan, clock: Clock) -> None:
        self._row = row
        self._plan = plan
        self._clock = clock
        self._position = row.epoch << EPOCH_BITS
        self._new = NewPieces()
        self.rows: list[dict[str, Any]] = []
        """What is not saved yet."""
        self.begun: dict[Key, int] = {}
        """Steps that are on record as running only because they printed something, by attempt."""

    def add(self, activation: Activation, printed: Sequence[dict[str, Any]]) -> None:
        """Take what is new; ``printed`` is all that this attempt of a step printed so far."""
        for piece in self._new.of(activation.key, activation.attempt, printed):
            self._position += 1
            self.rows.append(
                {
                    "workspace_id": self._row.workspace_id,
                    "execution_id": self._row.id,
                    "position": self._position,
                    "node_id": self._plan.nodes[activation.node].id,
                    "run_index": activation.run,
                    "attempt": activation.attempt,
                    "stream": piece["stream"],
                    "text": jsontext.dumps(piece["text"]),
                    "created_at": self._clock.now(),
                }
            )

    def begins(self, activation: Activation) -> bool:
        """Whether it is the first that this attempt of a step printed while it runs."""
        was = self.begun.get(activation.key)
        self.begun[activation.key] = activation.attempt
        return was != activation.attempt

    def take(self) -> list[dict[str, Any]]:
        """The rows for the next write."""
        rows, self.rows = self.rows, []
        return rows
