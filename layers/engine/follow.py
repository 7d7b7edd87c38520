"""Those who wait for an execution: for its answer, for its end, or for whatever happens in it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from sqlalchemy import Row, text

from layers import jsontext
from layers.channel import Channel
from layers.database import Database
from layers.engine.outcomes import Answer, End
from layers.engine.payload_store import PayloadStore
from layers.engine.statuses import FINAL, RESTING, ExecutionStatus
from layers.work import DATABASE

READ_END = text(
    "SELECT workspace_id, status, response, output, error FROM executions WHERE id = :id"
)
READ_FOLLOWED = text("SELECT status, followed FROM executions WHERE id = :id")
FOLLOW = text("UPDATE executions SET followed = :yes WHERE id = :id")
LOOK_ANYWAY_S = 5.0
"""Until whoever waits for an outcome looks without having been told."""


class Followers:
    """Wakes waiters without polling: those of what runs here directly, others by the channel."""

    def __init__(
        self,
        database: Database,
        channel: Channel,
        payloads: PayloadStore,
        is_running: Callable[[str], bool],
        call_worker: Callable[[str], None],
    ) -> None:
        """``is_running`` says whether this process runs an execution.

        ``call_worker`` lets a worker look for work.
        """
        self._database = database
        self._channel = channel
        self._payloads = payloads
        self._is_running = is_running
        self._call_worker = call_worker
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

    @asynccontextmanager
    async def following(self, execution_id: str, bell: asyncio.Event) -> AsyncIterator[None]:
        """Set ``bell`` when something in the execution may have changed, wherever it runs.

        What is read in the block is what was before, or the bell rings for it.
        """
        async with self._channel.following(execution_id, bell):
            await DATABASE.run(self._follow, execution_id)
            yield

    def _follow(self, execution_id: str) -> None:
        """Let all who change the execution know that somebody follows.

        Whoever changes it holds its row, reads this, and tells; or this waits for their commit.
        """
        with self._database.asking() as connection:
            row = connection.execute(READ_FOLLOWED, {"id": execution_id}).one_or_none()
        if row is None or row.followed or row.status in FINAL:
            return
        followed = {"id": execution_id, "yes": True}
        self._database.transact(lambda connection: connection.execute(FOLLOW, followed))
        if row.status == ExecutionStatus.QUEUED:
            # A worker that was about to take it may have passed it by, since it was locked.
            self._call_worker(execution_id)

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
        follows = False
        async with AsyncExitStack() as stack:
            while True:
                if answer_counts and execution_id in self._answers:
                    return self._answers[execution_id]
                if execution_id in self._ends:
                    return self._ends[execution_id]
                if not self._is_running(execution_id):
                    if not follows and seconds > 0:
                        follows = True
                        await stack.enter_async_context(self.following(execution_id, bell))
                    found = await self._read_outcome(execution_id, answer_counts=answer_counts)
                    if found is not None:
                        return found
                left = deadline - loop.time()
                if left <= 0:
                    return None
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(bell.wait(), min(left, LOOK_ANYWAY_S))
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
