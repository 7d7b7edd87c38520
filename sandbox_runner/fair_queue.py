"""Who gets the next free sandbox: in order within a workspace, in turn among workspaces."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox_runner.box import Box
from sandbox_runner.kinds import PLAIN, Kind


@dataclass(frozen=True)
class RunDemand:
    """What a run needs of a sandbox."""

    workspace: str
    memory_mb: int
    warm_key: str | None = None
    kind: Kind = PLAIN
    single_use: bool = False


@dataclass(eq=False)
class Waiter:
    """One run that waits for a sandbox of its workspace."""

    demand: RunDemand
    turn: asyncio.Future[Box]
    since: float = field(default_factory=time.monotonic)

    @property
    def workspace(self) -> str:
        """Whose run it is."""
        return self.demand.workspace


class FairQueue:
    """Waiting runs; taking from it goes round the workspaces."""

    def __init__(self) -> None:
        self._lines: OrderedDict[str, deque[Waiter]] = OrderedDict()

    def __len__(self) -> int:
        return sum(len(line) for line in self._lines.values())

    def add(self, waiter: Waiter) -> None:
        """Put a run at the end of its workspace's line."""
        self._lines.setdefault(waiter.workspace, deque()).append(waiter)

    def remove(self, waiter: Waiter) -> None:
        """Forget a run that waits no more."""
        line = self._lines.get(waiter.workspace)
        if line is not None and waiter in line:
            line.remove(waiter)
            if not line:
                del self._lines[waiter.workspace]

    def heads(self) -> list[Waiter]:
        """Return each workspace's first waiter, the workspace that was served last at the end."""
        return [line[0] for line in self._lines.values()]

    def take(self, fits: Callable[[Waiter], bool]) -> Waiter | None:
        """Take the first waiter in turn that fits; its workspace goes to the end of the round."""
        for waiter in self.heads():
            if fits(waiter):
                self.remove(waiter)
                if waiter.workspace in self._lines:
                    self._lines.move_to_end(waiter.workspace)
                return waiter
        return None
