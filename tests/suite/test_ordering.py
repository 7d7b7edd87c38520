"""Rooms stay together in a random order, and each worker begins with one that takes long."""

from __future__ import annotations

from typing import Any

from tests.plugins.ordering import dealt

ROOMS: dict[str, Any] = {
    "tests/nodes": [f"node {number}" for number in range(50)],
    "tests/faults": [f"fault {number}" for number in range(10)],
    "tests/e2e": [f"page {number}" for number in range(20)],
    "tests/engine": [f"engine {number}" for number in range(20)],
}


def test_none_is_lost_and_none_comes_twice() -> None:
    for workers in range(1, 8):
        row = dealt(ROOMS, workers)
        assert sorted(row) == sorted(test for room in ROOMS.values() for test in room)


def test_each_worker_begins_with_a_long_room() -> None:
    row: list[Any] = dealt(ROOMS, 2)
    assert row[:10] == ROOMS["tests/faults"]
    assert row[50:70] == ROOMS["tests/e2e"]


def test_other_rooms_keep_their_order() -> None:
    others = [test for test in dealt(ROOMS, 4) if str(test).startswith(("node", "engine"))]
    assert others == [*ROOMS["tests/nodes"], *ROOMS["tests/engine"]]
