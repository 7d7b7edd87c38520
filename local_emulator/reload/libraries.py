"""Which libraries our packages import, read from their text."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from local_emulator.reload.rooms import ROOMS

READ = ("functions", "layers", "triggers", "billing", "marketplace", "local_emulator/parts")
"""The code whose libraries are worth it."""
LOADED_LATE = {
    "pydantic.v1",
    "sqlalchemy.dialects.sqlite",
    "uvicorn.lifespan.on",
    "uvicorn.loops.uvloop",
    "uvicorn.protocols.http.httptools_impl",
    "uvicorn.protocols.websockets.auto",
}
"""What libraries import by themselves once they are used."""


def libraries(root: Path) -> list[str]:
    """The modules, not of ours nor of Python, that our files import wherever they are loaded."""
    found: set[str] = set()
    for room in READ:
        for path in (root / room).rglob("*.py"):
            # A file that is just being written is read by whoever runs it.
            try:
                found.update(_imported(ast.parse(path.read_bytes())))
            except (OSError, SyntaxError, ValueError):
                continue
    return sorted({*filter(_is_a_library, found), *LOADED_LATE})


def _imported(module: ast.Module) -> Iterator[str]:
    for statement in module.body:
        if isinstance(statement, ast.Import):
            yield from (alias.name for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom) and statement.module and not statement.level:
            yield statement.module


def _is_a_library(name: str) -> bool:
    first = name.partition(".")[0]
    return first not in ROOMS and first not in sys.stdlib_module_names
