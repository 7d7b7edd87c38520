"""The steps of a run that are under way beside its loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Sequence
from typing import Any, TypeAlias

from layers.contract import Outcome
from layers.engine.core.state import Activation, Key
from layers.engine.execution.buffer import JournalBuffer
from layers.engine.execution.subflows import Subflow
from layers.engine.step.context import StepContext

LIVE_S = 0.5
"""How often at most is written down what steps print while they run."""
STOP_S = 3.0

Came: TypeAlias = Outcome | Subflow
Logs: TypeAlias = Sequence[dict[str, Any]]
Ended: TypeAlias = tuple[Activation, StepContext, Came | BaseException]


class StepTasks:
    """Tasks by the step that each of them runs, and what those steps print meanwhile."""

    def __init__(self) -> None:
        self._tasks: dict[asyncio.Task[Came], tuple[Activation, StepContext]] = {}
        self._heard: dict[Key, tuple[Activation, float, Logs]] = {}
        self._control = asyncio.Event()

    def __len__(self) -> int:
        return len(self._tasks)

    @property
    def has_news(self) -> bool:
        """Whether a step has printed something that is not written down."""
        return bool(self._heard)

    def wake(self) -> None:
        """Let ``wait`` return: somebody wants something of the run."""
        self._control.set()

    def begin(
        self, work: Coroutine[Any, Any, Came], activation: Activation, context: StepContext
    ) -> None:
        """Run a step beside the others."""
        self._tasks[asyncio.create_task(work)] = (activation, context)

    def hear(self, activation: Activation, began: float, logs: Logs) -> None:
        """A step has printed something; ``logs`` is all of it so far."""
        if not self._heard:
            self.wake()
        self._heard[activation.key] = (activation, began, logs)

    def write_logs(self, buffer: JournalBuffer) -> None:
        """Put into the buffer what running steps have printed."""
        if buffer.age_s < LIVE_S:
            return
        running = {activation.key for activation, _ in self._tasks.values()}
        for key, (activation, began, logs) in self._heard.items():
            if key in running:
                buffer.log_progress(activation, began, logs)
        self._heard.clear()

    async def wait(self, patience_s: float, check: Callable[[], None]) -> list[Ended]:
        """Wait for a step, a call of ``wake``, or so many seconds; returns what has ended.

        ``check`` may raise before what has ended counts.
        """
        control = asyncio.ensure_future(self._control.wait())
        try:
            done, _pending = await asyncio.wait(
                [*self._tasks, control],
                timeout=patience_s,
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            control.cancel()
        # What was asked for is kept in flags; left set, this would never rest again.
        self._control.clear()
        check()
        return list(self._ended(done))

    def _ended(self, done: set[asyncio.Task[Any]]) -> Iterator[Ended]:
        for task in done:
            if task in self._tasks:
                activation, context = self._tasks.pop(task)
                if task.cancelled():
                    # Not cancelled from here, a step can have been cancelled from within.
                    yield activation, context, asyncio.CancelledError("it was cancelled")
                else:
                    yield activation, context, task.exception() or task.result()

    async def stop(self) -> None:
        """Cancel whatever still runs."""
        tasks = list(self._tasks)
        self._tasks.clear()
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=STOP_S)
