"""What counting costs: the same webhook with billing and without, turn by turn in one run."""

from __future__ import annotations

import statistics
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bench import driver
from bench.cases import CASES
from bench.measures import CaseMeasure, Reading, prepare
from bench.product import Product

MODES = ("off", "open")
CONNECTIONS = 32
MOST_LOST = 0.05


def measure(folder: Path, rounds: int, seconds: float) -> dict[str, Any]:
    """Measure both; each round takes them in the other order."""
    case = next(one for one in CASES if one.key == "a")
    readings: dict[str, list[Reading]] = {mode: [] for mode in MODES}
    with ExitStack() as stack:
        measures = {}
        for mode in MODES:
            place = folder / mode
            place.mkdir()
            product = stack.enter_context(Product(place, {"TREADLE_BILLING": mode}))
            measures[mode] = CaseMeasure(product, prepare(product, case), CONNECTIONS, driver.drive)
            measures[mode].run(seconds)
        for number in range(rounds):
            for mode in MODES if number % 2 else MODES[::-1]:
                found = measures[mode].run(seconds)
                readings[mode].append(found)
                print(
                    f"bench: metering {mode}: per_s {found['per_s']:.0f}, "
                    f"server_cpu_ms {found['server_cpu_ms']:.3f}",
                    file=sys.stderr,
                    flush=True,
                )
    rows = {
        mode: {
            "per_s": statistics.median(one["per_s"] for one in found),
            "server_cpu_ms": statistics.median(one["server_cpu_ms"] for one in found),
        }
        for mode, found in readings.items()
    }
    lost = statistics.median(
        1 - on["per_s"] / off["per_s"]
        for on, off in zip(readings["open"], readings["off"], strict=True)
    )
    return {"rows": rows, "throughput_lost": lost, "rounds": rounds}


def table(results: dict[str, Any]) -> str:
    """The results as a table."""
    lines = ["metering: webhook received, 32 connections      per s   CPU ms each"]
    for mode, row in results["rows"].items():
        lines.append(f"  billing {mode:<36} {row['per_s']:>9.0f} {row['server_cpu_ms']:>13.3f}")
    lost = results["throughput_lost"]
    verdict = "met" if lost < MOST_LOST else "NOT MET"
    lines.append(f"  throughput that counting costs: {lost:.1%}  < {MOST_LOST:.0%}  {verdict}")
    return "\n".join(lines)
