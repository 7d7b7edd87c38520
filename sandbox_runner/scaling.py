"""Makes more sandboxes where somebody waits and may have one, or where ready ones lack."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from layers.log import logger
from sandbox_runner.bounds import Bounds, is_patient
from sandbox_runner.box import Box
from sandbox_runner.channel import Gone
from sandbox_runner.fair_queue import FairQueue, RunDemand, Waiter
from sandbox_runner.fair_share import ACTIVE_S, FairShare
from sandbox_runner.inventory import Inventory
from sandbox_runner.kinds import PLAIN, Kind

_log = logger("runner")
_MOST_FAILURES = 3
# So many ready sandboxes as were taken within this time are kept ready for the next.
_DEMAND_S = 10.0


class Closed(Exception):
    """The pool gives out no sandboxes; the text says why."""


@dataclass(frozen=True)
class Hooks:
    """What growing asks of the pool."""

    start: Callable[[Kind, bool], Awaitable[Box]]
    retire: Callable[[Box], None]
    rest: Callable[[Box], None]
    dispatch: Callable[[], None]
    spawn: Callable[[Awaitable[None]], None]
    is_open: Callable[[], bool]


class Scaling:
    """What is being made, and what that is decided by."""

    def __init__(
        self,
        hooks: Hooks,
        bounds: Bounds,
        inventory: Inventory,
        queue: FairQueue,
        fair_share: FairShare,
    ) -> None:
        self._hooks = hooks
        self._bounds, self._inventory = bounds, inventory
        self._queue, self._fair_share = queue, fair_share
        self.making: list[tuple[str | None, Kind]] = []
        self.leaving = 0
        """How many are being removed, whose places are not free yet."""
        self._taken: deque[float] = deque()
        self._failures = 0
        self._later: asyncio.TimerHandle | None = None

    def note_taken(self) -> None:
        """Count a ready one that somebody was given."""
        self._taken.append(time.monotonic())

    def grow(self) -> None:
        """Make one more sandbox where somebody waits and may have it, or where ready ones lack."""
        if not self._hooks.is_open():
            return
        hungry = [waiter for waiter in self._queue.heads() if self._may_grow(waiter)]
        hungry.sort(key=lambda waiter: self._inventory.held(waiter.workspace) > 0)
        for waiter in hungry:
            # One at a time: starting a sandbox is dear, and somebody's run may want the processor.
            if not self.making and self._has_room_for(waiter.demand):
                special = waiter.demand.kind != PLAIN
                self._make(waiter.workspace if special else None, waiter.demand.kind)
                return
        if not hungry:
            self.fill()

    def fill(self) -> None:
        """Have as many ready as are wanted just now."""
        ready = self._inventory.ready
        lacking = self._wanted() - len(ready) - len(self.making)
        if lacking > 0 and not self.making and self._total() < self._bounds.most:
            self._make(None, PLAIN)
        elif lacking < 0 and ready and len(ready) > self._bounds.ready:
            self._hooks.retire(ready[0])

    def _may_grow(self, waiter: Waiter) -> bool:
        if is_patient(waiter, self._inventory):
            return False
        held = self._inventory.held(waiter.workspace)
        return (
            held < self._bounds.most_each or self._inventory.least_useful(waiter.demand) is not None
        )

    def _has_room_for(self, demand: RunDemand) -> bool:
        """Say whether one more sandbox may be made now; if not, begin to make room."""
        other = self._inventory.least_useful(demand)
        if self._inventory.held(demand.workspace) >= self._bounds.most_each:
            if other is not None:
                self._hooks.retire(other)
            return False
        if self._total() < self._bounds.most:
            return True
        others = [box for box in self._inventory.idle if box.workspace != demand.workspace]
        if self._inventory.held(demand.workspace):
            others = self._out_of_use(others)
        oldest = min(others, key=lambda box: box.idle_since, default=other)
        if oldest is None and demand.kind != PLAIN and self._inventory.ready:
            oldest = self._inventory.ready[0]
        if oldest is not None:
            self._hooks.retire(oldest)
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
        self.grow()

    def _total(self) -> int:
        return len(self._inventory) + len(self.making) + self.leaving

    def _wanted(self) -> int:
        """How many sandboxes are to be ready: more while many are taken."""
        while self._taken and time.monotonic() - self._taken[0] > _DEMAND_S:
            self._taken.popleft()
        return max(self._bounds.ready, min(len(self._taken), self._bounds.most // 2))

    def _make(self, workspace: str | None, kind: Kind) -> None:
        self.making.append((workspace, kind))
        self._hooks.spawn(self._make_one(workspace, kind))

    async def _make_one(self, workspace: str | None, kind: Kind) -> None:
        try:
            box = await self._hooks.start(kind, self._is_urgent())
        except (Gone, OSError) as error:
            self.making.remove((workspace, kind))
            self._failures += 1
            _log.error("a sandbox did not start: %s", error)
            self._turn_away(str(error))
            return
        self.making.remove((workspace, kind))
        self._failures = 0
        if workspace is None:
            self._inventory.ready.append(box)
            asyncio.get_running_loop().call_later(_DEMAND_S + 0.1, self.grow)
        else:
            self._inventory.assign(box, workspace)
            self._hooks.rest(box)
        if self._hooks.is_open():
            self._hooks.dispatch()

    def _is_urgent(self) -> bool:
        """Whether somebody waits who has not had much lately, or nobody has had much."""
        heavy = [self._fair_share.is_heavy(waiter.workspace) for waiter in self._queue.heads()]
        return not all(heavy) or not (heavy or any(box.share.heavy for box in self._inventory.busy))

    def _turn_away(self, reason: str) -> None:
        """After a failed start, answer those who have no other sandbox to hope for."""
        for waiter in self._queue.heads():
            if not self._inventory.of_kind(waiter.demand):
                self._queue.remove(waiter)
                if not waiter.turn.done():
                    waiter.turn.set_exception(Closed(f"no sandbox could be started: {reason}"))
        if self._failures < _MOST_FAILURES:
            asyncio.get_running_loop().call_later(1.0, self.grow)
