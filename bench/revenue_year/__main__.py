"""``python -m bench.revenue_year --workspaces 1000 --seed 1 --json year.json``."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from bench.revenue_year.assumptions import Assumptions
from bench.revenue_year.findings import findings
from bench.revenue_year.year import played


def main() -> int:
    """Play a year and write down what it says."""
    reader = argparse.ArgumentParser(prog="python -m bench.revenue_year", description=__doc__)
    reader.add_argument("--workspaces", type=int, default=200)
    reader.add_argument("--seed", type=int, default=1)
    reader.add_argument("--json", type=Path, default=Path("build/revenue-year.json"))
    given = reader.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        year, world = played(Path(folder), given.workspaces, given.seed, Assumptions())
        found = findings(year, world)
        world.database.close()
    found |= {"workspaces": given.workspaces, "seed": given.seed}
    given.json.parent.mkdir(parents=True, exist_ok=True)
    given.json.write_text(json.dumps(found, indent=1, default=str) + "\n")
    for month in found["months"]:
        print(month["month"], month["paying"], month["mrr"], month["trials"], month["lost"])
    print(found["problems"])
    return 0


sys.exit(main())
