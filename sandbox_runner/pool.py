"""Keeps sandboxes ready and gives them out: one workspace a sandbox, for all of its life."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

from sandbox_runner.bounds import PATIENCE_S, Bounds, is_patient
from sandbox_runner.box import Box
from sandbox_runner.channel import Gone
from sandbox_runner.fair_queue import FairQueue, RunDemand, Waiter
from sandbox_runner.fair_share import ACTIVE_S, FairShare
from sandbox_runner.inventory import Inventory
from sandbox_runner.kinds import PLAIN, Kind
from sandbox_runner.scaling import Closed, Hooks, Scaling

_MOST_RUNS = 5000


class Pool:
    """Boxes that are ready, assigned, or being made, within the bounds."""

    def __init__(
        self,
        start: Callable[[Kind, bool], Awaitable[Box]],
        *,
        ready: int,
        most: int,
        most_each: int,
        memory_mb: int,
        idle_s: float,
    ) -> None:
        self._bounds = Bounds(ready, most, most_each, memory_mb, idle_s)
        self._inventory = Inventory()
        self._queue = FairQueue()
        self._tasks: set[asyncio.Task[None]] = set()
        self._timed: set[Box] = set()
        self._fair_share = FairShare()
        self._closed: str | None = "the runner is starting"
        hooks = Hooks(
            start, self._retire, self._rest, self._dispatch, self._spawn, lambda: not self._closed
        )
        self._scaling = Scaling(hooks, self._bounds, self._inventory, self._queue, self._fair_share)

    def open(self) -> None:
        """Start giving out sandboxes, and make the first ones ready."""
        self._closed = None
        self._scaling.fill()

    def counts(self) -> dict[str, int]:
        """Return how many sandboxes are ready, idle, busy, and how many runs wait."""
        return {
            "ready": len(self._inventory.ready),
            "idle": len(self._inventory.idle),
            "busy": len(self._inventory.busy),
            "starting": len(self._scaling.making),
            "waiting": len(self._queue),
        }

    def folders(self) -> list[Path]:
        """Return the folders of the host that sandboxes see."""
        kinds = [*(kind for _, kind in self._scaling.making), *self._inventory.kinds()]
        return [bind.source for kind in kinds for bind in kind.binds]

    def take(self, demand: RunDemand) -> Box | None:
        """Take a sandbox that this workspace has and that rests, if nobody waits for any."""
        if self._closed is not None or len(self._queue) or not self._has_memory_for(demand):
            return None
        return self._give(demand) if self._inventory.idle_for(demand) else None

    async def acquire(self, demand: RunDemand) -> Box:
        """Wait for a sandbox of this workspace; raises Closed. Cancelling gives up the place."""
        if self._closed is not None:
            raise Closed(self._closed)
        turn: asyncio.Future[Box] = asyncio.get_running_loop().create_future()
        waiter = Waiter(demand, turn)
        self._queue.add(waiter)
        self._dispatch()
        if not turn.done() and self._inventory.held(demand.workspace):
            asyncio.get_running_loop().call_later(PATIENCE_S + 0.001, self._dispatch)
        try:
            return await turn
        except asyncio.CancelledError:
            self._queue.remove(waiter)
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self._put_back(turn.result())
            raise

    def _share_processor(self, box: Box, workspace: str) -> None:
        """Have long runs of others give way to a light workspace's, and its own to those."""
        self._fair_share.note_start(workspace)
        box.share.heavy = self._fair_share.is_heavy(workspace)
        if box.share.heavy and not self._fair_share.others_active(workspace):
            return
        others = [other for other in self._inventory.busy if other.workspace != workspace]
        yielding = [box, *self._inventory.busy] if box.share.heavy else others
        among = sum(one.share.is_long or one.share.heavy for one in yielding)
        for one in [box] if box.share.heavy else others:
            one.share.give_way(ACTIVE_S, among)

    def release(self, box: Box) -> None:
        """Give a sandbox back after a run; it is idle once its zygote has cleaned up."""
        if box.workspace is not None:
            self._fair_share.note_use(box.workspace, box.used_s)
        if self._is_reusable(box) and box.settle_at_once():
            self._put_back(box)
        else:
            self._spawn(self._settle(box))

    def _is_reusable(self, box: Box) -> bool:
        return box.alive and box.runs < _MOST_RUNS and not self._inventory.is_single_use(box)

    async def close(self, reason: str) -> None:
        """Turn everybody away and remove every sandbox."""
        self._closed = reason
        while (waiter := self._queue.take(lambda _: True)) is not None:
            if not waiter.turn.done():
                waiter.turn.set_exception(Closed(reason))
        for box in list(self._inventory.busy):
            box.break_off("closed")
        while self._tasks or len(self._inventory):
            for box in self._inventory.all():
                self._inventory.forget(box)
                self._spawn(box.kill())
            if self._tasks:
                await asyncio.wait(list(self._tasks))

    async def _settle(self, box: Box) -> None:
        if self._is_reusable(box):
            with suppress(Gone, TimeoutError):
                async with asyncio.timeout(10):
                    fit = await box.settle()
                if fit:
                    self._put_back(box)
                    return
        self._retire(box)

    def _put_back(self, box: Box) -> None:
        self._inventory.busy.pop(box, None)
        if self._closed is not None or not box.alive:
            self._retire(box)
            return
        self._rest(box)
        self._dispatch()

    def _rest(self, box: Box) -> None:
        box.idle_since = time.monotonic()
        self._inventory.idle.append(box)
        if box not in self._timed:
            self._look_after(box, self._bounds.idle_s)

    def _look_after(self, box: Box, seconds: float) -> None:
        self._timed.add(box)
        asyncio.get_running_loop().call_later(seconds + 0.1, self._evict_if_idle, box)

    def _dispatch(self) -> None:
        """Give idle and ready sandboxes to those who wait, then see whether more are needed."""
        for box in [*self._inventory.ready, *self._inventory.idle]:
            if not box.alive:
                self._retire(box)
        while (waiter := self._queue.take(self._can_serve)) is not None:
            if waiter.turn.done():
                continue  # It was cancelled and has not left the line yet.
            waiter.turn.set_result(self._give(waiter.demand))
        self._scaling.grow()

    def _give(self, demand: RunDemand) -> Box:
        if not self._inventory.idle_for(demand):
            self._scaling.note_taken()
        box = self._inventory.take(demand)
        self._share_processor(box, demand.workspace)
        self._inventory.busy[box] = demand.memory_mb
        return box

    def _can_serve(self, waiter: Waiter) -> bool:
        if waiter.turn.done():
            return True
        if not self._has_memory_for(waiter.demand):
            return False
        return self._inventory.idle_for(waiter.demand) != [] or self._may_assign(waiter)

    def _has_memory_for(self, demand: RunDemand) -> bool:
        return self._inventory.has_memory_for(demand, self._bounds.memory_mb)

    def _may_assign(self, waiter: Waiter) -> bool:
        if waiter.demand.kind != PLAIN or not self._inventory.ready:
            return False
        held = self._inventory.held(waiter.workspace)
        if held and any(not self._inventory.held(head.workspace) for head in self._queue.heads()):
            return False  # Those who have none come first.
        return held < self._bounds.most_each and not is_patient(waiter, self._inventory)

    def _evict_if_idle(self, box: Box) -> None:
        self._timed.discard(box)
        if box in self._inventory.idle:
            left = box.idle_since + self._bounds.idle_s - time.monotonic()
            if left > 0:
                self._look_after(box, left)
            else:
                self._retire(box)

    def _retire(self, box: Box) -> None:
        self._inventory.forget(box)
        self._scaling.leaving += 1
        self._spawn(self._leave(box))

    async def _leave(self, box: Box) -> None:
        try:
            await box.kill()
        finally:
            self._scaling.leaving -= 1
        if self._closed is None:
            self._dispatch()
            self._scaling.grow()

    def _spawn(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
