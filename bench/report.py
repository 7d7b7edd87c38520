"""Medians, ratios and goals, as a JSON document and as a table to read."""

from __future__ import annotations

import os
import platform
import sqlite3
import statistics
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench.measures import Reading

PACKAGES = (
    "treadle",
    "fastapi",
    "starlette",
    "uvicorn",
    "uvloop",
    "httptools",
    "orjson",
    "pydantic",
    "sqlalchemy",
    "huey",
)
NOTE = (
    "The load driver, the references and the product share this machine's cores; what the "
    "driver burns, the product cannot use. Rows whose other_cores exceed 0.15 were disturbed; "
    "server_cpu_ms (CPU time per execution until it finished) then still says what it costs."
)
# (name, over, under): a figure divided by a reference's.
RATIOS = (
    ("accepted_per_commit", ("a", "c32", "per_s"), ("commits", "c1", "per_s")),
    ("accepted_per_hello", ("a", "c32", "per_s"), ("hello", "c32", "per_s")),
    ("answers_per_hello", ("b", "c32", "per_s"), ("hello", "c32", "per_s")),
    ("answers_per_commit", ("b", "c32", "per_s"), ("commits", "c1", "per_s")),
    ("answer_p50_to_hello_p50", ("b", "c1", "p50_ms"), ("hello", "c1", "p50_ms")),
    ("python_p50_to_answer_p50", ("c", "c1", "p50_ms"), ("b", "c1", "p50_ms")),
    ("loop_p50_to_answer_p50", ("d", "c1", "p50_ms"), ("b", "c1", "p50_ms")),
)


@dataclass(frozen=True)
class Goal:
    """A bound on one figure."""

    key: str
    part: str
    figure: str
    bound: float
    at_least: bool = False

    def met(self, value: float) -> bool:
        """Whether the figure keeps to it."""
        return value >= self.bound if self.at_least else value < self.bound


GOALS = (
    Goal("a", "c32", "per_s", 1000, at_least=True),
    Goal("a", "c32", "p99_ms", 100),
    # All finished within twice the sending time: the drain may take as long as the sending.
    Goal("a", "c32", "drain_to_sending", 1),
    Goal("b", "c32", "per_s", 400, at_least=True),
    Goal("b", "c1", "p50_ms", 8),
    Goal("c", "c1", "p50_ms", 25),
    Goal("d", "c1", "p50_ms", 20),
    Goal("idle", "fresh", "pss_mib", 400),
    Goal("idle", "fresh", "rss_mib", 400),
    Goal("idle", "fresh", "cpu_percent", 2),
)
SUMMED = {"answered", "accepted", "finished"}
COLUMNS = (
    ("per_s", "per s", 0),
    ("p50_ms", "p50 ms", 2),
    ("p95_ms", "p95 ms", 2),
    ("p99_ms", "p99 ms", 2),
    ("finished", "finished", 0),
    ("drain_to_sending", "drain/send", 2),
    ("server_cpu_ms", "cpu ms each", 3),
    ("server_cores", "server", 2),
    ("driver_cores", "driver", 2),
    ("other_cores", "others", 2),
)

Rows = dict[str, dict[str, Reading]]


def medians(readings: Sequence[Reading]) -> Reading:
    """One reading of many: the median of each figure, the sum of what was counted."""
    return {
        figure: (sum if figure in SUMMED else statistics.median)([r[figure] for r in readings])
        for figure in readings[0]
    }


def ratios(rows: Rows) -> dict[str, float]:
    """All ratios whose two figures were measured."""
    found = {}
    for name, over, under in RATIOS:
        above, below = _figure(rows, *over), _figure(rows, *under)
        if above is not None and below:
            found[name] = above / below
    return found


def goals(rows: Rows) -> list[dict[str, Any]]:
    """Each goal whose figure was measured, and whether it was met."""
    found = []
    for goal in GOALS:
        value = _figure(rows, goal.key, goal.part, goal.figure)
        if value is not None:
            name = f"{goal.key} {goal.part} {goal.figure}"
            bound = f"{'>=' if goal.at_least else '<'} {goal.bound:g}"
            found.append({"goal": name, "bound": bound, "value": value, "met": goal.met(value)})
    return found


def machine(folder: Path) -> dict[str, Any]:
    """What it ran on; ``folder`` held the databases."""
    return {
        "cpu": _cpu_name(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30,
        "system": platform.platform(),
        "filesystem": _filesystem(folder),
    }


def versions() -> dict[str, str]:
    """The versions of what has a part in the figures."""
    found = {"python": platform.python_version(), "sqlite": sqlite3.sqlite_version}
    found |= {name: version(name) for name in PACKAGES}
    git = ["git", "describe", "--always", "--dirty"]
    commit = subprocess.run(
        git, cwd=Path(__file__).parent, capture_output=True, text=True, check=False
    )
    return found | {"commit": commit.stdout.strip() or "unknown"}


def rounded(value: Any) -> Any:
    """The same document with four significant digits in its floats."""
    if isinstance(value, float):
        return float(f"{value:.4g}") if abs(value) < 1000 else round(value)
    if isinstance(value, Mapping):
        return {key: rounded(inner) for key, inner in value.items()}
    return [rounded(inner) for inner in value] if isinstance(value, list) else value


def table(results: Mapping[str, Any]) -> str:
    """The results for a person."""
    titles = results["titles"]
    lines = [
        f"{results['machine']['cpu']}, {results['machine']['cores']} cores, "
        f"{results['machine']['filesystem']}; medians of {results['rounds']} rounds of "
        f"{results['seconds']:g} s, driver: {results['driver']}",
        NOTE,
        "",
        f"{'':14}" + "".join(f"{title:>12}" for _, title, _ in COLUMNS),
    ]
    for key, parts in results["measured"].items():
        if key == "idle":
            continue
        lines.append(titles.get(key, key))
        lines += [f"  {key + ' ' + part:12}{_cells(reading)}" for part, reading in parts.items()]
    lines += [f"not measured: {key}: {why}" for key, why in results["not_measured"].items()]
    for part, reading in results["measured"].get("idle", {}).items():
        figures = ", ".join(f"{name} {value:g}" for name, value in reading.items())
        lines.append(f"idle ({part}): {figures}")
    lines += ["", "ratios: "]
    lines += [f"  {name:28}{value:10.3g}" for name, value in results["ratios"].items()]
    lines += ["", "goals:"]
    lines += [
        f"  {'met   ' if goal['met'] else 'MISSED'} {goal['goal']:28} {goal['value']:10.4g} "
        f"({goal['bound']})"
        for goal in results["goals"]
    ]
    return "\n".join(lines)


def _cells(reading: Reading) -> str:
    return "".join(
        f"{reading[figure]:12.{digits}f}" if figure in reading else f"{'':12}"
        for figure, _, digits in COLUMNS
    )


def _figure(rows: Rows, key: str, part: str, figure: str) -> float | None:
    return rows.get(key, {}).get(part, {}).get(figure)


def _cpu_name() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def _filesystem(folder: Path) -> str:
    """The type of the file system: on tmpfs, durability costs nothing and means nothing."""
    mounts = [line.split()[1:3] for line in Path("/proc/mounts").read_text().splitlines()]
    over = [(point, kind) for point, kind in mounts if folder.resolve().is_relative_to(point)]
    return max(over, key=lambda mount: len(mount[0]))[1] if over else "unknown"
