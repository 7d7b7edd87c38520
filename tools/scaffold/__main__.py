"""The files of something new, to be changed from there: ``python -m tools.scaffold node``."""

from __future__ import annotations

import argparse
import sys

from tools.scaffold.kinds import KINDS
from tools.scaffold.writing import BadName, add

BAD_INPUT = 2


def main() -> int:
    """Write the files and say what to do next; 2 for a name that cannot be."""
    parser = argparse.ArgumentParser(prog="python -m tools.scaffold", description=__doc__)
    parser.add_argument("kind", choices=sorted(KINDS))
    parser.add_argument("--name", default="")
    parser.add_argument("--folder", default="", help="a node's family, an endpoint's area")
    given = parser.parse_args()
    try:
        steps = add(KINDS[given.kind], given.name, given.folder)
    except BadName as error:
        print(f"new-{given.kind}: {error}", file=sys.stderr)
        return BAD_INPUT
    print("\n".join(steps))
    return 0


if __name__ == "__main__":
    sys.exit(main())
