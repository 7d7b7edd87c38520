"""A random order in which rooms stay together, so that what a room's tests share is made once.

pytest-randomly prints the seed, and shuffles modules and the tests in them; ``-p no:randomly``
turns both off.

Of several processes each begins with its share of the rooms that take longest: who came to them at
the end would have the others wait.
"""

from __future__ import annotations

import os
import random
from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path

import pytest

LONGEST = (
    *("faults", "deploy", "e2e", "sandbox_runner", "attacks"),
    *("local_emulator", "test_documented.py"),
)
"""Rooms, or modules of other rooms, whose tests take longest."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Bring the modules of a room together, and the rooms in an order of this seed."""
    seed = config.getoption("randomly_seed", None)
    if seed is None or not config.getoption("randomly_reorganize"):
        return
    modules: dict[Path, list[pytest.Item]] = {}
    for item in items:
        modules.setdefault(item.path, []).append(item)
    rooms = sorted({module.parent for module in modules})
    random.Random(seed).shuffle(rooms)
    ordered = sorted(modules, key=lambda module: rooms.index(module.parent))
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    items[:] = dealt({module: modules[module] for module in ordered}, workers)


def dealt(modules: Mapping[Path, Sequence[pytest.Item]], workers: int) -> list[pytest.Item]:
    """Return all tests in one row that is cut into as many equal pieces as there are workers.

    That is how ``--dist worksteal`` begins. The modules come in the order of their rooms.
    """
    long = [module for module in modules if {module.name, module.parent.name} & set(LONGEST)]
    rest = list(chain.from_iterable(modules[module] for module in modules if module not in long))
    whole = sum(map(len, modules.values()))
    row: list[pytest.Item] = []
    for worker in range(workers):
        row += chain.from_iterable(modules[module] for module in long[worker::workers])
        missing = max(0, (worker + 1) * whole // workers - len(row))
        row += rest[:missing]
        del rest[:missing]
    return row + rest
