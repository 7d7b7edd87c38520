"""How many sandboxes a pool may have, how long they may rest, and what they may take."""

from __future__ import annotations

import time
from dataclasses import dataclass

from sandbox_runner.fair_queue import Waiter
from sandbox_runner.inventory import Inventory

# A workspace that has a sandbox waits this long for it before it is given another one.
PATIENCE_S = 0.05


@dataclass(frozen=True)
class Bounds:
    """``ready`` for anybody at least, ``most`` in all, ``most_each`` for one workspace."""

    ready: int
    most: int
    most_each: int
    memory_mb: int
    idle_s: float


def is_patient(waiter: Waiter, inventory: Inventory) -> bool:
    """Whether somebody who waits has a sandbox, and so will soon have it back."""
    fresh = time.monotonic() - waiter.since < PATIENCE_S
    return fresh and inventory.of_kind(waiter.demand) > 0
