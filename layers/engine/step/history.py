"""The history of a node as one of its steps uses it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection

from layers import jsontext
from layers.contract import Json, NodeError
from layers.database import Database
from layers.engine import history_rows
from layers.engine.history_rows import Busy, Remembered, Step
from layers.work import DATABASE

T = TypeVar("T")
PATIENCE_S = 90.0
"""Longer than a lease: somebody who died is followed by somebody who finishes the step."""
PAUSE_S = 0.05


class StepHistory:
    """The ``History`` of one attempt; ``manual`` ones add nothing."""

    def __init__(self, database: Database, step: Step, now: Callable[[], float], manual: bool):
        self._database = database
        self._step = step
        self._now = now
        self._manual = manual
        self._most = history_limit(None)
        self._max_age_s: float | None = None
        self._last: str | None = None
        self._claimed = False

    async def unseen(
        self, keys: Sequence[str], *, most: int = 10_000, max_age_s: float | None = None
    ) -> frozenset[str]:
        """Return the keys that were not seen; the others are seen now."""
        self._most = history_limit(most)
        self._max_age_s = max_age_s
        now = self._now()
        oldest = now - max_age_s if max_age_s is not None else -1.0
        step = self._step
        if self._manual:
            known = await self._read(lambda to: history_rows.seen(to, step, list(keys), oldest))
            return frozenset(keys) - known
        found = await self._claim(lambda to: history_rows.claim(to, step, keys, now, oldest))
        return frozenset(found)

    async def last(self) -> Json:
        """Return the last value."""
        step, now = self._step, self._now()
        if self._manual:
            text = await self._read(lambda to: history_rows.last_value(to, step))
        else:
            text = await self._claim(lambda to: history_rows.claim_last(to, step, now))
        return None if text is None else jsontext.loads(text)

    def keep_last(self, value: Json) -> None:
        """Keep the value, unless the run is a manual one."""
        self._last = jsontext.dumps(value)

    def remembered(self, *, succeeded: bool) -> Remembered | None:
        """What the journal writes with the step's outcome; None where nothing was claimed."""
        if not self._claimed:
            return None
        return Remembered(self._step, succeeded, self._most, self._max_age_s, self._last)

    async def _read(self, look: Callable[[Connection], T]) -> T:
        def read() -> T:
            with self._database.reading() as connection:
                return look(connection)

        return await DATABASE.run(read)

    async def _claim(self, take: Callable[[Connection], T]) -> T:
        give_up_at = time.monotonic() + PATIENCE_S
        self._claimed = True
        while True:
            try:
                return await DATABASE.run(self._database.transact, take)
            except Busy:
                if time.monotonic() > give_up_at:
                    raise NodeError(
                        "Another execution of this workflow is at the same node, and does not "
                        "get on; try again when it has ended.",
                        kind="history_busy",
                        retry=True,
                    ) from None
            await asyncio.sleep(PAUSE_S)


def history_limit(most: Any) -> int:
    """How many keys are kept."""
    return max(1, min(int(most or 10_000), 1_000_000))


class NoHistory:
    """The ``History`` where nothing is remembered: for a function that is served alone."""

    async def unseen(
        self, keys: Sequence[str], *, most: int = 10_000, max_age_s: float | None = None
    ) -> frozenset[str]:
        """Nothing was seen."""
        return frozenset(keys)

    async def last(self) -> Json:
        """Nothing was kept."""
        return None

    def keep_last(self, value: Json) -> None:
        """Keep nothing."""
