"""A random order in which rooms stay together, so that what a room's tests share is made once.

pytest-randomly prints the seed, and shuffles modules and the tests in them; ``-p no:randomly``
turns both off.
"""

from __future__ import annotations

import random

import pytest


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Bring the modules of a room together, and the rooms in an order of this seed."""
    seed = config.getoption("randomly_seed", None)
    if seed is None or not config.getoption("randomly_reorganize"):
        return
    rooms = sorted({_room(item) for item in items})
    random.Random(seed).shuffle(rooms)
    rank = {room: number for number, room in enumerate(rooms)}
    items.sort(key=lambda item: rank[_room(item)])


def _room(item: pytest.Item) -> str:
    return str(item.path.parent)
