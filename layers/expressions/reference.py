"""Writes the tables of functions and methods into docs/expressions.md.

python -m layers.expressions.reference docs/expressions.md
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from layers.expressions import methods
from layers.expressions.moments import PARTS
from layers.expressions.registry import FUNCTIONS, Function

BEGIN = "<!-- functions: written by layers/expressions/reference.py -->"
END = "<!-- end of functions -->"


def tables() -> str:
    """Render every function by group, then the methods by the kind of value they belong to."""
    groups: dict[str, list[Function]] = {}
    for one in FUNCTIONS.values():
        groups.setdefault(one.group, []).append(one)
    blocks = [_function_table(group, members) for group, members in groups.items()]
    blocks += [
        _method_table("Methods of a text", methods.TEXT.values()),
        _method_table("Methods of an object", methods.OBJECT.values()),
        _method_table("Methods of a list", methods.LIST.values()),
        _method_table("Methods of a date", methods.DATE.values()),
        "### Parts of a date\n\n" + ", ".join(f"`now.{part}`" for part in PARTS) + ".",
    ]
    return "\n\n".join(blocks)


def _cell(code: str) -> str:
    return f"`{code}`".replace("|", "\\|")


def _function_table(group: str, members: Iterable[Function]) -> str:
    rows = [
        f"| {_cell(one.signature)} | {one.doc} | {_cell(one.example)} → {_cell(one.gives)} |"
        for one in members
    ]
    return "\n".join(
        [f"### {group}", "", "| Function | What it gives | Example |", "|---|---|---|", *rows]
    )


def _method_table(heading: str, members: Iterable[Function]) -> str:
    rows = []
    for one in members:
        _, _, arguments = one.signature.partition("(")
        rest = arguments.partition(", ")[2] or ")"
        rows.append(f"| {_cell(f'.{one.name}({rest}')} | {one.doc} |")
    return "\n".join([f"### {heading}", "", "| Method | What it gives |", "|---|---|", *rows])


def renewed(page: str) -> str:
    """Give the page with its tables brought up to date."""
    before, _, rest = page.partition(BEGIN)
    after = rest.partition(END)[2]
    return f"{before}{BEGIN}\n\n{tables()}\n\n{END}{after}"


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.write_text(renewed(target.read_text(encoding="utf-8")), encoding="utf-8")
