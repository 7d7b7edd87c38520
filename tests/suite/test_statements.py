"""Each SQL statement has one place, and no function that answers a call holds any."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("billing", "functions", "layers", "triggers")
WRITTEN = re.compile(r"(SELECT|INSERT INTO|UPDATE|DELETE FROM|WITH) .+ .+ .+")
BUILDERS = frozenset({"bindparam", "delete", "insert", "select", "text", "update"})
SENDERS = frozenset({"exec_driver_sql", "execute", "scalar", "scalars"})


def _files(room: str) -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted((ROOT / room).rglob("*.py")):
        if "migrations" not in path.parts:
            yield path, ast.parse(path.read_text())


def _statements(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            written = " ".join(node.value.split())
            if WRITTEN.fullmatch(written):
                yield written


def test_no_statement_is_written_twice() -> None:
    places: dict[str, list[str]] = defaultdict(list)
    for room in ROOMS:
        for path, module in _files(room):
            for statement in _statements(module):
                places[statement].append(str(path.relative_to(ROOT)))
    twice = {statement: found for statement, found in places.items() if len(found) > 1}

    assert not twice, "Give it one place, and a function with a name, which both call."


def test_functions_leave_sql_to_repositories() -> None:
    found = {
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path, module in _files("functions")
        for node in ast.walk(module)
        if _builds(node) or _sends(node)
    }

    assert not found, "Call a repository, or a module of queries in layers or billing."


def _builds(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.ImportFrom)
        and (node.module or "").startswith("sqlalchemy")
        and any(one.name in BUILDERS for one in node.names)
    )


def _sends(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in SENDERS
    )
