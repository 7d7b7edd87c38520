"""Rooms stay together in a random order, and each worker begins with what takes long."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.plugins.ordering import dealt

MODULES: dict[Path, Any] = {
    Path("tests/nodes/test_a.py"): [f"node {number}" for number in range(50)],
    Path("tests/faults/test_a.py"): [f"fault {number}" for number in range(10)],
    Path("tests/faults/test_b.py"): [f"fault {number}" for number in range(10, 20)],
    Path("tests/http/test_documented.py"): ["document"],
    Path("tests/e2e/test_a.py"): [f"page {number}" for number in range(19)],
    Path("tests/engine/test_a.py"): [f"engine {number}" for number in range(20)],
}


def test_none_is_lost_and_none_comes_twice() -> None:
    for workers in range(1, 8):
        row = dealt(MODULES, workers)
        assert sorted(row) == sorted(test for module in MODULES.values() for test in module)


def test_each_worker_begins_with_its_share_of_what_takes_long() -> None:
    row: list[Any] = dealt(MODULES, 2)
    assert row[:11] == [*MODULES[Path("tests/faults/test_a.py")], "document"]
    second = [*MODULES[Path("tests/faults/test_b.py")], *MODULES[Path("tests/e2e/test_a.py")]]
    assert row[55:84] == second


def test_other_modules_keep_their_order() -> None:
    others = [test for test in dealt(MODULES, 4) if str(test).startswith(("node", "engine"))]
    assert others == [
        *MODULES[Path("tests/nodes/test_a.py")],
        *MODULES[Path("tests/engine/test_a.py")],
    ]
