"""``make bench``: measure the product beside what the machine can do, in one run.

A first pass warms everything up and is thrown away; then each round measures every row once, so
that a slow minute of the machine falls on all of them and the ratios hold.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import measures, metering, report
from bench.browser import measuring as browsing
from bench.cases import CASES
from bench.measures import CaseMeasure, CommitMeasure, Drive, HelloMeasure, Measure, Reading
from bench.product import BenchError, Product
from bench.references import Commits, Hello
from bench.sandbox import measuring

_APART = ("sandbox", "browser", "metering")
KEYS = ("a", "b", "c", "d", "hello", "commits", "idle", *_APART)
_OF_PRODUCT = frozenset(KEYS) - {*_APART}
TITLES = {case.key: case.title for case in CASES} | {
    "hello": "reference: a bare uvicorn that answers 'hello' (uvloop, httptools)",
    "commits": "reference: single-row durable commits (SQLite, WAL, synchronous=FULL)",
}
RESULTS = Path(__file__).with_name("results.json")
# Below the repository and not where temporary files go: that may be memory, where commits are free.
FOLDER = Path(__file__).parents[1] / "build"
IDLE_S = 10.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; returns 0, or 1 if an answer was wrong or an execution did not finish."""
    given = _read(arguments)
    try:
        results = _earlier(given.json, given.only)
        if _OF_PRODUCT & set(given.only):
            results |= _measure(given)
        if "sandbox" in given.only:
            results["sandbox"] = _apart(given, _sandbox)
        if "browser" in given.only:
            results["browser"] = _apart(given, _browser)
        if "metering" in given.only:
            results["metering"] = _apart(given, _metering)
    except BenchError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    given.json.write_text(json.dumps(results, indent=2) + "\n")
    if "measured" in results:
        print(report.table(results))
    if "sandbox" in results:
        print(measuring.table(results["sandbox"]))
    if "browser" in results:
        print(browsing.table(results["browser"]))
    if "metering" in results:
        print(metering.table(results["metering"]))
    return 0


def _read(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description="Measure how fast Treadle is here.")
    parser.add_argument("--only", default=",".join(KEYS), help=f"some of {','.join(KEYS)}")
    parser.add_argument("--rounds", type=int, default=5, help="how many rounds are counted")
    parser.add_argument("--seconds", type=float, default=3.0, help="seconds for each row and round")
    parser.add_argument("--idle-seconds", type=float, default=IDLE_S, help="how long to sit idle")
    parser.add_argument("--json", type=Path, default=RESULTS, help="where the results go")
    parser.add_argument("--driver", choices=sorted(measures.DRIVERS), default="own")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="a real disk, for databases")
    given = parser.parse_args(arguments)
    given.only = given.only.split(",")
    if not set(given.only) <= set(KEYS):
        parser.error(f"--only takes {','.join(KEYS)}, separated by commas")
    if given.rounds < 1 or given.seconds <= 0:
        parser.error("--rounds and --seconds must be positive")
    return given


def _earlier(path: Path, only: Sequence[str]) -> dict[str, Any]:
    """What another run found of the part that this one leaves out."""
    if set(only) == set(KEYS) or not path.exists():
        return {}
    found: dict[str, Any] = json.loads(path.read_text())
    if not _OF_PRODUCT & set(only):
        return found
    return {key: found[key] for key in _APART if key in found}


def _sandbox(given: argparse.Namespace, folder: Path) -> dict[str, Any]:
    return measuring.measure(folder, given.rounds, given.seconds)


def _browser(given: argparse.Namespace, folder: Path) -> dict[str, Any]:
    return browsing.measure(folder, given.rounds)


def _metering(given: argparse.Namespace, folder: Path) -> dict[str, Any]:
    return metering.measure(folder, given.rounds, given.seconds)


def _apart(
    given: argparse.Namespace, measure: Callable[[argparse.Namespace, Path], dict[str, Any]]
) -> dict[str, Any]:
    given.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory("", "treadle-bench-", given.folder) as folder:
        found = measure(given, Path(folder))
        found["machine"] = report.machine(Path(folder))
    found["date"] = datetime.now(UTC).isoformat(timespec="seconds")
    rounded: dict[str, Any] = report.rounded(found)
    return rounded


def _measure(given: argparse.Namespace) -> dict[str, Any]:
    rows: report.Rows = {}
    given.folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        folder = Path(
            stack.enter_context(tempfile.TemporaryDirectory("", "treadle-bench-", given.folder))
        )
        _say("starting Treadle")
        product = stack.enter_context(Product(folder))
        if "idle" in given.only:
            _say(f"idle for {given.idle_seconds:g} s")
            rows["idle"] = {"fresh": measures.idle(product, given.idle_seconds)}
        found, not_measured = _measures(given.only, product, folder, stack, given.driver)
        for measure, readings in _rounds(found, given.rounds, given.seconds):
            rows.setdefault(measure.key, {})[measure.part] = report.medians(readings)
        if "idle" in given.only:
            rows["idle"]["after load"] = measures.after_load(product)
        machine = report.machine(folder)
    document = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine,
        "versions": report.versions(),
        "driver": given.driver,
        "rounds": given.rounds,
        "seconds": given.seconds,
        "note": report.NOTE,
        "titles": {key: TITLES[key] for key in rows if key in TITLES},
        "measured": rows,
        "not_measured": not_measured,
        "ratios": report.ratios(rows),
        "goals": report.goals(rows),
    }
    rounded: dict[str, Any] = report.rounded(document)
    return rounded


def _measures(
    only: Sequence[str], product: Product, folder: Path, stack: ExitStack, driver: str
) -> tuple[list[Measure], dict[str, str]]:
    """Everything to measure, and why some of it cannot be."""
    drive: Drive = measures.DRIVERS[driver]
    found: list[Measure] = []
    not_measured: dict[str, str] = {}
    if "hello" in only:
        server = stack.enter_context(Hello())
        found += [HelloMeasure(server, connections, drive) for connections in (1, 32)]
    if "commits" in only:
        found.append(CommitMeasure(stack.enter_context(Commits(folder))))
    for case in CASES:
        if case.key not in only:
            continue
        try:
            active = measures.prepare(product, case)
        except BenchError as error:
            _say(str(error))
            not_measured[case.key] = str(error)
            continue
        found += [CaseMeasure(product, active, c, drive) for c in case.connections]
    return found, not_measured


def _rounds(
    found: Sequence[Measure], rounds: int, seconds: float
) -> list[tuple[Measure, list[Reading]]]:
    gathered: list[tuple[Measure, list[Reading]]] = [(measure, []) for measure in found]
    for number in range(rounds + 1):
        name = f"round {number}/{rounds}" if number else "warm-up"
        for measure, readings in gathered:
            reading = measure.run(seconds)
            _say(
                f"{name}: {measure.key} {measure.part}: {reading['per_s']:.0f}/s, "
                f"p50 {reading['p50_ms']:.2f} ms"
            )
            if number:
                readings.append(reading)
    return gathered


def _say(what: str) -> None:
    print(f"bench: {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
