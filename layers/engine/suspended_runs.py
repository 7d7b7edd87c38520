"""Executions that rest, as this process had them last, so that they go on without a replay."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from layers.engine.execution.progress import Progress
from layers.engine.rows import ExecutionRow

MOST_KEPT = 500
MOST_CHARACTERS = 16_000_000
"""Of all outputs together that those that rest were made of."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """Where an execution stood at the end of a lease."""

    epoch: int
    progress: Progress


class SuspendedRuns:
    """Keeps the latest ones, as long as they are small."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Remembered] = OrderedDict()
        self._characters = 0

    def keep(self, row: ExecutionRow, progress: Progress) -> None:
        """An execution rests: its journal says the same as this progress."""
        self.forget(row.id)
        if progress.size > MOST_CHARACTERS // 4:
            return
        self._kept[row.id] = Remembered(row.epoch, progress)
        self._characters += progress.size
        while len(self._kept) > MOST_KEPT or self._characters > MOST_CHARACTERS:
            self._characters -= self._kept.popitem(last=False)[1].progress.size

    def forget(self, execution_id: str) -> None:
        """It goes on, here or elsewhere."""
        found = self._kept.pop(execution_id, None)
        if found is not None:
            self._characters -= found.progress.size

    def of(self, ids: Sequence[str]) -> Mapping[str, Remembered]:
        """Those of these executions that are kept now; without ids all of them."""
        if not ids:
            return dict(self._kept)
        return {name: self._kept[name] for name in ids if name in self._kept}
