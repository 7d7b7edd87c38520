"""``python -m bench.growth``: 1,000 against 1,000,000 finished executions, as ratios."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from contextlib import ExitStack
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from bench import report
from bench.growth.measuring import instance, measure, prune

MOST = 1.3
FOLDER = Path(__file__).parents[2] / "build"


def main() -> int:
    """Measure and write down what was found; returns 1 where a ratio is too high."""
    reader = argparse.ArgumentParser(prog="python -m bench.growth", description=__doc__)
    reader.add_argument("--few", type=int, default=1_000)
    reader.add_argument("--many", type=int, default=1_000_000)
    reader.add_argument("--rounds", type=int, default=200)
    reader.add_argument("--kinds", default="sqlite,postgres")
    reader.add_argument("--folder", type=Path, default=FOLDER, help="a real disk, for databases")
    reader.add_argument("--json", type=Path, default=Path(__file__).with_name("results.json"))
    given = reader.parse_args()
    found, pruning = {}, {}
    for kind in given.kinds.split(","):
        found[kind], pruning[kind] = _measure(kind, given)
    document = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "executions": [given.few, given.many],
        "rounds": given.rounds,
        "machine": report.machine(given.folder),
        "measured": found,
        "pruning": pruning,
    }
    given.json.write_text(json.dumps(report.rounded(document), indent=2) + "\n")
    worst = 0.0
    for kind, rows in found.items():
        for name, row in rows.items():
            print(
                f"{kind:9} {name:42} {row['few_ms']:9.2f} {row['many_ms']:9.2f} {row['ratio']:6.2f}"
            )
            worst = max(worst, row["ratio"])
        print(f"{kind:9} pruning: {json.dumps(report.rounded(pruning[kind]))}")
    print(f"highest ratio {worst:.2f}, goal {MOST}")
    return int(worst > MOST)


def _measure(
    kind: str, given: argparse.Namespace
) -> tuple[dict[str, dict[str, float]], dict[str, float]]:
    given.folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        made = tempfile.TemporaryDirectory("", "treadle-growth-", given.folder)
        folder = Path(stack.enter_context(made))
        urls = [f"sqlite:///{folder / name / 'data' / 'treadle.db'}" for name in ("few", "many")]
        if kind == "postgres":
            server = import_module("tests.postgres_server").PostgresServer(durable=True)
            stack.callback(server.stop)
            urls = [server.url(server.create()) for _ in urls]
        few, many = (
            stack.enter_context(instance(folder / name, url, number))
            for name, url, number in zip(
                ("few", "many"), urls, (given.few, given.many), strict=True
            )
        )
        print(f"growth: {kind} seeded", file=sys.stderr, flush=True)
        return measure(few, many, given.rounds), prune(many)


sys.exit(main())
