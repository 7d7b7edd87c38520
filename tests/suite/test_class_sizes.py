"""No class of the product is so large that nobody takes it in."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("billing", "functions", "layers", "local_emulator", "marketplace", "sandbox_runner")
MOST_LINES = 250


def _classes(room: str) -> Iterator[tuple[Path, ast.ClassDef]]:
    for path in sorted((ROOT / room).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef):
                yield path, node


@pytest.mark.parametrize("room", [*ROOMS, "triggers"])
def test_no_class_is_larger_than_one_can_take_in(room: str) -> None:
    larger = {
        (path.name, node.name)
        for path, node in _classes(room)
        if (node.end_lineno or 0) - node.lineno + 1 > MOST_LINES
    }

    assert not larger, "Give a part of it a class of its own."
