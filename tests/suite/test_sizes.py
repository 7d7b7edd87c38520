"""No class and no file of the product is so large that nobody takes it in."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = (
    "billing",
    "functions",
    "layers",
    "local_emulator",
    "marketplace",
    "sandbox_runner",
    "triggers",
)
MOST_LINES = 250
MOST_LINES_OF_A_FILE = 400


def _classes(room: str) -> Iterator[tuple[Path, ast.ClassDef]]:
    for path in sorted((ROOT / room).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef):
                yield path, node


@pytest.mark.parametrize("room", ROOMS)
def test_no_class_is_larger_than_one_can_take_in(room: str) -> None:
    larger = {
        (path.name, node.name)
        for path, node in _classes(room)
        if (node.end_lineno or 0) - node.lineno + 1 > MOST_LINES
    }

    assert not larger, "Give a part of it a class of its own."


@pytest.mark.parametrize("room", ROOMS)
def test_no_file_holds_more_than_one_idea(room: str) -> None:
    """Migrations stand as they once were."""
    larger = {
        str(path.relative_to(ROOT)): lines
        for path in sorted((ROOT / room).rglob("*.py"))
        if "migrations/versions" not in path.as_posix()
        and (lines := len(path.read_text().splitlines())) > MOST_LINES_OF_A_FILE
    }

    assert not larger, "Move what belongs together into a file of its own, named for it."
