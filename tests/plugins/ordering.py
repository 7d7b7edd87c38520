"""A random order in which rooms stay together, so that what a room's tests share is made once.

pytest-randomly prints the seed, and shuffles modules and the tests in them; ``-p no:randomly``
turns both off.

Of several processes each begins with one of the rooms that take longest: who comes to them at the
end has the others wait.
"""

from __future__ import annotations

import os
import random
from collections.abc import Mapping, Sequence
from itertools import chain

import pytest

LONGEST = ("faults", "e2e", "sandbox_runner", "attacks", "local_emulator", "test_documented.py")
"""Rooms, or modules of other rooms, whose tests take longest."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Bring the modules of a room together, and the rooms in an order of this seed."""
    seed = config.getoption("randomly_seed", None)
    if seed is None or not config.getoption("randomly_reorganize"):
        return
    rooms: dict[str, list[pytest.Item]] = {}
    for item in items:
        rooms.setdefault(_room(item), []).append(item)
    names = sorted(rooms)
    random.Random(seed).shuffle(names)
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    items[:] = dealt({name: rooms[name] for name in names}, workers)


def _room(item: pytest.Item) -> str:
    return str(item.path if item.path.name in LONGEST else item.path.parent)


def dealt(rooms: Mapping[str, Sequence[pytest.Item]], workers: int) -> list[pytest.Item]:
    """Return all tests in one row that is cut into as many equal pieces as there are workers.

    That is how ``--dist worksteal`` begins.
    """
    long = [name for name in rooms if os.path.basename(name) in LONGEST]
    rest = list(chain.from_iterable(rooms[name] for name in rooms if name not in long))
    whole = sum(map(len, rooms.values()))
    row: list[pytest.Item] = []
    for worker in range(workers):
        row += chain.from_iterable(rooms[name] for name in long[worker::workers])
        missing = max(0, (worker + 1) * whole // workers - len(row))
        row += rest[:missing]
        del rest[:missing]
    return row + rest
