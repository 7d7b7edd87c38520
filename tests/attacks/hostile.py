"""The hostile scripts, as their files describe them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "scripts"


@dataclass(frozen=True)
class Script:
    """One script, with what its file says about itself.

    ``EXPECT``: outcomes that mean containment (``ok`` alone, unless it says so).
    ``EACH``: variants; the script runs once for each and finds it as ``items[0]["each"]``.
    ``LEAVE``: code of an earlier run; ``run`` looks for what it left, later and elsewhere.
    ``AGAIN``: it runs twice and finds its first answer as ``items[0]["told"]``.
    """

    name: str
    code: str
    expect: frozenset[str]
    each: tuple[Any, ...]
    leave: str | None
    again: bool


@dataclass(frozen=True)
class Case:
    """A script and one of its variants, if it has any."""

    script: Script
    number: int | None = None

    @property
    def name(self) -> str:
        """The script's name, with the variant's number."""
        return self.script.name if self.number is None else f"{self.script.name}-{self.number}"

    def facts(self) -> dict[str, Any]:
        """What the script is told besides what all of them are."""
        return {} if self.number is None else {"each": self.script.each[self.number]}


def read_script(path: Path) -> Script:
    """Read a script's file without running it, but for lists that have to be computed."""
    code = path.read_text()
    said: dict[str, Any] = {}
    for statement in ast.parse(code).body:
        if isinstance(statement, ast.Assign):
            name = ast.unparse(statement.targets[0])
            if name == "EACH":
                said[name] = _variants(code, statement)
            elif name in ("EXPECT", "LEAVE", "AGAIN"):
                said[name] = ast.literal_eval(statement.value)
    return Script(
        path.stem,
        code,
        frozenset(said.get("EXPECT", {"ok"})),
        tuple(said.get("EACH", ())),
        said.get("LEAVE"),
        said.get("AGAIN", False),
    )


def cases() -> Iterator[Case]:
    """Return every variant of every script."""
    for path in sorted(FOLDER.glob("*.py")):
        script = read_script(path)
        if script.each:
            yield from (Case(script, number) for number in range(len(script.each)))
        else:
            yield Case(script)


def _variants(code: str, statement: ast.Assign) -> list[Any]:
    try:
        found: list[Any] = ast.literal_eval(statement.value)
    except ValueError:
        # Names of functions and of signals: importing a script defines things and does nothing.
        namespace: dict[str, Any] = {}
        exec(compile(code, "script", "exec"), namespace)
        found = [int(one) if isinstance(one, int) else one for one in namespace["EACH"]]
    return found
