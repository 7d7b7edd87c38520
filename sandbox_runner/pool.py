"""Keeps sandboxes ready and gives them out: one workspace a sandbox, for all of its life."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

from layers.log import logger
from sandbox_runner.box import Box
from sandbox_runner.channel import Gone
from sandbox_runner.courtesy import ACTIVE_S, Courtesy
from sandbox_runner.kinds import PLAIN, Kind
from sandbox_runner.waiting import FairQueue, Waiter, Wish

_log = logger("runner")
# A workspace that has a sandbox waits this long for it before it is given another one.
_PATIENCE_S = 0.05
_MOST_RUNS = 5000
_MOST_FAILURES = 3
# So many ready sandboxes as were taken within this time are kept ready for the next.
_DEMAND_S = 10.0


class Closed(Exception):
    """The pool gives out no sandboxes; the text says why."""


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
        self._start = start
        self._wanted_ready, self._most, self._most_each = ready, most, most_each
        self._memory_mb, self._idle_s = memory_mb, idle_s
        self._ready: list[Box] = []
        self._idle: list[Box] = []
        self._assigned: dict[str, set[Box]] = {}
        self._busy: dict[Box, int] = {}
        self._making: list[tuple[str | None, Kind]] = []
        self._leaving = 0
        self._taken: deque[float] = deque()
        self._queue = FairQueue()
        self._tasks: set[asyncio.Task[None]] = set()
        self._single: set[Box] = set()
        self._timed: set[Box] = set()
        self._courtesy = Courtesy()
        self._failures = 0
        self._later: asyncio.TimerHandle | None = None
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
            "starting": len(self._making),
            "waiting": len(self._queue),
        }

    def folders(self) -> list[Path]:
        """Return the folders of the host that sandboxes see."""
        boxes = (*self._idle, *self._busy)
        making = [kind for _, kind in self._making]
        kinds = [*making, *(box.kind for box in boxes)]
        return [bind.source for kind in kinds for bind in kind.binds]

    def take(self, wish: Wish) -> Box | None:
        """Take a sandbox that this workspace has and that rests, if nobody waits for any."""
        if self._closed is not None or len(self._queue) or not self._has_memory_for(wish):
            return None
        return self._give(wish) if self._idle_for(wish) else None

    async def acquire(self, wish: Wish) -> Box:
        """Wait for a sandbox of this workspace; raises Closed. Cancelling gives up the place."""
        if self._closed is not None:
            raise Closed(self._closed)
        turn: asyncio.Future[Box] = asyncio.get_running_loop().create_future()
        waiter = Waiter(wish, turn)
        self._queue.add(waiter)
        self._dispatch()
        if not turn.done() and self._assigned.get(wish.workspace):
            asyncio.get_running_loop().call_later(_PATIENCE_S + 0.001, self._dispatch)
        try:
            return await turn
        except asyncio.CancelledError:
            self._queue.remove(waiter)
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self._put_back(turn.result())
            raise

    def _be_courteous(self, box: Box, workspace: str) -> None:
        """Have long runs of others give way to a light workspace's, and its own to those."""
        self._courtesy.note_start(workspace)
        box.heavy = self._courtesy.is_heavy(workspace)
        if box.heavy and not self._courtesy.others_active(workspace):
            return
        others = [other for other in self._busy if other.workspace != workspace]
        yielding = [box, *self._busy] if box.heavy else others
        among = sum(one.is_long or one.heavy for one in yielding)
        for one in [box] if box.heavy else others:
            one.give_way(ACTIVE_S, among)

    def release(self, box: Box) -> None:
        """Give a sandbox back after a run; it is idle once its zygote has cleaned up."""
        if box.workspace is not None:
            self._courtesy.note_use(box.workspace, box.used_s)
        if self._is_reusable(box) and box.settle_at_once():
            self._put_back(box)
        else:
            self._spawn(self._settle(box))

    def _is_reusable(self, box: Box) -> bool:
        return box.alive and box.runs < _MOST_RUNS and box not in self._single

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
        if self._is_reusable(box):
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
        self._rest(box)
        self._dispatch()

    def _rest(self, box: Box) -> None:
        box.idle_since = time.monotonic()
        self._idle.append(box)
        if box not in self._timed:
            self._look_after(box, self._idle_s)

    def _look_after(self, box: Box, seconds: float) -> None:
        self._timed.add(box)
        asyncio.get_running_loop().call_later(seconds + 0.1, self._evict_if_idle, box)

    def _dispatch(self) -> None:
        """Give idle and ready sandboxes to those who wait, then see whether more are needed."""
        for box in [*self._ready, *self._idle]:
            if not box.alive:
                self._retire(box)
        while (waiter := self._queue.take(self._can_serve)) is not None:
            if waiter.turn.done():
                continue  # It was cancelled and has not left the line yet.
            waiter.turn.set_result(self._give(waiter.wish))
        self._grow()

    def _give(self, wish: Wish) -> Box:
        box = self._choose(wish)
        self._be_courteous(box, wish.workspace)
        self._busy[box] = wish.memory_mb
        return box

    def _can_serve(self, waiter: Waiter) -> bool:
        if waiter.turn.done():
            return True
        if not self._has_memory_for(waiter.wish):
            return False
        return self._idle_for(waiter.wish) != [] or self._may_assign(waiter)

    def _has_memory_for(self, wish: Wish) -> bool:
        if self._busy and sum(self._busy.values()) + wish.memory_mb > self._memory_mb:
            return False
        own = sum(mb for box, mb in self._busy.items() if box.workspace == wish.workspace)
        # The other half is for others.
        return not own or own + wish.memory_mb <= self._memory_mb // 2

    def _may_assign(self, waiter: Waiter) -> bool:
        if waiter.wish.kind != PLAIN or not self._ready:
            return False
        held = self._held(waiter.workspace)
        if held and any(not self._held(head.workspace) for head in self._queue.heads()):
            return False  # Those who have none come first.
        return held < self._most_each and not self._is_patient(waiter)

    def _is_patient(self, waiter: Waiter) -> bool:
        """Whether somebody who waits has a sandbox, and so will soon have it back."""
        fresh = time.monotonic() - waiter.since < _PATIENCE_S
        return fresh and self._of_kind(waiter.wish) > 0

    def _held(self, workspace: str) -> int:
        return len(self._assigned.get(workspace, ()))

    def _of_kind(self, wish: Wish) -> int:
        """How many sandboxes the workspace has that could serve a wish, some day."""
        if wish.single_use:
            return 0
        held = self._assigned.get(wish.workspace, ())
        return sum(box.kind == wish.kind and box not in self._single for box in held)

    def _idle_for(self, wish: Wish) -> list[Box]:
        return [
            box
            for box in self._idle
            if box.workspace == wish.workspace
            and box.kind == wish.kind
            and (not wish.single_use or not box.runs)
            and box.alive
        ]

    def _choose(self, wish: Wish) -> Box:
        mine = self._idle_for(wish)
        if mine:
            warm = [box for box in mine if wish.warm_key in box.warm]
            box = (warm or mine)[-1]
            self._idle.remove(box)
        else:
            box = self._ready.pop(0)
            self._taken.append(time.monotonic())
            self._assign(box, wish.workspace)
        if wish.single_use:
            self._single.add(box)
        return box

    def _assign(self, box: Box, workspace: str) -> None:
        box.workspace = workspace
        self._assigned.setdefault(workspace, set()).add(box)

    def _total(self) -> int:
        here = len(self._ready) + len(self._idle) + len(self._busy)
        return here + len(self._making) + self._leaving

    def _grow(self) -> None:
        """Make one more sandbox where somebody waits and may have it, or where ready ones lack."""
        if self._closed is not None:
            return
        hungry = [w for w in self._queue.heads() if self._may_grow(w)]
        hungry.sort(key=lambda waiter: self._held(waiter.workspace) > 0)
        for waiter in hungry:
            # One at a time: starting a sandbox is dear, and somebody's run may want the processor.
            if not self._making and self._has_room_for(waiter.wish):
                special = waiter.wish.kind != PLAIN
                self._make(waiter.workspace if special else None, waiter.wish.kind)
                return
        if not hungry:
            self._fill()

    def _may_grow(self, waiter: Waiter) -> bool:
        if self._is_patient(waiter):
            return False
        held = self._held(waiter.workspace)
        return held < self._most_each or self._other_kind(waiter.wish) is not None

    def _has_room_for(self, wish: Wish) -> bool:
        """Say whether one more sandbox may be made now; if not, begin to make room."""
        if self._held(wish.workspace) >= self._most_each:
            other = self._other_kind(wish)
            if other is not None:
                self._retire(other)
            return False
        if self._total() < self._most:
            return True
        others = [box for box in self._idle if box.workspace != wish.workspace]
        if self._held(wish.workspace):
            others = self._out_of_use(others)
        oldest = min(others, key=lambda box: box.idle_since, default=self._other_kind(wish))
        if oldest is None and wish.kind != PLAIN and self._ready:
            oldest = self._ready[0]
        if oldest is not None:
            self._retire(oldest)
        return False  # The place is free once the sandbox is gone; that dispatches again.

    def _out_of_use(self, boxes: list[Box]) -> list[Box]:
        """Those that nobody used just now; if there are none yet, look again when there may be."""
        now = time.monotonic()
        found = [box for box in boxes if now - box.idle_since > ACTIVE_S]
        if boxes and not found and self._later is None:
            loop = asyncio.get_running_loop()
            self._later = loop.call_later(ACTIVE_S / 2, self._look_once_more)
        return found

    def _look_once_more(self) -> None:
        self._later = None
        self._look_again()

    def _other_kind(self, wish: Wish) -> Box | None:
        """The workspace's idle sandbox that it can best do without for this wish."""
        mine = [b for b in self._idle if b.workspace == wish.workspace]
        unfit = [b for b in mine if b.kind != wish.kind or wish.single_use]
        return min(unfit, key=lambda box: box.idle_since, default=None)

    def _wanted(self) -> int:
        """How many sandboxes are to be ready: more while many are taken."""
        while self._taken and time.monotonic() - self._taken[0] > _DEMAND_S:
            self._taken.popleft()
        return max(self._wanted_ready, min(len(self._taken), self._most // 2))

    def _fill(self) -> None:
        lacking = self._wanted() - len(self._ready) - len(self._making)
        if lacking > 0 and not self._making and self._total() < self._most:
            self._make(None, PLAIN)
        elif lacking < 0 and self._ready and len(self._ready) > self._wanted_ready:
            self._retire(self._ready[0])

    def _make(self, workspace: str | None, kind: Kind) -> None:
        self._making.append((workspace, kind))
        self._spawn(self._make_one(workspace, kind))

    async def _make_one(self, workspace: str | None, kind: Kind) -> None:
        try:
            box = await self._start(kind, self._is_urgent())
        except (Gone, OSError) as error:
            self._making.remove((workspace, kind))
            self._failures += 1
            _log.error("a sandbox did not start: %s", error)
            self._turn_away(str(error))
            return
        self._making.remove((workspace, kind))
        self._failures = 0
        if workspace is None:
            self._ready.append(box)
            asyncio.get_running_loop().call_later(_DEMAND_S + 0.1, self._look_again)
        else:
            self._assign(box, workspace)
            self._rest(box)
        if self._closed is None:
            self._dispatch()

    def _is_urgent(self) -> bool:
        """Whether somebody waits who has not had much lately, or nobody has had much."""
        heavy = [self._courtesy.is_heavy(waiter.workspace) for waiter in self._queue.heads()]
        return not all(heavy) or not (heavy or any(box.heavy for box in self._busy))

    def _look_again(self) -> None:
        if self._closed is None:
            self._grow()

    def _turn_away(self, reason: str) -> None:
        """After a failed start, answer those who have no other sandbox to hope for."""
        for waiter in self._queue.heads():
            if not self._of_kind(waiter.wish):
                self._queue.remove(waiter)
                if not waiter.turn.done():
                    waiter.turn.set_exception(Closed(f"no sandbox could be started: {reason}"))
        if self._failures < _MOST_FAILURES:
            asyncio.get_running_loop().call_later(1.0, self._grow)

    def _evict_if_idle(self, box: Box) -> None:
        self._timed.discard(box)
        if box in self._idle:
            left = box.idle_since + self._idle_s - time.monotonic()
            if left > 0:
                self._look_after(box, left)
            else:
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
        self._single.discard(box)
        if box.workspace is not None and box.workspace in self._assigned:
            self._assigned[box.workspace].discard(box)
            if not self._assigned[box.workspace]:
                del self._assigned[box.workspace]

    def _spawn(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
