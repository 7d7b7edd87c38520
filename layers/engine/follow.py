"""Those who wait for an execution: for its answer, or for its end."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

from sqlalchemy import Row, text

from layers import jsontext
from layers.database import Database
from layers.engine.outcomes import Answer, End
from layers.engine.payload_store import PayloadStore
from layers.engine.statuses import RESTING, ExecutionStatus
from layers.work import DATABASE

READ_END = text(
    "SELECT workspace_id, status, response, output, error FROM executions WHERE id = :id"
)
ELSEWHERE_POLL_S = 0.05
HERE_POLL_S = 5.0


class Followers:
    """Wakes waiters without polling when the execution runs here, and with it elsewhere."""

    def __init__(
        self, database: Database, payloads: PayloadStore, is_running: Callable[[str], bool]
    ) -> None:
        """``is_running`` says whether this process runs an execution."""
        self._database = database
        self._payloads = payloads
        self._is_running = is_running
        self._bells: dict[str, list[asyncio.Event]] = {}
        self._answers: dict[str, Answer] = {}
        self._ends: dict[str, End] = {}

    def answered(self, execution_id: str, answer: Answer) -> None:
        """A node has answered, and the answer is on record."""
        if execution_id in self._bells:
            self._answers[execution_id] = answer
            self._ring(execution_id)

    def ended(self, execution_id: str, end: End) -> None:
        """The execution ended here, and that is on record."""
        if execution_id in self._bells:
            self._ends[execution_id] = end
            self._ring(execution_id)

    def changed(self, execution_id: str) -> None:
        """It rests, or another process has it: look again."""
        self._ring(execution_id)

    def _ring(self, execution_id: str) -> None:
        for bell in self._bells.get(execution_id, ()):
            bell.set()

    async def wait_for_outcome(
        self, execution_id: str, seconds: float, *, answer_counts: bool
    ) -> Answer | End | None:
        """Wait for the end or, if it counts, for an answer; None if both take longer."""
        bell = asyncio.Event()
        self._bells.setdefault(execution_id, []).append(bell)
        try:
            return await self._wait_for_outcome(execution_id, bell, seconds, answer_counts)
        finally:
            waiting = self._bells[execution_id]
            waiting.remove(bell)
            if not waiting:
                del self._bells[execution_id]
                self._answers.pop(execution_id, None)
                self._ends.pop(execution_id, None)

    async def _wait_for_outcome(
        self, execution_id: str, bell: asyncio.Event, seconds: float, answer_counts: bool
    ) -> Answer | End | None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        while True:
            if answer_counts and execution_id in self._answers:
                return self._answers[execution_id]
            if execution_id in self._ends:
                return self._ends[execution_id]
            here = self._is_running(execution_id)
            if not here:
                found = await self._read_outcome(execution_id, answer_counts=answer_counts)
                if found is not None:
                    return found
            left = deadline - loop.time()
            if left <= 0:
                return None
            patience = min(left, HERE_POLL_S if here else ELSEWHERE_POLL_S)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(bell.wait(), patience)
            bell.clear()

    async def _read_outcome(self, execution_id: str, *, answer_counts: bool) -> Answer | End | None:
        row = await DATABASE.run(self._read, execution_id)
        if answer_counts and row.response is not None:
            return await self._payloads.kept_answer(row.workspace_id, row.response)
        if row.status not in RESTING:
            return None
        items = await self._payloads.kept_items(row.workspace_id, row.output)
        error = None if row.error is None else jsontext.loads(row.error)
        return End(ExecutionStatus(row.status), items, error)

    def _read(self, execution_id: str) -> Row[Any]:
        with self._database.asking() as connection:
            return connection.execute(READ_END, {"id": execution_id}).one()
