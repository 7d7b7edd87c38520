"""Measures the sandbox runner, and says whether it keeps what is promised of it."""

from __future__ import annotations

import asyncio
import statistics
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.product import BenchError
from bench.sandbox import references, rows
from bench.sandbox.caller import reading
from bench.sandbox.rows import Readings
from bench.sandbox.runner import running
from layers.errors import TreadleError

BARE = "python3 -I -S -c pass"


@dataclass(frozen=True)
class Goal:
    """A figure, and what it is held against: a number, or another figure times a factor."""

    row: str
    figure: str
    bound: float
    over: str = ""
    at_least: bool = False

    def check(self, found: Readings) -> dict[str, Any] | None:
        """Say whether it is met; None where something was not measured."""
        if self.row not in found or (self.over and self.over not in found):
            return None
        value = found[self.row][self.figure]
        bound = self.bound * (found[self.over][self.figure] if self.over else 1)
        return {
            "goal": f"{self.row}: {self.figure}",
            "bound": f"{'>=' if self.at_least else '<='} {bound:.4g}",
            "value": value,
            "met": value >= bound if self.at_least else value <= bound,
        }


GOALS = (
    Goal("run, one at a time", "p50_ms", 1, BARE),
    Goal("run, back to back", "p50_ms", 1, BARE),
    Goal("run, eight at once", "per_s", 50, at_least=True),
    Goal("warm, one at a time", "p50_ms", 3),
    Goal("warm, back to back", "p50_ms", 3),
    Goal("warm, eight at once", "per_s", 500, at_least=True),
    Goal("first step after idle", "p50_ms", 400),
    # What the import costs; what the step computes with it is the step's own.
    Goal("numpy, imported only", "p50_ms", 1.2, "numpy, not imported"),
    Goal("idle sandboxes", "per_gib", 30, at_least=True),
    *(Goal(f"beside: {name}", "p99_ms", 5, "alone") for name in rows.ATTACKS),
)


def measure(folder: Path, rounds: int, seconds: float) -> dict[str, Any]:
    """Measure everything; rows that cannot be are named with the reason."""
    gathered: dict[str, list[dict[str, float]]] = {}
    missing: dict[str, str] = {}

    def note(found: Readings) -> None:
        for name, one in found.items():
            gathered.setdefault(name, []).append(one)
            shown = ", ".join(f"{key} {value:.4g}" for key, value in one.items())
            print(f"bench: sandbox: {name}: {shown}", file=sys.stderr, flush=True)

    with running(folder / "runner") as runner:
        for _ in range(rounds):
            note(_references(seconds))
            note(asyncio.run(rows.modes(runner, seconds)))
        try:
            note(asyncio.run(rows.packages(runner, seconds)))
        except (TreadleError, BenchError) as error:
            missing["numpy and pandas"] = str(error)
        note(asyncio.run(rows.neighbours(runner, seconds)))
    note(asyncio.run(rows.cold(folder)))
    note(asyncio.run(rows.density(folder / "density")))
    found = {
        name: {key: statistics.median(one[key] for one in many) for key in many[0]}
        for name, many in gathered.items()
    }
    goals = [checked for goal in GOALS if (checked := goal.check(found)) is not None]
    return {"measured": found, "not_measured": missing, "goals": goals}


def _references(seconds: float) -> Readings:
    found = {
        name: reading(references.started(command, seconds), seconds)
        for name, command in references.commands().items()
    }
    vm = references.node_vm(seconds)
    if vm is not None:
        found["node vm, one process"] = reading(vm, seconds)
    return found


def table(found: dict[str, Any]) -> str:
    """The readings and goals as text."""
    lines = [f"{'sandbox':44}{'per s':>9}{'p50 ms':>9}{'p99 ms':>9}"]
    for name, one in found["measured"].items():
        if "p50_ms" in one:
            lines.append(f"{name:44}{one['per_s']:9.0f}{one['p50_ms']:9.2f}{one['p99_ms']:9.2f}")
        else:
            lines.append(f"{name:44}" + ", ".join(f"{k} {v:.4g}" for k, v in one.items()))
    for goal in found["goals"]:
        met = "met" if goal["met"] else "NOT MET"
        lines.append(f"  {goal['goal']:46}{goal['value']:>9.4g} {goal['bound']:>12}  {met}")
    lines += [f"  not measured: {name}: {why}" for name, why in found["not_measured"].items()]
    return "\n".join(lines)
