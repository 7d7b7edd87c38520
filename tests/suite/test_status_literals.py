"""Statuses of executions and steps are the enums' own: in Python by name, in SQL spelled alike."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from layers.engine.statuses import ExecutionStatus, StepStatus

ROOT = Path(__file__).parents[2]
ROOMS = ("layers", "functions", "triggers")
KNOWN = {*ExecutionStatus, *StepStatus}
TABLES = re.compile(r"\b(executions|steps)\b")
IN_SQL = re.compile(r"\bstatus (?:=|<>|(?:NOT )?IN) (\('[^)]*\)|'[^']*')")


@cache
def _sources() -> list[tuple[str, ast.Module]]:
    found = []
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            # Migrations say what was called how at their time, models what it is called now.
            if "migrations" not in path.parts and "models" not in path.parts:
                found.append((str(path.relative_to(ROOT)), ast.parse(path.read_text())))
    return found


def unknown_in_sql(tree: ast.Module) -> Iterator[str]:
    """Literals that a statement compares a status with, and that no enum has."""
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) else None
        if isinstance(text, str) and TABLES.search(text):
            for compared in IN_SQL.findall(text):
                yield from (one for one in re.findall(r"'([^'{]*)'", compared) if one not in KNOWN)


def bare_in_python(tree: ast.Module) -> Iterator[str]:
    """Texts that ``….status`` is compared with where the enum's member is meant."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and "status" in _name(node.left):
            for other in ast.walk(ast.Tuple(elts=node.comparators, ctx=ast.Load())):
                if isinstance(other, ast.Constant) and other.value in KNOWN:
                    yield f"{other.value} in line {node.lineno}"


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def test_what_is_looked_for_is_found() -> None:
    source = "READ = text(\"SELECT id FROM steps WHERE status IN ('waiting', 'wating')\")\n"
    source += "late = row.status in ('waiting', 'retrying')\n"
    assert list(unknown_in_sql(ast.parse(source))) == ["wating"]
    assert len(list(bare_in_python(ast.parse(source)))) == 2


def test_statements_know_only_statuses_that_there_are() -> None:
    assert {name: found for name, tree in _sources() if (found := [*unknown_in_sql(tree)])} == {}


def test_code_compares_with_the_enums_members() -> None:
    assert {name: found for name, tree in _sources() if (found := [*bare_in_python(tree)])} == {}
