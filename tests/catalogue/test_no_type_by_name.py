"""Nobody but a type's own file asks for it by its name: what others need to know is in its spec."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from layers.catalogue import NO_WORKSPACE, catalogue_of
from layers.registry import installed

ROOT = Path(__file__).parents[2]
ROOMS = ("functions", "layers", "triggers", "billing", "sandbox_runner", "local_emulator")
# Where types are declared; workflows as data, which have to name theirs; and expressions, whose
# own parts have kinds.
OWN = (
    "functions/nodes/",
    "functions/templates/",
    "triggers/sources/",
    "local_emulator/demo/",
    "layers/expressions/",
)
NAMES = {found.spec.type for found in catalogue_of(installed()).listed(NO_WORKSPACE)}
ASKED = re.compile(r"type|kind")
IN_THE_APP = re.compile(
    rf"""(?:[tT]ype\??|[kK]ind)\s*(?:===|!==|==|!=)\s*["'`](?:{"|".join(sorted(NAMES))})["'`]"""
    rf"""|["'`](?:{"|".join(sorted(NAMES))})["'`]\s*(?:===|!==)\s*\w*\.?(?:type|kind)\b"""
    rf"""|\bcase\s+["'](?:{"|".join(sorted(NAMES))})["']"""
    rf"""|\btypes\.(?:get|has)\(["'](?:{"|".join(sorted(NAMES))})["']\)"""
)


def asked_by_name(source: str) -> Iterator[int]:
    """Lines in which something called a type or a kind is compared with a type's name."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            names = {
                one.value
                for side in sides
                for one in ast.walk(side)
                if isinstance(one, ast.Constant) and isinstance(one.value, str)
            }
            if names & NAMES and ASKED.search(ast.unparse(node)):
                yield node.lineno
        elif isinstance(node, ast.Match) and ASKED.search(ast.unparse(node.subject)):
            yield from (
                one.lineno
                for case in node.cases
                for one in ast.walk(case.pattern)
                if isinstance(one, ast.Constant) and one.value in NAMES
            )


def test_python_asks_for_no_type_by_its_name() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for room in ROOMS
        for path in sorted((ROOT / room).rglob("*.py"))
        if not str(path.relative_to(ROOT)).startswith(OWN)
        for line in asked_by_name(path.read_text())
    ]

    assert not found, "say it in the type's spec (layers/contract/spec.py) and ask for that"


def test_the_app_asks_for_no_type_by_its_name() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sorted((ROOT / "web" / "src").rglob("*.ts*"))
        if ".test." not in path.name and path.name != "schema.d.ts"
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if IN_THE_APP.search(line)
    ]

    assert not found, "say it in the type's spec, send it in NodeTypeOut, and ask for that"


@pytest.mark.parametrize(
    ("source", "is_found"),
    [
        ('if node.type == "loop":\n    pass', True),
        ('if node.get("type") in ("python", "set"):\n    pass', True),
        ('match kind:\n    case "schedule":\n        pass', True),
        ('if mode == "manual":\n    pass', False),
        ('if node.type == "greet":\n    pass', False),
    ],
)
def test_it_would_be_found_in_python(source: str, is_found: bool) -> None:
    assert bool(list(asked_by_name(source))) is is_found


@pytest.mark.parametrize(
    ("line", "is_found"),
    [
        ('if (node.type === "merge") return a;', True),
        ('const shown = node?.type !== "loop" && editable;', True),
        ('if (types.get("wait")) return;', True),
        ('case "switch":', True),
        ('if (node.type === "position") return;', False),
        ('const id = "merge";', False),
    ],
)
def test_it_would_be_found_in_the_app(line: str, is_found: bool) -> None:
    assert bool(IN_THE_APP.search(line)) is is_found
