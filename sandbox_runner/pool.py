"""Keeps sandboxes ready and gives them out: one workspace a sandbox, for all of its life."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

from layers.log import logger
from sandbox_runner.box import Box
from sandbox_runner.channel import Gone
from sandbox_runner.waiting import FairQueue, Waiter

_log = logger("runner")
# A workspace that has a sandbox waits this long for it before it is given another one.
_PATIENCE_S = 0.05
_MOST_RUNS = 400
_MOST_FAILURES = 3


class Closed(Exception):
    """The pool gives out no sandboxes; the text says why."""


class Pool:
    """Boxes that are ready, assigned, or being made, within the bounds."""

    def __init__(
        self,
        start: Callable[[], Awaitable[Box]],
        *,
        ready: int,
        most: int,
        most_each: int,
        memory_mb: int,
        idle_s: float,
    ) -> None:
        self._start = start
        self._wanted_ready, self._most, self._most_each = ready, most, most_each
        self._memory_mb, self._idle_s = memory_mb, idle_s
        self._ready: list[Box] = []
        self._idle: list[Box] = []
        self._assigned: dict[str, set[Box]] = {}
        self._busy: dict[Box, int] = {}
        self._making = 0
        self._leaving = 0
        self._queue = FairQueue()
        self._tasks: set[asyncio.Task[None]] = set()
        self._failures = 0
        self._closed: str | None = "the runner is starting"

    def open(self) -> None:
        """Start giving out sandboxes, and make the first ones ready."""
        self._closed = None
        self._fill()

    def counts(self) -> dict[str, int]:
        """Return how many sandboxes are ready, idle, busy, and how many runs wait."""
        return {
            "ready": len(self._ready),
            "idle": len(self._idle),
            "busy": len(self._busy),
            "starting": self._making,
            "waiting": len(self._queue),
        }

    async def acquire(self, workspace: str, memory_mb: int, warm_key: str | None) -> Box:
        """Wait for a sandbox of this workspace; raises Closed. Cancelling gives up the place."""
        if self._closed is not None:
            raise Closed(self._closed)
        turn: asyncio.Future[Box] = asyncio.get_running_loop().create_future()
        waiter = Waiter(workspace, memory_mb, warm_key, turn)
        self._queue.add(waiter)
        self._dispatch()
        if not turn.done() and self._assigned.get(workspace):
            asyncio.get_running_loop().call_later(_PATIENCE_S + 0.001, self._dispatch, False)
        try:
            return await turn
        except asyncio.CancelledError:
            self._queue.remove(waiter)
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self._put_back(turn.result())
            raise

    def release(self, box: Box) -> None:
        """Give a sandbox back after a run; it is idle once its zygote has cleaned up."""
        self._spawn(self._settle(box))

    async def close(self, reason: str) -> None:
        """Turn everybody away and remove every sandbox."""
        self._closed = reason
        while (waiter := self._queue.take(lambda _: True)) is not None:
            if not waiter.turn.done():
                waiter.turn.set_exception(Closed(reason))
        for box in list(self._busy):
            box.break_off("closed")
        while self._tasks or self._ready or self._idle or self._busy:
            for box in [*self._ready, *self._idle, *self._busy]:
                self._forget(box)
                self._spawn(self._remove(box))
            if self._tasks:
                await asyncio.wait(list(self._tasks))

    async def _settle(self, box: Box) -> None:
        if box.alive and box.runs < _MOST_RUNS:
            with suppress(Gone, TimeoutError):
                async with asyncio.timeout(10):
                    fit = await box.settle()
                if fit:
                    self._put_back(box)
                    return
        self._retire(box)

    def _put_back(self, box: Box) -> None:
        self._busy.pop(box, None)
        if self._closed is not None or not box.alive:
            self._retire(box)
            return
        box.idle_since = time.monotonic()
        self._idle.append(box)
        loop = asyncio.get_running_loop()
        loop.call_later(self._idle_s + 0.1, self._evict_if_idle, box, box.runs)
        self._dispatch()

    def _dispatch(self, patient: bool = True) -> None:
        """Give idle and ready sandboxes to those who wait, then see whether more are needed."""
        for box in [*self._ready, *self._idle]:
            if not box.alive:
                self._retire(box)
        while (waiter := self._queue.take(self._can_serve)) is not None:
            if waiter.turn.done():
                continue  # It was cancelled and has not left the line yet.
            box = self._choose(waiter)
            self._busy[box] = waiter.memory_mb
            waiter.turn.set_result(box)
        self._grow(patient)

    def _can_serve(self, waiter: Waiter) -> bool:
        if waiter.turn.done():
            return True
        if self._busy and sum(self._busy.values()) + waiter.memory_mb > self._memory_mb:
            return False
        return self._idle_of(waiter.workspace) != [] or self._may_assign(waiter)

    def _may_assign(self, waiter: Waiter) -> bool:
        held = len(self._assigned.get(waiter.workspace, ()))
        patient = held > 0 and time.monotonic() - waiter.since < _PATIENCE_S
        return bool(self._ready) and held < self._most_each and not patient

    def _idle_of(self, workspace: str) -> list[Box]:
        return [box for box in self._idle if box.workspace == workspace]

    def _choose(self, waiter: Waiter) -> Box:
        mine = self._idle_of(waiter.workspace)
        if mine:
            warm = [box for box in mine if waiter.warm_key in box.warm]
            box = (warm or mine)[-1]
            self._idle.remove(box)
            return box
        box = self._ready.pop(0)
        box.workspace = waiter.workspace
        self._assigned.setdefault(waiter.workspace, set()).add(box)
        return box

    def _total(self) -> int:
        return len(self._ready) + len(self._idle) + len(self._busy) + self._making + self._leaving

    def _grow(self, patient: bool = False) -> None:
        """Make one more sandbox where somebody waits and may have it, or where ready ones lack."""
        if self._closed is not None:
            return
        hungry = [w for w in self._queue.heads() if self._may_grow(w.workspace, patient)]
        if hungry and not self._making:
            if self._total() >= self._most and not self._evict_for(hungry[0].workspace):
                return
            self._make()
        else:
            self._fill()

    def _may_grow(self, workspace: str, patient: bool) -> bool:
        held = len(self._assigned.get(workspace, ()))
        return held == 0 if patient else held < self._most_each

    def _fill(self) -> None:
        # One at a time: starting a sandbox is dear, and somebody's run may want the processor.
        lacking = self._wanted_ready - len(self._ready) - self._making
        if lacking > 0 and not self._making and self._total() < self._most:
            self._make()

    def _make(self) -> None:
        self._making += 1
        self._spawn(self._make_one())

    async def _make_one(self) -> None:
        try:
            box = await self._start()
        except (Gone, OSError) as error:
            self._making -= 1
            self._failures += 1
            _log.error("a sandbox did not start: %s", error)
            self._turn_away(str(error))
            return
        self._making -= 1
        self._failures = 0
        self._ready.append(box)
        if self._closed is None:
            self._dispatch()

    def _turn_away(self, reason: str) -> None:
        """After a failed start, answer those who have no other sandbox to hope for."""
        for waiter in self._queue.heads():
            if not self._assigned.get(waiter.workspace):
                self._queue.remove(waiter)
                if not waiter.turn.done():
                    waiter.turn.set_exception(Closed(f"no sandbox could be started: {reason}"))
        if self._failures < _MOST_FAILURES:
            asyncio.get_running_loop().call_later(1.0, self._grow)

    def _evict_for(self, workspace: str) -> bool:
        others = [box for box in self._idle if box.workspace != workspace]
        if others:
            self._retire(min(others, key=lambda box: box.idle_since))
        return False  # The place is free once the sandbox is gone; that dispatches again.

    def _evict_if_idle(self, box: Box, runs: int) -> None:
        if box in self._idle and box.runs == runs:
            self._retire(box)

    def _retire(self, box: Box) -> None:
        self._forget(box)
        self._leaving += 1
        self._spawn(self._leave(box))

    async def _leave(self, box: Box) -> None:
        try:
            await box.kill()
        finally:
            self._leaving -= 1
        if self._closed is None:
            self._dispatch()
            self._grow()

    async def _remove(self, box: Box) -> None:
        await box.kill()

    def _forget(self, box: Box) -> None:
        for held in (self._ready, self._idle):
            if box in held:
                held.remove(box)
        self._busy.pop(box, None)
        if box.workspace is not None and box.workspace in self._assigned:
            self._assigned[box.workspace].discard(box)
            if not self._assigned[box.workspace]:
                del self._assigned[box.workspace]

    def _spawn(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
